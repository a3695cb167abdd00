"""For tests of Postroad and of its extensions: a clock moved by hand, a dispatcher that remembers, rows."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.core.clocks import NOTHING, Reading, Step
from scheduler.core.content import content_hash, delivery_key
from scheduler.core.lateness import Lateness
from scheduler.services.channels.connecting import connect
from scheduler.services.delivery.outgoing import LostMedia, outgoings_of, receiver, stage_time
from scheduler.services.members import find_member
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.tables import Channel, Delivery, Organisation, Post, Variant


class FakeClock:
    """Stands still until moved; who sleeps by it moves it."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._step = Step()
        self._skew = NOTHING

    def now(self) -> datetime:
        """Where the clock was put, aware UTC."""
        return self._at

    def settled_now(self) -> datetime:
        """The same."""
        return self.now()

    def ask(self) -> datetime:
        """The same."""
        return self._at

    def elapsed_s(self) -> float:
        """Goes as it is moved."""
        return self._at.timestamp()

    def set(self, at: datetime) -> None:
        """Put the clock at `at`."""
        self._at = at

    def advance(self, by: timedelta) -> None:
        """Move the clock forward."""
        self._at += by

    def sleep(self, seconds: float) -> None:
        """Move the clock forward at once."""
        self._at += timedelta(seconds=seconds)

    def jump(self, by: timedelta) -> None:
        """Move the clock by itself, back when negative, while no time goes by."""
        self._at += by
        self._step += Step(by, max(NOTHING, by))

    def skew_by(self, by: timedelta) -> None:
        """Let the machine's own clock be that far ahead of this one."""
        self._skew = by

    def skew(self) -> timedelta:
        """What was put."""
        return self._skew

    def take_step(self) -> Step:
        """What was jumped since this was last asked."""
        step, self._step = self._step, Step()
        return step

    def put_back(self, step: Step) -> None:
        """Let the next who asks have it as well."""
        self._step = step + self._step

    def reading(self) -> Reading:
        """One that nobody can go on from."""
        return Reading(at=self._at, before_s=self.elapsed_s(), after_s=self.elapsed_s())

    def resume(self, last: Reading) -> None:
        """Steps are only made by `jump`."""


class RecordingDispatcher:
    """Remembers the hints it was given; sends nothing."""

    def __init__(self) -> None:
        self.hints: list[list[int]] = []

    def announce(self, delivery_ids: Sequence[int]) -> None:
        """Remember one hint."""
        self.hints.append(list(delivery_ids))


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A delivery to add, due at `due_at` (aware UTC); its key follows from `uid`."""

    channel_id: int
    text: str
    due_at: datetime
    lateness: Lateness
    approved: bool
    uid: str


def add_channel(
    runtime: Runtime, platform: str, *, base_url: str, handle: str, secret: Mapping[str, str], **fields: str
) -> int:
    """The id of a new channel, connected by the account's own secret; `fields` are columns of Channel."""
    values = {"language": "en", "region": "GB", "time_zone": "Europe/London", "operator": "Lin"} | fields
    name = values.pop("name", f"{platform}-{handle}")
    with runtime.begin() as session:
        channel = Channel(
            organisation_id=runtime.organisation_id,
            name=name,
            platform=platform,
            base_url=base_url,
            handle=handle,
            created_at=runtime.clock.now(),
            **values,
        )
        session.add(channel)
        session.flush()
        channel_id = channel.id
    connect(runtime, name, json.dumps(dict(secret)), by=find_member(runtime, "Lin"))
    return channel_id


def add_delivery(  # noqa: PLR0913 - each says something else about the delivery
    runtime: Runtime,
    channel_id: int,
    text: str,
    *,
    due_at: datetime | None = None,
    lateness: Lateness = Lateness.NORMAL,
    approved: bool = True,
    uid: str = "",
) -> int:
    """The id of a new delivery of a post of its own, due now unless said otherwise, and approved.

    Its key follows from `uid`, which is random unless it is given.
    """
    planned = Planned(
        channel_id=channel_id,
        text=text,
        due_at=due_at or runtime.clock.now(),
        lateness=lateness,
        approved=approved,
        uid=uid or uuid.uuid4().hex,
    )
    return add_deliveries(runtime, [planned])[0]


def add_deliveries(runtime: Runtime, planned: Sequence[Planned]) -> list[int]:
    """The ids of new deliveries, each of a post of its own, in one transaction."""
    author = find_member(runtime, "Lin")
    with runtime.begin() as session:
        organisation = session.scalars(select(Organisation.uid)).one()
        made = []
        for one in planned:
            channel = session.get_one(Channel, one.channel_id)
            post = _post(runtime, one.text, one.due_at, one.lateness)
            post.author_id = author.id
            variant = Variant(language=channel.language, text=one.text)
            post.variants.append(variant)
            session.add(post)
            made.append((post, variant, channel, one))
        session.flush()
        rows = [
            _delivery(organisation, post, variant, channel, one.uid) for post, variant, channel, one in made
        ]
        for row in rows:
            deliveries.schedule(session, row)
        session.flush()
        _approve(session, runtime, [row.id for row, one in zip(rows, planned, strict=True) if one.approved])
        return [row.id for row in rows]


def approve_delivery(session: Session, runtime: Runtime, delivery_id: int) -> None:
    """Bind an approval to what the delivery would send now; LostMedia when an image file is gone."""
    _approve(session, runtime, [delivery_id])


def _approve(session: Session, runtime: Runtime, delivery_ids: Sequence[int]) -> None:
    for id_, outgoing in outgoings_of(session, runtime, delivery_ids).items():
        if isinstance(outgoing, LostMedia):
            raise outgoing
        delivery = session.get_one(Delivery, id_)
        channel = session.get_one(Channel, delivery.channel_id)
        delivery.approved_hash = content_hash(outgoing, channel=receiver(channel))
        delivery.stage_at = stage_time(runtime, channel.platform, outgoing, due_at=delivery.due_at)


def _post(runtime: Runtime, text: str, due_at: datetime, lateness: Lateness) -> Post:
    return Post(
        organisation_id=runtime.organisation_id,
        ref=uuid.uuid4().hex,
        wall_at=due_at.replace(tzinfo=None),
        zone="UTC",
        lateness=lateness,
        source_hash=text[:64],
        created_at=runtime.clock.now(),
    )


def _delivery(organisation: str, post: Post, variant: Variant, channel: Channel, uid: str) -> Delivery:
    due_at = post.wall_at.replace(tzinfo=UTC)
    return Delivery(
        uid=uid,
        organisation_id=post.organisation_id,
        post_id=post.id,
        variant_id=variant.id,
        channel_id=channel.id,
        wall_at=post.wall_at,
        zone="UTC",
        due_at=due_at,
        lateness=post.lateness,
        key=delivery_key(organisation=organisation, delivery=uid, generation=1, due_at=due_at).value,
        created_at=post.created_at,
        updated_at=post.created_at,
    )
