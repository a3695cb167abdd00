"""What a call about a delivery needs, in hand: its channel ready to be called, and its content."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from connectors.contract import Outgoing
from connectors.errors import ConnectorError, NeedsReconnect
from scheduler.services.channels.credentials import ReadyChannel
from scheduler.services.channels.renewing import prepare_channels
from scheduler.services.delivery.outgoing import MEDIA_GONE, LostMedia, outgoings_of
from scheduler.services.runtime import Runtime
from scheduler.store.sets import IDS, among
from scheduler.store.tables import Delivery, Post

Contents: TypeAlias = Callable[[Session, Runtime, Collection[int]], Mapping[int, Outgoing | LostMedia]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A delivery with its channel, the name of its post, and its content."""

    delivery: Delivery
    post: str
    channel: ReadyChannel
    outgoing: Outgoing


def pack(
    runtime: Runtime, rows: Collection[Delivery], contents_of: Contents = outgoings_of
) -> tuple[list[Packed], list[tuple[Delivery, ConnectorError]]]:
    """Those with everything in hand, and the others with why not, each in the order of `rows`."""
    if not rows:
        return [], []
    channels = prepare_channels(runtime, {delivery.channel_id for delivery in rows})
    with runtime.begin() as transaction:
        contents = contents_of(transaction, runtime, [delivery.id for delivery in rows])
        posts = _names(transaction, {delivery.post_id for delivery in rows})
    packed, lacking = [], []
    for delivery in rows:
        channel, outgoing = channels[delivery.channel_id], contents[delivery.id]
        if isinstance(channel, ConnectorError):
            lacking.append((delivery, channel))
        elif isinstance(outgoing, LostMedia):
            lacking.append((delivery, NeedsReconnect(MEDIA_GONE)))
        else:
            post = posts[delivery.post_id]
            packed.append(Packed(delivery=delivery, post=post, channel=channel, outgoing=outgoing))
    return packed, lacking


def _names(session: Session, post_ids: Collection[int]) -> dict[int, str]:
    return {row.id: row.ref for row in session.execute(_named(), {IDS: post_ids})}


@cache
def _named() -> Select[int, str]:
    return select(Post.id, Post.ref).where(among(Post.id))
