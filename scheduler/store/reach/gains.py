"""What many weeks brought: two statements for all of them, where facts take a dozen for each."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, Select, case, cast, func, select
from sqlalchemy.orm import Session

from scheduler.core.gains import PUBLISHED, Gain
from scheduler.core.rollups import READ
from scheduler.store.metrics.forms import forms
from scheduler.store.metrics.tables import REACH_DAY
from scheduler.store.reach.stretch import Stretch, campaign, with_campaign
from scheduler.store.tables import Campaign, Channel, Publication

KIND = ("platform", "language", "region", "alone")


def gains_in(
    session: Session, weeks: Sequence[Stretch], metrics: Collection[str], *, apart: Collection[str] = ()
) -> list[Gain]:
    """What went live and what was read in the weeks, the oldest first and each beginning as one ends.

    Channels of one platform, language and region are told together, those named in `apart` each alone.
    """
    if not weeks:
        return []
    return [*_published(session, weeks, apart), *_read(session, weeks, metrics, apart)]


def live_in(session: Session, stretch: Stretch) -> list[tuple[int, str, int]]:
    """(channel id, campaign, how many) of what went live in the stretch."""
    counted = select(Publication.channel_id, campaign(), func.count()).select_from(Publication)
    query = with_campaign(counted, Publication.post_id).where(
        Publication.organisation_id == stretch.organisation_id, stretch.holds(Publication.published_at)
    )
    return [(*row,) for row in session.execute(query.group_by(Publication.channel_id, campaign()))]


def _published(session: Session, weeks: Sequence[Stretch], apart: Collection[str]) -> Iterator[Gain]:
    live = select(*_place(weeks, Publication.published_at, apart), campaign())
    every = with_campaign(
        live.select_from(Publication).join(Channel, Channel.id == Publication.channel_id), Publication.post_id
    )
    one = every.where(*_within(weeks, Publication.published_at)).subquery().c
    keys = (one.week, one.campaign, *(one[name] for name in KIND))
    query = select(one.week, func.min(one.channel_id), one.campaign, func.count()).group_by(*keys)
    return (Gain(week, id_, name, PUBLISHED, count) for week, id_, name, count in session.execute(query))


def _read(
    session: Session, weeks: Sequence[Stretch], metrics: Collection[str], apart: Collection[str]
) -> Iterator[Gain]:
    known = forms(session)
    slots = max((len(form.metrics) for form in known.values()), default=0)
    for week, channel_id, name, form_id, *sums in session.execute(_days(weeks, apart, slots)):
        form = known[form_id]
        if form.status == READ and not form.of_audience:
            for (metric, _), count in zip(form.metrics, sums, strict=False):
                if count and metric in metrics:
                    yield Gain(week, channel_id, name, metric, count)


def _days(weeks: Sequence[Stretch], apart: Collection[str], slots: int) -> Select[Any]:
    days = REACH_DAY.c
    counters = [days[f"n{slot}"] for slot in range(slots)]
    one = (
        select(*_place(weeks, days.day_at, apart), campaign(), days.form_id, *counters)
        .select_from(REACH_DAY)
        .join(Channel, Channel.id == days.channel_id)
        .join(Campaign, Campaign.id == days.campaign_id, isouter=True)
        .where(*_within(weeks, days.day_at))
        .subquery()
        .c
    )
    sums = (cast(func.sum(one[counter.name]), BigInteger) for counter in counters)
    keys = (one.week, one.campaign, one.form_id, *(one[name] for name in KIND))
    return select(one.week, func.min(one.channel_id), one.campaign, one.form_id, *sums).group_by(*keys)


def _place(weeks: Sequence[Stretch], at: Any, apart: Collection[str]) -> tuple[Any, ...]:
    """The week that an instant belongs to, its channel, and what channels told together have in common."""
    week = case(*((at < week.ends_at, number) for number, week in enumerate(weeks))).label("week")
    alone = case((Channel.name.in_(apart), Channel.name), else_="").label("alone")
    return week, Channel.id.label("channel_id"), Channel.platform, Channel.language, Channel.region, alone


def _within(weeks: Sequence[Stretch], at: Any) -> tuple[Any, ...]:
    whole = replace(weeks[-1], starts_at=weeks[0].starts_at)
    return whole.holds(at), whole.matrix()
