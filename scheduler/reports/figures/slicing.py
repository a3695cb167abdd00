"""The matrix cut along each dimension: which slices there are, and which facts belong to which."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Protocol, TypeAlias, TypeVar

from connectors.counters.manual import PLATFORM as MANUAL
from scheduler.core.facts import ChannelFact
from scheduler.reports.dataset import ChannelName, Dimension, Measured, Row

Slice: TypeAlias = tuple[Dimension, str]


class OfChannel(Protocol):
    """A fact about a channel."""

    @property
    def channel_id(self) -> int:
        """Its channel."""
        ...


class Placed(OfChannel, Protocol):
    """A fact about a channel and a campaign, empty for none; None means that it is about no campaign."""

    @property
    def campaign(self) -> str | None:
        """Its campaign."""
        ...


A = TypeVar("A")
T = TypeVar("T", bound=Placed)
S = TypeVar("S", bound=OfChannel)


@dataclass(frozen=True)
class Matrix:
    """The channels a report is about, by id, and the dimensions they are cut along.

    Without slots: the slices of a channel are put together once.
    """

    channels: Mapping[int, ChannelFact]
    dimensions: Collection[Dimension] = tuple(Dimension)

    @cached_property
    def slices(self) -> Mapping[int, tuple[Slice, ...]]:
        """Every slice a channel belongs to, by its id."""
        keys = [(dimension, key) for dimension, key in _KEYS.items() if dimension in self.dimensions]
        return {
            channel.id: tuple((dimension, key(channel)) for dimension, key in keys)
            for channel in self.channels.values()
        }

    @cached_property
    def platforms(self) -> set[str]:
        """Those of the channels."""
        return {channel.platform for channel in self.channels.values()}

    def along(self, *dimensions: Dimension) -> "Matrix":
        """The same channels, cut along these dimensions alone."""
        return Matrix(self.channels, dimensions)

    def own(self, facts: Iterable[S]) -> list[S]:
        """The facts about channels of this matrix."""
        return [fact for fact in facts if fact.channel_id in self.channels]

    def cut(self, facts: Iterable[T]) -> dict[Slice, list[T]]:
        """The facts of each slice that has any."""
        found: defaultdict[Slice, list[T]] = defaultdict(list)
        of_channel: defaultdict[int, list[T]] = defaultdict(list)
        by_campaign = Dimension.CAMPAIGN in self.dimensions
        for fact in self.own(facts):
            of_channel[fact.channel_id].append(fact)
            if by_campaign and fact.campaign is not None:
                found[Dimension.CAMPAIGN, fact.campaign].append(fact)
        for id_, own in of_channel.items():
            for place in self.slices[id_]:
                found[place] += own
        return dict(found)

    def sums(
        self, facts: Iterable[T], add: Callable[[Sequence[T]], A], join: Callable[[Sequence[A]], A]
    ) -> dict[Slice, A]:
        """What `add` makes of the facts of each slice that has any, in a matrix that is cut by channel.

        Facts are added up by channel and by campaign alone. Wider slices are joined of their channels: first
        of those that share all of these, then of the few sums that remain.
        """
        narrow = [one for one in (Dimension.CHANNEL, Dimension.CAMPAIGN) if one in self.dimensions]
        sums = {place: add(found) for place, found in self.along(*narrow).cut(facts).items()}
        alike: defaultdict[tuple[Slice, ...], list[A]] = defaultdict(list)
        for id_, channel in self.channels.items():
            if (own := (Dimension.CHANNEL, channel.name)) in sums:
                alike[tuple(place for place in self.slices[id_] if place != own)].append(sums[own])
        wide: defaultdict[Slice, list[A]] = defaultdict(list)
        for places, found in alike.items():
            joined = join(found)
            for place in places:
                wide[place].append(joined)
        return sums | {place: join(found) for place, found in wide.items()}


_KEYS: Mapping[Dimension, Callable[[ChannelFact], str]] = {
    Dimension.TOTAL: lambda _: "",
    Dimension.PLATFORM: lambda channel: channel.platform,
    Dimension.LANGUAGE: lambda channel: channel.language,
    Dimension.REGION: lambda channel: channel.region,
    Dimension.CHANNEL: lambda channel: channel.name,
    Dimension.MATRIX: lambda channel: f"{channel.platform}/{channel.language}",
    Dimension.PLACE: lambda channel: f"{channel.platform}/{channel.language}/{channel.region}",
}


@dataclass(frozen=True, slots=True)
class Presence:
    """That a channel is in the matrix: a fact by which even idle channels have their slices."""

    channel_id: int
    campaign: str | None = None


def matrix_of(channels: Iterable[ChannelFact]) -> Matrix:
    """The matrix of those of these channels that Postroad publishes to: of the others there is no figure,
    not even 0. What people enter for them is listed by itself.
    """
    return Matrix({channel.id: channel for channel in channels if channel.platform != MANUAL})


def rows_of(
    matrix: Matrix,
    campaigns: Collection[str],
    measure: Callable[[Slice], Mapping[str, Measured]],
) -> tuple[Row, ...]:
    """One row for each slice of the matrix and each campaign, in the order of dimensions and keys."""
    places = {(Dimension.TOTAL, ""), *chain.from_iterable(matrix.slices.values())}
    places.update((Dimension.CAMPAIGN, campaign) for campaign in campaigns)
    return tuple(
        Row(dimension=dimension, key=key, measures=measure((dimension, key)))
        for dimension in Dimension
        for key in sorted(key for of, key in places if of is dimension)
    )


def channel_names(matrix: Matrix) -> tuple[ChannelName, ...]:
    """The channels of the matrix for the reader."""
    return tuple(
        ChannelName(
            name=channel.name,
            title=channel.title,
            platform=channel.platform,
            language=channel.language,
            region=channel.region,
        )
        for channel in matrix.channels.values()
    )
