"""What a connector says of a failure is read in Chinese, with the platform's own words left as they are."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import connectors
from connectors import errors
from scheduler.i18n import say_reason, translator

HOME = Path(connectors.__file__).parent
OTHERS = ("sandbox", "conformance")
"""A simulated platform speaks as platforms do, and the suite to authors of connectors only."""
KINDS = {kind.__name__ for kind in errors.ConnectorError.__subclasses__()}
SAYING = KINDS | {"CannotTell", "CannotDelete", "unreadable"}
NAMED = ("reason", "otherwise")
PASSED_ON = ("reason", "error.reason")
OF_THE_PLATFORM = ("words",)


@cache
def sources() -> dict[str, ast.Module]:
    """Each module of the connectors by its dotted name."""
    paths = [path for path in HOME.rglob("*.py") if path.relative_to(HOME).parts[0] not in OTHERS]
    return {
        ".".join(path.relative_to(HOME.parent).with_suffix("").parts): ast.parse(path.read_text("utf-8"))
        for path in paths
    }


@cache
def reasons_of_connectors() -> frozenset[str]:
    """Each sentence that a connector of ours gives as a reason; its fields are X1, X2, …"""
    return frozenset(
        reason
        for tree in sources().values()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for said in _given(call, tree)
        for reason in _sentences(said, tree)
    )


def _given(call: ast.Call, tree: ast.Module) -> list[ast.expr]:
    """What this call is given as a reason, where it is one that raises, answers or notes something."""
    called = ast.unparse(call.func).rpartition(".")[2]
    named = [word.value for word in call.keywords if word.arg in NAMED]
    noted = [
        word.value for word in call.keywords if word.arg == "missing" and isinstance(word.value, ast.Dict)
    ]
    if called == "unread":
        return call.args[2:]
    if called in SAYING or _stands_for_kinds(called, tree):
        return named + call.args[:1]
    return named + [value for table in noted for value in table.values]


def _sentences(said: ast.expr, tree: ast.Module) -> Iterator[str]:
    """The sentences this can be; what cannot be followed stands for itself, and is in no catalogue."""
    match said:
        case ast.Constant(value=str(words)):
            yield words
        case ast.JoinedStr(values=parts):
            yield _filled(parts)
        case _:
            further = _further(said, tree)
            if not further and ast.unparse(said) not in (*PASSED_ON, *OF_THE_PLATFORM):
                yield ast.unparse(said)
            for value, home in further:
                yield from _sentences(value, home)


def _further(said: ast.expr, tree: ast.Module) -> list[tuple[ast.expr, ast.Module]]:
    match said:
        case ast.IfExp(body=one, orelse=other):
            return [(one, tree), (other, tree)]
        case ast.Call(func=ast.Attribute(value=ast.Dict(values=values), attr="get"), args=[_, default]):
            return [(value, tree) for value in (*values, default)]
        case ast.Call(func=ast.Name(id=name)) | ast.Name(id=name) if name not in OF_THE_PLATFORM:
            return list(_meant(name, tree))
        case _:
            return []


def _filled(parts: list[ast.expr]) -> str:
    """The sentence with X1, X2, … for its fields."""
    words = [part.value if isinstance(part, ast.Constant) else None for part in parts]
    return "".join(
        f"X{words[:at].count(None) + 1}" if word is None else str(word) for at, word in enumerate(words)
    )


def _meant(name: str, tree: ast.Module) -> Iterator[tuple[ast.expr, ast.Module]]:
    """What a name stands for here, or in the modules of ours that it comes from, with that module."""
    names = _names(tree)
    yield from ((value, tree) for value in names.values.get(name, ()))
    for module in names.origins.get(name, ()):
        if module in sources():
            yield from _meant(name, sources()[module])


@dataclass(frozen=True, slots=True)
class _Names:
    """What each name of a module stands for or returns, and where each imported one comes from."""

    values: Mapping[str, list[ast.expr]]
    origins: Mapping[str, list[str]]


@cache
def _names(tree: ast.Module) -> _Names:
    values, origins = defaultdict[str, list[ast.expr]](list), defaultdict[str, list[str]](list)
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    values[ast.unparse(target)].append(value)
            case ast.FunctionDef(name=name):
                returns = [one.value for one in ast.walk(node) if isinstance(one, ast.Return)]
                values[name] += [value for value in returns if value]
            case ast.ImportFrom(module=str(module), names=imported):
                for one in imported:
                    origins[one.name].append(module)
    return _Names(values, origins)


def _stands_for_kinds(name: str, tree: ast.Module) -> bool:
    chosen = [value for value, _ in _meant(name, tree) if isinstance(value, ast.IfExp)]
    return any(isinstance(part, ast.Name) and part.id in KINDS for one in chosen for part in ast.walk(one))


@pytest.mark.parametrize("reason", sorted(reasons_of_connectors()))
def test_it_is_read_in_chinese_with_all_its_fields(reason: str) -> None:
    said = say_reason(reason, translator("zh-CN"))
    assert said != reason
    assert [f"X{n}" in said for n in range(1, 9)] == [f"X{n}" in reason for n in range(1, 9)]
    assert say_reason(reason, translator("en")) == reason


def test_reasons_are_found_in_every_connector() -> None:
    assert {
        "the connection was cut before the answer",
        "a Telegram bot cannot read the channel: look there, then decide",
        "X1 images, at most X2",
        "the token lacks a right",
        "WordPress refused the post (X1)",
        "the post exists, but the AppView does not show it (yet)",
    } <= reasons_of_connectors()


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("the answer is not JSON (HTTP 502)", "应答不是 JSON（HTTP 502）"),
        ("the result has no id and type (HTTP 200)", "应答的结果中缺少 id and type（HTTP 200）"),
        ("Bluesky has no field for images", "Bluesky 不能附带图片"),
        (
            "Telegram refuses: Bad Request: message is too long",
            "Telegram 拒绝：Bad Request: message is too long",
        ),
        ("the account is gone, says Amal", "the account is gone, says Amal"),
        ("", ""),
    ],
)
def test_only_the_frame_is_translated(stored: str, read: str) -> None:
    assert say_reason(stored, translator("zh-CN")) == read
