"""Whether each platform would take what a post is about to send it: asked at import and again at approval."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from connectors.capabilities import Capabilities, TextUnit
from connectors.contract import Connector, Labels, Measure, Outgoing
from scheduler.core.labels import unsendable
from scheduler.core.lateness import TOLERANCES, Judgement, Lateness, judge
from scheduler.core.places import Place
from scheduler.core.problems import Problem
from scheduler.core.wording import N_

Group = TypeVar("Group", bound=Hashable)

TOO_LONG = {
    TextUnit.GRAPHEMES: N_("too long for {channels}: {count} graphemes, {limit} are allowed"),
    TextUnit.CODE_POINTS: N_("too long for {channels}: {count} code points, {limit} are allowed"),
    TextUnit.UTF16_UNITS: N_("too long for {channels}: {count} UTF-16 units, {limit} are allowed"),
    TextUnit.UTF8_BYTES: N_("too long for {channels}: {count} bytes in UTF-8, {limit} are allowed"),
}


LATE = {
    Judgement.PUBLISH: N_("the time has passed for {channels}: it goes out as soon as it is approved"),
    Judgement.HOLD: N_("the time is long past for {channels}: it will be held until somebody decides"),
    Judgement.MISS: N_("the time passed more than {hours} h ago for {channels}: give a new one"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What a place would get and from which column; `labels` are all those the author asked for."""

    place: Place
    outgoing: Outgoing
    labels: Labels
    column: str


def check_sendings(sendings: Sequence[Sending], connectors: Mapping[str, Connector]) -> list[Problem]:
    """Every reason why one post's sendings would be refused, and what its author should know besides."""
    known = [sending for sending in sendings if sending.place.platform in connectors]
    problems = _not_installed(sending for sending in sendings if sending.place.platform not in connectors)
    for platform, group in _by(known, lambda sending: sending.place.platform).items():
        connector = connectors[platform]
        problems += _too_long(group, connector)
        problems += _images(group, connector.capabilities)
        problems += _same_text(group, connector.capabilities)
    return problems + _labels(known, connectors)


def check_times(due: Iterable[tuple[Place, datetime]], *, lateness: Lateness, now: datetime) -> list[Problem]:
    """A problem for what could only be missed; advice for what goes out late (instants are aware UTC)."""
    late: dict[Judgement, list[Place]] = defaultdict(list)
    for place, due_at in due:
        if due_at < now:
            late[judge(lateness, due_at=due_at, now=now)].append(place)
    hours = f"{TOLERANCES[lateness].limit.total_seconds() / 3600:g}"
    return [
        Problem(
            message=LATE[judgement],
            params={"channels": ", ".join(place.channel for place in places), "hours": hours},
            column="at",
            advice=judgement is not Judgement.MISS,
        )
        for judgement, places in late.items()
    ]


def not_connected(places: Iterable[Place], *, advice: bool) -> list[Problem]:
    """One problem for each channel that has no working connection yet."""
    message = N_("channel {channel} is not connected: run postroad channels connect {channel}")
    waiting = {place.channel for place in places if not place.connected}
    return [
        Problem(message=message, params={"channel": channel}, advice=advice) for channel in sorted(waiting)
    ]


def _not_installed(sendings: Iterable[Sending]) -> list[Problem]:
    """One problem for each platform that nothing here can send to any more."""
    message = N_("no connector for {platform} is installed: install it, or leave out {channels}")
    return [
        Problem(message=message, params={"platform": platform, "channels": _names(group)})
        for platform, group in _by(sendings, lambda sending: sending.place.platform).items()
    ]


def _too_long(group: Sequence[Sending], connector: Connector) -> list[Problem]:
    """One problem for each text and limit, naming every channel it concerns."""
    measured: dict[tuple[str, Measure], list[Sending]] = defaultdict(list)
    alike = _by(group, lambda sending: (sending.outgoing, tuple(sorted(sending.place.limits.items()))))
    for same in alike.values():
        for measure in connector.measure(same[0].outgoing, same[0].place.limits):
            if not measure.fits:
                measured[_place_of(measure, same[0].column), measure] += same
    return [
        Problem(
            message=TOO_LONG[measure.unit],
            params={"channels": _names(same), "count": measure.count, "limit": measure.limit},
            column=column,
        )
        for (column, measure), same in measured.items()
    ]


def _place_of(measure: Measure, column: str) -> str:
    match measure.field:
        case "alt":
            return "alt"
        case "title":
            return f"{column} (title)"
        case _:
            return column


def _images(group: Sequence[Sending], capabilities: Capabilities) -> list[Problem]:
    images = max(len(sending.outgoing.media) for sending in group)
    allowed = capabilities.media.max_count if capabilities.supports("images") else 0
    if images <= allowed:
        return []
    message = N_("{count} images, {platform} takes {limit} (for {channels})")
    params: dict[str, str | int] = {
        "count": images,
        "platform": capabilities.title,
        "limit": allowed,
        "channels": _names(group),
    }
    return [Problem(message=message, params=params, column="media")]


def _labels(sendings: Iterable[Sending], connectors: Mapping[str, Connector]) -> list[Problem]:
    """Advice for each disclosure that some platforms have no field for."""
    silent: dict[str, list[Sending]] = defaultdict(list)
    for sending in sendings:
        for message in unsendable(sending.labels, connectors[sending.place.platform].capabilities):
            silent[message].append(sending)
    return [
        Problem(message=message, params={"channels": _names(group)}, column="labels", advice=True)
        for message, group in silent.items()
    ]


def _same_text(group: Sequence[Sending], capabilities: Capabilities) -> list[Problem]:
    """The same text from several accounts, where the platform takes that for spam."""
    if capabilities.same_text == "allow":
        return []
    blocks = capabilities.same_text == "block"
    message = (
        N_("{platform} does not allow the same text from several accounts: {channels}")
        if blocks
        else N_("{platform} may take the same text from several accounts for spam: {channels}")
    )
    return [
        Problem(
            message=message,
            params={"platform": capabilities.title, "channels": _names(same)},
            column=same[0].column,
            advice=not blocks,
        )
        for same in _by(group, lambda sending: sending.outgoing.text).values()
        if len(same) > 1
    ]


def _names(sendings: Iterable[Sending]) -> str:
    return ", ".join(sending.place.channel for sending in sendings)


def _by(sendings: Iterable[Sending], key: Callable[[Sending], Group]) -> dict[Group, list[Sending]]:
    groups: dict[Group, list[Sending]] = defaultdict(list)
    for sending in sendings:
        groups[key(sending)].append(sending)
    return groups
