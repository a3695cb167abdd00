"""The followers of a channel by country, as they stood on a day: rows of a table, and splits in the books."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from babel import Locale
from babel.core import get_global

from scheduler.core.cells import Fault, Reader, count, day, name, read_cells, source
from scheduler.core.problems import Problem
from scheduler.core.wording import N_

REQUIRED = ("channel", "as_of", "country", "source")
OPTIONAL = ("followers", "followers_share")
TEMPLATE = ("channel", "as_of", "country", *OPTIONAL, "source")
OTHER = "other"
"""What a split has for followers of other countries, or of none that is known."""
ALSO_OTHER = (OTHER, "others", "unknown", "其他", "其它", "未知")
WHOLE = 100_00
"""All followers as shares are kept: in hundredths of a percent."""
OLDEST = timedelta(days=92)
"""A split that stood so longer before the last day of a period does not stand for it."""
ROUNDING, ONE_PERCENT = 50, 100
NAMES_IN = ("en", "zh", "ar")
COUNTRIES = frozenset(
    re.findall(
        r"[A-Z]{2}",
        """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
    BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
    ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
    HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
    LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
    NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
    SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
    UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """,
    )
)
"""The two-letter codes of ISO 3166-1."""
_SHARE = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*[%％]?", re.ASCII)


class SplitMeasure(StrEnum):
    """What a split holds for each country; shares are of all followers, in hundredths of a percent."""

    FOLLOWERS = "followers"
    SHARE = "followers_share"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SplitKey:
    """Whose followers they are, and the day on which they stood so. Another split of the key corrects it."""

    channel: str
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryRow:
    """A country of a split as its row tells it; `row` is the spreadsheet's."""

    row: int
    key: SplitKey
    country: str
    measure: SplitMeasure
    amount: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredSplit:
    """A split as the rows of a table tell it; `row` is its first."""

    row: int
    key: SplitKey
    measure: SplitMeasure
    amounts: Mapping[str, int]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountrySplit:
    """A split in the books, its largest country first.

    `by` is the member who entered it, empty for what a platform gave itself; `corrected` says that another
    one of the same key was entered before.
    """

    key: SplitKey
    channel_id: int
    platform: str
    title: str
    measure: SplitMeasure
    amounts: Mapping[str, int]
    source: str
    by: str
    entered_at: datetime
    corrected: bool = False


def read_country_row(
    row: int, cells: Mapping[str, str], *, today: date
) -> tuple[CountryRow | None, list[Problem]]:
    """The country of one row, or None and every problem of the row; no day after `today` is taken."""
    values, problems = read_cells(row, cells, _READERS)
    told = [column for column in OPTIONAL if cells.get(column)]
    if len(told) != 1:
        message = NEITHER if not told else BOTH
        problems.append(Fault(message, share=SplitMeasure.SHARE).at(row, SplitMeasure.FOLLOWERS))
    if "as_of" in values and values["as_of"] > today:
        problems.append(Fault(N_("{day} has not come yet"), day=str(values["as_of"])).at(row, "as_of"))
    if problems:
        return None, problems
    read = CountryRow(
        row=row,
        key=SplitKey(channel=values["channel"], as_of=values["as_of"]),
        country=values["country"],
        measure=SplitMeasure(told[0]),
        amount=values[told[0]],
        source=values["source"],
    )
    return read, []


def splits_of(rows: Iterable[CountryRow]) -> tuple[list[EnteredSplit], list[Problem]]:
    """The splits that these rows make, and what keeps rows of one channel and day from being one split."""
    together: dict[SplitKey, list[CountryRow]] = {}
    for one in rows:
        together.setdefault(one.key, []).append(one)
    problems = [problem for found in together.values() for problem in _contradictions(found)]
    return [_split(found) for found in together.values()], problems


def largest_first(amounts: Mapping[str, int]) -> dict[str, int]:
    """The amounts in the order in which they are shown: the rest, which is no country, comes last."""
    return dict(sorted(amounts.items(), key=lambda one: (one[0] == OTHER, -one[1], one[0])))


NEITHER = N_("must hold the followers, or {share} their share in percent")
BOTH = N_("holds a number and {share} a share: leave one of them empty")
TWICE = N_("the same country as in row {other}")
MIXED = N_("row {other} of this split is told in {column}: tell all of it so")
TWO_SOURCES = N_("row {other} of this split names another source: a split has one")
TOO_MUCH = N_("the shares of this split add up to {sum} %: more than all followers")
FRACTIONS = N_("the shares of this split add up to {sum} %: write 12.5 for 12.5 %, not 0.125")
NO_COUNTRY = N_("no country “{word}”: write its two letters, such as EG, or {other}")
NEAR_COUNTRY = N_("no country “{word}”: did you mean {code}?")


def _split(rows: Sequence[CountryRow]) -> EnteredSplit:
    first = rows[0]
    return EnteredSplit(
        row=first.row,
        key=first.key,
        measure=first.measure,
        amounts=largest_first({one.country: one.amount for one in rows}),
        source=first.source,
    )


def _contradictions(rows: Sequence[CountryRow]) -> Iterator[Problem]:
    first, seen = rows[0], dict[str, int]()
    for one in rows:
        if one.country in seen:
            yield Fault(TWICE, other=seen[one.country]).at(one.row, "country")
        if one.measure is not first.measure:
            yield Fault(MIXED, other=first.row, column=first.measure).at(one.row, one.measure)
        if one.source != first.source:
            yield Fault(TWO_SOURCES, other=first.row).at(one.row, "source")
        seen.setdefault(one.country, one.row)
    shares = [one.amount for one in rows if one.measure is SplitMeasure.SHARE]
    if fault := _fault_of_shares(shares):
        yield fault.at(first.row, SplitMeasure.SHARE)


def _fault_of_shares(shares: Sequence[int]) -> Fault | None:
    """Rounded shares may add up to a little more than all; two and more that are next to nothing were typed
    as fractions.
    """
    told = f"{Decimal(sum(shares)) / 100:f}"
    if sum(shares) > WHOLE + ROUNDING:
        return Fault(TOO_MUCH, sum=told)
    return Fault(FRACTIONS, sum=told) if len(shares) > 1 and sum(shares) <= ONE_PERCENT else None


def _country(cell: str) -> str:
    code = cell.upper()
    if code in COUNTRIES:
        return code
    if cell.casefold() in ALSO_OTHER:
        return OTHER
    if near := _code_of(cell):
        raise Fault(NEAR_COUNTRY, word=cell, code=near)
    raise Fault(NO_COUNTRY, word=cell, other=OTHER)


def _code_of(word: str) -> str | None:
    """The code of a country that is told by its name, or by a code it does not have any more."""
    for code in get_global("territory_aliases").get(word.upper(), ()):
        if code in COUNTRIES:
            return str(code)
    for language in NAMES_IN:
        for code, called in Locale(language).territories.items():
            if code in COUNTRIES and called.casefold() == word.casefold():
                return str(code)
    return None


def _share(cell: str) -> int:
    found = _SHARE.fullmatch(cell)
    share = round(Decimal(found[1].replace(",", ".")) * 100) if found else None
    if share is None or share > WHOLE:
        raise Fault(N_("“{word}” is not a share in percent: write 12.5"), word=cell)
    return share


_READERS: dict[str, Reader] = {
    "channel": name,
    "as_of": day,
    "country": _country,
    "followers": lambda cell: count(cell) if cell else None,
    "followers_share": lambda cell: _share(cell) if cell else None,
    "source": source,
}
