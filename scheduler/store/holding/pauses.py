"""Which deliveries must not be sent now because somebody paused their scope (rule 12)."""

from collections.abc import Collection
from functools import cache

from sqlalchemy import ColumnElement, ScalarSelect, Update, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from scheduler.core.stopping import Scope
from scheduler.store.evidence.ledger import Signed
from scheduler.store.locking import lock
from scheduler.store.tables import Channel, Delivery, Pause, Post

OPEN = Pause.resumed_at.is_(None)


@cache
def paused() -> ColumnElement[bool]:
    """A condition on Delivery: true in the scope of a pause that nobody has resumed.

    Whether there is any is asked first, once for all rows, which are then read in the order of an index.
    """
    return and_(select(Pause.id).where(OPEN).exists(), _stopped_by(OPEN))


@cache
def oldest() -> ScalarSelect[int | None]:
    """Of a Delivery the id of the oldest pause that nobody has resumed, NULL where there is none."""
    return select(func.min(Pause.id)).where(_reaching(OPEN)).correlate(Delivery).scalar_subquery()


def covered(pause_ids: Collection[int]) -> ColumnElement[bool]:
    """A condition on Delivery: true in the scope of one of these pauses, resumed or not."""
    return _stopped_by(Pause.id.in_(pause_ids))


def same_place(pause: Pause) -> ColumnElement[bool]:
    """A condition on Pause: open, and covering exactly what `pause` covers."""
    return and_(
        OPEN,
        Pause.organisation_id == pause.organisation_id,
        Pause.scope == pause.scope,
        Pause.value == pause.value,
    )


def standing(session: Session, pause: Pause) -> list[Pause]:
    """Those in force that cover exactly what `pause` covers, oldest first; none ends before we do."""
    return [session.get_one(Pause, id_) for id_ in lock(session, Pause.id, same_place(pause))]


def start(session: Session, pause: Pause) -> None:
    """Pause; a resume that was asked for before is void, for somebody wants it stopped still."""
    withdrawn = (
        update(Pause)
        .where(same_place(pause))
        .values(resume_asked_by=None, resume_asked_at=None, resume_reason="")
    )
    session.execute(withdrawn)
    session.add(pause)
    session.flush()


def ask_to_resume(
    session: Session, pause: Pause, *, member_id: int, reason: str, signed: Signed
) -> list[int]:
    """Note who wants it resumed where nobody asked yet; the ids of those pauses."""
    asked = (
        update(Pause)
        .where(same_place(pause), Pause.resume_asked_by.is_(None))
        .values(resume_asked_by=member_id, resume_asked_at=signed.now, resume_reason=reason)
    )
    return _ids(session, asked)


def resume(
    session: Session, pause: Pause, *, member_id: int, reason: str | None, signed: Signed
) -> list[int]:
    """End the pauses whose resume another member asked for, or all with a `reason`; the ids of those."""
    lock(session, Pause.id, same_place(pause))
    confirmed = update(Pause).where(same_place(pause)).values(resumed_by=member_id, resumed_at=signed.now)
    if reason is not None:
        return _ids(session, confirmed.values(resume_reason=reason))
    return _ids(session, confirmed.where(Pause.resume_asked_by != member_id))


def _stopped_by(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(_reaching(which))


def _reaching(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """A condition on Pause: it is one of these, and its scope holds the Delivery around."""
    here = and_(Pause.organisation_id == Delivery.organisation_id, which)
    platform = (
        select(Channel.platform)
        .where(Channel.id == Delivery.channel_id)
        .correlate(Delivery)
        .scalar_subquery()
    )
    campaign = (
        select(Post.campaign_id).where(Post.id == Delivery.post_id).correlate(Delivery).scalar_subquery()
    )
    scope = or_(
        Pause.scope == Scope.ALL,
        and_(Pause.scope == Scope.PLATFORM, Pause.value == platform),
        and_(Pause.scope == Scope.CHANNEL, Pause.scope_id == Delivery.channel_id),
        and_(Pause.scope == Scope.CAMPAIGN, Pause.scope_id == campaign),
    )
    return and_(here, scope)


def _ids(session: Session, statement: Update) -> list[int]:
    returning = statement.returning(Pause.id)
    return list(session.scalars(returning, execution_options={"synchronize_session": False}))
