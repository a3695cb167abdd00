"""Stopping at once and going on with care: one person pauses, two resume (rule 12)."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scheduler.core.cells import closest
from scheduler.core.problems import Refused, refuse, require_reason
from scheduler.core.roles import Person, Right
from scheduler.core.stopping import Scope, Target
from scheduler.core.wording import N_
from scheduler.services.channels.matrix import find_channel
from scheduler.services.evidence.deciding import deciding
from scheduler.services.runtime import Runtime
from scheduler.services.writing.campaigns import find_campaign
from scheduler.store import deliveries
from scheduler.store.evidence.ledger import Signed
from scheduler.store.holding import pauses, stops
from scheduler.store.tables import Delivery, Member, Organisation, Pause
from scheduler.store.unit_of_work import anew

NO_PLATFORM = N_("there is no platform {platform}: see postroad platforms")
NOT_PAUSED = N_("nothing is paused there: see postroad pauses")
CLOCK_FIRST = N_(
    "the clock jumped ahead: set it right, or accept it with postroad clock accept, and resume then"
)
PAUSED_BEFORE = N_("it was paused before this copy of the database was put back: resume it if that is over")
PAUSE = "pause"
LONGEST_MARK = 64
OWN_REQUEST = N_("{member} asked for it: somebody else must confirm by the same command")


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseLine:
    """A pause in a list; `waiting` counts the due deliveries it keeps back now. Instants are aware UTC."""

    id: int
    scope: Scope
    name: str
    reason: str
    paused_by: str
    paused_at: datetime
    resume_asked_by: str
    resume_asked_at: datetime | None
    resume_reason: str
    resumed_by: str
    resumed_at: datetime | None
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption:
    """What asking to resume came to: `done`, or a second person must confirm.

    `spaced` counts the deliveries that became due meanwhile and go out one a minute on each channel.
    """

    done: bool
    spaced: int = 0


@anew
def pause(runtime: Runtime, target: Target, *, reason: str, by: Person) -> PauseLine | None:
    """Stop sending within the target from now on; what is in flight can no longer be stopped.

    The oldest pause of exactly this target that is in force already, if any. Another person's, or another
    reason, is kept beside it; one resume ends them all.
    """
    by.require(Right.STOP)
    with deciding(runtime, mark(PAUSE, target)) as session:
        row = _row(session, runtime, target)
        row.reason, row.member_id, row.paused_at = require_reason(reason), by.id, runtime.clock.now()
        standing = pauses.standing(session, row)
        already = _lines(session, runtime, standing[:1])
        if not any(_says_the_same(row, other) for other in standing):
            pauses.start(session, row)
        return already[0] if already else None


@anew
def resume(runtime: Runtime, target: Target, *, reason: str, by: Person) -> Resumption:
    """Ask to go on, or confirm what another member asked for; Refused for confirming one's own request.

    What became due meanwhile does not burst: its lateness is judged when its turn comes. Refused also while
    a jump of the clock holds everything, for by that clock too much is late. Not done where somebody paused
    once more at this moment.
    """
    by.require(Right.RESUME)
    signed = Signed(worker=by.name, now=runtime.clock.now())
    said = require_reason(reason)
    with deciding(runtime, mark("resume", target)) as session:
        if stops.jump_of(session):
            raise refuse(CLOCK_FIRST)
        row = _row(session, runtime, target)
        alone = session.get_one(Organisation, runtime.organisation_id).self_resuming
        resumed = pauses.resume(session, row, member_id=by.id, reason=said if alone else None, signed=signed)
        asked = pauses.ask_to_resume(session, row, member_id=by.id, reason=said, signed=signed)
        if resumed or asked:
            return Resumption(done=not asked, spaced=_go_on(session, resumed, signed.now) if resumed else 0)
        if session.scalar(select(Pause.id).where(pauses.same_place(row)).limit(1)):
            raise refuse(OWN_REQUEST, member=by.name)
        raise refuse(NOT_PAUSED)


def mark(command: str, target: Target) -> str:
    """The command as database and journal are marked with it; without its target where that is too long."""
    words = f"{command} {target}"
    return words if len(words) <= LONGEST_MARK else command


def pause_again(
    session: Session, runtime: Runtime, marks: Mapping[str, datetime], *, by: Person
) -> list[Target]:
    """Pause what was paused by these commands, and this database lost sight of; what that is (rule 13).

    Whether it was resumed since is not known. Where a mark does not say what was paused it is everything.
    """
    paused = []
    lost = {Target.told_by(words.partition(" ")[2]): at for words, at in marks.items() if is_pause(words)}
    for target, at in lost.items():
        with suppress(Refused):  # what is not in this database waits for nothing in it
            row = _row(session, runtime, target)
            row.reason, row.member_id, row.paused_at = PAUSED_BEFORE, by.id, at
            pauses.start(session, row)
            paused.append(target)
    return paused


def is_pause(words: str) -> bool:
    """Whether a command of this mark paused something."""
    return words.partition(" ")[0] == PAUSE


def _go_on(session: Session, pause_ids: Collection[int], now: datetime) -> int:
    """Hold or miss what is too late, and give the others their turns; how many."""
    deliveries.sweep_late(session, now=now)
    return deliveries.space_out(session, pause_ids, now=now)


def list_pauses(runtime: Runtime, *, ended: bool = False) -> list[PauseLine]:
    """The pauses in force, oldest first; with `ended` the resumed ones as well."""
    query = select(Pause).where(Pause.organisation_id == runtime.organisation_id).order_by(Pause.id)
    with runtime.begin() as session:
        rows = session.scalars(query if ended else query.where(pauses.OPEN)).all()
        return _lines(session, runtime, rows)


def _says_the_same(one: Pause, other: Pause) -> bool:
    """What nobody has asked to end is kept once."""
    said = (one.member_id, one.reason) == (other.member_id, other.reason)
    return said and other.resume_asked_by is None


def _row(session: Session, runtime: Runtime, target: Target) -> Pause:
    """The row of a pause of the target, not added yet; Refused when there is no such thing."""
    row = Pause(organisation_id=runtime.organisation_id, scope=target.scope, value=target.name)
    if target.scope is Scope.PLATFORM and target.name not in runtime.connectors:
        near = closest(target.name, runtime.connectors)
        raise refuse(NO_PLATFORM, platform=target.name, near=near)
    if target.scope is Scope.CHANNEL:
        row.scope_id = find_channel(session, runtime.organisation_id, target.name).id
    if target.scope is Scope.CAMPAIGN:
        row.scope_id = find_campaign(session, runtime.organisation_id, target.name)
    return row


def _waiting(session: Session, row: Pause, now: datetime) -> int:
    if row.resumed_at is not None:
        return 0
    due = (deliveries.in_states(*deliveries.WAITING), Delivery.next_at <= now, pauses.covered([row.id]))
    return session.scalar(select(func.count()).select_from(Delivery).where(*due)) or 0


def _lines(session: Session, runtime: Runtime, rows: Sequence[Pause]) -> list[PauseLine]:
    names = dict(session.execute(select(Member.id, Member.name)).all())
    return [_line(row, names, _waiting(session, row, runtime.clock.now())) for row in rows]


def _line(row: Pause, names: Mapping[int, str], waiting: int) -> PauseLine:
    return PauseLine(
        id=row.id,
        scope=Scope(row.scope),
        name=row.value,
        reason=row.reason,
        paused_by=names[row.member_id],
        paused_at=row.paused_at,
        resume_asked_by=names.get(row.resume_asked_by or 0, ""),
        resume_asked_at=row.resume_asked_at,
        resume_reason=row.resume_reason,
        resumed_by=names.get(row.resumed_by or 0, ""),
        resumed_at=row.resumed_at,
        waiting=waiting,
    )
