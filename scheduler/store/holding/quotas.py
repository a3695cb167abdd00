"""What was sent lately and what platforms said is left: the ledger that pacing reads.

One row for each channel and batch, written with `sending` and dropped when the longest window has passed. The
subject of an allowance is a channel (`channel 17`) or an application (see application_of).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, delete, func, or_, select
from sqlalchemy.orm import Session

from scheduler.core.quotas import Spent
from scheduler.store.bulk import insert_into, write
from scheduler.store.tables import Allowance, Spending

SPENDING = Spending.metadata.tables[Spending.__tablename__]
LINE = "line"
WAIT = "wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What is left to a subject until `resets_at`, as a platform said at `seen_at`; see Allowance."""

    subject: str
    name: str
    remaining: int
    seen_at: datetime
    resets_at: datetime


def subject_of(channel_id: int) -> str:
    """How allowances name a channel."""
    return f"channel {channel_id}"


def record_spending(session: Session, spent: Mapping[int, Spent]) -> None:
    """Write what each channel sends, in the transaction that marks it sending."""
    rows = [(channel_id, one.at, one.posts, one.images) for channel_id, one in spent.items()]
    write(session, SPENDING, ("channel_id", "at", "posts", "images"), rows)


def loads(
    session: Session, windows_s: Collection[int], *, now: datetime
) -> dict[tuple[int, int], tuple[int, int]]:
    """How many posts and images each channel sent lately, by channel and window in seconds."""
    wanted = sorted(windows_s)
    sums = [
        func.sum(case((Spending.at > now - timedelta(seconds=window_s), column), else_=0))
        for window_s in wanted
        for column in (Spending.posts, Spending.images)
    ]
    query = (
        select(Spending.channel_id, *sums)
        .where(Spending.at > now - timedelta(seconds=max(wanted, default=0)))
        .group_by(Spending.channel_id)
    )
    return {
        (row[0], window_s): (int(row[2 * place + 1]), int(row[2 * place + 2]))
        for row in session.execute(query)
        for place, window_s in enumerate(wanted)
    }


def spendings(session: Session, channel_ids: Collection[int], *, since: datetime) -> dict[int, list[Spent]]:
    """What these channels sent after `since`, oldest first."""
    query = (
        select(Spending)
        .where(Spending.channel_id.in_(channel_ids), Spending.at > since)
        .order_by(Spending.at)
    )
    found: dict[int, list[Spent]] = {}
    for row in session.scalars(query):
        spent = Spent(at=row.at, posts=row.posts, images=row.images)
        found.setdefault(row.channel_id, []).append(spent)
    return found


def allowances(session: Session, *, now: datetime) -> list[Allowance]:
    """Everything that is still in force of what platforms said, and the ends of the channels' lines."""
    return list(session.scalars(select(Allowance).where(Allowance.resets_at > now)))


def keep(session: Session, sayings: Iterable[Saying]) -> None:
    """Keep the strictest of what was said: the later end, then the lower rest; of a line, its last end.

    All write in one order, so that of two who do neither has what the other waits for.
    """
    strictest = {
        (one.subject, one.name): asdict(one)
        for one in sorted(sayings, key=lambda one: (one.resets_at, -one.remaining))
    }
    if not strictest:
        return
    statement = insert_into(session, Allowance)
    new = statement.excluded
    stricter = or_(
        Allowance.name == LINE,
        new.resets_at > Allowance.resets_at,
        and_(new.resets_at == Allowance.resets_at, new.remaining < Allowance.remaining),
    )
    kept = statement.on_conflict_do_update(
        index_elements=[Allowance.subject, Allowance.name],
        set_={name: new[name] for name in ("remaining", "seen_at", "resets_at")},
        where=stricter,
    )
    session.execute(kept, [strictest[which] for which in sorted(strictest)])


def purge(session: Session, *, now: datetime, longest_s: int) -> None:
    """Drop what no window reaches any more."""
    session.execute(delete(Spending).where(Spending.at <= now - timedelta(seconds=longest_s)))
    session.execute(delete(Allowance).where(Allowance.resets_at <= now))
