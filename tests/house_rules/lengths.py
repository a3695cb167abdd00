"""How long functions and files are; a function's docstring and decorators do not count."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from tests.house_rules.sources import WRITTEN_BY_ALEMBIC, Breach, Source

MEDIAN_LIMIT = 10
P95_LIMIT = 45
REASON = "a function is read whole or not understood: split what does two things"

AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function and its length in lines, from `def` to its end."""

    path: str
    line: int
    name: str
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """The longest functions first, and the sizes of the files."""

    functions: Sequence[Function]
    files: Sequence[int]

    def __str__(self) -> str:
        functions = [function.length for function in self.functions]
        return (
            f"{len(functions)} functions: median {percentile(functions, 50)} (at most {MEDIAN_LIMIT}), "
            f"p95 {percentile(functions, 95)} (at most {P95_LIMIT}), longest {max(functions)}; "
            f"{len(self.files)} files: median {percentile(self.files, 50)}, "
            f"p95 {percentile(self.files, 95)}, longest {max(self.files)}"
        )

    def breaches(self) -> Iterator[Breach]:
        """The longest functions when, taken together, they are too long."""
        lengths = [function.length for function in self.functions]
        if percentile(lengths, 50) > MEDIAN_LIMIT or percentile(lengths, 95) > P95_LIMIT:
            for one in self.functions[:10]:
                yield Breach(one.path, one.line, f"{one.name} has {one.length} lines: {REASON}")


def measure(sources: Iterable[Source]) -> Lengths:
    """The lengths in these modules; what a tool wrote is left out."""
    ours = [source for source in sources if not source.path.startswith(WRITTEN_BY_ALEMBIC)]
    functions = [function for source in ours for function in _functions(source)]
    functions.sort(key=lambda function: function.length, reverse=True)
    return Lengths(functions=functions, files=[len(source.text.splitlines()) for source in ours])


def percentile(values: Sequence[int], percent: int) -> int:
    """The value that `percent` of all values do not exceed (nearest rank)."""
    return sorted(values)[max(0, ceil(len(values) * percent / 100) - 1)]


def _functions(source: Source) -> Iterator[Function]:
    for node in ast.walk(source.tree):
        if isinstance(node, AnyFunction):
            yield Function(path=source.path, line=node.lineno, name=node.name, length=_length(node))


def _length(node: AnyFunction) -> int:
    whole = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is None:
        return whole
    return whole - ((first.end_lineno or first.lineno) - first.lineno + 1)
