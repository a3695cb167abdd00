"""One post made ready to be stored: channels, texts, times and images, and all that is wrong with them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.contract import Connector, MediaFile, Outgoing
from scheduler.core.cells import Fault
from scheduler.core.checking import Sending, check_sendings, check_times
from scheduler.core.drafts import Draft, Wording
from scheduler.core.fanout import Assignment, Slot, assign, read_slots
from scheduler.core.labels import sendable
from scheduler.core.places import Place
from scheduler.core.problems import Problem
from scheduler.core.wording import N_
from scheduler.services.writing.pictures import Picture, Pictures

TIME_COLUMNS = {"at", "zone", "fold"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What every post is judged against; `now` is aware UTC."""

    matrix: Sequence[Place]
    connectors: Mapping[str, Connector]
    pictures: Pictures
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A post ready to be stored. `slots` are by place id, `renditions` by (original's SHA-256, platform)."""

    draft: Draft
    source_hash: str
    assignments: tuple[Assignment, ...]
    slots: Mapping[int, Slot]
    pictures: tuple[Picture, ...]
    renditions: Mapping[tuple[str, str], Picture]


def source_hash(draft: Draft, pictures: Pictures) -> str:
    """What tells a changed row from an unchanged one; empty when one of its images cannot be read."""
    try:
        return draft.source_hash([pictures.fingerprint(name) for name in draft.media])
    except Fault:
        return ""


def prepare(draft: Draft, bench: Bench, *, faulty: Collection[str | None]) -> tuple[Prepared, list[Problem]]:
    """The post and its problems; `faulty` columns are known to be wrong and are not judged again."""
    assignments, problems = assign(draft, bench.matrix)
    places = [assignment.place for assignment in assignments]
    slots, clashes = ({}, []) if TIME_COLUMNS & set(faulty) else read_slots(draft, places)
    pictures, renditions, faults = _pictures(
        draft, {place.platform for place in places} & bench.connectors.keys(), bench
    )
    due = [(place, slots[place.id].due_at) for place in places if place.id in slots]
    problems += clashes + faults + _without_alt(draft, assignments)
    problems += check_sendings(_sendings(draft, assignments, pictures, bench), bench.connectors)
    problems += check_times(due, lateness=draft.lateness, now=bench.now)
    prepared = Prepared(
        draft=draft,
        source_hash=source_hash(draft, bench.pictures),
        assignments=tuple(assignments),
        slots=slots,
        pictures=tuple(pictures),
        renditions=renditions,
    )
    return prepared, [replace(problem, row=draft.row) for problem in problems]


def _sendings(
    draft: Draft, assignments: Iterable[Assignment], pictures: Sequence[Picture], bench: Bench
) -> list[Sending]:
    """What the channels would get, for counting: with the images' number and alt texts, not their bytes."""
    return [
        Sending(
            place=one.place,
            outgoing=_outgoing(draft, one, pictures, bench.connectors.get(one.place.platform)),
            labels=draft.labels,
            column=one.cut.column,
        )
        for one in assignments
    ]


def _outgoing(
    draft: Draft, assignment: Assignment, pictures: Sequence[Picture], connector: Connector | None
) -> Outgoing:
    wording = draft.wordings[assignment.cut]
    return Outgoing(
        text=wording.text,
        language=assignment.cut.language,
        link=draft.link,
        media=tuple(_unread(picture, alt) for picture, alt in zip(pictures, wording.alts, strict=False)),
        labels=sendable(draft.labels, connector),
    )


def _unread(picture: Picture, alt: str) -> MediaFile:
    return MediaFile(
        name=picture.sha256,
        mime_type=picture.mime_type,
        content=b"",
        alt=alt,
        width=picture.width,
        height=picture.height,
    )


def _pictures(
    draft: Draft, platforms: Collection[str], bench: Bench
) -> tuple[list[Picture], dict[tuple[str, str], Picture], list[Problem]]:
    """(the images, what stands in for them on stricter platforms, what is wrong or was made smaller)."""
    originals: list[Picture] = []
    renditions: dict[tuple[str, str], Picture] = {}
    problems: list[Problem] = []
    for name in draft.media:
        try:
            original = bench.pictures.original(name)
            originals.append(original)
            for platform in sorted(platforms):
                rule = bench.connectors[platform].capabilities.media
                rendition = bench.pictures.rendition(name, rule)
                if rendition is not original:
                    renditions[original.sha256, platform] = rendition
                    problems.append(_made_to_fit(name, platform, original, rendition))
        except Fault as fault:
            problems.append(fault.at(None, "media"))
    return originals, renditions, problems


def _made_to_fit(name: str, platform: str, original: Picture, rendition: Picture) -> Problem:
    return Problem(
        message=N_("“{file}” is made to fit {platform}: {width}×{height}, {before} kB, becomes {after}"),
        params={
            "file": name,
            "platform": platform,
            "width": original.width,
            "height": original.height,
            "before": original.size // 1000,
            "after": f"{rendition.width}×{rendition.height}, {rendition.size // 1000} kB",
        },
        column="media",
        advice=True,
    )


def _without_alt(draft: Draft, assignments: Iterable[Assignment]) -> list[Problem]:
    """Advice for the languages in which an image has no alt text."""
    silent = {one.cut.language for one in assignments if _lacks_alt(draft.wordings[one.cut])}
    if not silent:
        return []
    message = N_("an image has no alt text in {languages}: people who cannot see it learn nothing")
    params = {"languages": ", ".join(sorted(silent))}
    return [Problem(message=message, params=params, column="alt", advice=True)]


def _lacks_alt(wording: Wording) -> bool:
    return any(not alt for alt in wording.alts)
