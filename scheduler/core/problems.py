"""What is wrong with an input, as values: every problem is collected, then all are shown together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scheduler.core.wording import N_

NO_REASON = N_("say why, with --reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to mend. `message` is a gettext msgid with `{names}` filled from `params`.

    `row` counts as a spreadsheet does (the header is row 1); `advice` problems do not block.
    `near` names what may have been meant.
    """

    message: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    row: int | None = None
    column: str | None = None
    advice: bool = False
    near: str = ""


class Refused(Exception):
    """The request was not carried out and nothing was stored; `problems` says what to mend."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "; ".join(problem.message.format(**problem.params) for problem in self.problems)


def refuse(message: str, *, near: str | None = None, **params: str | int) -> Refused:
    """A Refused with a single problem."""
    return Refused([Problem(message=message, params=params, near=near or "")])


def require_reason(words: str) -> str:
    """What somebody says for a reason; Refused when that is nothing."""
    if not words.strip():
        raise refuse(NO_REASON)
    return words.strip()
