"""What tables that people enter have in common: how they are judged, and what came of them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from scheduler.core.cells import Fault, closest
from scheduler.core.headings import check_headings, in_order, missing_columns, without_missing
from scheduler.core.problems import Problem, Refused
from scheduler.core.wording import N_
from scheduler.services.spreadsheets import Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedReadings:
    """How many readings are new, correct one that was entered before, and stay as they were.

    `by_country` where they are splits, each of a channel and day.
    """

    added: int
    corrected: int
    unchanged: int
    by_country: bool = False


def require_sound(
    sheet: Sheet, faults: Iterable[Problem], *, required: Collection[str], optional: Collection[str]
) -> None:
    """Refused with these faults and those of the sheet itself, if there are any."""
    headings = check_headings(sheet.headings, required=required, optional=optional)
    every = (*sheet.problems, *faults)
    if problems := headings + without_missing(every, missing_columns(sheet.headings, required)):
        raise Refused(in_order(problems))


def unknown_channel(name: str, channels: Iterable[str]) -> Fault:
    """That there is no such channel, with the one that may be meant."""
    if near := closest(name, channels):
        return Fault(N_("no channel “{selector}”: did you mean “{closest}”?"), selector=name, closest=near)
    return Fault(N_("no channel “{selector}”: see postroad channels list"), selector=name)
