"""At which hours and on which weekdays publications bring more: said only where intervals do not touch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from zoneinfo import ZoneInfo

from scheduler.core.facts import ChannelFact
from scheduler.core.grown import Grown
from scheduler.core.intervals import Estimate, estimate

LEAST = 8
"""Publications that a band or weekday needs, and a channel that speaks for its language."""
LEAST_MEAN = 1.0
"""Responses a publication that a channel needs to be measured by its own mean."""
BAND_HOURS = 4
BANDS = tuple(range(0, 24, BAND_HOURS))
WEEKDAYS = tuple(range(7))


@dataclass(frozen=True, slots=True, kw_only=True)
class HourBand:
    """A band by its first hour, or a weekday from Monday as 0; no estimate below 8 publications."""

    start: int
    count: int
    estimate: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Slots side by side: `best` brings more than each of `lesser`; None where no difference is shown.

    `thin` says that fewer than two slots have an estimate, so that nothing could be shown.
    """

    slots: tuple[HourBand, ...]
    best: int | None
    lesser: tuple[int, ...]
    thin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A channel's or a language's day and week, in the zones of the audiences.

    Of a channel means are responses a publication at the age of a day; of a language, whose channels have
    audiences of different sizes, multiples of the mean of the channel.
    """

    dimension: str
    key: str
    count: int
    bands: Comparison
    weekdays: Comparison


def hours_of(
    channels: Sequence[ChannelFact], zones: Mapping[int, ZoneInfo], found: Iterable[Grown]
) -> tuple[Hours, ...]:
    """The languages, then the channels, by name; one of which nothing is known has empty slots."""
    by_channel: dict[int, list[Grown]] = defaultdict(list)
    for one in found:
        by_channel[one.channel_id].append(one)
    by_language: dict[str, list[tuple[int, int, float]]] = defaultdict(list)
    own = []
    for channel in sorted(channels, key=lambda channel: channel.name):
        placed = _placed(by_channel[channel.id], zones[channel.id])
        own.append(_hours("channel", channel.name, placed))
        by_language[channel.language] += _by_mean(placed)
    languages = [_hours("language", key, placed) for key, placed in sorted(by_language.items())]
    return (*languages, *own)


def compare(values: Iterable[tuple[int, float]], among: Sequence[int]) -> Comparison:
    """The slots of `among` by their (slot, value), and which is best."""
    sorted_out: dict[int, list[float]] = defaultdict(list)
    for start, value in values:
        sorted_out[start].append(value)
    slots = tuple(_slot(start, sorted_out[start]) for start in among)
    known = {slot.start: slot.estimate for slot in slots if slot.estimate}
    best = max(known, key=lambda start: (known[start].mean, -start), default=None)
    lesser = tuple(start for start in known if best is not None and known[best].exceeds(known[start]))
    return Comparison(slots=slots, best=best if lesser else None, lesser=lesser, thin=len(known) < 2)


def _placed(found: Iterable[Grown], zone: ZoneInfo) -> list[tuple[int, int, float]]:
    """(band, weekday, responses) of each."""
    local = [(one.published_at.astimezone(zone), float(one.responses)) for one in found]
    return [(at.hour // BAND_HOURS * BAND_HOURS, at.weekday(), value) for at, value in local]


def _by_mean(placed: Sequence[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    """The same in multiples of their mean; none where they are too few or it is too small to divide by."""
    mean = fmean(value for *_, value in placed) if len(placed) >= LEAST else 0.0
    return [(band, day, value / mean) for band, day, value in placed] if mean >= LEAST_MEAN else []


def _hours(dimension: str, key: str, placed: Sequence[tuple[int, int, float]]) -> Hours:
    return Hours(
        dimension=dimension,
        key=key,
        count=len(placed),
        bands=compare([(band, value) for band, _, value in placed], BANDS),
        weekdays=compare([(day, value) for _, day, value in placed], WEEKDAYS),
    )


def _slot(start: int, values: Sequence[float]) -> HourBand:
    known = estimate(values) if len(values) >= LEAST else None
    return HourBand(start=start, count=len(values), estimate=known)
