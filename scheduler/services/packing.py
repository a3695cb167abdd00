"""What a call about a delivery needs, in hand: its channel ready to be called, and its content."""

from collections.abc import Collection
from dataclasses import dataclass

from connectors.contract import Outgoing
from connectors.errors import ConnectorError, NeedsReconnect
from scheduler.services.credentials import ReadyChannel
from scheduler.services.outgoing import MEDIA_GONE, LostMedia, outgoings_of
from scheduler.services.renewing import prepare_channels
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A delivery with its channel and content."""

    delivery: Delivery
    channel: ReadyChannel
    outgoing: Outgoing


def pack(
    runtime: Runtime, rows: Collection[Delivery]
) -> tuple[list[Packed], list[tuple[Delivery, ConnectorError]]]:
    """Those with everything in hand, and the others with why not, each in the order of `rows`."""
    if not rows:
        return [], []
    channels = prepare_channels(runtime, {delivery.channel_id for delivery in rows})
    with runtime.begin() as transaction:
        contents = outgoings_of(transaction, runtime, [delivery.id for delivery in rows])
    packed, lacking = [], []
    for delivery in rows:
        channel, outgoing = channels[delivery.channel_id], contents[delivery.id]
        if isinstance(channel, ConnectorError):
            lacking.append((delivery, channel))
        elif isinstance(outgoing, LostMedia):
            lacking.append((delivery, NeedsReconnect(MEDIA_GONE)))
        else:
            packed.append(Packed(delivery=delivery, channel=channel, outgoing=outgoing))
    return packed, lacking
