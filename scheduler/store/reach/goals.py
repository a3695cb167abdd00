"""Goals: every target they ever had, and what was frozen of them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.core.figures import Figure, Reason
from scheduler.core.goals import Aim, Moment
from scheduler.core.progress import Closed, Goal, TargetChange
from scheduler.store import tables
from scheduler.store.bulk import insert_into
from scheduler.store.tables import GoalFreeze, GoalTarget, Member


def goals_of(session: Session, organisation_id: int, *, year: int | None = None) -> list[Goal]:
    """The goals of a year or of all years, withdrawn ones as well, by year, measure and slice."""
    row = tables.Goal
    query = select(row).where(row.organisation_id == organisation_id)
    if year is not None:
        query = query.where(row.year == year)
    found = session.scalars(query.order_by(row.year, row.measure, row.dimension, row.key)).all()
    return [_goal(session, goal) for goal in found]


def find_goal(session: Session, organisation_id: int, aim: Aim) -> Goal | None:
    """The goal for exactly this aim."""
    goals = goals_of(session, organisation_id, year=aim.year)
    return next((goal for goal in goals if goal.aim == aim), None)


def set_target(
    session: Session, organisation_id: int, aim: Aim, change: TargetChange, *, member_id: int
) -> None:
    """Write down a target beneath those before it; the first one makes the goal."""
    place = {
        "organisation_id": organisation_id,
        "year": aim.year,
        "measure": aim.measure,
        "dimension": aim.dimension,
        "key": aim.key,
    }
    session.execute(insert_into(session, tables.Goal).values(**place).on_conflict_do_nothing())
    goal_id = session.scalars(select(tables.Goal.id).filter_by(**place)).one()
    session.add(
        GoalTarget(
            goal_id=goal_id,
            target=change.target,
            phases=list(change.phases),
            reason=change.reason,
            member_id=member_id,
            set_at=change.set_at,
        )
    )


def freeze(session: Session, goal_id: int, closed: Closed, *, member_id: int) -> None:
    """Write down what was reached, unless it is written down for that moment already."""
    row = insert_into(session, GoalFreeze).values(
        goal_id=goal_id,
        moment=closed.moment,
        as_of=closed.as_of,
        target=closed.target,
        plan=closed.plan,
        value=closed.value.value,
        missing=closed.value.reason or "",
        known=closed.value.known,
        of=closed.value.of,
        definitions=list(closed.definitions),
        member_id=member_id,
        frozen_at=closed.frozen_at,
    )
    session.execute(row.on_conflict_do_nothing())


def _goal(session: Session, row: tables.Goal) -> Goal:
    return Goal(
        id=row.id,
        aim=Aim(year=row.year, measure=row.measure, dimension=row.dimension, key=row.key),
        changes=_changes(session, row.id),
        closed=_closed(session, row.id),
    )


def _changes(session: Session, goal_id: int) -> tuple[TargetChange, ...]:
    query = select(GoalTarget, Member.name).join(Member, Member.id == GoalTarget.member_id)
    found = session.execute(query.where(GoalTarget.goal_id == goal_id).order_by(GoalTarget.id)).all()
    return tuple(
        TargetChange(
            target=row.target,
            phases=tuple(row.phases),
            set_at=row.set_at,
            by=by,
            reason=row.reason,
        )
        for row, by in found
    )


def _closed(session: Session, goal_id: int) -> tuple[Closed, ...]:
    query = select(GoalFreeze, Member.name).join(Member, Member.id == GoalFreeze.member_id)
    found = session.execute(query.where(GoalFreeze.goal_id == goal_id).order_by(GoalFreeze.as_of)).all()
    return tuple(_frozen(row, by) for row, by in found)


def _frozen(row: GoalFreeze, by: str) -> Closed:
    reason = Reason(row.missing) if row.missing else None
    return Closed(
        moment=Moment(row.moment),
        as_of=row.as_of,
        target=row.target,
        plan=row.plan,
        value=Figure(value=row.value, reason=reason, known=row.known, of=row.of),
        definitions=tuple(row.definitions),
        by=by,
        frozen_at=row.frozen_at,
    )
