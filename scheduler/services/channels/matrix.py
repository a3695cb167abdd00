"""The account matrix: every channel as a value."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.core.cells import closest
from scheduler.core.places import Place
from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.services.delivery.outgoing import receiver
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Channel, Credential


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLine:
    """A channel as lists show it. `health` is empty before it is connected, `ok`, or what is wrong."""

    channel: str
    platform: str
    base_url: str
    handle: str
    language: str
    region: str
    time_zone: str
    operator: str
    sets: tuple[str, ...]
    spacing_s: int | None
    title: str
    url: str
    connected_at: datetime | None
    health: str


def list_channels(runtime: Runtime) -> list[ChannelLine]:
    """Every channel by name, with the state of its connection."""
    query = (
        select(Channel, Credential.health)
        .outerjoin(Credential, Credential.channel_id == Channel.id)
        .where(Channel.organisation_id == runtime.organisation_id)
        .order_by(Channel.name)
    )
    with runtime.begin() as session:
        return [_line(channel, health) for channel, health in session.execute(query)]


def find_channel(session: Session, organisation_id: int, name: str) -> Channel:
    """The channel of this name, or Refused."""
    found = session.scalar(
        select(Channel).where(Channel.organisation_id == organisation_id, Channel.name == name)
    )
    if found is None:
        names = session.scalars(select(Channel.name).where(Channel.organisation_id == organisation_id))
        message = N_("there is no channel {channel}: see postroad channels list")
        raise refuse(message, channel=name, near=closest(name, names))
    return found


def places(session: Session, organisation_id: int) -> list[Place]:
    """The matrix in the order of the channels' names."""
    return [place_of(channel) for channel in channels_of(session, organisation_id)]


def place_of(channel: Channel) -> Place:
    """A channel as the pure decisions see it."""
    return Place(
        id=channel.id,
        channel=channel.name,
        platform=channel.platform,
        language=channel.language,
        region=channel.region,
        time_zone=channel.time_zone,
        account=receiver(channel),
        connected=channel.connected_at is not None,
        sets=tuple(channel.sets),
        limits=channel.limits,
    )


def channels_of(session: Session, organisation_id: int) -> Sequence[Channel]:
    """Every channel by name."""
    query = select(Channel).where(Channel.organisation_id == organisation_id).order_by(Channel.name)
    return session.scalars(query).all()


def _line(channel: Channel, health: str | None) -> ChannelLine:
    return ChannelLine(
        channel=channel.name,
        platform=channel.platform,
        base_url=channel.base_url,
        handle=channel.handle,
        language=channel.language,
        region=channel.region,
        time_zone=channel.time_zone,
        operator=channel.operator,
        sets=tuple(channel.sets),
        spacing_s=channel.spacing_s,
        title=channel.title,
        url=channel.url,
        connected_at=channel.connected_at,
        health=health or "",
    )
