"""What stands in a report beside its figures: goals as they stood, and what was worth a look."""

from sqlalchemy.orm import Session

from scheduler.core.goals import year_of
from scheduler.core.hours import Hours
from scheduler.core.notes import Note
from scheduler.core.periods import Kind
from scheduler.core.progress import Progress
from scheduler.reports.figures.building import Frame
from scheduler.services.reach.hours import hours_at
from scheduler.services.reach.insight import notes_at
from scheduler.services.reach.progress import follow
from scheduler.services.runtime import Runtime


def observed(
    session: Session, runtime: Runtime, frame: Frame
) -> tuple[tuple[Progress, ...], tuple[Note, ...]]:
    """(goals, notes) at the end of the period, or now while it runs.

    The goals of a campaign's report are its own. What is worth a look is said of weeks: it is about 7 days.
    """
    as_of = min(frame.now, frame.ends_at)
    goals = follow(session, runtime, year_of(frame.period.last_day), as_of=as_of)
    own = ("campaign", frame.scope)
    wanted = [goal for goal in goals if not frame.scope or (goal.aim.dimension, goal.aim.key) == own]
    weekly = frame.period.kind is Kind.WEEK and not frame.scope
    return tuple(wanted), notes_at(session, runtime, as_of) if weekly else ()


def hours_seen(session: Session, runtime: Runtime, frame: Frame) -> tuple[Hours, ...]:
    """The best hours as the readings before the cut-off show them: told in a report of a month."""
    monthly = frame.period.kind is Kind.MONTH and not frame.scope
    return hours_at(session, runtime, frame.cut_off_at) if monthly else ()
