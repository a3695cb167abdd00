"""Reading cells that say what a goal is about, how much it is, and how it is split over the year."""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from scheduler.core.cells import Fault, Reader, closest, name, not_known, whole_number
from scheduler.core.goals import EXPOSURE, FIRST_YEAR, FLOWS, FOLLOWERS, LAST_YEAR, WHOLE, WHOLE_YEAR
from scheduler.core.language_cells import language, region
from scheduler.core.wording import N_

SLICES: Mapping[str, Reader] = {
    "platform": name,
    "language": language,
    "region": region,
    "campaign": name,
    "channel": name,
}
SPLITS = (4, 12)
NOT_A_NUMBER = N_("“{word}” is not a whole number above 0")
_SHARE = re.compile(r"\d{1,3}(?:\.\d{1,2})?", re.ASCII)


def read_year(cell: str) -> int:
    """A calendar year."""
    if not re.fullmatch(r"\d{4}", cell, re.ASCII) or not FIRST_YEAR <= int(cell) <= LAST_YEAR:
        raise Fault(N_("“{word}” is not a year: write it like 2026"), word=cell)
    return int(cell)


def read_measure(cell: str) -> str:
    """A measure by its name, or exposure in one definition as `exposure:PLATFORM/METRIC`."""
    word = cell.lower()
    if word in (*FLOWS, FOLLOWERS):
        return word
    if word.startswith("exposure"):
        if re.fullmatch(r"exposure:[\w-]+/[\w.-]+", cell, re.ASCII | re.IGNORECASE):
            platform, _, metric = cell.partition(":")[2].partition("/")
            return f"{EXPOSURE}{platform.lower()}/{metric}"
        raise Fault(N_("exposure is counted in one definition only: write exposure:PLATFORM/METRIC"))
    raise not_known(cell, (*FLOWS, FOLLOWERS))


def read_slice(cell: str) -> tuple[str, str]:
    """(dimension, key) of `language=ar` and the like; nothing is the whole matrix."""
    if not cell:
        return WHOLE, ""
    dimension, equals, key = (part.strip() for part in cell.partition("="))
    if not equals or dimension.lower() not in SLICES:
        if equals and (close := closest(dimension, SLICES)):
            raise Fault(N_("“{word}” is not known: did you mean “{closest}”?"), word=dimension, closest=close)
        raise Fault(
            N_("“{word}” is no slice: write one of {known} with = and its name, or nothing"),
            word=cell,
            known=", ".join(SLICES),
        )
    return dimension.lower(), SLICES[dimension.lower()](key)


def read_target(cell: str) -> int:
    """A whole number above 0; groups of three may be set apart."""
    amount = whole_number(cell)
    if not amount:
        raise Fault(NOT_A_NUMBER, word=cell)
    return amount


def read_phases(cell: str) -> tuple[int, ...]:
    """Percentages of the 4 quarters or the 12 months, in ten-thousandths; nothing is an even year."""
    words = [word.strip().removesuffix("%") for word in re.split(r"[,;，；]", cell) if word.strip()]
    if not words:
        return ()
    if len(words) not in SPLITS or not all(_SHARE.fullmatch(word) for word in words):
        raise Fault(N_("“{word}” is no plan: write 4 or 12 percentages with commas between"), word=cell)
    shares = tuple(int((Decimal(word) * 100).to_integral_value(ROUND_HALF_UP)) for word in words)
    if sum(shares) != WHOLE_YEAR:
        total = f"{Decimal(sum(shares)) / 100:f}"
        raise Fault(N_("the shares add up to {total} %, not to 100 %"), total=total)
    return shares
