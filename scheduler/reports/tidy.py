"""Every figure of the report as one long table: what the CSV holds and what all renderings agree with."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from io import StringIO

from scheduler.core.countries import SplitMeasure
from scheduler.core.figures import Figure, absent, exactly
from scheduler.core.progress import Progress
from scheduler.reports.dataset import (
    ChannelCountries,
    ManualFigure,
    Measured,
    PostResult,
    ReachDataset,
    Row,
    Section,
)
from scheduler.reports.figures.settling import provisional
from scheduler.reports.words import goal_words

COLUMNS = ("section", "dimension", "key", "measure", "value", "status", "reason", "unit")
UNITS = {
    "posts": "posts",
    "posts_out": "posts",
    "publications": "publications",
    "countable": "publications",
    "recalled": "publications",
    "read": "publications",
    "failed": "readings",
    "looks_due": "readings",
    "looks_missed": "readings",
    "audience_failed": "readings",
    "baselines": "counters",
    "exposure": "events",
    "followers": "followers",
    "followers_share": "percent",
}
UNIT_OF_SECTION = {"output": "deliveries", "exposure": "events", "reach": "people", "audience": "followers"}
UNIT_ELSEWHERE = "responses"
STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class TidyFigure:
    """One figure and its place. That of a share is in hundredths of a percent."""

    section: str
    dimension: str
    key: str
    measure: str
    figure: Figure
    source: str = ""
    provisional: bool = False

    @property
    def place(self) -> tuple[str, str, str]:
        """Its section, dimension and key."""
        return self.section, self.dimension, self.key

    @property
    def status(self) -> str:
        """`reported`, `partial` when some channels could not report it, `manual`, or `missing`.

        Where the number may still move, `provisional` and `partial_provisional`.
        """
        if self.source:
            return "manual"
        if self.figure.value is None:
            return "missing"
        if self.provisional:
            return "partial_provisional" if self.figure.partial else "provisional"
        return "partial" if self.figure.partial else "reported"

    @property
    def settled(self) -> bool:
        """True for a figure of the time that it is compared with, and for what a goal sets or has frozen."""
        if self.section == "goals":
            return not self.measure.endswith((".actual", ".low", ".high"))
        return self.measure.endswith((".previous", ".year_before"))

    @property
    def reason(self) -> str:
        """Why there is no figure, or where one that people entered comes from."""
        return f"manual, source: {self.source}" if self.source else self.figure.reason or ""

    @property
    def value(self) -> str:
        """The number in its unit, nothing where there is none."""
        value = self.figure.value
        if value is None:
            return ""
        return f"{value / 100:.2f}" if self.measure == SplitMeasure.SHARE else str(value)

    @property
    def unit(self) -> str:
        """What is counted."""
        if self.source:
            return UNITS.get(self.measure, self.measure)
        return UNITS.get(self.measure.partition(".")[0], UNIT_OF_SECTION.get(self.section, UNIT_ELSEWHERE))


def tidy(dataset: ReachDataset) -> Iterator[TidyFigure]:
    """Every figure; what it is compared with and the differences are measures of their own."""
    moves = cache(partial(provisional, dataset))
    for one in _every(dataset):
        known = not one.settled and moves(one.section, one.dimension, one.key)
        yield replace(one, provisional=True) if known else one


def _every(dataset: ReachDataset) -> Iterator[TidyFigure]:
    yield from in_tables(dataset.tables)
    for goal in dataset.goals:
        yield from _goal(goal)
    yield from _countries(dataset)
    yield from _languages(dataset)
    yield from map(manual_figure, dataset.manual)
    for kind, posts in (("best", dataset.best), ("weakest", dataset.weakest)):
        for post in posts:
            yield from _post(kind, post)


def in_tables(tables: Mapping[Section, Iterable[Row]]) -> Iterator[TidyFigure]:
    """Every figure of the tables."""
    for section, rows in sorted(tables.items()):
        for row in rows:
            for measure, measured in row.measures.items():
                yield from _figures((section, row.dimension, row.key), measure, measured)


def render_csv(dataset: ReachDataset) -> bytes:
    """UTF-8 with a mark, so that Excel reads it right; no text in it can run as a formula."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in tidy(dataset):
        place = [harmless(part) for part in (one.section, one.dimension, one.key, one.measure)]
        writer.writerow([*place, one.value, one.status, harmless(one.reason), one.unit])
    return text.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(STARTS_FORMULA) else text


def _figures(place: tuple[str, str, str], measure: str, measured: Measured) -> Iterator[TidyFigure]:
    named = {
        measure: measured.now,
        f"{measure}.previous": measured.before,
        f"{measure}.change": measured.change,
        f"{measure}.year_before": measured.year_before,
        f"{measure}.year_change": measured.year_change,
    }
    for name, figure in named.items():
        if figure is not None:
            yield _one(place, name, figure)


def _one(place: tuple[str, str, str], measure: str, figure: Figure) -> TidyFigure:
    section, dimension, key = place
    return TidyFigure(section=section, dimension=dimension, key=key, measure=measure, figure=figure)


def _goal(goal: Progress) -> Iterator[TidyFigure]:
    for measure, figure in goal_words.figures(goal).items():
        yield _one(("goals", goal.aim.dimension, goal.aim.key), measure, figure)


def _countries(dataset: ReachDataset) -> Iterator[TidyFigure]:
    """The platforms and channels of which they are not known, the sums by country, then split by split."""
    for gap in dataset.countries:
        places = [("channel_country", channel) for channel in gap.channels]
        for dimension, key in places or [("platform_country", gap.platform)]:
            yield _one(("audience", dimension, key), "followers", absent(gap.reason))
    for row in dataset.by_country.rows if dataset.by_country else ():
        figure = row.measures["followers"].now
        told = f"{figure.known} of {figure.of} splits"
        yield replace(_one(("countries", row.dimension, row.key), "followers", figure), source=told)
    for split in dataset.splits:
        yield from _split(split)


def _split(split: ChannelCountries) -> Iterator[TidyFigure]:
    for country, amount in split.amounts.items():
        place = ("countries", "channel_country", f"{split.channel}/{split.as_of}/{country}")
        yield replace(_one(place, split.measure, exactly(amount)), source=split.source)


def _languages(dataset: ReachDataset) -> Iterator[TidyFigure]:
    """How many posts of each language could be compared, then each post in its languages."""
    for one in dataset.languages:
        yield _one(("languages", "language", one.language), "posts", exactly(one.posts))
    for post in dataset.in_languages:
        for side in post.sides:
            place = ("languages", "post_language", f"{post.ref}/{side.language}")
            yield _one(place, "responses_at_24h", side.responses)
            yield _one(place, "followers", side.followers)


def manual_figure(reading: ManualFigure) -> TidyFigure:
    """Its place says of which days it is: no two of them are to be added by chance."""
    days = f"{reading.first_day}/{reading.last_day}"
    return TidyFigure(
        section="manual",
        dimension="channel",
        key="/".join(filter(None, (reading.channel, days, reading.post))),
        measure=reading.metric,
        figure=exactly(reading.value),
        source=reading.source,
    )


def _post(section: str, post: PostResult) -> Iterator[TidyFigure]:
    for measure, measured in post.measures.items():
        yield from _figures((section, "post", post.ref), measure, measured)
    if post.looks_due:
        yield _one((section, "post", post.ref), "looks_due", exactly(post.looks_due))
        yield _one((section, "post", post.ref), "looks_missed", exactly(post.looks_missed))
