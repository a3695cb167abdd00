"""Writing the journal while publishing: a line before each sending, one after each outcome (rule 13)."""

from collections.abc import Collection
from datetime import datetime

import structlog
from sqlalchemy import select

from connectors.contract import Published, PublishResult, Staged
from connectors.errors import ConnectorError
from scheduler.services.journal import SENDING, Entry
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Channel, Delivery, Post

log = structlog.get_logger("postroad.journaling")


def before(runtime: Runtime, sendings: Collection[tuple[Delivery, Staged]], *, at: datetime) -> bool:
    """True once all of these are on the disk as being sent at `at`; False means that none may be sent."""
    if not sendings:
        return True
    named = (
        select(Delivery.id, Post.ref, Channel.name)
        .join(Post, Post.id == Delivery.post_id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(Delivery.id.in_([delivery.id for delivery, _ in sendings]))
    )
    with runtime.begin() as session:
        names = {row.id: (row.ref, row.name) for row in session.execute(named)}
    entries = [_sending(delivery, staged, *names[delivery.id], at) for delivery, staged in sendings]
    return _write(runtime, entries, durable=True)


def after(
    runtime: Runtime, outcomes: Collection[tuple[Delivery, PublishResult | ConnectorError]], *, at: datetime
) -> None:
    """Append how each ended. It reaches the disk with the next sending: without it the outcome is unknown."""
    _write(runtime, [_ended(delivery, outcome, at) for delivery, outcome in outcomes], durable=False)


def _write(runtime: Runtime, entries: Collection[Entry], *, durable: bool) -> bool:
    try:
        runtime.journal.write(entries, durable=durable)
    except OSError as error:
        log.warning("journal not written", folder=str(runtime.journal.folder), error=str(error))
        return False
    return True


def _sending(delivery: Delivery, staged: Staged, post: str, channel: str, at: datetime) -> Entry:
    return Entry(
        kind=SENDING,
        delivery=delivery.uid,
        attempt=delivery.attempts + 1,
        at=at,
        key=delivery.key,
        due_at=delivery.due_at,
        post=post,
        channel=channel,
        staged=staged.handle,
        first_sent_at=delivery.first_sent_at,
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
