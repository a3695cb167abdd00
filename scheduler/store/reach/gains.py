"""What many weeks brought: two statements for all of them, where facts take a dozen for each."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Select, Subquery, case, cast, func, literal, select
from sqlalchemy import Table as SqlTable
from sqlalchemy.orm import Session

from scheduler.core.gains import PUBLISHED, Gain
from scheduler.core.rollups import READ
from scheduler.store.columns import Instant
from scheduler.store.metrics.tables import REACH_DAY, REACH_WEEK
from scheduler.store.metrics.weeks import Channels
from scheduler.store.reach.stretch import Stretch
from scheduler.store.reach.sums import Legend
from scheduler.store.tables import Channel, Post, Publication

KIND = (Channel.platform, Channel.language, Channel.region)
CAMPAIGN = func.coalesce(Post.campaign_id, 0).label("campaign_id")


def gains_in(
    session: Session,
    weeks: Sequence[Stretch],
    metrics: Collection[str],
    legend: Legend,
    *,
    apart: Collection[str] = (),
) -> list[Gain]:
    """What went live and what was read in the weeks, the oldest first and each beginning as one ends.

    Channels of one platform, language and region are told together, those named in `apart` each alone.
    """
    if not weeks:
        return []
    return [*_published(session, weeks, legend, apart), *_read(session, weeks, metrics, legend, apart)]


def live_in(session: Session, stretch: Stretch, legend: Legend) -> list[tuple[int, str, int]]:
    """(channel id, campaign, how many) of what went live in the stretch."""
    live = select(Publication.channel_id, CAMPAIGN, func.count()).join(Post, Post.id == Publication.post_id)
    query = live.where(
        Publication.organisation_id == stretch.organisation_id, stretch.holds(Publication.published_at)
    ).group_by(Publication.channel_id, Post.campaign_id)
    return [(id_, legend.campaigns[campaign], count) for id_, campaign, count in session.execute(query)]


def _published(
    session: Session, weeks: Sequence[Stretch], legend: Legend, apart: Collection[str]
) -> Iterator[Gain]:
    at, told, whole = Publication.published_at, _told(weeks, apart), _whole(weeks)
    live = (
        select(_week(session, weeks, at), told.c.together, CAMPAIGN)
        .join_from(Publication, told, told.c.channel_id == Publication.channel_id)
        .join(Post, Post.id == Publication.post_id)
        .where(Publication.organisation_id == whole.organisation_id, whole.holds(at))
        .subquery()
        .c
    )
    by = (live.week, live.together, live.campaign_id)
    counted: Select[Any] = select(func.count(), *by).group_by(*by)
    for count, week, id_, campaign in session.execute(counted):
        yield Gain(week, id_, legend.campaigns[campaign], PUBLISHED, count)


def _read(
    session: Session,
    weeks: Sequence[Stretch],
    metrics: Collection[str],
    legend: Legend,
    apart: Collection[str],
) -> Iterator[Gain]:
    for week, id_, campaign, form_id, *sums in session.execute(_sums(session, weeks, legend, apart)):
        form = legend.forms[form_id]
        if form.status == READ and not form.of_audience:
            for (metric, _), count in zip(form.metrics, sums, strict=False):
                if count and metric in metrics:
                    yield Gain(week, id_, legend.campaigns[campaign], metric, count)


def _sums(session: Session, weeks: Sequence[Stretch], legend: Legend, apart: Collection[str]) -> Select[Any]:
    table, told = _table(weeks, legend.channels), _told(weeks, apart)
    (at, *_), sums = table.primary_key, table.c
    counters = [sums[f"n{slot}"] for slot in range(legend.slots)]
    one = (
        select(_week(session, weeks, at), told.c.together, sums.campaign_id, sums.form_id, *counters)
        .join_from(table, told, told.c.channel_id == sums.channel_id)
        .where(_whole(weeks).holds(at))
        .subquery()
        .c
    )
    by = (one.week, one.together, one.campaign_id, one.form_id)
    added = (cast(func.sum(one[counter.name]), BigInteger) for counter in counters)
    return select(*by, *added).group_by(*by)


def _table(weeks: Sequence[Stretch], channels: Channels) -> SqlTable:
    """Weeks of the calendar that are summed up for every channel are read as such, others by day."""
    own = channels.added_before(weeks[-1].ends_at)
    monday = channels.calendar.spans(weeks[0].starts_at).around[0].starts_at
    whole = monday == weeks[0].starts_at and own.ids() == own.summed_until(weeks[-1].ends_at)
    return REACH_WEEK if whole else REACH_DAY


def _told(weeks: Sequence[Stretch], apart: Collection[str]) -> Subquery:
    """Each channel with the first of those that it is told together with."""
    alone = case((Channel.name.in_(apart), Channel.name), else_="")
    together = func.min(Channel.id).over(partition_by=(*KIND, alone)).label("together")
    return select(Channel.id.label("channel_id"), together).where(weeks[-1].matrix()).subquery()


def _week(session: Session, weeks: Sequence[Stretch], at: Any) -> Any:
    """The number of the week that an instant belongs to."""
    ends = [week.ends_at for week in weeks]
    if session.get_bind().dialect.name == "postgresql":
        return func.width_bucket(at, literal(ends, ARRAY(Instant()))).label("week")
    return case(*((at < end, number) for number, end in enumerate(ends))).label("week")


def _whole(weeks: Sequence[Stretch]) -> Stretch:
    return replace(weeks[-1], starts_at=weeks[0].starts_at)
