"""Which figures of closed reports are others now: noticed when asked for, and when the next one is frozen."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from scheduler.core.facts import Facts
from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.reports.dataset import Closing, Dimension, Restatement, Section
from scheduler.reports.figures.restating import Told, changes, figures_now
from scheduler.services.reach.gathering import entered, facts_in
from scheduler.services.reach.viewing import still_view
from scheduler.services.reach.wanting import Wanted
from scheduler.services.runtime import Runtime
from scheduler.store.reach.remarks import (
    Restated,
    add_restatements,
    final_built_at,
    noticed_since,
    restated_figures,
)
from scheduler.store.reach.reports import stored_dataset
from scheduler.store.turns import take_turn


def restate(runtime: Runtime, wanted: Wanted) -> tuple[Restated, ...]:
    """Note which figures of a final report are others now; those noticed before are not told again.

    The report itself stays as it is. Refused while there is no final report of the period.
    """
    with still_view(runtime) as session:
        stored = stored_dataset(session, wanted.key(Closing.FINAL))
        if stored is None:
            raise refuse(N_("{period} has no final report yet"), period=wanted.frame.period.name)
        current = _now(session, wanted, facts_in(session, wanted, wanted.frame.period))
    with runtime.begin() as session:
        take_turn(session, runtime.organisation_id)
        found = _changed(session, wanted, stored, current)
        add_restatements(session, wanted.subject, wanted.frame.period.kind, found)
    return found


def moved_before(session: Session, wanted: Wanted, before: Facts | None) -> tuple[Restated, ...]:
    """What changed of the final report of the period before, of which these are the facts now."""
    earlier = wanted.previous
    stored = stored_dataset(session, earlier.key(Closing.FINAL)) if earlier else None
    if earlier is None or before is None or stored is None:
        return ()
    return _changed(session, earlier, stored, _now(session, earlier, replace(before, compared=None)))


def note_before(session: Session, wanted: Wanted, moved: Sequence[Restated]) -> None:
    """Write down what moved in the report of the period before, unless somebody noticed it meanwhile."""
    if wanted.previous:
        subject = wanted.previous.subject
        known = restated_figures(session, subject)
        unnoticed = [one for one in moved if known.get(one.place, one.old) == one.old]
        add_restatements(session, subject, wanted.frame.period.kind, unnoticed)


def told(session: Session, wanted: Wanted, moved: Sequence[Restated]) -> list[Restatement]:
    """What was noticed since the final report of the period before this one was frozen, `moved` just now."""
    frame, earlier = wanted.frame, wanted.previous
    since = final_built_at(session, earlier.subject) if earlier else None
    noticed = noticed_since(session, wanted.subject, frame.period.kind, since or frame.starts_at)
    return [_told(one) for one in (*noticed, *moved) if one.period < wanted.subject.period]


def _now(session: Session, wanted: Wanted, facts: Facts) -> Told:
    return figures_now(wanted.frame, facts, entered(session, wanted))


def _changed(session: Session, wanted: Wanted, stored: str, current: Told) -> tuple[Restated, ...]:
    known = restated_figures(session, wanted.subject)
    return tuple(
        Restated(period=wanted.subject.period, place=place, old=old, new=new, noticed_at=wanted.frame.now)
        for place, old, new in changes(stored, known, current)
    )


def _told(one: Restated) -> Restatement:
    return Restatement(
        period=one.period,
        section=Section(one.place[0]),
        dimension=Dimension(one.place[1]),
        key=one.place[2],
        measure=one.place[3],
        old=one.old,
        new=one.new,
        noticed_at=one.noticed_at,
    )
