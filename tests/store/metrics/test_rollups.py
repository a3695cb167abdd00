"""Roll-ups say what the readings say: as they arrive in any order, when rebuilt, in another zone, thinned."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from config.settings import Settings
from connectors.capabilities import Family, MetricDefinition
from scheduler.core.facts import Facts
from scheduler.core.grown import Grown
from scheduler.core.weeks import Week
from scheduler.services.runtime import Runtime
from scheduler.store import migrations
from scheduler.store.engine import using_database
from scheduler.store.metrics.months import make_months
from scheduler.store.metrics.rollups import calendars_of, forget, make_current
from scheduler.store.metrics.samples import Observation, ingest, looks_at, start_run
from scheduler.store.metrics.tables import READING, ROLLUPS
from scheduler.store.metrics.thinning import thin_channel
from scheduler.store.metrics.weeks import sum_weeks
from scheduler.store.reach.facts import facts_over
from scheduler.store.reach.grown import grown_in
from scheduler.store.reach.stretch import Stretch
from scheduler.store.tables import Channel, Organisation
from tests.reports.books import Books
from tests.store.test_migrations import downgrade

SHANGHAI, PARIS = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Paris")
BEGIN = datetime(2026, 10, 16, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LIKES = MetricDefinition(name="likes", family=Family.REACTION, subject="publication")
NEW_LIKES = replace(LIKES, version="2")
VIEWS = MetricDefinition(name="views", family=Family.EXPOSURE, subject="publication")
FOLLOWERS = MetricDefinition(name="followers", family=Family.AUDIENCE, subject="channel", level=True)
METRICS = {"likes", "views"}
BEFORE = "0007"
OFTEN = examples.default.max_examples // 10 if examples.default else 10
"""Each takes a quarter of a second; `make test-slow` plays 40 by the profile `thorough`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A look as the test tells it: hours after BEGIN, and what it showed."""

    subject: int
    hours: int
    status: str = "read"
    likes: int | None = None
    views: int | None = None
    redefined: bool = False


LOOKS = st.builds(
    Told,
    subject=st.integers(0, 3),
    hours=st.integers(0, 24 * 40),
    status=st.sampled_from(["read"] * 6 + ["gone", "failed"]),
    likes=st.none() | st.integers(0, 20),
    views=st.none() | st.integers(0, 5_000_000_000),
    redefined=st.booleans(),
)


@dataclass(slots=True)
class Oracle:
    """The same looks counted one by one in memory, the way a person would."""

    published_at: Mapping[int, datetime]
    seen: dict[int, datetime] = field(default_factory=dict)
    reads: list[tuple[int, datetime, datetime | None, frozenset[str]]] = field(default_factory=list)
    moves: list[tuple[int, datetime, str, str, int, int, bool]] = field(default_factory=list)
    failures: list[tuple[int, datetime]] = field(default_factory=list)
    history: dict[tuple[int, str], list[tuple[str, int]]] = field(default_factory=dict)
    read_at: dict[int, datetime] = field(default_factory=dict)
    states: list[tuple[int, datetime, bool]] = field(default_factory=list)

    def look(self, seen: Observation, subject: int) -> None:
        at = seen.taken_at
        if seen.status == "failed":
            self.failures.append((subject, at))
            return
        if subject in self.seen and at <= self.seen[subject]:
            return
        self.seen[subject] = at
        self.states.append((subject, at, seen.status == "gone"))
        if seen.status == "gone":
            return
        missing = frozenset(one.name for one in seen.definitions if one.name not in seen.values)
        self.reads.append((subject, at, self.read_at.get(subject), missing))
        self.read_at[subject] = at
        for definition in seen.definitions:
            if (value := seen.values.get(definition.name)) is not None:
                self._count(subject, at, definition, value, from_zero=seen.from_zero)

    def _count(
        self, subject: int, at: datetime, definition: MetricDefinition, value: int, *, from_zero: bool
    ) -> None:
        values = self.history.setdefault((subject, definition.name), [])
        if not values and from_zero:
            if value == 0:
                return
            rise, fall, base = value, 0, False
        elif not values or values[-1][0] != definition.version:
            rise, fall, base = 0, 0, True
        elif value == values[-1][1]:
            return
        elif definition.level:
            rise, fall, base = value - values[-1][1], 0, False
        else:
            high = self._high(values)
            rise = max(0, value - high)
            fall, base = value - values[-1][1] - rise, False
        values.append((definition.version, value))
        self.moves.append((subject, at, definition.name, definition.version, rise, fall, base))

    @staticmethod
    def _high(values: Sequence[tuple[str, int]]) -> int:
        """The highest value since the definition last changed."""
        version, high = values[-1][0], 0
        for known, value in reversed(values):
            if known != version:
                break
            high = max(high, value)
        return high


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """Three publications in two campaigns on two channels, and the first channel's followers."""

    runtime: Runtime
    channels: tuple[int, int]
    publications: tuple[int, int, int]
    published_at: Mapping[int, datetime]
    campaigns: Mapping[int, str]

    def day_old(self, session: Session) -> list[Grown]:
        """What is known of the publications at the age of a day."""
        stretch = Stretch(
            organisation_id=self.runtime.organisation_id, starts_at=BEGIN - 30 * DAY, ends_at=BEGIN + 50 * DAY
        )
        return grown_in(session, stretch, dict.fromkeys(self.channels, METRICS))

    def observation(self, told: Told) -> Observation:
        audience = told.subject == 3
        likes = NEW_LIKES if told.redefined else LIKES
        values = {"likes": told.likes, "views": told.views}
        shown = {"followers": told.likes} if audience else values
        return Observation(
            channel_id=self.channels[told.subject % 2],
            publication_id=None if audience else self.publications[told.subject],
            taken_at=BEGIN + told.hours * HOUR,
            status=told.status,  # type: ignore[arg-type]  # drawn from the statuses
            definitions=[FOLLOWERS] if audience else [likes, VIEWS],
            reason="HTTP 503" if told.status == "failed" else "",
            values={name: value for name, value in shown.items() if value is not None},
            from_zero=not audience,
        )

    def take_in(self, looks: Sequence[Told], *, at_once: int, oracle: Oracle | None = None) -> Oracle:
        oracle = oracle or Oracle(self.published_at)
        for start in range(0, len(looks), at_once):
            batch = looks[start : start + at_once]
            with self.runtime.begin() as session:
                run = start_run(session, self.runtime.organisation_id, now=BEGIN)
                ingest(session, run, [self.observation(told) for told in batch])
            for told in batch:
                oracle.look(self.observation(told), told.subject)
        return oracle

    def facts(self, starts_at: datetime, ends_at: datetime) -> Facts:
        stretch = Stretch(organisation_id=self.runtime.organisation_id, starts_at=starts_at, ends_at=ends_at)
        with self.runtime.begin() as session:
            make_current(session, self.runtime.organisation_id)
        with self.runtime.begin() as session:
            sum_weeks(session, self.runtime.organisation_id, until=ends_at)
        with self.runtime.begin() as session:
            [found] = facts_over(session, [stretch], metrics=METRICS, followers={"bluesky": "followers"})
        return found

    def empty(self) -> None:
        with self.runtime.begin() as session:
            for table in (READING, *ROLLUPS):
                session.execute(delete(table))
            session.get_one(Organisation, self.runtime.organisation_id).time_zone = SHANGHAI.key


def told(facts: Facts) -> dict[str, object]:
    """What they say, whatever their order, without how many looks there were."""
    said = {one.name: getattr(facts, one.name) for one in fields(facts) if one.name != "readings"}
    return {name: Counter(what) if isinstance(what, tuple) else what for name, what in said.items()}


@pytest.fixture
def centre(runtime: Runtime) -> Centre:
    books = Books(runtime, BEGIN - 60 * DAY)
    with runtime.begin() as session:
        session.get_one(Organisation, runtime.organisation_id).time_zone = SHANGHAI.key
    channels = (books.channel("bluesky", "en", "GB"), books.channel("bluesky", "fr", "FR"))
    campaigns = ("autumn", "", "winter")
    posts = [books.post(f"post {n}", {"en": "x"}, campaign=name) for n, name in enumerate(campaigns)]
    live = [BEGIN - HOUR, BEGIN - HOUR, BEGIN + 9 * DAY]
    made = [books.publish(post, channels[n % 2], at=live[n]) for n, post in enumerate(posts)]
    return Centre(
        runtime=runtime,
        channels=channels,
        publications=(made[0], made[1], made[2]),
        published_at=dict(enumerate(live)),
        campaigns=dict(enumerate(campaigns)),
    )


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def stretches(zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Weeks, months, the year, and a campaign's own days."""
    for monday in (date(2026, 10, 12), date(2026, 10, 19), date(2026, 10, 26), date(2026, 11, 16)):
        week = Week(monday)
        yield week.starts_at(zone), week.ends_at(zone)
    for first, after in (
        (date(2026, 10, 1), date(2026, 11, 1)),
        (date(2026, 11, 1), date(2026, 12, 1)),
        (date(2026, 1, 1), date(2027, 1, 1)),
        (date(2026, 10, 15), date(2026, 10, 22)),
    ):
        yield midnight(first, zone), midnight(after, zone)


def check(centre: Centre, oracle: Oracle, zone: ZoneInfo) -> None:
    for starts_at, ends_at in stretches(zone):
        facts = centre.facts(starts_at, ends_at)
        expected = Expected(centre, oracle, starts_at, ends_at)
        assert moved(facts) == expected.movements()
        assert {(one.channel_id, one.campaign, one.missing) for one in facts.readings} == expected.readings()
        assert {one.channel_id: one.count for one in facts.failures if not one.of_audience} == (
            expected.failures(audience=False)
        )
        assert {one.channel_id: one.count for one in facts.failures if one.of_audience} == (
            expected.failures(audience=True)
        )
        assert {(one.post_id, one.metric): one.increment for one in facts.posts} == expected.posts()
        assert {one.post_id: one.read_at for one in facts.publications} == expected.read()
        level = next(one for one in facts.levels if one.channel_id == centre.channels[1])
        assert (
            level.start, level.end, level.organic, level.read_at, level.gone_before, level.gone
        ) == expected.level()  # fmt: skip


def moved(facts: Facts) -> dict[tuple[int, str, str, str], tuple[int, int, int]]:
    return {
        (one.channel_id, one.campaign, one.metric, one.definition): (
            one.increment, one.correction, one.baselines
        )
        for one in facts.movements
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expected:
    """What the oracle says about one stretch."""

    centre: Centre
    oracle: Oracle
    starts_at: datetime
    ends_at: datetime

    def movements(self) -> dict[tuple[int, str, str, str], tuple[int, int, int]]:
        found: dict[tuple[int, str, str, str], tuple[int, int, int]] = {}
        for subject, at, metric, version, rise, fall, base in self.oracle.moves:
            if subject != 3 and self.starts_at <= at < self.ends_at:
                key = (self.centre.channels[subject % 2], self.centre.campaigns[subject], metric, version)
                old = found.get(key, (0, 0, 0))
                found[key] = (old[0] + rise, old[1] + fall, old[2] + base)
        return found

    def readings(self) -> set[tuple[int, str, frozenset[str]]]:
        return {
            (self.centre.channels[subject % 2], self.centre.campaigns[subject], missing)
            for subject, at, _, missing in self.oracle.reads
            if subject != 3 and self.starts_at <= at < self.ends_at
        }

    def failures(self, *, audience: bool) -> dict[int, int]:
        found: dict[int, int] = {}
        for subject, at in self.oracle.failures:
            if (subject == 3) is audience and self.starts_at <= at < self.ends_at:
                channel = self.centre.channels[subject % 2]
                found[channel] = found.get(channel, 0) + 1
        return found

    def posts(self) -> dict[tuple[int, str], int]:
        found: dict[tuple[int, str], int] = {}
        for subject, at, metric, _, rise, _, _ in self.oracle.moves:
            if subject in self._live() and at < self.ends_at:
                key = (subject + 1, metric)
                found[key] = found.get(key, 0) + rise
        return found

    def read(self) -> dict[int, datetime | None]:
        return {
            subject + 1: max(
                (at for one, at, *_ in self.oracle.reads if one == subject and at < self.ends_at),
                default=None,
            )
            for subject in self._live()
        }

    def level(self) -> tuple[Any, ...]:
        def before(at: datetime) -> int | None:
            values = self.oracle.history.get((3, "followers"), [])
            times = [when for subject, when, *_ in self.oracle.moves if subject == 3]
            known = [value for (_, value), when in zip(values, times, strict=True) if when < at]
            return known[-1] if known else None

        def gone(before_at: datetime) -> bool:
            states = [gone for subject, at, gone in self.oracle.states if subject == 3 and at < before_at]
            return bool(states) and states[-1]

        rises = sum(
            rise
            for subject, at, _, _, rise, _, _ in self.oracle.moves
            if subject == 3 and self.starts_at <= at < self.ends_at
        )
        reads = [at for subject, at, *_ in self.oracle.reads if subject == 3 and at < self.ends_at]
        ends = (self.starts_at, self.ends_at)
        return (*map(before, ends), rises, reads[-1] if reads else None, *map(gone, ends))

    def _live(self) -> list[int]:
        return [
            subject for subject, at in self.oracle.published_at.items() if self.starts_at <= at < self.ends_at
        ]


@examples(max_examples=OFTEN, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(looks=st.lists(LOOKS, max_size=30), at_once=st.integers(1, 9))
def test_roll_ups_say_what_the_readings_say(centre: Centre, looks: list[Told], at_once: int) -> None:
    centre.empty()
    oracle = centre.take_in(looks, at_once=at_once)
    check(centre, oracle, SHANGHAI)


@examples(max_examples=OFTEN, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(looks=st.lists(LOOKS, max_size=30), split=st.integers(0, 30))
def test_a_rebuild_comes_to_the_same(centre: Centre, looks: list[Told], split: int) -> None:
    """Also when looks come in after it, and when the centre has moved to another zone meanwhile."""
    centre.empty()
    oracle = centre.take_in(looks, at_once=7)
    for zone in (SHANGHAI, PARIS):
        with centre.runtime.begin() as session:
            session.get_one(Organisation, centre.runtime.organisation_id).time_zone = zone.key
            forget(session, Channel.id.in_(centre.channels))
        with centre.runtime.begin() as session:
            calendars_of(session, centre.channels)
        check(centre, oracle, zone)


@examples(max_examples=OFTEN, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(looks=st.lists(LOOKS, max_size=40), then=st.lists(LOOKS, max_size=10), night=st.integers(0, 4))
def test_thinning_changes_nothing_that_is_told(
    centre: Centre, looks: list[Told], then: list[Told], night: int
) -> None:
    """Nor what publications had brought at the age of a day, nor what a rebuild and later looks come to.

    A night that was thinned before makes no difference.
    """
    centre.empty()
    close = [replace(look, hours=look.hours % 72) for look in looks]
    oracle = centre.take_in(close, at_once=8)
    before = [told(centre.facts(*one)) for one in stretches(SHANGHAI)]
    with centre.runtime.begin() as session:
        day_old = centre.day_old(session)
        for channel in centre.channels:
            thin_channel(session, channel, before=BEGIN + night * DAY, since=BEGIN + (night - 1) * DAY)
            thin_channel(session, channel, before=BEGIN + 50 * DAY)
            assert thin_channel(session, channel, before=BEGIN + 50 * DAY) == 0
            forget(session, Channel.id == channel)
        assert centre.day_old(session) == day_old
    assert [told(centre.facts(*one)) for one in stretches(SHANGHAI)] == before
    check(centre, centre.take_in(then, at_once=3, oracle=oracle), SHANGHAI)


def test_of_plain_looks_of_a_day_the_last_stays(centre: Centre) -> None:
    centre.take_in([Told(subject=0, hours=hour, likes=hour + 1, views=0) for hour in range(5)], at_once=5)
    with centre.runtime.begin() as session:
        assert thin_channel(session, centre.channels[0], before=BEGIN + 5 * DAY) == 4
        [look] = looks_at(session, centre.channels[0], centre.publications[0])
    assert (look.taken_at, look.moved["likes"].increment) == (BEGIN + 4 * HOUR, 5)


def test_the_look_at_the_age_of_a_day_stays_and_what_came_before_a_night_is_not_needed(
    centre: Centre,
) -> None:
    """The day begins at 16:00 UTC, seven hours after BEGIN; all looks but the first are of one day."""
    out = centre.published_at[0]
    hours = [int((out + timedelta(hours=hour) - BEGIN) / HOUR) for hour in (2, 21, 24, 29, 30)]
    centre.take_in(
        [Told(subject=0, hours=hour, likes=likes, views=0) for likes, hour in enumerate(hours, 1)], at_once=5
    )
    with centre.runtime.begin() as session:
        before = centre.day_old(session)
        assert before
        thin_channel(session, centre.channels[0], before=BEGIN + 9 * DAY, since=out + DAY)
        kept = [look.taken_at - out for look in looks_at(session, centre.channels[0], centre.publications[0])]
        assert centre.day_old(session) == before
    assert DAY in kept
    assert len(kept) < len(hours)


LIVES = (
    Told(subject=0, hours=2, likes=3),
    Told(subject=0, hours=5, likes=9, views=12),
    Told(subject=0, hours=3, likes=4),
    Told(subject=0, hours=40, likes=7, views=12),
    Told(subject=0, hours=24 * 30, likes=11, views=40),
    Told(subject=1, hours=6, status="failed"),
    Told(subject=1, hours=24 * 9, views=3, redefined=True),
    Told(subject=2, hours=24 * 12, likes=0, views=1),
    Told(subject=3, hours=1, likes=100),
    Told(subject=3, hours=30, likes=90),
    Told(subject=3, hours=24 * 20, status="gone"),
)


def test_readings_of_an_earlier_version_survive(centre: Centre, settings: Settings) -> None:
    """Taken back to one row for each value and forward again, the books say the same."""
    oracle = centre.take_in(LIVES, at_once=3)
    with using_database(settings.database) as engine:
        downgrade(engine, BEFORE)
        with engine.connect() as connection:
            values = connection.scalar(text("SELECT count(*) FROM metric_sample"))
        migrations.upgrade(engine)
    assert values == len(oracle.moves)
    with centre.runtime.begin() as session:
        calendars_of(session, centre.channels)
    check(centre, oracle, SHANGHAI)


def test_what_falls_into_no_month_moves_to_its_month_when_that_is_made(
    centre: Centre, settings: Settings
) -> None:
    oracle = centre.take_in(LIVES, at_once=3)
    with using_database(settings.database) as engine, engine.begin() as connection:
        made = make_months(connection, since=BEGIN, now=BEGIN)
        assert not make_months(connection, since=BEGIN, now=BEGIN)
        if connection.dialect.name == "postgresql":
            assert "reading_months.m2026_10" in made
            assert not connection.scalar(text("SELECT count(*) FROM reading_months.strays"))
    check(centre, oracle, SHANGHAI)
