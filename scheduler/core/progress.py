"""A goal and how far it has come, as values: in a report they are frozen as they were."""

from dataclasses import dataclass
from datetime import datetime

from scheduler.core.figures import Figure
from scheduler.core.goals import Aim, Moment
from scheduler.core.outlook import Band


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetChange:
    """What a target was set to (None: withdrawn), when (aware UTC), by whom and why."""

    target: int | None
    phases: tuple[int, ...]
    set_at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """What had been reached at a moment of the year; nothing that happens later changes it.

    `value` is what was counted before `as_of` under `definitions`, written down at `frozen_at`.
    """

    moment: Moment
    as_of: datetime
    target: int
    plan: int | None
    value: Figure
    definitions: tuple[str, ...]
    by: str
    frozen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A goal that holds: `changes` are its targets over time, the last of them the one in force."""

    id: int
    aim: Aim
    changes: tuple[TargetChange, ...]
    closed: tuple[Closed, ...]

    @property
    def target(self) -> int | None:
        """The target in force, None when the goal was withdrawn."""
        return self.changes[-1].target

    @property
    def phases(self) -> tuple[int, ...]:
        """How the target in force is split over the year."""
        return self.changes[-1].phases


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a goal had come at `as_of` (aware UTC).

    A level begins at `start`, and its plan leads from there to the target; what is added up begins at 0.
    `band` is where the year may end, None where there is too little to go by.
    """

    aim: Aim
    as_of: datetime
    target: int
    phases: tuple[int, ...]
    start: Figure
    plan: Figure
    actual: Figure
    band: Band | None
    definitions: tuple[str, ...]
    changes: tuple[TargetChange, ...]
    closed: tuple[Closed, ...]

    @property
    def way(self) -> tuple[int, int] | None:
        """(how much of the way to the target lies behind, the whole way); None where it is not known."""
        if self.actual.value is None or self.start.value is None:
            return None
        whole = self.target - self.start.value
        return (self.actual.value - self.start.value, whole) if whole > 0 else None
