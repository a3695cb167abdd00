"""A week as that of a real centre, after those of the world: as many posts as there are channels, each in
five languages on twenty channels of several platforms, with followers and goals. For PostgreSQL.

Of the thirteen weeks that a report looks back, all publications are in the books, and the last two are read.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bench.instant import INSTANT
from bench.reach_world import AGES_H, CAMPAIGNS, ORIGIN, WEEK, Size
from bench.rows import copy_rows
from bench.stack import MEMBER
from connectors.capabilities import MetricDefinition
from scheduler.core.catalogue import definitions, follower_metric
from scheduler.services.members import find_member
from scheduler.services.metrics.sharing import share_out, takers
from scheduler.services.reach.goals import set_goal
from scheduler.services.runtime import Runtime
from scheduler.store.metrics.months import make_months
from scheduler.store.metrics.samples import Observation, ingest, start_run
from scheduler.store.tables import Delivery, Post, Publication, Variant

SPREAD, TOGETHER = 20, 4
"""Channels of each post, and how many of these in a row speak one language."""
KNOWN_WEEKS, READ_WEEKS = 13, 2
PLATFORMS = ("bluesky", "mastodon", "telegram", "wordpress", INSTANT)
LANGUAGES = ("ar", "de", "en", "es", "fa", "fr", "hi", "id", "ja", "pt", "ru", "sw")
REGIONS = ("EG", "DE", "GB", "MX", "IR", "FR", "IN", "ID", "JP", "BR", "RU", "KE")
DAILY = 28
"""Days of which followers were read each day."""
ZONES = ("Africa/Cairo", "America/Mexico_City", "Asia/Shanghai", "Europe/Paris")
BATCH = 10_000
HOUR = timedelta(hours=1)
GOALS = (
    {"measure": "responses"},
    {"measure": "publications"},
    {"measure": "followers"},
    {"measure": "reactions", "slice": "platform=mastodon"},
    {"measure": "responses", "slice": "language=ar"},
    {"measure": "followers", "slice": "language=fr"},
    {"measure": "comments", "slice": "region=EG"},
    {"measure": "responses", "slice": "campaign=c1"},
    {"measure": "publications", "slice": "channel=2"},
    {"measure": f"exposure:{INSTANT}/views"},
)


def live_rich_weeks(runtime: Runtime, size: Size) -> datetime:
    """Let two such weeks go by after the world's; when they end."""
    ends_at = ORIGIN + size.weeks * WEEK + READ_WEEKS * WEEK
    with runtime.begin() as session:
        make_months(session.connection(), since=ORIGIN, now=ends_at)
        before = {table: _last(session, table) for table in (Post, Variant, Delivery, Publication)}
        _dress_channels(session)
        _copy_books(session, size, before, ends_at - KNOWN_WEEKS * WEEK)
        session.execute(text("analyze"))
    for goal in GOALS:
        year = {"year": str((ends_at - WEEK).year), "target": "1000000"}
        set_goal(runtime, {**year, **goal}, by=find_member(runtime, MEMBER))
    _take_in(runtime, _audiences(runtime, size, ends_at))
    _take_in(runtime, _looks(runtime, size, before[Publication], ends_at))
    return ends_at


def _last(session: Session, table: type[Post | Variant | Delivery | Publication]) -> int:
    return session.scalar(select(func.max(table.id))) or 0


def _dress_channels(session: Session) -> None:
    """Channels follow upon each other in groups of one language; a channel's number says its platform."""
    group = f"((id - 1) / {TOGETHER})"
    session.execute(
        text(
            f"update channel set language = {_one_of(LANGUAGES, group)}, region = {_one_of(REGIONS, group)},"
            f" platform = {_one_of(PLATFORMS, 'id')}, time_zone = {_one_of(ZONES, group)},"
            " title = 'The channel number ' || id"
        )
    )


def _one_of(words: Sequence[str], number: str) -> str:
    cases = " ".join(f"when {at} then '{word}'" for at, word in enumerate(words))
    return f"case {number} % {len(words)} {cases} end"


def _copy_books(session: Session, size: Size, before: Mapping[Any, int], since: datetime) -> None:
    """A post goes live at once on the channels of a block, in all their languages; the next on another."""
    posts, languages = size.channels * KNOWN_WEEKS, SPREAD // TOGETHER
    blocks = size.channels // SPREAD
    variant, publication = f"((n - 2) / {languages})", f"((n - 2) / {SPREAD})"
    channel = f"1 + {publication} % {blocks} * {SPREAD} + (n - 2) % {SPREAD}"
    group = f"({variant} % {blocks} * {languages} + (n - 2) % {languages})"
    hours = f"({publication} * {KNOWN_WEEKS * 7 * 24} / {posts})"
    live = f"timestamptz '{since}' + {hours} * interval '1 hour'"
    both = {"post_id": f"{before[Post] + 1} + {publication}", "channel_id": channel}
    campaign = f"case n % 4 when 0 then 1 + n / 50 % {CAMPAIGNS} end"
    copy_rows(session, Post, posts + 1, {"ref": "'rich ' || n", "campaign_id": campaign})
    said = {
        "post_id": f"{before[Post] + 1} + {variant}",
        "language": _one_of(LANGUAGES, group),
        "text": "one.text || ' ' || n",
    }
    copy_rows(session, Variant, posts * languages + 1, said)
    of_post = f"(n - 2) % {SPREAD} / {TOGETHER}"
    own = {
        **both,
        "uid": "'rich ' || n",
        "key": "'rich ' || n",
        "due_at": live,
        "state": "'published'",
        "variant_id": f"{before[Variant] + 1} + {publication} * {languages} + {of_post}",
    }
    copy_rows(session, Delivery, posts * SPREAD + 1, own)
    proof = {**both, "delivery_id": f"{before[Delivery]} + n - 1", "published_at": live}
    copy_rows(session, Publication, posts * SPREAD + 1, proof)


def _audiences(runtime: Runtime, size: Size, ends_at: datetime) -> Iterator[Observation]:
    """Followers at noon of each of the last days, and of the last day of each week of a year before."""
    days = [*range(min(size.weeks, 60) * 7 + 1, DAILY, -7), *range(DAILY, 0, -1)]
    for number, day in enumerate(days):
        for channel in range(1, size.channels + 1):
            metric = follower_metric(runtime.catalogue, PLATFORMS[channel % len(PLATFORMS)])
            if metric:
                taken_at = ends_at - timedelta(days=day) + 12 * HOUR + timedelta(seconds=channel)
                level = channel % 97 * 100 + number * (1 + channel % 7)
                yield _look(channel, None, taken_at, [metric], {metric.name: level})


def _looks(runtime: Runtime, size: Size, before: int, ends_at: datetime) -> Iterator[Observation]:
    """Every look at what went live in the last two weeks, in the order of time."""
    hours, count = READ_WEEKS * 7 * 24, READ_WEEKS * size.channels
    starts_at, skipped = ends_at - READ_WEEKS * WEEK, (KNOWN_WEEKS - READ_WEEKS) * size.channels
    counted = [definitions(runtime.catalogue, platform, "publication") for platform in PLATFORMS]
    due = sorted(
        (number * hours // count + age, number % 3_600, number, age)
        for number in range(count)
        for age in AGES_H
        if number * hours // count + age < hours
    )
    for hour, second, number, age in due:
        block = (skipped + number) % (size.channels // SPREAD)
        for place in range(SPREAD):
            channel, publication = 1 + block * SPREAD + place, (skipped + number) * SPREAD + place
            metrics = counted[channel % len(PLATFORMS)]
            fate = random.Random(size.seed * 1_000_003 + publication)  # noqa: S311 - a seeded generator
            grown = fate.lognormvariate(3, 1.5) * (1 - 0.5 ** (age / 18))
            values = {metric.name: int(grown * fate.random()) for metric in metrics}
            taken_at = starts_at + hour * HOUR + timedelta(seconds=second)
            yield _look(channel, before + 1 + publication, taken_at, metrics, values)


def _look(
    channel: int,
    publication: int | None,
    taken_at: datetime,
    metrics: Sequence[MetricDefinition],
    values: Mapping[str, int],
) -> Observation:
    return Observation(
        channel_id=channel,
        publication_id=publication,
        taken_at=taken_at,
        status="read",
        definitions=metrics,
        values=values,
        from_zero=True,
    )


def _take_in(runtime: Runtime, looks: Iterator[Observation]) -> None:
    with runtime.begin() as session:
        count = takers(session)
    while batch := list(islice(looks, BATCH)):
        with runtime.begin() as session:
            run = start_run(session, runtime.organisation_id, now=batch[0].taken_at)
        share_out(runtime, count, batch, partial(_ingest, run))


def _ingest(run: int, session: Session, share: Sequence[Observation]) -> None:
    ingest(session, run, share)
