"""Followers: the total at the week's end, what moved by itself, and what channels added or took away.

End = start + organic + added - removed + redefined, in every slice. A follower total counts follows, never
people.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from scheduler.core.catalogue import Catalogue, follower_metrics
from scheduler.core.facts import ChannelFact, Facts, LevelFact
from scheduler.core.figures import Figure, Part, Reason, add_up, join
from scheduler.reports.dataset import Measured, Row, UnreadChannel
from scheduler.reports.figures.comparing import Compared, measured
from scheduler.reports.figures.slicing import Matrix, Slice, rows_of

MOVEMENTS = ("organic", "added", "removed", "redefined")
MEASURES = ("followers", "start", *MOVEMENTS)


@dataclass(frozen=True, kw_only=True)
class Follows:
    """A channel's level at both ends of the week, or why there is none; `fresh` when read in the week.

    Without slots: what it adds is worked out once for all its slices.
    """

    channel_id: int
    reason: Reason
    start: int | None = None
    end: int | None = None
    organic: int = 0
    read_at: datetime | None = None
    fresh: bool = False
    campaign: str | None = None

    @cached_property
    def parts(self) -> Mapping[str, Part]:
        """What the channel adds to each measure."""
        known, lasting = self.start is not None or self.end is not None, self.lasting
        organic = self.organic if lasting else None
        moved = (self.end or 0) - (self.start or 0) - (organic or 0)
        came, went = (0, 0) if lasting else (max(moved, 0), max(-moved, 0))
        return {
            "followers": self._part(self.end),
            "start": self._part(self.start),
            "organic": self._part(organic, absent=Reason.NOTHING_TO_READ if known else self.reason),
            "added": self._part(came if known else None),
            "removed": self._part(went if known else None),
            "redefined": self._part((moved if lasting else 0) if known else None),
        }

    @property
    def lasting(self) -> bool:
        """True where the level is known at both ends."""
        return self.start is not None and self.end is not None

    @property
    def redefined(self) -> bool:
        """True where the level jumped without anybody coming or going: a new definition's first reading."""
        return self.lasting and self.parts["redefined"].value != 0

    def _part(self, value: int | None, *, absent: Reason | None = None) -> Part:
        reason = None if value is not None else absent or self.reason
        return Part(channel=self.channel_id, value=value, reason=reason, whole=self.fresh)


class Summed(NamedTuple):
    """The figures of channels together by MEASURES, and whether any of them was redefined."""

    figures: Mapping[str, Figure]
    redefined: bool


def audience_rows(
    matrix: Matrix, catalogue: Catalogue, facts: Facts, *, in_year: Sequence[LevelFact] | None = None
) -> tuple[Row, ...]:
    """The follower total by slice and how it moved; campaigns have no followers.

    `in_year` are the levels of a year before and how they came to those of now, None to compare with none.
    """

    def summed(levels: Iterable[LevelFact]) -> Mapping[Slice, Summed]:
        follows = follows_of(matrix, catalogue, levels, since=facts.starts_at)
        return matrix.sums(follows, _add, _join)

    slices, years, nobody = summed(facts.levels), None if in_year is None else summed(in_year), _add(())

    def measure(place: Slice) -> Mapping[str, Measured]:
        return _measures(slices.get(place, nobody), None if years is None else years.get(place, nobody))

    return rows_of(matrix, (), measure)


def unread_channels(matrix: Matrix, catalogue: Catalogue, facts: Facts) -> tuple[UnreadChannel, ...]:
    """Channels that report followers but were not read in the week: named, never counted as 0."""
    return tuple(
        UnreadChannel(
            channel=matrix.channels[one.channel_id].name,
            platform=matrix.channels[one.channel_id].platform,
            reason=one.reason,
            read_at=one.read_at,
        )
        for one in follows_of(matrix, catalogue, facts.levels, since=facts.starts_at)
        if not one.fresh and one.reason is not Reason.NO_DEFINITION
    )


def follows_of(
    matrix: Matrix, catalogue: Catalogue, levels: Iterable[LevelFact], *, since: datetime
) -> list[Follows]:
    """Every channel of the matrix; what was read at `since` or later is fresh."""
    counted, known = follower_metrics(catalogue), {fact.channel_id: fact for fact in levels}
    return [
        _follow(channel, known.get(channel.id) if channel.platform in counted else None, since)
        for channel in matrix.channels.values()
    ]


def _follow(channel: ChannelFact, fact: LevelFact | None, since: datetime) -> Follows:
    if fact is None:
        return Follows(channel_id=channel.id, reason=Reason.NO_DEFINITION)
    return Follows(
        channel_id=channel.id,
        reason=Reason.GONE if fact.gone else Reason.NOT_READ,
        start=None if fact.gone_before else fact.start,
        end=None if fact.gone else fact.end,
        organic=fact.organic,
        read_at=fact.read_at,
        fresh=not fact.gone and fact.read_at is not None and fact.read_at >= since,
    )


def audience(follows: Sequence[Follows]) -> Mapping[str, Measured]:
    """The measures of these channels together."""
    return _measures(_add(follows), None)


def _add(follows: Sequence[Follows]) -> Summed:
    parts = [one.parts for one in follows]
    figures = {name: add_up([part[name] for part in parts]) for name in MEASURES}
    return Summed(figures, any(one.redefined for one in follows))


def _join(sums: Sequence[Summed]) -> Summed:
    figures = {name: join([one.figures[name] for one in sums]) for name in MEASURES}
    return Summed(figures, any(one.redefined for one in sums))


def _measures(now: Summed, in_year: Summed | None) -> Mapping[str, Measured]:
    figures = Compared(
        now=now.figures["followers"],
        before=now.figures["start"],
        year_before=in_year and in_year.figures["start"],
    )
    followers = measured(
        figures, broken=now.redefined, broken_in_year=in_year is not None and in_year.redefined
    )
    return {"followers": followers, **{name: Measured(now=now.figures[name]) for name in MOVEMENTS}}
