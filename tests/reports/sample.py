"""A report without a database: names that look like formulas and markup, texts in three scripts, gaps."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from connectors.registry import connectors
from scheduler.core.countries import CountrySplit, SplitKey, SplitMeasure, largest_first
from scheduler.core.facts import (
    ChannelFact,
    DeliveryFact,
    Facts,
    FailureFact,
    LevelFact,
    MovementFact,
    PostFact,
    PublicationFact,
    ReadingFact,
    TextFact,
)
from scheduler.core.periods import of_week
from scheduler.core.weeks import Week
from scheduler.reports.dataset import Measured, ReachDataset, Section
from scheduler.reports.figures.building import Findings, Frame, build
from scheduler.reports.figures.comparing import Compared
from scheduler.reports.figures.ranking import rank
from scheduler.reports.figures.slicing import matrix_of
from scheduler.reports.freezing import FrozenReport, freeze

WEEK = Week.parse("2026-W47")
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 26, 2, tzinfo=UTC)
START, END = WEEK.starts_at(ZONE), WEEK.ends_at(ZONE)
FORMULA = '=HYPERLINK("http://example.org","x")'
MARKUP = "<script>alert(1)</script> & more"
ARABIC = "مهرجان الفوانيس في نانجينغ"

ARABIC_CHANNEL, ENGLISH, SITE, RUSSIAN, MANUAL = 1, 2, 3, 4, 9
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


def _channel(id_: int, name: str, platform: str, language: str, region: str) -> ChannelFact:
    return ChannelFact(
        id=id_,
        name=name,
        title="",
        platform=platform,
        language=language,
        region=region,
        begun_at=LONG_AGO,
    )


CHANNELS = (
    _channel(1, "bluesky-ar", "bluesky", "ar", "EG"),
    _channel(2, FORMULA, "mastodon", "en", "GB"),
    _channel(3, "site", "wordpress", "zh-Hans", ""),
    _channel(4, "telegram-ru", "telegram", "ru", "RU"),
)


def sample_report(*, now: datetime = NOW, splits: Sequence[CountrySplit] = ()) -> FrozenReport:
    """The report of W47 over this matrix, by default after its final closing and without splits."""
    catalogue = {name: connector.capabilities for name, connector in connectors().items()}
    frame = Frame(organisation=MARKUP, period=of_week(WEEK), zone=ZONE, catalogue=catalogue, now=now)
    facts = sample_facts()
    matrix = matrix_of(facts.channels)
    ranking = rank(matrix, catalogue, facts, now=NOW)
    times = Compared(now=facts, before=_before(), year_before=_before())
    findings = Findings(times=times, in_year=(), ranking=ranking, texts=_texts(), splits=splits)
    return freeze(build(frame, matrix, findings))


def half_read(data: ReachDataset) -> ReachDataset:
    """The same, its responses those of one of two channels each."""

    def halved(measures: Mapping[str, Measured]) -> dict[str, Measured]:
        return {
            name: one if one.now.value is None else replace(one, now=replace(one.now, known=1, of=2))
            for name, one in measures.items()
        }

    rows = tuple(replace(row, measures=halved(row.measures)) for row in data.tables[Section.RESPONSES])
    best = tuple(replace(post, measures=halved(post.measures)) for post in data.best)
    return replace(data, tables={**data.tables, Section.RESPONSES: rows}, best=best)


def sample_facts() -> Facts:
    """The facts of W47."""
    return Facts(
        starts_at=START,
        ends_at=END,
        channels=CHANNELS,
        deliveries=tuple(
            DeliveryFact(channel_id=channel, post_id=post, campaign="-Autumn", state=state)
            for channel, post, state in (
                (ARABIC_CHANNEL, 1, "published"),
                (ENGLISH, 1, "published"),
                (ENGLISH, 2, "published"),
                (RUSSIAN, 2, "held"),
            )
        ),
        publications=tuple(
            PublicationFact(
                channel_id=channel, post_id=post, campaign="-Autumn", published_at=START, read_at=END
            )
            for channel, post in ((ARABIC_CHANNEL, 1), (ENGLISH, 1), (ENGLISH, 2))
        ),
        recalls=(),
        movements=(
            _movement(ARABIC_CHANNEL, "likeCount", 1_234_567, correction=-3),
            _movement(ENGLISH, "favourites_count", 40),
        ),
        readings=tuple(
            ReadingFact(channel_id=channel, campaign="-Autumn", missing=frozenset(), looks=1)
            for channel in (ARABIC_CHANNEL, ENGLISH)
        ),
        failures=(FailureFact(channel_id=SITE, reason=MARKUP, of_audience=False, count=3),),
        levels=(
            _level(ARABIC_CHANNEL, 1_000, 1_007),
            _level(ENGLISH, None, None),
            _level(RUSSIAN, 50, 48),
        ),
        posts=(
            PostFact(post_id=1, channel_id=ARABIC_CHANNEL, metric="likeCount", increment=1_234_567),
            PostFact(post_id=1, channel_id=ENGLISH, metric="favourites_count", increment=40),
        ),
    )


def sample_splits() -> tuple[CountrySplit, ...]:
    """In numbers on two channels, in shares on one, one that is too old, and one of a manual channel."""
    return (
        _split(ARABIC_CHANNEL, day=18, SA=250, EG=600, other=150),
        _split(RUSSIAN, day=20, corrected=True, RU=30, EG=18),
        _split(ENGLISH, day=10, measure=SplitMeasure.SHARE, GB=62_50, KE=10_25, other=5_00),
        _split(SITE, day=21, month=8, CN=9_999),
        _split(MANUAL, day=22, month=8, CN=5_000),
    )


def _split(
    channel: int,
    *,
    day: int,
    month: int = 11,
    corrected: bool = False,
    measure: SplitMeasure = SplitMeasure.FOLLOWERS,
    **amounts: int,
) -> CountrySplit:
    placed = {one.id: (one.name, one.platform) for one in CHANNELS}
    name, platform = placed.get(channel, ("nanjing-road", "manual"))
    return CountrySplit(
        key=SplitKey(channel=name, as_of=date(2026, month, day)),
        channel_id=channel,
        platform=platform,
        title="户外大屏 南京路" if platform == "manual" else "",
        measure=measure,
        amounts=largest_first(amounts),
        source=MARKUP,
        by="Lin",
        entered_at=NOW,
        corrected=corrected,
    )


def _before() -> Facts:
    previous = WEEK.previous
    return Facts(
        starts_at=previous.starts_at(ZONE),
        ends_at=previous.ends_at(ZONE),
        channels=CHANNELS,
        deliveries=(),
        publications=(),
        recalls=(),
        movements=(_movement(ARABIC_CHANNEL, "likeCount", 1_000_000),),
        readings=(ReadingFact(channel_id=ARABIC_CHANNEL, campaign="-Autumn", missing=frozenset(), looks=1),),
        failures=(),
        levels=(),
        posts=(),
    )


def _movement(channel: int, metric: str, increment: int, *, correction: int = 0) -> MovementFact:
    return MovementFact(
        channel_id=channel,
        campaign="-Autumn",
        metric=metric,
        definition="1",
        increment=increment,
        correction=correction,
        baselines=0,
        carried=0,
    )


def _level(channel: int, start: int | None, end: int | None) -> LevelFact:
    moved = end - start if start is not None and end is not None else 0
    read_at = END if end is not None else None
    return LevelFact(
        channel_id=channel,
        start=start,
        end=end,
        organic=moved,
        read_at=read_at,
        gone_before=False,
        gone=False,
    )


def _texts() -> tuple[TextFact, ...]:
    return (
        TextFact(post_id=1, channel_id=1, ref="=1+1", language="ar", text=ARABIC, url="javascript:alert(1)"),
        TextFact(
            post_id=2,
            channel_id=2,
            ref="p2",
            language="en",
            text=MARKUP,
            url="https://example.org/2",
        ),
    )
