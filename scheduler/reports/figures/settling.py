"""Which figures may still move: those of a first closing, and those that their platform settles later."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from scheduler.core.wording import N_
from scheduler.reports.dataset import Dimension, Method, ReachDataset, Row, Section, Unsettled
from scheduler.reports.words.wording import Words

SETTLED_AFTER = timedelta(hours=72)
MARK = "†"
OWN = ("manual", Section.OUTPUT, Section.COVERAGE)
"""Sections that no platform settles: our own books and what people entered."""
ALL = N_("{mark} Provisional: first figures, or those of a period that still runs; final from {moment} on.")
SOME = N_("{mark} Provisional: {platform} settles its figures later; they are final from {moment} on.")


def unsettled(methods: Iterable[Method], *, ends_at: datetime, now: datetime) -> tuple[Unsettled, ...]:
    """The platforms whose figures of a period that ends then may move after `now`, and until when."""
    until: dict[str, datetime] = {}
    for method in methods:
        settled_at = ends_at + max(SETTLED_AFTER, timedelta(seconds=method.lag_s))
        until[method.platform] = max(until.get(method.platform, settled_at), settled_at)
    return tuple(
        Unsettled(platform=platform, until=until[platform])
        for platform in sorted(until)
        if now < until[platform]
    )


def mark(data: ReachDataset) -> str:
    """What stands at every heading where all figures are provisional, else nothing."""
    return MARK if _all(data) else ""


def row_mark(data: ReachDataset, section: str, row: Row) -> str:
    """What stands at a row of which some figure is provisional where not all are, else nothing."""
    return "" if _all(data) or not provisional(data, section, row.dimension, row.key) else MARK


def total_mark(data: ReachDataset, section: str) -> str:
    """What stands at a figure of everything together that may still move, else nothing."""
    return MARK if provisional(data, section, Dimension.TOTAL, "") else ""


def provisional(data: ReachDataset, section: str, dimension: str, key: str) -> bool:
    """Whether the figures of this place may still move."""
    if _all(data):
        return section != "manual"
    late = {one.platform for one in data.unsettled}
    return bool(late) and section not in OWN and not late.isdisjoint(_platforms(data, dimension, key))


def notes(data: ReachDataset, words: Words) -> Iterator[str]:
    """What the mark means, with the time from which on it is gone; nothing where all figures are final."""
    everything = min((one.until for one in data.unsettled), default=None) if _all(data) else None
    if everything:
        yield words.say(ALL, mark=MARK, moment=words.moment(everything, data.period.time_zone))
    for one in data.unsettled:
        if one.until != everything:
            moment = words.moment(one.until, data.period.time_zone)
            yield words.say(SOME, mark=MARK, platform=data.platforms[one.platform], moment=moment)


def _all(data: ReachDataset) -> bool:
    """A first closing leaves every platform unsettled."""
    return bool(data.unsettled) and data.cut_off_at < data.period.ends_at + SETTLED_AFTER


def _platforms(data: ReachDataset, dimension: str, key: str) -> set[str]:
    match dimension:
        case Dimension.PLATFORM | Dimension.MATRIX | Dimension.PLACE:
            return {key.partition("/")[0]}
        case Dimension.CHANNEL:
            return {one.platform for one in data.channels if one.name == key}
        case Dimension.LANGUAGE:
            return {one.platform for one in data.channels if one.language == key}
        case Dimension.REGION:
            return {one.platform for one in data.channels if one.region == key}
        case _:
            return set(data.platforms)
