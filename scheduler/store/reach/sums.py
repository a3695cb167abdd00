"""What readings say about a stretch of time, from their roll-ups; for posts see closings.py.

A stretch begins and ends where a day does in the zone of the centre.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, Select, cast, func, select
from sqlalchemy.orm import Session

from scheduler.core.facts import FailureFact, MovementFact, ReadingFact
from scheduler.core.rollups import FAILED, READ, Form, span_bit
from scheduler.store.metrics.forms import forms
from scheduler.store.metrics.tables import REACH_CORRECTION
from scheduler.store.metrics.weeks import Channels, days_of, rolled_channels
from scheduler.store.reach.stretch import Stretch, suit_reports
from scheduler.store.tables import Campaign

Key = tuple[int, str, str, str]


@dataclass(slots=True)
class _Moved:
    """The parts of a MovementFact."""

    increment: int = 0
    correction: int = 0
    baselines: int = 0
    carried: int = 0


@dataclass(frozen=True, slots=True)
class StretchSums:
    """What the days of a stretch add up to."""

    moved: dict[Key, _Moved] = field(default_factory=dict)
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


def sums_over(session: Session, stretches: Sequence[Stretch], metrics: Collection[str]) -> list[StretchSums]:
    """What publications brought in each of an organisation's stretches, and how reading them went."""
    known = known_of(session, stretches[0].organisation_id)
    return [sums_in(session, stretch, metrics, known) for stretch in stretches]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the days of any stretch are read by."""

    forms: Mapping[int, Form]
    campaigns: Mapping[int, str]
    channels: Channels

    @property
    def slots(self) -> int:
        """How many counters any look has."""
        return max((len(form.metrics) for form in self.forms.values()), default=0)


def known_of(session: Session, organisation_id: int) -> Known:
    """The forms of readings, and the campaigns and channels of an organisation; suits the transaction."""
    suit_reports(session)
    named = select(Campaign.id, Campaign.name).where(Campaign.organisation_id == organisation_id)
    return Known(
        forms=forms(session),
        campaigns={0: "", **dict(session.execute(named).all())},
        channels=rolled_channels(session, organisation_id),
    )


def sums_in(session: Session, stretch: Stretch, metrics: Collection[str], known: Known) -> StretchSums:
    """As `sums_over` for one stretch, by what is known."""
    found, bit = StretchSums(), span_bit(stretch.starts_at, stretch.ends_at)
    days = days_of(session, stretch, known.slots, known.channels)
    for channel_id, campaign_id, form_id, carried, looks, *sums in days:
        form, campaign = known.forms[form_id], known.campaigns[campaign_id]
        if form.status == FAILED:
            key = (channel_id, form.reason, form.of_audience)
            found.failed[key] = found.failed.get(key, 0) + looks
        elif form.status == READ and not form.of_audience:
            gaps = (channel_id, campaign, frozenset(name for name, _ in form.missing))
            found.read[gaps] = found.read.get(gaps, 0) + looks
            for (metric, version), increment in _moved(form, sums, metrics):
                moved = found.moved.setdefault((channel_id, campaign, metric, version), _Moved())
                moved.increment += increment
                moved.carried += increment if carried & bit else 0
    for row in session.execute(_corrections(stretch, metrics)):
        campaign = known.campaigns.get(row.campaign_id, "")
        moved_ = found.moved.get((row.channel_id, campaign, row.metric, row.definition))
        if moved_:
            moved_.correction += row.correction
            moved_.baselines += row.baselines
    return found


def _moved(
    form: Form, sums: Collection[int | None], metrics: Collection[str]
) -> Iterator[tuple[tuple[str, str], int]]:
    for metric, increment in zip(form.metrics, sums, strict=False):
        if increment is not None and metric[0] in metrics:
            yield metric, increment


def _corrections(stretch: Stretch, metrics: Collection[str]) -> Select[Any]:
    """Of every channel there is: they are rare."""
    table = REACH_CORRECTION.c
    keys = (table.channel_id, table.campaign_id, table.metric, table.definition)
    return (
        select(
            *keys,
            cast(func.sum(table.correction), BigInteger).label("correction"),
            cast(func.sum(table.baselines), BigInteger).label("baselines"),
        )
        .where(stretch.holds(table.day_at), table.metric.in_(metrics))
        .group_by(*keys)
    )
