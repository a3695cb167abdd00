"""What is on each slide: a handful for a meeting, every figure of it from the frozen dataset."""

from typing import Any

from scheduler.core.wording import N_
from scheduler.reports.dataset import Closing, Dimension, FollowersByCountry, ReachDataset, Section
from scheduler.reports.figures import settling
from scheduler.reports.freezing import FrozenReport
from scheduler.reports.pages.charts import by_size
from scheduler.reports.pptx.deck import MARGIN, MUTED, SEAL, WIDE, Deck, Style, new_deck
from scheduler.reports.pptx.words import (
    excerpt,
    gaps_over_time,
    over_time,
    times_of,
    told,
    told_shortly,
    where,
)
from scheduler.reports.words import comparison_words, country_words, goal_words, labels
from scheduler.reports.words.summary import KEY_FIGURES, PARTIAL, drawn, figure_text, is_starred, lead, title
from scheduler.reports.words.wording import Words, direction_of

LINES, COUNTRIES, GOALS, POSTS = 12, 10, 6, 3
RESPONSES = ("reactions", "comments", "shares")
LEFT, RIGHT = (MARGIN, 1.4, 7.0, 5.3), (7.9, 1.5, 4.8, 5.2)
MORE = N_("{count} more are in the workbook and on the web page.")
IN_ZONE = N_("{moment} ({zone})")


def render_slides(report: FrozenReport, language: str) -> bytes:
    """A PPTX file; the same report gives the same bytes."""
    data, words = report.dataset, Words(language)
    footer = (
        f"{data.organisation} · {words.period(data.period.name)} · {words.say(labels.CLOSINGS[data.closing])}"
    )
    deck = new_deck(words, title=title(data, words), author=data.organisation, footer=footer)
    _front(deck, data)
    _figures(deck, data)
    _trend(deck, data)
    _split(deck, data, Dimension.PLATFORM)
    _split(deck, data, Dimension.LANGUAGE)
    if data.by_country:
        _countries(deck, data, data.by_country)
    if data.best:
        _posts(deck, report)
    if data.goals:
        _goals(deck, data)
    _coverage(deck, data)
    _methods(deck, report)
    return deck.content(data.built_at)


def _front(deck: Deck, data: ReachDataset) -> None:
    words = deck.words
    slide = _slide(deck, data, title(data, words))
    days = words.days(data.period.first_day, data.period.last_day)
    closing = words.headed(*words.all((labels.CLOSINGS[data.closing], labels.CLOSING_NOTES[data.closing])))
    wide = WIDE - 2 * MARGIN
    deck.text(slide, (MARGIN, 1.5, wide, 1.0), [data.organisation, days], Style(size=20, colour=MUTED))
    deck.text(slide, (MARGIN, 2.7, wide, 2.0), [lead(data, words)], Style(size=24))
    deck.text(slide, (MARGIN, 5.2, wide, 0.5), [closing], Style(colour=SEAL, bold=True))
    deck.text(slide, (MARGIN, 5.7, wide, 1.0), [*settling.notes(data, words)], Style(size=12, colour=MUTED))


def _slide(deck: Deck, data: ReachDataset, text: str) -> Any:
    """A slide of figures, its title marked where all of them may still move."""
    return deck.slide(f"{text}{settling.mark(data)}")


def _figures(deck: Deck, data: ReachDataset) -> None:
    words = deck.words
    slide = _slide(deck, data, words.say(N_("The period in figures")))
    compared = [name for name in (data.previous, data.year_before) if name]
    heads = [[words.isolate(words.period(name)), words.say(N_("Change"))] for name in compared]
    rows = [["", comparison_words.heading(data, words), *(text for head in heads for text in head)]]
    for section, measure in KEY_FIGURES:
        measured = data.total(section)[measure]
        label = words.measure(measure) + settling.total_mark(data, section)
        rows.append([label, *told(words, data, measured)])
    columns = len(rows[0]) - 1
    widths = [3.2, *([min(2.1, (WIDE - 2 * MARGIN - 3.2) / columns)] * columns)]
    deck.table(slide, (MARGIN, 1.5, 0, 4.2), rows, widths)
    starred = [words.say(PARTIAL)] if is_starred(data) else []
    notes = [*starred, *comparison_words.sentences(data, words)]
    if notes:
        deck.text(slide, (MARGIN, 6.2, WIDE - 2 * MARGIN, 0.8), notes, Style(size=12, colour=MUTED))


def _trend(deck: Deck, data: ReachDataset) -> None:
    """Figures over the times that the report compares; one of another definition is a gap, with its reason.

    Of a running period only followers, a level, are drawn beside whole ones.
    """
    words, totals = deck.words, {**data.total(Section.RESPONSES), **data.total(Section.AUDIENCE)}
    names = [words.period(name) for name in times_of(data)]
    if len(names) < 2:
        return
    slide = _slide(deck, data, words.say(N_("Compared with before")))
    shown: dict[str, tuple[str, ...]] = {"followers": ("followers",)}
    if data.closing is not Closing.PREVIEW:
        shown = {"responses": RESPONSES, **shown}
    half = (WIDE - 2 * MARGIN) / 2 - 0.2
    for left, (head, measures) in zip((MARGIN, WIDE / 2 + 0.2), shown.items(), strict=False):
        deck.text(slide, (left, 1.35, half, 0.4), [words.measure(head)], Style(bold=True))
        series = {measure: over_time(data, totals[measure], of=totals[head]) for measure in measures}
        deck.bars(slide, (left, 1.8, half, 4.6), names, series, title=words.measure(head), upright=True)
    gaps = [line for head in shown for line in gaps_over_time(words, data, head, totals[head])]
    notes = [*gaps, *comparison_words.sentences(data, words)]
    deck.text(slide, (MARGIN, 6.4, WIDE - 2 * MARGIN, 0.5), notes, Style(size=10, colour=MUTED))


def _split(deck: Deck, data: ReachDataset, dimension: Dimension) -> None:
    """Responses as bars, beside them the sums and their changes; a gap says its reason."""
    words = deck.words
    rows = by_size(data.rows(Section.RESPONSES, dimension), "responses")
    if not rows:
        return
    head = drawn(data, words, "responses", dimension)
    slide = _slide(deck, data, head)
    shown = rows[:LINES]
    names = [words.slice_name(data, row) for row in shown]
    values = {name: [row.measures[name].now.value for row in shown] for name in RESPONSES}
    deck.bars(slide, LEFT, names, values, title=head)
    table = [["", words.measure("responses"), *([words.say(N_("Change"))] if data.previous else [])]]
    for name, row in zip(names, shown, strict=True):
        mark = settling.row_mark(data, Section.RESPONSES, row)
        table.append([name + mark, *told_shortly(words, data, row.measures["responses"])])
    figures = len(table[0]) - 1
    deck.table(slide, RIGHT, table, [1.9, *([2.9 / figures] * figures)], size=11)
    starred = any("*" in cell for line in table[1:] for cell in line[1:])
    _foot(deck, slide, left_out=len(rows) - LINES, starred=starred)


def _countries(deck: Deck, data: ReachDataset, total: FollowersByCountry) -> None:
    """Sums of followers by country as bars, beside them how many splits name each."""
    words, shown = deck.words, total.rows[:COUNTRIES]
    slide = deck.slide(words.say(country_words.TITLE))
    names = [words.slice_name(data, row) for row in shown]
    figures = [row.measures["followers"].now for row in shown]
    values = {"followers": [figure.value for figure in figures]}
    deck.bars(slide, (*LEFT[:3], 4.7), names, values, title=words.say(country_words.TITLE))
    table = [["", *words.all(country_words.TOTAL_COLUMNS[1:])]]
    for name, figure in zip(names, figures, strict=True):
        table.append([name, words.number(figure.value or 0), country_words.named_in(figure, words)])
    deck.table(slide, (*RIGHT[:3], 4.5), table, [2.0, 1.3, 1.5])
    left_out = len(total.rows) - COUNTRIES
    rest = [words.say(MORE, count=words.number(left_out))] if left_out > 0 else []
    notes = [*rest, *country_words.known(data, words)]
    deck.text(slide, (MARGIN, 6.15, WIDE - 2 * MARGIN, 0.7), notes, Style(size=10, colour=MUTED))


def _foot(deck: Deck, slide: Any, *, left_out: int = 0, starred: bool = False) -> None:
    """Where the rest of a list is that does not fit, and what a star means."""
    notes = [deck.words.say(MORE, count=deck.words.number(left_out))] if left_out > 0 else []
    notes += [deck.words.say(PARTIAL)] if starred else []
    if notes:
        deck.text(slide, (MARGIN, 6.6, 11, 0.35), [deck.words.join(notes)], Style(size=10, colour=MUTED))


def _posts(deck: Deck, report: FrozenReport) -> None:
    words, data = deck.words, report.dataset
    slide = _slide(deck, data, words.say(N_("Most responses")))
    for place, post in enumerate(data.best[:POSTS]):
        top = 1.4 + 1.85 * place
        deck.text(slide, (MARGIN, top, 0.6, 0.6), [str(place + 1)], Style(size=24, bold=True, colour=SEAL))
        picture = report.pictures.get(post.picture.sha256) if post.picture else None
        if post.picture and picture:
            deck.picture(slide, (1.3, top + 0.05, 1.8, 1.35), picture, post.picture.alt)
        left, wide = (3.3, 6.3) if picture else (1.3, 8.3)
        direction = direction_of(post.language)
        deck.text(slide, (left, top, wide, 1.3), excerpt(post), Style(size=13), direction=direction)
        deck.text(slide, (left, top + 1.35, wide, 0.35), [where(words, post)], Style(size=11, colour=MUTED))
        first, *others = (
            f"{words.measure(name)} {figure_text(words, one.now)}" for name, one in post.measures.items()
        )
        deck.text(slide, (9.8, top, 2.8, 0.4), [first], Style(size=16, bold=True))
        deck.text(slide, (9.8, top + 0.45, 2.8, 1.0), others, Style(size=12, colour=MUTED))
    figures = [one.now for post in data.best[:POSTS] for one in post.measures.values()]
    _foot(deck, slide, starred=any(one.partial for one in figures))


def _goals(deck: Deck, data: ReachDataset) -> None:
    """So many on a slide that what was frozen, line by line, has its room."""
    words = deck.words
    for first in range(0, min(len(data.goals), LINES), GOALS):
        slide = deck.slide(words.say(goal_words.IN_YEAR, year=data.goals[0].aim.year))
        rows = [words.all(goal_words.COLUMNS)]
        for one in data.goals[first : first + GOALS]:
            frozen = "\n".join(goal_words.frozen(one, words))
            rows.append([*goal_words.standing(one, words, data.platforms), frozen])
        deck.table(slide, (MARGIN, 1.4, 0, 5.0), rows, [2.5, 1.4, 1.4, 1.4, 1.0, 1.8, 2.4], size=12)
    _foot(deck, slide, left_out=len(data.goals) - LINES)


def _coverage(deck: Deck, data: ReachDataset) -> None:
    words = deck.words
    slide = _slide(deck, data, words.say(labels.SECTIONS[Section.COVERAGE]))
    names = ("countable", "read", "failed", "audience_failed")
    rows, covered = [["", *map(words.measure, names)]], data.tables[Section.COVERAGE]
    for row in covered[: LINES + 1]:
        whole = row.dimension is Dimension.TOTAL
        name = words.say(labels.DIMENSIONS[row.dimension]) if whole else words.slice_name(data, row)
        rows.append([name, *(figure_text(words, row.measures[measure].now) for measure in names)])
    deck.table(slide, (MARGIN, 1.5, 0, 5.0), rows, [3.2, 2.2, 2.0, 2.2, 2.3])
    _foot(deck, slide, left_out=len(covered) - LINES - 1)


def _methods(deck: Deck, report: FrozenReport) -> None:
    words, data = deck.words, report.dataset
    slide = deck.slide(words.say(N_("Methods")))
    rules = [f"• {rule}" for rule in words.all(labels.RULES)]
    deck.text(slide, (MARGIN, 1.4, WIDE - 2 * MARGIN, 4.4), rules, Style(size=14))
    zone = data.period.time_zone
    cut_off = words.say(IN_ZONE, moment=words.moment(data.cut_off_at, zone), zone=zone)
    lines = [
        words.headed(words.say(N_("Cut-off")), cut_off),
        words.headed(words.say(N_("SHA-256")), report.sha256),
    ]
    deck.text(slide, (MARGIN, 6.1, WIDE - 2 * MARGIN, 0.8), lines, Style(size=11, colour=MUTED))
