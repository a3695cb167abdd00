"""What is worth a look at an instant: pure, from what the channels did in the weeks before it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.core.catalogue import Catalogue, common_metrics, follower_metric
from scheduler.core.facts import ChannelFact, FailureFact, LevelFact
from scheduler.core.notes import Note, Worth
from scheduler.core.watching import Rhythm, jump, rhythm, stands_still

AHEAD = timedelta(days=7)
UNREAD_FOR = timedelta(days=3)
FOLLOWERS = "followers"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekSeen:
    """What was read in one week: on which channels, and what each counter of a channel brought."""

    read: Collection[int]
    brought: Mapping[tuple[int, str], int]
    failures: tuple[FailureFact, ...]
    levels: tuple[LevelFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is known at `as_of` (aware UTC); the last of `weeks`, the oldest first, ends there.

    `published` are instants by channel, `planned` how many deliveries are due in the next 7 days, `overdue`
    how many publications should have been read over a day ago, `zones` the audiences' zones, `settled` those
    that belonged to the matrix a day ago. Of earlier weeks, what was read and brought is asked of channels
    with `resting_counters` alone.
    """

    as_of: datetime
    channels: tuple[ChannelFact, ...]
    catalogue: Catalogue
    settled: frozenset[int]
    zones: Mapping[int, ZoneInfo]
    published: Mapping[int, Sequence[datetime]]
    planned: Mapping[int, int]
    overdue: Mapping[int, int]
    weeks: Sequence[WeekSeen]


def worth_a_look(watch: Watch) -> tuple[Note, ...]:
    """Every note, the most pressing kind first, then by platform and channels."""
    days = {channel.id: _days(watch, channel.id) for channel in watch.channels}
    rhythms = {id_: found for id_, some in days.items() if (found := rhythm(some))}
    silent = list(_silent(watch, rhythms, days))
    known_silent = {name for note in silent for name in note.channels}
    notes = [
        *silent,
        *_unplanned(watch, rhythms, known_silent),
        *_unread(watch),
        *_overdue(watch),
        *_standing_still(watch),
        *_jumped(watch),
    ]
    order = list(Worth)
    return tuple(sorted(notes, key=lambda note: (order.index(note.worth), note.platform, note.channels)))


def resting_counters(
    channels: Iterable[ChannelFact], catalogue: Catalogue, week: WeekSeen
) -> dict[int, list[str]]:
    """The counters that were read in the week and did not move, by channel: those of few channels."""
    names = {
        platform: [metric.name for metric in common_metrics(catalogue, platform)] for platform in catalogue
    }
    found = {
        channel.id: [name for name in names[channel.platform] if not week.brought.get((channel.id, name))]
        for channel in channels
        if channel.id in week.read and channel.platform in names
    }
    return {id_: counters for id_, counters in found.items() if counters}


def _days(watch: Watch, channel_id: int) -> list[date]:
    zone = watch.zones[channel_id]
    return [at.astimezone(zone).date() for at in watch.published.get(channel_id, ())]


def _silent(
    watch: Watch, rhythms: Mapping[int, Rhythm], days: Mapping[int, Sequence[date]]
) -> Iterator[Note]:
    """Channels that have been quiet for longer than they usually are."""
    for channel in watch.channels:
        found = rhythms.get(channel.id)
        if found is None:
            continue
        last_at = max(watch.published[channel.id])
        today = watch.as_of.astimezone(watch.zones[channel.id]).date()
        quiet = (today - max(days[channel.id])).days
        if quiet > found.limit:
            figures = {"days": quiet, "usual": found.usual, "gaps": found.gaps}
            yield _note(Worth.SILENT, channel, figures, since=last_at)


def _unplanned(watch: Watch, rhythms: Mapping[int, Rhythm], silent: set[str]) -> Iterator[Note]:
    """Channels without anything due in the days ahead that usually bring something; languages as a whole."""
    regular = [one for one in watch.channels if one.id in rhythms and rhythms[one.id].usual <= AHEAD.days]
    for language in sorted({channel.language for channel in regular}):
        speaking = [channel for channel in regular if channel.language == language]
        empty = [channel for channel in speaking if not watch.planned.get(channel.id)]
        if len(empty) > 1 and len(empty) == len(speaking):
            figures = {"days": AHEAD.days, "channels": len(empty)}
            yield Note(
                worth=Worth.UNPLANNED,
                platform="",
                language=language,
                channels=tuple(sorted(channel.name for channel in empty)),
                figures=figures,
            )
            continue
        for channel in empty:
            if channel.name not in silent:
                figures = {"days": AHEAD.days, "usual": rhythms[channel.id].usual}
                yield _note(Worth.UNPLANNED, channel, figures)


def _unread(watch: Watch) -> Iterator[Note]:
    """Channels whose followers were not read for days, or never, platform by platform."""
    levels = {fact.channel_id: fact for fact in watch.weeks[-1].levels}
    stale: dict[str, list[tuple[ChannelFact, datetime | None]]] = {}
    for channel in watch.channels:
        fact = levels.get(channel.id)
        if fact and _is_stale(watch, channel, fact):
            stale.setdefault(channel.platform, []).append((channel, fact.read_at))
    for platform, found in stale.items():
        known = [read_at for _, read_at in found if read_at]
        yield Note(
            worth=Worth.NOT_READ,
            platform=platform,
            language="",
            channels=tuple(sorted(channel.name for channel, _ in found)),
            figures={"channels": len(found), "of": _count(watch, platform)},
            measure=FOLLOWERS,
            since=max(known, default=None),
            cause=_cause(watch, [channel.id for channel, _ in found]),
        )


def _is_stale(watch: Watch, channel: ChannelFact, fact: LevelFact) -> bool:
    """Whether followers were not read for days, or never although the channel has been there for one."""
    if fact.gone or follower_metric(watch.catalogue, channel.platform) is None:
        return False
    if fact.read_at is None:
        return channel.id in watch.settled
    return watch.as_of - fact.read_at > UNREAD_FOR


def _overdue(watch: Watch) -> Iterator[Note]:
    """Publications that should have been read long ago, platform by platform."""
    for platform in sorted({channel.platform for channel in watch.channels}):
        late = [one for one in watch.channels if one.platform == platform and watch.overdue.get(one.id)]
        if late:
            yield Note(
                worth=Worth.OVERDUE,
                platform=platform,
                language="",
                channels=tuple(sorted(channel.name for channel in late)),
                figures={"publications": sum(watch.overdue[channel.id] for channel in late)},
                cause=_cause(watch, [channel.id for channel in late]),
            )


def _standing_still(watch: Watch) -> Iterator[Note]:
    """Counters that moved in each week before and did not in this one, although they were read."""
    *before, now = watch.weeks
    resting = resting_counters(watch.channels, watch.catalogue, now)
    for channel in watch.channels:
        for metric in resting.get(channel.id, ()):
            earlier = [week for week in before if channel.id in week.read]
            series = [week.brought.get((channel.id, metric), 0) for week in earlier]
            if stands_still(series):
                figures = {"weeks": len(series), "least": min(series)}
                yield _note(Worth.STANDS_STILL, channel, figures, measure=metric)


def _jumped(watch: Watch) -> Iterator[Note]:
    """Weeks in which a channel won or lost followers far beyond its ordinary."""
    *before, now = [_organic(week.levels) for week in watch.weeks]
    ends = {fact.channel_id: fact.end or 0 for fact in watch.weeks[-1].levels}
    for channel in watch.channels:
        brought = now.get(channel.id)
        if brought is None:
            continue
        series = [week[channel.id] for week in before if channel.id in week]
        if found := jump(series, brought, level=ends[channel.id]):
            figures = {
                "brought": found.brought,
                "usual": found.usual,
                "spread": found.spread,
                "weeks": found.weeks,
            }
            yield _note(Worth.JUMPED, channel, figures, measure=FOLLOWERS)


def _organic(levels: Iterable[LevelFact]) -> dict[int, int]:
    return {
        fact.channel_id: fact.organic
        for fact in levels
        if fact.start is not None and fact.end is not None and not fact.gone
    }


def _count(watch: Watch, platform: str) -> int:
    return sum(channel.platform == platform for channel in watch.channels)


def _cause(watch: Watch, channel_ids: Sequence[int]) -> str:
    """What readings of these channels failed for most often."""
    failed = [fact for fact in watch.weeks[-1].failures if fact.channel_id in channel_ids]
    return max(failed, key=lambda fact: (fact.count, fact.reason)).reason if failed else ""


def _note(
    worth: Worth,
    channel: ChannelFact,
    figures: Mapping[str, int],
    *,
    measure: str = "",
    since: datetime | None = None,
) -> Note:
    return Note(
        worth=worth,
        platform=channel.platform,
        language=channel.language,
        channels=(channel.name,),
        figures=figures,
        measure=measure,
        since=since,
    )
