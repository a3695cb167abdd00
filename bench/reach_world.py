"""A seeded world of publications that are read again and again, and the books in which they stand."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from bench.instant import FAMILIES, INSTANT, METRICS
from bench.rows import copy_rows
from scheduler.services.metrics.rollups import make_room
from scheduler.services.runtime import Runtime
from scheduler.store.metrics.months import make_months
from scheduler.store.metrics.samples import Observation
from scheduler.store.tables import Campaign, Channel, Delivery, Post, Publication
from scheduler.testing import add_channel, add_delivery

ORIGIN = datetime(2024, 1, 1, tzinfo=UTC)
"""A Monday; the centre's zone is UTC."""
WEEK = timedelta(weeks=1)
AGES_H = (1, 3, 6, 12, *range(24, 24 * 8, 24), *range(24 * 9, 24 * 29, 24))
"""At what ages, in hours, a publication is read: 31 times."""
NAMES = tuple(FAMILIES)
CAMPAIGNS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much there is: `weeks` follow from the samples, so that a week holds about as much at any size."""

    samples: int
    channels: int
    seed: int

    @property
    def weeks(self) -> int:
        return max(20, self.samples // 500_000)

    @property
    def hours(self) -> int:
        return self.weeks * 7 * 24

    @property
    def publications(self) -> int:
        return self.samples // len(NAMES) // len(AGES_H)


@dataclass(frozen=True, slots=True)
class World:
    """The seeded life of every publication: when it went live, on which channel, and how far it gets."""

    size: Size
    born: Mapping[int, Sequence[int]] = field(default_factory=lambda: defaultdict(list))
    fates: dict[int, tuple[float, tuple[float, ...]]] = field(default_factory=dict)

    def fill(self) -> None:
        hours = self.size.hours - 48
        for number in range(self.size.publications):
            self.born[number * hours // self.size.publications].append(number + 1)  # type: ignore[attr-defined]
            self.fates[number + 1] = self._fate(number + 1)

    def looks(self, first_h: int, last_h: int) -> Iterator[Observation]:
        """Every look from the first to before the last hour, in the order of time."""
        for hour in range(first_h, last_h):
            due = [(n % 3600, n, age) for age in AGES_H for n in self.born.get(hour - age, ())]
            for second, publication, age in sorted(due):
                yield self._look(publication, ORIGIN + timedelta(hours=hour, seconds=second), age)

    def _look(self, publication: int, taken_at: datetime, age: int) -> Observation:
        reach, shares = self.fates[publication]
        grown = reach * (1 - 0.5 ** (age / 18))
        values = {name: int(grown * share) for name, share in zip(NAMES, shares, strict=True)}
        return Observation(
            channel_id=1 + publication % self.size.channels,
            publication_id=publication,
            taken_at=taken_at,
            status="read",
            definitions=METRICS,
            values=values,
            from_zero=True,
        )

    def _fate(self, publication: int) -> tuple[float, tuple[float, ...]]:
        """How far it reaches, and which share of that each counter shows."""
        fate = random.Random(self.size.seed * 1_000_003 + publication)  # noqa: S311 - a seeded generator
        return fate.lognormvariate(4, 1.5), (*(fate.random() for _ in NAMES[:-1]), 40.0)


def add_books(runtime: Runtime, size: Size) -> None:
    """The channels, campaigns, posts, deliveries and publications of a world, and room for its readings."""
    channel = add_channel(
        runtime, INSTANT, base_url="http://127.0.0.1", handle="@bench", secret={"access_token": "x"}, name="1"
    )
    delivery = add_delivery(runtime, channel, "text", due_at=ORIGIN)
    with runtime.begin() as session:
        session.add_all(_campaign(runtime, number) for number in range(CAMPAIGNS))
        session.add(_publication(session, runtime, channel, delivery))
        session.execute(update(Channel).values(created_at=ORIGIN))
        session.flush()
        _copy_books(session, size)
        session.execute(
            update(Publication).where(Publication.id == 1).values(channel_id=1 + 1 % size.channels)
        )
        make_months(session.connection(), since=ORIGIN, now=ORIGIN + size.weeks * WEEK)
        session.execute(text("analyze"))
    make_room(runtime)


def _copy_books(session: Session, size: Size) -> None:
    """Row n of each table belongs to post n, which goes live when it does in the world."""
    count = size.publications
    hours = f"(cast(n - 1 as bigint) * {size.hours - 48} / {count})"
    if session.get_bind().dialect.name == "sqlite":
        live = f"strftime('%Y-%m-%d %H:%M:%S.000000', '{ORIGIN:%Y-%m-%d}', {hours} || ' hours')"
    else:
        live = f"timestamptz '{ORIGIN}' + {hours} * interval '1 hour'"
    name = "cast(n as text)"
    both = {"post_id": "n", "channel_id": f"1 + n % {size.channels}"}
    campaign = f"case n % 4 when 0 then 1 + n / 50 % {CAMPAIGNS} end"
    copy_rows(session, Channel, size.channels, {"name": name})
    copy_rows(session, Post, count, {"ref": name, "campaign_id": campaign})
    copy_rows(session, Delivery, count, {**both, "uid": name, "key": name, "due_at": live})
    copy_rows(session, Publication, count, {**both, "delivery_id": "n", "published_at": live})


def _campaign(runtime: Runtime, number: int) -> Campaign:
    return Campaign(organisation_id=runtime.organisation_id, name=f"c{number + 1}", created_at=ORIGIN)


def _publication(session: Session, runtime: Runtime, channel: int, delivery: int) -> Publication:
    return Publication(
        organisation_id=runtime.organisation_id,
        delivery_id=delivery,
        post_id=session.get_one(Delivery, delivery).post_id,
        channel_id=channel,
        remote_id="",
        url="",
        confirmed_by="answer",
        published_at=ORIGIN,
    )
