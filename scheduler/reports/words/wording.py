"""Numbers, dates and names as the reader writes them, from CLDR."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, parse_locale
from babel.dates import format_date, format_interval, format_skeleton
from babel.numbers import format_compact_decimal, format_percent

from scheduler.core.countries import OTHER
from scheduler.core.figures import Figure, Reason
from scheduler.core.periods import Kind, period_called
from scheduler.core.wording import N_
from scheduler.i18n import REPORT_LANGUAGES, closest_language, say_reason, translator
from scheduler.reports.dataset import Dimension, ReachDataset, Restatement, Row
from scheduler.reports.words.labels import MEASURES, REASONS, UNNAMED

COMPACT_FROM = {"zh": 10_000}
COMPACT_ELSEWHERE_FROM = 1_000_000
PERCENT_FROM = 100
SHOWN_FROM = 0.0005
ISOLATE, ISOLATED = "\u2068", "\u2069"
LEFT_TO_RIGHT, RIGHT_TO_LEFT = "\u200e", "\u200f"
OTHERS = N_("other or unknown")
DETAILED = N_("{language} ({details})")
WEEK, WEEK_OF_ONE_DIGIT = N_("{year}-W{week}"), N_("{year}-W0{week}")


@dataclass(frozen=True)
class Words:
    """One of the report's languages. `say` translates; the rest formats, with the digits 0 to 9 in all."""

    language: str

    @cached_property
    def locale(self) -> Locale:
        """The CLDR locale of the language."""
        return Locale.parse(closest_language(self.language, REPORT_LANGUAGES), sep="-")

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return self.locale.text_direction

    def say(self, message: str, **values: object) -> str:
        """A msgid in the reader's language, its names filled in; none beside it reorders its parts."""
        text = translator(self.language)(message)
        if not values:
            return text
        mark = RIGHT_TO_LEFT if self.direction == "rtl" else ""
        return mark + text.format(**{name: self.isolate(str(value)) for name, value in values.items()}) + mark

    def isolate(self, text: str) -> str:
        """The text so that its letters and the reader's do not reorder each other: right-to-left only.

        By characters (Unicode UAX 9, FSI and PDI), since paper and spreadsheets know no `<bdi>`.
        """
        return f"{ISOLATE}{text}{ISOLATED}" if self.direction == "rtl" else text

    def all(self, messages: Iterable[str]) -> list[str]:
        """Several msgids in the reader's language."""
        return [self.say(message) for message in messages]

    def listed(self, names: Iterable[str]) -> str:
        """Names one after the other in the reader's order, whatever their own letters."""
        told = self.say(N_(", ")).join(map(self.isolate, names))
        return f"{RIGHT_TO_LEFT}{told}{RIGHT_TO_LEFT}" if told and self.direction == "rtl" else told

    def headed(self, head: str, text: str) -> str:
        """A text behind what it is about."""
        return self.say(N_("{head}: {text}"), head=head, text=text)

    def join(self, sentences: Iterable[str]) -> str:
        """Sentences one after the other; Chinese and Japanese put no space between them."""
        return ("" if self.locale.language in ("zh", "ja") else " ").join(sentences)

    def number(self, value: int) -> str:
        """Grouped digits, the same in each of the report's languages; asking CLDR takes 30 times as long."""
        return f"{value:,}"

    def signed(self, value: int) -> str:
        """Grouped digits with + or a minus sign."""
        return self._sign(value) + self.number(abs(value))

    def compact(self, value: int) -> str:
        """A large number as it is spoken: 1.2M, 128.4万; smaller ones in full."""
        limit = COMPACT_FROM.get(self.locale.language, COMPACT_ELSEWHERE_FROM)
        if abs(value) < limit:
            return self.number(value)
        return format_compact_decimal(value, locale=self.locale, fraction_digits=1)

    def counted(self, count: int, forms: tuple[str, str], *, shown: str = "") -> str:
        """A number, in full or as `shown`, with what it counts; `forms` are the msgids for one and more."""
        return self.say(forms[count != 1], count=shown or self.number(count))

    def share(self, part: int, whole: int) -> str:
        """A part of a whole in percent, 0% and 100% only where it is; nothing of nothing is a dash."""
        if not whole:
            return "–"
        percent = round(100 * part / whole)
        told = min(max(percent, 1), 99) if 0 < part < whole else percent
        return format_percent(told / 100, locale=self.locale)

    def growth(self, change: int, before: int) -> str:
        """As `grown`, with its sign."""
        size = self.grown(change, before)
        return self._sign(change) + size if size else ""

    def grown(self, change: int, before: int) -> str:
        """The size of a change in percent of what was before; nothing where that is too small to tell."""
        if before < PERCENT_FROM or abs(change) / before < SHOWN_FROM:
            return ""
        return format_percent(abs(change) / before, format="#,##0.0%", locale=self.locale)

    def percent(self, hundredths: int) -> str:
        """Hundredths of a percent as a percentage, with the decimals that it has."""
        return format_percent(hundredths / 10_000, format="#,##0.##%", locale=self.locale)

    def figure(self, figure: Figure) -> str:
        """The number, or the reason in a word or two."""
        return self.reason(figure.reason) if figure.value is None else self.number(figure.value)

    def reason(self, reason: Reason | None) -> str:
        """Why there is no number, in a word or two."""
        return self.say(REASONS[reason or Reason.NOT_READ])

    def measure(self, name: str) -> str:
        """A measure's heading; a native metric keeps the platform's own name."""
        return self.say(MEASURES[name]) if name in MEASURES else name

    def native_note(self, note: str) -> str:
        """What a connector says of a counter or its source: in the reader's language where we have it."""
        return self.say(note) if note else ""

    def cause(self, reason: str) -> str:
        """What a connector said of a failure: in the reader's language where we have it, else as it was."""
        return say_reason(reason, translator(self.language))

    def day(self, day: date) -> str:
        """A calendar day; from right to left with its month in letters, since figures would change places."""
        length: Literal["medium", "long"] = "long" if self.direction == "rtl" else "medium"
        return format_date(day, format=length, locale=self.locale)

    def days(self, first: date, last: date) -> str:
        """A range of calendar days."""
        return str(format_interval(first, last, skeleton="yMMMd", locale=self.locale))

    def period(self, name: str) -> str:
        """What the period of this name (see Period) is called: a campaign's its days, none nothing."""
        if not name:
            return ""
        first, between, last = name.partition("--")
        if between:
            return self.days(date.fromisoformat(first), date.fromisoformat(last))
        period = period_called(name)
        if period.kind is Kind.WEEK:
            year, week, _ = period.first_day.isocalendar()
            return self.say(WEEK if week > 9 else WEEK_OF_ONE_DIGIT, year=year, week=week)
        skeleton = "yMMM" if period.kind is Kind.MONTH else "y"
        return format_skeleton(skeleton, period.first_day, locale=self.locale)

    def moment(self, at: datetime, zone: str) -> str:
        """An instant in a zone, to the minute."""
        local = at.astimezone(ZoneInfo(zone))
        return f"{self.day(local.date())} {local:%H:%M}"

    def language_name(self, tag: str) -> str:
        """A language's name with the script and region its tag names, or the tag."""
        try:
            language, region, script, *_ = parse_locale(tag, sep="-")
        except ValueError:
            return tag
        name = self.locale.languages.get(language, tag)
        details = [self.locale.scripts.get(script, script), self.locale.territories.get(region, region)]
        told = ", ".join(detail for detail in details if detail)
        return self.say(DETAILED, language=name, details=told) if told else name

    def region_name(self, code: str) -> str:
        """A country's or region's name, or its code."""
        return str(self.locale.territories.get(code.upper(), code))

    def country_name(self, code: str) -> str:
        """A country's name; what is of no country that is known is called so."""
        return self.say(OTHERS) if code == OTHER else self.region_name(code)

    def slice_name(self, dataset: ReachDataset, row: Row | Restatement) -> str:
        """What a row is about."""
        if not row.key and row.dimension in UNNAMED:
            return self.say(UNNAMED[row.dimension])
        match row.dimension:
            case Dimension.PLATFORM:
                return dataset.platforms.get(row.key, row.key)
            case Dimension.LANGUAGE:
                return self.language_name(row.key)
            case Dimension.REGION:
                return self.region_name(row.key)
            case Dimension.COUNTRY:
                return self.country_name(row.key)
            case Dimension.MATRIX:
                platform, _, language = row.key.partition("/")
                return f"{dataset.platforms.get(platform, platform)} · {self.language_name(language)}"
            case Dimension.PLACE:
                platform, language, region = row.key.split("/", 2)
                where = self.region_name(region) if region else self.say(UNNAMED[Dimension.REGION])
                network = dataset.platforms.get(platform, platform)
                return f"{network} · {self.language_name(language)} · {where}"
            case _:
                return row.key

    def _sign(self, value: int) -> str:
        """A sign that stays on the left of its digits, where a reader of any script looks for it."""
        sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
        return LEFT_TO_RIGHT + sign if sign and self.direction == "rtl" else sign


def direction_of(tag: str) -> str:
    """`rtl` for languages written from right to left, else `ltr`."""
    try:
        return Locale.parse(tag, sep="-").text_direction
    except (ValueError, UnknownLocaleError):
        return "ltr"
