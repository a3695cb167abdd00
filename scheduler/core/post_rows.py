"""Reading the rows of a posts table into drafts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from connectors.contract import Labels
from scheduler.core.cells import (
    Fault,
    Reader,
    name,
    not_known,
    one_of,
    optional_name,
    parts,
    read_cells,
    time_zone,
    wall_time,
    web_link,
)
from scheduler.core.drafts import AUDIENCE, TEXT, Cut, Draft, Wording
from scheduler.core.headings import HEADING_ROW, check_headings, missing_columns
from scheduler.core.language_cells import language
from scheduler.core.lateness import Lateness
from scheduler.core.problems import Problem
from scheduler.core.wording import N_

Key = TypeVar("Key")

REQUIRED = ("post", "at", "zone", "channels")
OPTIONAL = ("campaign", "lateness", "link", "media", "alt", "labels", "fold")
TEXT_COLUMN, ALT = "text", "alt."
FOLDS = {"": None, "first": 0, "second": 1}
AI, PAID, AFFILIATION = "ai", "paid", "affiliation:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The headings of a posts table, understood: the cut or the alt language each one stands for.

    `missing` are the columns that every row lacks.
    """

    texts: Mapping[str, Cut]
    alts: Mapping[str, str]
    missing: frozenset[str]


def read_columns(headings: Sequence[str]) -> tuple[Columns, list[Problem]]:
    """The text and alt columns of these headings, and what is wrong with any heading."""
    problems = check_headings(headings, required=REQUIRED, optional=OPTIONAL, families=(TEXT, ALT))
    texts: dict[str, Cut] = {}
    alts: dict[str, str] = {}
    for heading in dict.fromkeys(headings):
        try:
            if heading.startswith(TEXT):
                texts[heading] = _new(_cut(heading.removeprefix(TEXT)), texts)
            elif heading.startswith(ALT):
                alts[heading] = _new(language(heading.removeprefix(ALT)), alts)
        except Fault as fault:
            problems.append(fault.at(HEADING_ROW, heading))
    if not texts:
        problems.append(
            Fault(N_("there is no text column: add one such as text.en")).at(HEADING_ROW, TEXT_COLUMN)
        )
    written = {cut.language for cut in texts.values()}
    for heading, tongue in alts.items():
        if tongue not in written:
            problems.append(Fault(N_("there is no text column for this alt text")).at(HEADING_ROW, heading))
    missing = missing_columns([*headings, *([TEXT_COLUMN] if texts else [])], (*REQUIRED, TEXT_COLUMN))
    return Columns(texts=texts, alts=alts, missing=missing), problems


def read_draft(row: int, cells: Mapping[str, str], columns: Columns) -> tuple[Draft, list[Problem]]:
    """The post of one row and every problem of the row; what could not be read is replaced by a stand-in."""
    values, problems = read_cells(row, cells, READERS)
    values = {**STAND_INS, **values}
    wordings, faults = _wordings(cells, columns, values["media"])
    draft = Draft(
        row=row,
        ref=values.pop("post"),
        wall_at=values.pop("at"),
        selectors=values.pop("channels"),
        wordings=wordings,
        **values,
    )
    return draft, problems + [fault.at(row, column) for column, fault in faults]


def _wordings(
    cells: Mapping[str, str], columns: Columns, media: Sequence[str]
) -> tuple[dict[Cut, Wording], list[tuple[str, Fault]]]:
    said = {cut: cells.get(heading, "") for heading, cut in columns.texts.items()}
    wordings = {cut: Wording(text=text) for cut, text in said.items() if text}
    if not wordings:
        return {}, [(TEXT_COLUMN, Fault(N_("the post has no text in any language")))]
    alts, faults = _alts(cells, columns, len(media))
    general = alts.get("", ("",) * len(media))
    return {
        cut: replace(wording, alts=alts.get(cut.language, general)) for cut, wording in wordings.items()
    }, faults


def _alts(
    cells: Mapping[str, str], columns: Columns, images: int
) -> tuple[dict[str, tuple[str, ...]], list[tuple[str, Fault]]]:
    """Alt texts by language ("" for the column `alt`), filled up to one an image."""
    alts, faults = {}, []
    for heading, tongue in {"alt": "", **columns.alts}.items():
        given = _list(cells.get(heading, ""))
        if len(given) > images:
            message = N_("{given} alt texts for {images} images: separate them with |")
            faults.append((heading, Fault(message, given=len(given), images=images)))
        elif given:
            alts[tongue] = given + ("",) * (images - len(given))
    return alts, faults


def _cut(name: str) -> Cut:
    tag, _, platform = name.partition("@")
    return Cut(language(tag), platform)


def _new(value: Key, known: Mapping[str, Key]) -> Key:
    if value in known.values():
        raise Fault(N_("the column is there twice, written differently"))
    return value


def _list(cell: str) -> tuple[str, ...]:
    """The parts between vertical bars; empty ones count, so that an image may go without alt text."""
    return tuple(part.strip() for part in cell.split("|")) if cell else ()


def _media(cell: str) -> tuple[str, ...]:
    return tuple(part for part in _list(cell) if part)


def _zone(cell: str) -> str:
    return AUDIENCE if cell.lower() == AUDIENCE else time_zone(cell)


def _fold(cell: str) -> int | None:
    return FOLDS[one_of(FOLDS, default="")(cell)]


def _selectors(cell: str) -> tuple[str, ...]:
    if not (found := parts(cell)):
        raise Fault(N_("must not be empty: name channels, or * for all"))
    return found


def _labels(cell: str) -> Labels:
    given = parts(cell)
    affiliation = [part[len(AFFILIATION) :].strip() for part in given if part.lower().startswith(AFFILIATION)]
    for part in given:
        if part.lower() not in (AI, PAID) and not part.lower().startswith(AFFILIATION):
            raise not_known(part, (AI, PAID, f"{AFFILIATION}NAME"))
    said = [part.lower() for part in given]
    return Labels(ai_generated=AI in said, paid=PAID in said, affiliation="; ".join(affiliation))


def _lateness(cell: str) -> Lateness:
    return Lateness(one_of([*Lateness], default=Lateness.NORMAL)(cell))


READERS: Mapping[str, Reader] = {
    "post": name,
    "campaign": optional_name,
    "at": wall_time,
    "zone": _zone,
    "lateness": _lateness,
    "channels": _selectors,
    "link": web_link,
    "media": _media,
    "labels": _labels,
    "fold": _fold,
}
STAND_INS: Mapping[str, Any] = {
    "post": "",
    "campaign": "",
    "at": datetime(2000, 1, 1),  # noqa: DTZ001 - wall time has no zone
    "zone": "UTC",
    "lateness": Lateness.NORMAL,
    "channels": (),
    "link": None,
    "media": (),
    "labels": Labels(),
    "fold": None,
}
