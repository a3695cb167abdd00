"""From one post to its deliveries: which channels, which text for each, when. Nothing is dropped silently."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.counters.manual import PLATFORM as MANUAL
from scheduler.core.cells import Fault, closest
from scheduler.core.drafts import AUDIENCE, Cut, Draft
from scheduler.core.language_cells import language
from scheduler.core.languages import closeness, within
from scheduler.core.places import Place
from scheduler.core.problems import Problem
from scheduler.core.time import Fold, Gap, Instant, read_wall_time, zone
from scheduler.core.wording import N_

EVERY = "*"
KINDS = "lang:…, platform:…, region:…, set:…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """When: naive wall time in a zone, which reading of it if there are two, and the instant (aware UTC)."""

    wall_at: datetime
    zone: str
    fold: int | None
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """This place gets this cut."""

    place: Place
    cut: Cut


def assign(draft: Draft, matrix: Sequence[Place]) -> tuple[list[Assignment], list[Problem]]:
    """Which channels get the post, and which text; every channel and every text that is left out is named."""
    chosen, problems = select_places(draft.selectors, matrix)
    if not draft.wordings:
        return [], problems
    cuts = {place.id: choose_cut(draft.wordings, place) for place in chosen}
    problems += _speechless(place for place in chosen if cuts[place.id] is None)
    problems += _unused(draft.wordings, cuts.values()) if chosen else []
    return [Assignment(place=place, cut=cut) for place in chosen if (cut := cuts[place.id])], problems


def select_places(selectors: Iterable[str], matrix: Sequence[Place]) -> tuple[list[Place], list[Problem]]:
    """The places that any selector means, in the matrix's order; a selector of nothing is a problem."""
    chosen: set[int] = set()
    problems = []
    for selector in selectors:
        try:
            found = [place.id for place in matrix if _means(selector, place)]
            if not found:
                raise _nothing(selector, matrix)
            chosen.update(found)
        except Fault as fault:
            problems.append(fault.at(None, "channels"))
    return [place for place in matrix if place.id in chosen], problems


def choose_cut(cuts: Iterable[Cut], place: Place) -> Cut | None:
    """The text this channel gets: closest language first, then the cut for its platform; None without one."""
    fitting = {
        cut: (near, bool(cut.platform))
        for cut in cuts
        if cut.platform in ("", place.platform)
        and (near := closeness(cut.language, spoken=place.language)) is not None
    }
    return max(fitting, key=lambda cut: fitting[cut], default=None)


def read_slots(draft: Draft, places: Iterable[Place]) -> tuple[dict[int, Slot], list[Problem]]:
    """The slot of each place, by place id; a time skipped in a zone, or there twice, is a problem."""
    slots: dict[int, Slot] = {}
    problems = []
    for name, same in _by_zone(draft, places).items():
        try:
            slot = _slot(draft.wall_at, name, draft.fold)
            slots.update({place.id: slot for place in same})
        except Fault as fault:
            problems.append(fault.at(None, "at"))
    return slots, problems


def unspoken(cuts: Iterable[Cut], matrix: Sequence[Place]) -> list[Cut]:
    """The cuts that no channel of the matrix could ever get."""
    heard = [place for place in matrix if place.platform != MANUAL]
    return [cut for cut in cuts if not any(choose_cut([cut], place) for place in heard)]


def _means(selector: str, place: Place) -> bool:
    if place.platform == MANUAL:
        return _names_manual(selector, place)
    kind, colon, value = (part.strip() for part in selector.partition(":"))
    if not colon:
        return selector in (EVERY, place.channel)
    match kind.lower():
        case "lang":
            return within(place.language, language(value))
        case "platform":
            return place.platform == value.lower()
        case "region":
            return place.region == value.upper()
        case "set":
            return value in place.sets
        case _:
            raise Fault(
                N_("unknown selector “{selector}”: use a channel's name, *, {kinds}"),
                selector=selector,
                kinds=KINDS,
            )


def _names_manual(selector: str, place: Place) -> bool:
    """False: nothing is sent there, and whoever names it is told so."""
    if selector == place.channel:
        raise Fault(N_("nothing is published to {channel}: it takes manual readings only"), channel=selector)
    return False


def _nothing(selector: str, matrix: Sequence[Place]) -> Fault:
    if not matrix:
        return Fault(N_("there are no channels yet: import them first with postroad channels import"))
    names = {place.channel for place in matrix} | {f"set:{name}" for place in matrix for name in place.sets}
    if close := closest(selector, names):
        return Fault(
            N_("no channel “{selector}”: did you mean “{closest}”?"), selector=selector, closest=close
        )
    return Fault(N_("“{selector}” selects no channel"), selector=selector)


def _by_zone(draft: Draft, places: Iterable[Place]) -> dict[str, list[Place]]:
    """The places by the zone in which the post's wall time is read for them."""
    zones: dict[str, list[Place]] = {}
    for place in places:
        zones.setdefault(place.time_zone if draft.zone == AUDIENCE else draft.zone, []).append(place)
    return zones


def _slot(wall_at: datetime, name: str, fold: int | None) -> Slot:
    match read_wall_time(wall_at, zone(name), fold=fold):
        case Instant(at=due_at):
            twice = isinstance(read_wall_time(wall_at, zone(name)), Fold)
            return Slot(wall_at=wall_at, zone=name, fold=fold if twice else None, due_at=due_at)
        case Gap(before=before, after=after):
            raise Fault(
                N_("{wall} is skipped in {zone} when the clocks go forward: use {before} or {after}"),
                wall=_clock(wall_at),
                zone=name,
                before=_clock(before),
                after=_clock(after),
            )
        case Fold(first=first, second=second):
            raise Fault(
                N_("{wall} happens twice in {zone} ({first} and {second} UTC): choose by a column fold"),
                wall=_clock(wall_at),
                zone=name,
                first=_clock(first),
                second=_clock(second),
            )


def _clock(at: datetime) -> str:
    whole_minute = not at.second
    return at.strftime("%Y-%m-%d %H:%M" if whole_minute else "%Y-%m-%d %H:%M:%S")


def _speechless(places: Iterable[Place]) -> list[Problem]:
    """Targeted channels for which there is no text."""
    message = N_("no text for channel {channel}: it speaks {language}")
    return [
        Problem(
            message=message,
            params={"channel": place.channel, "language": place.language},
            column=Cut(place.language).column,
        )
        for place in places
    ]


def _unused(cuts: Iterable[Cut], chosen: Collection[Cut | None]) -> list[Problem]:
    """Texts that were written but that no targeted channel takes."""
    message = N_("this text goes nowhere: none of the channels of this post takes it")
    return [Problem(message=message, column=cut.column, advice=True) for cut in cuts if cut not in chosen]
