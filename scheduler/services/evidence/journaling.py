"""Writing the journal: a line before each sending, one after each outcome (rule 13).

What people decide has two: what is meant before the COMMIT, so that no death in between lets a restore forget
it, and what was done after it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from connectors.contract import Published, PublishResult, Staged
from connectors.errors import ConnectorError
from scheduler.services.evidence.journal import CLOSED, DECIDED, GONE, INTENTS, RECALL, SENDING, Entry
from scheduler.services.runtime import Runtime
from scheduler.store.chunks import in_chunks
from scheduler.store.evidence.decided import Mark
from scheduler.store.sets import one_of
from scheduler.store.tables import Channel, Delivery, Post, Publication

log = structlog.get_logger("postroad.journaling")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What is about to be sent, with the names of its post and channel."""

    delivery: Delivery
    post: str
    channel: str
    staged: Staged


def before(runtime: Runtime, sendings: Iterable[Sending], *, at: datetime) -> bool:
    """True once all of these are on the disk as being sent at `at`; False means that none may be sent."""
    return _write(runtime, [_sending(one, at) for one in sendings], durable=True)


def after(
    runtime: Runtime, outcomes: Collection[tuple[Delivery, PublishResult | ConnectorError]], *, at: datetime
) -> None:
    """Append how each ended. It reaches the disk with the next sending: without it the outcome is unknown."""
    _write(runtime, [_ended(delivery, outcome, at) for delivery, outcome in outcomes], durable=False)


def found(runtime: Runtime, delivery: Delivery, live: Published, *, at: datetime, durable: bool) -> None:
    """Append that a doubt ended: a look, or a person, found it live."""
    _write(runtime, [_proof(type(live).__name__.lower(), delivery, live, at)], durable=durable)


def recalls(session: Session, delivery_ids: Collection[int], *, at: datetime) -> list[Entry]:
    """The lines on a recall of these at `at`: to `intend` before the COMMIT, and to `confirm` after it."""
    named = [row for chunk in in_chunks(delivery_ids) for row in _named(session, chunk)]
    return [
        Entry(kind=RECALL, delivery=uid, at=at, post=post, channel=channel) for _, uid, post, channel in named
    ]


def closing(delivery: Delivery, *, at: datetime) -> list[Entry]:
    """The line on a person who found it absent: to `intend` before the COMMIT, and to `confirm` after it."""
    return [Entry(kind=CLOSED, delivery=delivery.uid, at=at)]


def intend(runtime: Runtime, entries: Collection[Entry]) -> None:
    """Put on the disk what is about to be committed; what people decide holds without a journal as well."""
    _write(runtime, [replace(entry, kind=INTENTS[entry.kind]) for entry in entries], durable=True)


def confirm(runtime: Runtime, entries: Collection[Entry]) -> None:
    """Put on the disk that it was committed."""
    _write(runtime, entries, durable=True)


def decided(runtime: Runtime, marks: Collection[Mark]) -> bool:
    """True once the journal has these; where it cannot be written the next tick tries again."""
    entries = [Entry(kind=DECIDED, delivery=mark.uid, at=mark.at, what=mark.what) for mark in marks]
    return _write(runtime, entries, durable=True)


def gone(runtime: Runtime, delivery: Delivery, publication: Publication, *, at: datetime) -> None:
    """Append that it was taken down. Should the line be lost, it is taken down again, which harms nobody."""
    live = Published(remote_id=publication.remote_id, url=publication.url)
    _write(runtime, [_proof(GONE, delivery, live, at)], durable=False)


def _named(session: Session, delivery_ids: Collection[int]) -> Sequence[Row[int, str, str, str]]:
    """Id, uid, post and channel of each."""
    named = (
        select(Delivery.id, Delivery.uid, Post.ref, Channel.name)
        .join(Post, Post.id == Delivery.post_id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(one_of(Delivery.id, delivery_ids))
    )
    return session.execute(named).all()


def _write(runtime: Runtime, entries: Collection[Entry], *, durable: bool) -> bool:
    """Whatever goes wrong, and a bug is as good as a full disk: what is not there is not sent (rule 13).

    Nor does it cost an outcome: what is live is recorded, and goes on, without its line (rule 10).
    """
    try:
        runtime.journal.write(entries, durable=durable)
    except Exception as error:
        bug = not isinstance(error, OSError)
        folder = str(runtime.journal.folder)
        log.warning("journal not written", folder=folder, error=str(error), exc_info=bug)
        return False
    return True


def _sending(one: Sending, at: datetime) -> Entry:
    return Entry(
        kind=SENDING,
        delivery=one.delivery.uid,
        attempt=one.delivery.attempts + 1,
        at=at,
        key=one.delivery.key,
        due_at=one.delivery.due_at,
        post=one.post,
        channel=one.channel,
        staged=one.staged.handle,
        first_sent_at=one.delivery.first_sent_at,
    )


def _ended(delivery: Delivery, outcome: PublishResult | ConnectorError, at: datetime) -> Entry:
    live = outcome if isinstance(outcome, Published) else None
    return Entry(
        kind=type(outcome).__name__.lower(),
        delivery=delivery.uid,
        attempt=delivery.attempts + 1,
        at=at,
        remote_id=live.remote_id if live else "",
        url=live.url if live else "",
    )


def _proof(kind: str, delivery: Delivery, live: Published, at: datetime) -> Entry:
    """Of no attempt: it is in the database already."""
    return Entry(
        kind=kind,
        delivery=delivery.uid,
        at=at,
        remote_id=live.remote_id,
        url=live.url,
    )
