"""What readings say about a stretch of time, from their roll-ups (for posts see scheduler.store.closings).

A stretch begins and ends where a day does in the zone of the centre.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, and_, cast, func, literal, select, text
from sqlalchemy.orm import Session

from scheduler.core.facts import (
    FailureFact,
    LevelFact,
    MovementFact,
    PostFact,
    PublicationFact,
    ReadingFact,
)
from scheduler.core.metrics import gained, mark_of
from scheduler.core.rollups import FAILED, READ, Form, Standing, span_bit
from scheduler.store.closings import closings
from scheduler.store.forms import forms
from scheduler.store.reach_tables import AUDIENCE_DAY, REACH_CORRECTION
from scheduler.store.reach_weeks import days_of
from scheduler.store.standings import standings
from scheduler.store.stretch import Stretch
from scheduler.store.tables import Campaign, Channel

Key = tuple[int, str, str, str]
UNSEEN = Standing()
_SUITING = ("work_mem = '64MB'", "random_page_cost = 1.1", "jit = off", "plan_cache_mode = force_custom_plan")


@dataclass(slots=True)
class _Sums:
    """The parts of a MovementFact."""

    increment: int = 0
    correction: int = 0
    baselines: int = 0
    carried: int = 0


@dataclass(frozen=True, slots=True)
class Reach:
    """What the days of a stretch add up to."""

    moved: dict[Key, _Sums] = field(default_factory=dict)
    read: dict[tuple[int, str, frozenset[str]], int] = field(default_factory=dict)
    failed: dict[tuple[int, str, bool], int] = field(default_factory=dict)

    def movements(self) -> tuple[MovementFact, ...]:
        """Increments and corrections by channel, campaign and definition."""
        return tuple(
            MovementFact(
                channel_id=key[0],
                campaign=key[1],
                metric=key[2],
                definition=key[3],
                increment=sums.increment,
                correction=sums.correction,
                baselines=sums.baselines,
                carried=sums.carried,
            )
            for key, sums in self.moved.items()
        )

    def readings(self) -> tuple[ReadingFact, ...]:
        """Looks at publications by channel, campaign and what was missing."""
        return tuple(
            ReadingFact(channel_id=key[0], campaign=key[1], missing=key[2], looks=looks)
            for key, looks in self.read.items()
        )

    def failures(self) -> tuple[FailureFact, ...]:
        """Failed looks by channel and reason, in this order."""
        return tuple(
            FailureFact(channel_id=key[0], reason=key[1], of_audience=key[2], count=count)
            for key, count in sorted(self.failed.items())
        )


def reach_of(session: Session, stretch: Stretch, metrics: Collection[str]) -> Reach:
    """What publications brought in the stretch in these metrics, and how reading them went."""
    _suit_the_week(session)
    known, names, reach = forms(session), _campaigns(session, stretch), Reach()
    bit = span_bit(stretch.starts_at, stretch.ends_at)
    slots = max((len(form.metrics) for form in known.values()), default=0)
    for channel_id, campaign_id, form_id, carried, looks, *sums in days_of(session, stretch, slots):
        form, campaign = known[form_id], names[campaign_id]
        if form.status == FAILED:
            key = (channel_id, form.reason, form.of_audience)
            reach.failed[key] = reach.failed.get(key, 0) + looks
        elif form.status == READ and not form.of_audience:
            gaps = (channel_id, campaign, frozenset(name for name, _ in form.missing))
            reach.read[gaps] = reach.read.get(gaps, 0) + looks
            for (metric, version), increment in _moved(form, sums, metrics):
                moved = reach.moved.setdefault((channel_id, campaign, metric, version), _Sums())
                moved.increment += increment
                moved.carried += increment if carried & bit else 0
    for row in session.execute(_corrections(stretch, metrics)):
        key_ = (row.channel_id, names[row.campaign_id], row.metric, row.definition)
        if key_ in reach.moved:
            reach.moved[key_].correction += row.correction
            reach.moved[key_].baselines += row.baselines
    return reach


def publications(
    session: Session, stretch: Stretch, metrics: Collection[str]
) -> tuple[tuple[PublicationFact, ...], tuple[PostFact, ...]]:
    """What went live in the stretch: when it was last read in it, and what it brought in these metrics."""
    lives, posts = [], []
    for row, stood in closings(session, stretch):
        lives.append(
            PublicationFact(
                channel_id=row.channel_id,
                post_id=row.post_id,
                campaign=row.campaign,
                published_at=row.published_at,
                read_at=stood.read_at,
            )
        )
        posts += [
            PostFact(post_id=row.post_id, channel_id=row.channel_id, metric=metric, increment=gained(stand))
            for metric, stand in stood.marks.items()
            if metric in metrics
        ]
    return tuple(lives), tuple(posts)


def levels(session: Session, stretch: Stretch, followers: Mapping[str, str]) -> tuple[LevelFact, ...]:
    """Each channel's follower level at both ends of the stretch and what moved it in between."""
    [found] = levels_over(session, [stretch], followers)
    return found


def levels_over(
    session: Session, stretches: Sequence[Stretch], followers: Mapping[str, str]
) -> list[tuple[LevelFact, ...]]:
    """The levels of each stretch, the latest last; where one ends as another begins is looked up once."""
    if not followers:
        return [() for _ in stretches]
    instants = {at for stretch in stretches for at in (stretch.starts_at, stretch.ends_at)}
    known = {at: _audiences(session, stretches[-1], at) for at in instants}
    return [
        tuple(
            _level(id_, followers.get(platform), known[stretch.starts_at], known[stretch.ends_at])
            for id_, platform in session.execute(select(Channel.id, Channel.platform).where(stretch.matrix()))
        )
        for stretch in stretches
    ]


def _level(
    channel_id: int, metric: str | None, starts: Mapping[int, Standing], ends: Mapping[int, Standing]
) -> LevelFact:
    start, end = starts.get(channel_id, UNSEEN), ends.get(channel_id, UNSEEN)
    first, last = (mark_of(one.marks.get(metric or "")) for one in (start, end))
    return LevelFact(
        channel_id=channel_id,
        start=first.value if first else None,
        end=last.value if last else None,
        organic=(last.gained if last else 0) - (first.gained if first else 0),
        read_at=end.read_at,
        gone_before=start.gone,
        gone=end.gone,
    )


def _audiences(session: Session, stretch: Stretch, before: datetime) -> dict[int, Standing]:
    """How each audience stood just before an instant."""
    earlier = AUDIENCE_DAY.alias()
    last_day = (
        select(func.max(earlier.c.day_at))
        .where(earlier.c.channel_id == Channel.id, earlier.c.day_at < before)
        .scalar_subquery()
    )
    day = AUDIENCE_DAY.c
    on_it = and_(day.channel_id == Channel.id, day.day_at == last_day)
    columns = (day.channel_id, day.read_at, literal(None), day.gone, day.marks)
    rows = session.execute(select(*columns).join(Channel, on_it).where(stretch.matrix())).all()
    return dict(zip((row[0] for row in rows), standings([row[1:] for row in rows]), strict=True))


def _suit_the_week(session: Session) -> None:
    """Let PostgreSQL sum a large week in memory and find its rows by index, to the end of the transaction.

    By the default of 4, that of a spinning disk, it reads the years of a table for a week of it. It is also
    not to compile statements of a few milliseconds, nor to plan for a stretch of any length.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("; ".join(f"SET LOCAL {setting}" for setting in _SUITING)))


def _moved(
    form: Form, sums: Collection[int | None], metrics: Collection[str]
) -> Iterator[tuple[tuple[str, str], int]]:
    for metric, increment in zip(form.metrics, sums, strict=False):
        if increment is not None and metric[0] in metrics:
            yield metric, increment


def _corrections(stretch: Stretch, metrics: Collection[str]) -> Select[Any]:
    table = REACH_CORRECTION.c
    keys = (table.channel_id, table.campaign_id, table.metric, table.definition)
    return (
        select(
            *keys,
            cast(func.sum(table.correction), BigInteger).label("correction"),
            cast(func.sum(table.baselines), BigInteger).label("baselines"),
        )
        .where(stretch.holds(table.day_at), stretch.of_matrix(table.channel_id), table.metric.in_(metrics))
        .group_by(*keys)
    )


def _campaigns(session: Session, stretch: Stretch) -> dict[int, str]:
    """The name of each campaign, empty for none."""
    named = select(Campaign.id, Campaign.name).where(Campaign.organisation_id == stretch.organisation_id)
    return {0: "", **{row.id: row.name for row in session.execute(named)}}
