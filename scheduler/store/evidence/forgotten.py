"""Where posts went that this database has no row of: imported after a backup that was put back (rule 13).

Each is a row of `lease` that no process holds and no time ends: its name stands for post and channel, its
holder is the address there, if that is known, and `until` is the instant at which it was sent or recalled.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.store.chunks import in_chunks
from scheduler.store.deliveries.moving import WAITING, in_states
from scheduler.store.tables import Channel, Delivery, Lease, Post

FORGOTTEN = "went:"
URL_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Went:
    """A post that was sent to a channel, or recalled there, `at` that instant (UTC); both by their names."""

    post: str
    channel: str
    at: datetime
    url: str = ""


def remember(session: Session, went: Iterable[Went]) -> None:
    """Keep these for good."""
    for one in went:
        name = _name(one.post, one.channel)
        session.merge(Lease(name=name, holder=one.url[:URL_LIMIT], until=one.at))


def went(session: Session, meant: Collection[tuple[str, str]]) -> list[Went]:
    """Those of the (post, channel) that were remembered."""
    names = {_name(post, channel): (post, channel) for post, channel in meant}
    return [
        Went(post=names[row.name][0], channel=names[row.name][1], at=row.until, url=row.holder)
        for chunk in in_chunks(names)
        for row in session.scalars(select(Lease).where(Lease.name.in_(chunk)))
    ]


def waiting_again(session: Session, went: Collection[Went]) -> list[int]:
    """The deliveries of such a post to such a channel that wait to be sent, imported anew since."""
    pairs = {(one.post, one.channel) for one in went}
    named = (
        select(Delivery.id, Post.ref, Channel.name)
        .join(Post, Post.id == Delivery.post_id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(in_states(*WAITING))
    )
    return [
        id_
        for chunk in in_chunks({post for post, _ in pairs})
        for id_, post, channel in session.execute(named.where(Post.ref.in_(chunk)))
        if (post, channel) in pairs
    ]


def _name(post: str, channel: str) -> str:
    return FORGOTTEN + sha256(f"{post}\0{channel}".encode()).hexdigest()[:32]
