"""Each rule is a function from a product module to its breaches; the reason stands in the message."""

import ast
import re
from collections.abc import Callable, Iterator

from tests.house_rules.sources import Breach, Source

Rule = Callable[[Source], Iterator[Breach]]

STATE_WRITER = "scheduler/store/deliveries/"
STATE = (
    "only scheduler/store/deliveries/ writes Delivery.state: every move is one guarded UPDATE there, "
    "so that a delivery can never be in two hands"
)
NEW_ROWS = "scheduler/store/deliveries/scheduling.py"
GUARDED = (
    "a move is one UPDATE with its conditions in WHERE, not a row that was read and is written back: "
    "what another process did in between would be overwritten"
)
COMMITTERS = ("scheduler/store/unit_of_work.py", "scheduler/store/migrations/")
COMMIT = (
    "only the unit of work commits (scheduler/store/unit_of_work.py): one block is one transaction, "
    "and what is committed before the first byte leaves can be read off the code"
)
PURE = "scheduler/core/"
CLOCK = "scheduler/core decides from what it is given: no clock; `now` is an argument"
CHANCE = "scheduler/core decides from what it is given: nothing random, so that a decision can be repeated"
PEOPLE = "scheduler/services/"
READERS = ("scheduler/services/reach/", "scheduler/services/metrics/")
MARKED = (
    "who takes a Person and writes does so in `deciding` (scheduler/services/evidence/deciding.py): what "
    "people decided is marked, so that an older copy of the database is found out, whatever was sent"
)
HTTP = ("connectors/http.py", "connectors/carriers.py", "connectors/lanes.py", "connectors/fast.py")
ONE_CLIENT = (
    "httpx is imported in connectors/http.py and its carriers only: time-outs, redirects, redaction and the "
    "outcome classes are decided there once, and another client is one line"
)

_CLOCKS = {"now", "today", "utcnow", "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter"}
_CHANCES = {"uuid1", "uuid4", "urandom", "getrandbits", "token_hex", "token_bytes", "token_urlsafe"}
_CHANCE_MODULES = {"random", "secrets"}
_RAW_UPDATE = re.compile(r"\b(update|insert\s+into)\s+delivery\b", re.IGNORECASE)


def state_has_one_writer(source: Source) -> Iterator[Breach]:
    """Nothing but the store's deliveries package sets `.state` of a row or UPDATEs it."""
    elsewhere = not source.path.startswith(STATE_WRITER)
    if elsewhere and source.path.startswith(("scheduler/", "workers/", "web/")):
        yield from _where(source, _sets_state, STATE)


def state_moves_by_guarded_update(source: Source) -> Iterator[Breach]:
    """Within that package as well nothing sets `.state` of a row; only a new row gets its first state so."""
    if source.path.startswith(STATE_WRITER) and source.path != NEW_ROWS:
        yield from _where(source, _sets_attribute, GUARDED)


def only_the_unit_of_work_commits(source: Source) -> Iterator[Breach]:
    """No `.commit()`, no transaction of one's own, no autocommit."""
    if not source.path.startswith(COMMITTERS):
        yield from _where(source, _commits, COMMIT)


def core_has_no_clock(source: Source) -> Iterator[Breach]:
    """No call that reads the time, and no import of `time`."""
    if source.path.startswith(PURE):
        yield from _where(source, _reads_clock, CLOCK)


def core_has_no_chance(source: Source) -> Iterator[Breach]:
    """No import of what makes random values, and no call of it."""
    if source.path.startswith(PURE):
        yield from _where(source, _uses_chance, CHANCE)


def what_people_decide_is_marked(source: Source) -> Iterator[Breach]:
    """No function that takes a Person has plain transactions only; what is reported is no decision."""
    if source.path.startswith(PEOPLE) and not source.path.startswith(READERS):
        yield from _where(source, _decides_unmarked, MARKED)


def httpx_has_one_importer(source: Source) -> Iterator[Breach]:
    """No module but connectors/http.py and what carries its requests imports httpx."""
    if source.path not in HTTP:
        yield from _where(source, _imports_httpx, ONE_CLIENT)


RULES: tuple[Rule, ...] = (
    state_has_one_writer,
    state_moves_by_guarded_update,
    only_the_unit_of_work_commits,
    core_has_no_clock,
    core_has_no_chance,
    what_people_decide_is_marked,
    httpx_has_one_importer,
)


def _where(source: Source, broken: Callable[[ast.AST], bool], reason: str) -> Iterator[Breach]:
    """One breach a line."""
    lines = {getattr(node, "lineno", 0) for node in ast.walk(source.tree) if broken(node)}
    return (Breach(source.path, line, reason) for line in sorted(lines))


def _sets_attribute(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr="state", ctx=ast.Store()):
            return True
        case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value="state"), *_]):
            return True
    return False


def _sets_state(node: ast.AST) -> bool:
    match node:
        case _ if _sets_attribute(node):
            return True
        case ast.Call(func=ast.Name(id="Delivery" | "insert"), keywords=keywords) if _names_state(keywords):
            return True
        case ast.Call(func=ast.Attribute(attr="values", value=statement)) if _is_of_deliveries(statement):
            return _names_state(node.keywords) or bool(node.args)
        case ast.Constant(value=str(words)):
            return _RAW_UPDATE.search(words) is not None
    return False


def _names_state(keywords: list[ast.keyword]) -> bool:
    """True for `state=…`, and for `**values`, of which nobody can tell."""
    return any(keyword.arg in ("state", None) for keyword in keywords)


def _is_of_deliveries(statement: ast.AST) -> bool:
    """True when the chain of calls begins with `update(Delivery)` or `insert(Delivery)`."""
    match statement:
        case ast.Call(func=ast.Attribute(value=earlier)):
            return _is_of_deliveries(earlier)
        case ast.Call(func=ast.Name(id="update" | "insert"), args=[table, *_]):
            return "Delivery" in ast.unparse(table).split(".")
    return False


def _commits(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="commit")):
            return True
        case ast.Call(func=ast.Attribute(attr="begin", value=owner)):
            return ast.unparse(owner).rpartition(".")[2].strip("_") in ("engine", "connection", "session")
        case ast.Call(func=ast.Name(id="sessionmaker")) | ast.Constant(value="AUTOCOMMIT"):
            return True
    return False


def _reads_clock(node: ast.AST) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom():
            return "time" in _imported_modules(node)
        case ast.Call(func=ast.Attribute(attr=name), args=[] | [_]):
            return name in _CLOCKS - {"time"} or ast.unparse(node.func) == "time.time"
        case ast.Attribute(attr=name, value=ast.Name(id="datetime" | "date")):
            return name in _CLOCKS - {"time"}
    return False


def _uses_chance(node: ast.AST) -> bool:
    return bool(_imported_modules(node) & _CHANCE_MODULES or _mentioned(node) & _CHANCES)


def _decides_unmarked(node: ast.AST) -> bool:
    if not isinstance(node, ast.FunctionDef):
        return False
    taken = [*node.args.args, *node.args.kwonlyargs]
    by_person = any(one.annotation and "Person" in ast.unparse(one.annotation) for one in taken)
    called = {ast.unparse(one.func) for one in ast.walk(node) if isinstance(one, ast.Call)}
    return by_person and "runtime.begin" in called and "deciding" not in called


def _imports_httpx(node: ast.AST) -> bool:
    return "httpx" in {module.partition(".")[0] for module in _imported_modules(node)}


def _mentioned(node: ast.AST) -> set[str]:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return {name}
        case ast.ImportFrom(names=names):
            return {alias.name for alias in names}
    return set()


def _imported_modules(node: ast.AST) -> set[str]:
    match node:
        case ast.Import(names=names):
            return {alias.name for alias in names}
        case ast.ImportFrom(module=str(module), level=0):
            return {module}
    return set()
