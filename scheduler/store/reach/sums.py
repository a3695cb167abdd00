"""What readings say about a stretch of time, from their roll-ups; for posts see closings.py.

A stretch begins and ends where a day does in the zone of the centre.
"""

from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

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


class _Read(NamedTuple):
    """Which metrics a form of reading lacks, and the (slot, metric, version) of those that are wanted."""

    missing: frozenset[str]
    slots: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True)
class StretchSums:
    """What the days of a stretch add up to; few increments have a carried part or were corrected."""

    increments: dict[Key, int] = field(default_factory=dict)
    carried: dict[Key, int] = field(default_factory=dict)
    corrected: dict[Key, tuple[int, int]] = field(default_factory=dict)
    read: dict[tuple[int, str, frozenset[str]], int] = field(default_factory=dict)
    failed: dict[tuple[int, str, bool], int] = field(default_factory=dict)

    def bring(self, key: Key, increment: int, *, carried: bool) -> None:
        """Add an increment."""
        self.increments[key] = self.increments.get(key, 0) + increment
        if carried:
            self.carried[key] = self.carried.get(key, 0) + increment

    def correct(self, key: Key, correction: int, baselines: int) -> None:
        """Add a correction of what was brought, and how many baselines were set."""
        if key in self.increments:
            known = self.corrected.get(key, (0, 0))
            self.corrected[key] = (known[0] + correction, known[1] + baselines)

    def brought(self) -> dict[tuple[int, str], int]:
        """Increments by channel and metric."""
        found: dict[tuple[int, str], int] = {}
        for (channel_id, _, metric, _), increment in self.increments.items():
            place = (channel_id, metric)
            found[place] = found.get(place, 0) + increment
        return found

    def movements(self) -> tuple[MovementFact, ...]:
        """Increments and corrections by channel, campaign and definition."""
        return tuple(
            MovementFact(*key, increment, *self.corrected.get(key, (0, 0)), self.carried.get(key, 0))
            for key, increment in self.increments.items()
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Legend:
    """What the days of any stretch are read by."""

    forms: Mapping[int, Form]
    campaigns: Mapping[int, str]
    channels: Channels

    def only(self, channel_ids: Container[int]) -> "Legend":
        """With these channels alone."""
        return replace(self, channels=self.channels.only(channel_ids))

    @property
    def slots(self) -> int:
        """How many counters any look has."""
        return max((len(form.metrics) for form in self.forms.values()), default=0)


def legend_of(session: Session, organisation_id: int) -> Legend:
    """The forms of readings, and the campaigns and channels of an organisation; suits the transaction."""
    suit_reports(session)
    named = select(Campaign.id, Campaign.name).where(Campaign.organisation_id == organisation_id)
    return Legend(
        forms=forms(session),
        campaigns={0: "", **dict(session.execute(named).all())},
        channels=rolled_channels(session, organisation_id),
    )


def sums_in(session: Session, stretch: Stretch, metrics: Collection[str], legend: Legend) -> StretchSums:
    """What publications brought in a stretch, and how reading them went."""
    found, bit = StretchSums(), span_bit(stretch.starts_at, stretch.ends_at)
    reads = _reads(legend.forms, metrics)
    days = days_of(session, stretch, legend.slots, legend.channels)
    for channel_id, campaign_id, form_id, carried, looks, *sums in days:
        form, campaign = legend.forms[form_id], legend.campaigns[campaign_id]
        if read := reads.get(form_id):
            gaps = (channel_id, campaign, read.missing)
            found.read[gaps] = found.read.get(gaps, 0) + looks
            for slot, metric, version in read.slots:
                if sums[slot] is not None:
                    key = (channel_id, campaign, metric, version)
                    found.bring(key, sums[slot], carried=bool(carried & bit))
        elif form.status == FAILED:
            failure = (channel_id, form.reason, form.of_audience)
            found.failed[failure] = found.failed.get(failure, 0) + looks
    for row in session.execute(_corrections(stretch, metrics)):
        key = (row.channel_id, legend.campaigns.get(row.campaign_id, ""), row.metric, row.definition)
        found.correct(key, row.correction, row.baselines)
    return found


def _reads(forms: Mapping[int, Form], metrics: Collection[str]) -> dict[int, _Read]:
    """Of the forms of successful looks at publications, by their ids."""
    return {
        id_: _Read(
            missing=frozenset(name for name, _ in form.missing),
            slots=tuple((slot, *metric) for slot, metric in enumerate(form.metrics) if metric[0] in metrics),
        )
        for id_, form in forms.items()
        if form.status == READ and not form.of_audience
    }


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
