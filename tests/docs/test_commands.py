"""Every `postroad` command that the documentation asks to type exists, with its options."""

import re
import shlex
from functools import cache
from pathlib import Path

import pytest
from typer.core import TyperCommand

from docs.generating.commands import commands
from tests.docs.markdown import documents, shell_lines
from tests.house_rules.sources import HOME


@cache
def known() -> dict[str, TyperCommand]:
    return dict(commands())


def unknown_in(line: str) -> list[str]:
    """What of a shell line our command tree does not know."""
    return [
        wrong
        for part in re.split(r"\s*(?:&&|\|\||[|;&])\s*", line.strip())
        if (words := _postroad_words(part))
        for wrong in _unknown(words)
    ]


def _postroad_words(part: str) -> list[str]:
    words = [word for word in _words(part) if not re.fullmatch(r"[A-Z_]+=.*", word)]
    if words[:1] == ["$"]:
        words = words[1:]
    if words[:3] == ["docker", "compose", "run"] and "cli" in words:
        words = ["postroad", *words[words.index("cli") + 1 :]]
    if words and words[0].rpartition("/")[2] == "postroad":
        return ["postroad", *words[1:]]
    return []


def _words(part: str) -> list[str]:
    try:
        return shlex.split(part, comments=True)
    except ValueError:  # a quotation that goes on in the next line
        return part.split()


def _unknown(words: list[str]) -> list[str]:
    name = next((name for end in (4, 3, 2) if (name := " ".join(words[:end])) in known()), None)
    if name is None:
        return [] if words[1:] in ([], ["--help"], ["--version"]) else [" ".join(words)]
    given = [word.partition("=")[0] for word in words if word.startswith("--")]
    return [f"{name} {option}" for option in given if option not in {"--help", *_options(known()[name])}]


def _options(command: TyperCommand) -> set[str]:
    return {option for one in command.params for option in (*one.opts, *one.secondary_opts)}


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.relative_to(HOME).as_posix())
def test_commands_in_the_documentation_exist(document: Path) -> None:
    lines = shell_lines(document.read_text(encoding="utf-8"))
    assert [wrong for line in lines for wrong in unknown_in(line)] == []


@pytest.mark.parametrize(
    ("line", "unknown"),
    [
        ("postroad doctor --json", []),
        ("echo '{}' | .venv/bin/postroad channels connect kite-fr  # its secret", []),
        ("postroad sandbox serve --port 1 & postroad frobnicate", ["postroad frobnicate"]),
        ("POSTROAD_DATA=x postroad doctor --colour", ["postroad doctor --colour"]),
        ("docker compose run --rm -T cli channels list --sideways", ["postroad channels list --sideways"]),
        ("docker compose up -d && make demo", []),
    ],
)
def test_an_invented_command_is_found(line: str, unknown: list[str]) -> None:
    assert unknown_in(line) == unknown
