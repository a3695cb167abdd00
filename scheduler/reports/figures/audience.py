"""Followers: the total at the week's end, what moved by itself, and what channels added or took away.

End = start + organic + added - removed + redefined, in every slice. A follower total counts follows, never
people.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from scheduler.core.catalogue import Catalogue, follower_metric
from scheduler.core.facts import ChannelFact, Facts, LevelFact
from scheduler.core.figures import Part, Reason, add_up
from scheduler.reports.dataset import Measured, Row, UnreadChannel
from scheduler.reports.figures.comparing import Compared, measured
from scheduler.reports.figures.slicing import Matrix, Slice, rows_of

MOVEMENTS = ("organic", "added", "removed", "redefined")


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


def audience_rows(
    matrix: Matrix, catalogue: Catalogue, facts: Facts, *, in_year: Sequence[LevelFact] | None = None
) -> tuple[Row, ...]:
    """The follower total by slice and how it moved; campaigns have no followers.

    `in_year` are the levels of a year before and how they came to those of now, None to compare with none.
    """
    since = facts.starts_at
    slices = matrix.cut(follows_of(matrix, catalogue, facts.levels, since=since))
    years = matrix.cut(follows_of(matrix, catalogue, in_year or (), since=since))

    def measure(place: Slice) -> Mapping[str, Measured]:
        return audience(slices.get(place, []), None if in_year is None else years.get(place, []))

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
    known = {fact.channel_id: fact for fact in levels}
    return [_follow(channel, known.get(channel.id), catalogue, since) for channel in matrix.channels.values()]


def _follow(channel: ChannelFact, fact: LevelFact | None, catalogue: Catalogue, since: datetime) -> Follows:
    if fact is None or follower_metric(catalogue, channel.platform) is None:
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


def audience(follows: Sequence[Follows], in_year: Sequence[Follows] | None = None) -> Mapping[str, Measured]:
    """The measures of these channels together."""
    parts = [one.parts for one in follows]
    sums = {name: add_up([part[name] for part in parts]) for name in ("followers", "start", *MOVEMENTS)}
    figures = Compared(
        now=sums["followers"],
        before=sums["start"],
        year_before=None if in_year is None else add_up(one.parts["start"] for one in in_year),
    )
    followers = measured(
        figures,
        broken=any(one.redefined for one in follows),
        broken_in_year=any(one.redefined for one in in_year or ()),
    )
    return {"followers": followers, **{name: Measured(now=sums[name]) for name in MOVEMENTS}}
