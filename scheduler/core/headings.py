"""The first row of a table: every column known, none missing, none twice."""

from collections.abc import Collection, Iterable, Sequence

from scheduler.core.cells import closest
from scheduler.core.problems import Problem
from scheduler.core.wording import N_

HEADING_ROW = 1


def check_headings(
    found: Sequence[str],
    *,
    required: Collection[str],
    optional: Collection[str],
    families: Sequence[str] = (),
) -> list[Problem]:
    """What is wrong with the headings; those that begin with one of `families` are judged elsewhere."""
    known = [*required, *optional]
    unknown = [name for name in found if name not in known and not name.startswith(tuple(families))]
    missing = [name for name in required if name not in found]
    twice = sorted({name for name in found if found.count(name) > 1})
    return [
        *_unknown(unknown, known, families),
        *(_problem(N_("the column {column} is missing"), column=name) for name in missing),
        *(_problem(N_("the column {column} is there twice"), column=name) for name in twice),
    ]


def missing_columns(found: Collection[str], required: Collection[str]) -> frozenset[str]:
    """The required columns that are not there."""
    return frozenset(required) - frozenset(found)


def without_missing(problems: Iterable[Problem], missing: Collection[str]) -> list[Problem]:
    """The problems without those that rows have only because a whole column is missing."""
    return [problem for problem in problems if problem.row == HEADING_ROW or problem.column not in missing]


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """The problems as one meets them reading down the table; those of the whole table come first."""
    return sorted(problems, key=lambda problem: problem.row or 0)


def _unknown(names: Iterable[str], known: Sequence[str], families: Sequence[str]) -> Iterable[Problem]:
    for name in names:
        if close := closest(name, known) or _closest_family(name, families):
            yield _problem(N_("unknown column {column}: did you mean {closest}?"), column=name, closest=close)
        else:
            all_known = ", ".join([*known, *(f"{family}…" for family in families)])
            yield _problem(N_("unknown column {column}: known are {known}"), column=name, known=all_known)


def _closest_family(name: str, families: Iterable[str]) -> str | None:
    """`text.fr` for `txt.fr`."""
    start, dot, rest = name.partition(".")
    family = closest(start + dot, families) if dot else None
    return family + rest if family else None


def _problem(message: str, **params: str) -> Problem:
    return Problem(message=message, params=params, row=HEADING_ROW, column=params["column"])
