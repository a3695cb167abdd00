"""Deleting what is live and recalled, and looking whether it is gone (rule 12). Safe to repeat."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from connectors.contract import (
    AlreadyGone,
    CannotDelete,
    Deleted,
    Finding,
    Key,
    Outgoing,
    Probe,
    Staged,
)
from connectors.errors import ConnectorError, NeedsReconnect, NeedsRefresh
from connectors.http import Http
from scheduler.core.recalls import DONE, NO_ID, TakenDown, decide_recall
from scheduler.services.bugs import bug
from scheduler.services.channels import credentials
from scheduler.services.channels.credentials import ReadyChannel
from scheduler.services.channels.renewing import prepare_channels
from scheduler.services.delivery.outgoing import outlines_of
from scheduler.services.evidence import journaling
from scheduler.services.failpoints import reach
from scheduler.services.runtime import Call, Runtime
from scheduler.store.evidence import recalls
from scheduler.store.evidence.ledger import Signed
from scheduler.store.tables import Delivery, Publication

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A live publication to take down; `outgoing` is for looking afterwards."""

    publication: Publication
    delivery: Delivery
    channel: ReadyChannel | ConnectorError
    outgoing: Outgoing


def take_down(
    runtime: Runtime, delivery_ids: Collection[int], *, progress: Progress | None = None
) -> list[int]:
    """Delete those of the deliveries that are live and recalled; ids of those whose token had lapsed."""
    removals = _prepare(runtime, delivery_ids)
    lapsed = []
    done = 0
    for batch in runtime.network.stream([_remover(removal) for removal in removals]):
        reach("taken_down")
        for index, answer in batch:
            _settle(runtime, removals[index], _as_answer(answer))
            if isinstance(answer, NeedsRefresh):
                lapsed.append(removals[index].delivery.id)
        done += len(batch)
        if progress:
            progress(done, len(removals))
    return lapsed


def _prepare(runtime: Runtime, delivery_ids: Collection[int]) -> list[Removal]:
    with runtime.begin() as session:
        found = recalls.to_take_down(session, delivery_ids)
    if not found:
        return []
    channels = prepare_channels(runtime, {delivery.channel_id for _, delivery in found})
    with runtime.begin() as session:
        outlines = outlines_of(session, runtime, [delivery.id for _, delivery in found])
    return [
        Removal(
            publication=publication,
            delivery=delivery,
            channel=channels[delivery.channel_id],
            outgoing=outlines[delivery.id],
        )
        for publication, delivery in found
    ]


def _remover(removal: Removal) -> Call[TakenDown]:
    return lambda http: _remove(removal, http)


async def _remove(removal: Removal, http: Http) -> TakenDown:
    """Delete it, then look for it where a look is exact."""
    channel = removal.channel
    if isinstance(channel, ConnectorError):
        raise channel
    if not removal.publication.remote_id:
        raise NeedsReconnect(NO_ID)
    deletion = await channel.connector.delete(channel.session(http), removal.publication.remote_id)
    return TakenDown(deletion, await _look_again(removal, channel, http))


async def _look_again(removal: Removal, channel: ReadyChannel, http: Http) -> Finding | None:
    if channel.connector.capabilities.find_existing != "exact":
        return None
    delivery = removal.delivery
    probe = Probe(
        outgoing=removal.outgoing,
        key=Key(value=delivery.key, at=delivery.due_at),
        staged=Staged(handle=delivery.staged, complete=True),
        since=delivery.first_sent_at or delivery.due_at,
    )
    try:
        return await channel.connector.find_existing(channel.session(http), probe)
    except ConnectorError:
        return None


def _as_answer(answer: TakenDown | Exception) -> TakenDown | ConnectorError:
    match answer:
        case TakenDown(deletion=Deleted() | AlreadyGone() | CannotDelete()) | ConnectorError():
            return answer
    return bug(answer, "deleting")


def _settle(runtime: Runtime, removal: Removal, answer: TakenDown | ConnectorError) -> None:
    signed = Signed(worker=runtime.worker, now=runtime.clock.now())
    decision = decide_recall(answer, tries=removal.publication.recall_tries, now=signed.now)
    with runtime.begin() as session:
        written = recalls.write_receipt(session, removal.publication, decision, signed=signed)
        if isinstance(answer, NeedsRefresh) and isinstance(removal.channel, ReadyChannel):
            credentials.expire(session, [removal.channel], now=signed.now)
    if written and decision.receipt in DONE:
        journaling.gone(runtime, removal.delivery, removal.publication, at=signed.now)
