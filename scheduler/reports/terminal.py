"""The report for a terminal: the week at a glance."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scheduler.core.figures import Figure
from scheduler.core.wording import N_
from scheduler.reports.dataset import Dimension, Measured, PostResult, ReachDataset, Section
from scheduler.reports.figures import settling
from scheduler.reports.pages.charts import MAIN_MEASURE, by_size
from scheduler.reports.words import comparison_words, country_words, goal_words, labels, note_words
from scheduler.reports.words.manual import named
from scheduler.reports.words.summary import PARTIAL, change_text, figure_text, is_starred, lead, title
from scheduler.reports.words.wording import Words

SHOWN_POSTS, SHOWN_COUNTRIES = 3, 8
BAR_WIDTH = 24
SPLITS = (Dimension.PLATFORM, Dimension.LANGUAGE)


def render_terminal(data: ReachDataset, language: str) -> RenderableType:
    """What to print: totals, responses and followers by platform and language, the best posts."""
    words = Words(language)
    data = named(data, words)
    parts: list[RenderableType] = [_heading(data, words), _totals(data, words), *_notes(data, words)]
    for section in (Section.RESPONSES, Section.AUDIENCE):
        parts += [_table(data, words, section, split) for split in SPLITS if data.rows(section, split)]
    return Group(
        *(
            Padding(part, (0, 0, 1, 0))
            for part in (*parts, *_countries(data, words), *_posts(data.best, words), *_insights(data, words))
        )
    )


def _heading(data: ReachDataset, words: Words) -> Text:
    name = f"{title(data, words)} {words.period(data.period.name)}"
    days = words.days(data.period.first_day, data.period.last_day)
    closing = words.headed(*words.all((labels.CLOSINGS[data.closing], labels.CLOSING_NOTES[data.closing])))
    closing = "\n".join([closing, *settling.notes(data, words)])
    return Text.assemble(
        (name, "bold"), f"  {data.organisation}\n{days}\n{closing}\n\n", (lead(data, words), "italic")
    )


def _totals(data: ReachDataset, words: Words) -> Table:
    before = words.period(data.previous) or words.say(N_("at the start"))
    table = _grid(["", comparison_words.heading(data, words), before, words.say(N_("Change"))])
    chosen = {
        Section.OUTPUT: ("publications", "posts", "missed", "held", "unconfirmed"),
        Section.RESPONSES: ("responses", "reactions", "comments", "shares"),
        Section.AUDIENCE: ("followers",),
    }
    for section, measures in chosen.items():
        for measure in measures:
            label = words.measure(measure) + settling.total_mark(data, section)
            table.add_row(label, *_compared(data.total(section)[measure], words))
    coverage = data.total(Section.COVERAGE)
    table.add_row(words.measure("exposure"), _exposure(data, words), "", "")
    share = words.share(coverage["read"].now.value or 0, coverage["countable"].now.value or 0)
    table.add_row(words.say(labels.SECTIONS[Section.COVERAGE]), share, "", "")
    return table


def _notes(data: ReachDataset, words: Words) -> Iterator[Text]:
    """What a star means, and what the figures are compared with."""
    notes = [words.say(PARTIAL)] if is_starred(data, SPLITS) else []
    if notes := [*notes, *comparison_words.sentences(data, words)]:
        yield Text("\n".join(notes), "dim")


def _exposure(data: ReachDataset, words: Words) -> Text:
    """Never a sum: how many platforms have a figure at all."""
    rows = data.tables[Section.EXPOSURE]
    known = sum(any(one.now.value is not None for one in row.measures.values()) for row in rows)
    if not known:
        return Text(words.say(N_("not reported")), "dim")
    return Text(words.say(N_("on {known} of {of} platforms"), known=known, of=len(rows)))


def _table(data: ReachDataset, words: Words, section: Section, split: Dimension) -> Table:
    measure = MAIN_MEASURE[section]
    rows = by_size(data.rows(section, split), measure)
    largest = max((row.measures[measure].now.value or 0 for row in rows), default=0)
    title = words.say(labels.DIMENSIONS[split])
    table = _grid([title, words.measure(measure) + settling.mark(data), words.say(N_("Change")), ""])
    for row in rows:
        measured = row.measures[measure]
        now, _, change = _compared(measured, words)
        name = words.slice_name(data, row) + settling.row_mark(data, section, row)
        table.add_row(name, now, change, _bar(measured.now, largest))
    return table


def _countries(data: ReachDataset, words: Words) -> Iterator[RenderableType]:
    if data.by_country is None:
        return
    rows = data.by_country.rows[:SHOWN_COUNTRIES]
    largest = max(row.measures["followers"].now.value or 0 for row in rows)
    table = _grid([*words.all(country_words.TOTAL_COLUMNS), ""])
    for row in rows:
        figure = row.measures["followers"].now
        told = Text(country_words.named_in(figure, words), "dim")
        table.add_row(words.slice_name(data, row), _shown(figure, words), told, _bar(figure, largest))
    yield table
    yield Text(country_words.known(data, words)[0], "dim")


def _posts(posts: Sequence[PostResult], words: Words) -> Iterator[RenderableType]:
    if not posts:
        return
    table = _grid([words.say(N_("Most responses")), words.measure("responses"), "", ""])
    for post in posts[:SHOWN_POSTS]:
        text = Text(" ".join(post.text.split()), no_wrap=True, overflow="ellipsis")
        table.add_row(post.ref, _shown(post.measures["responses"].now, words), post.channel, text)
    yield table


def _insights(data: ReachDataset, words: Words) -> Iterator[RenderableType]:
    """The goals, and what is worth a look."""
    if data.goals:
        table = _grid(words.all(goal_words.COLUMNS))
        for goal in data.goals:
            table.add_row(*map(Text, goal_words.line(goal, words, data.platforms)))
        yield table
    if data.notes:
        told = note_words.sentences(data.notes, words, data.platforms, data.period.time_zone)
        yield Text.assemble((words.say(note_words.TITLE), "bold"), *(f"\n{line}" for line in told))


def _compared(measured: Measured, words: Words) -> tuple[Text, Text, Text]:
    before = _shown(measured.before, words) if measured.before else Text("")
    change = measured.change
    if change is None or measured.now.value is None:
        return _shown(measured.now, words), before, Text("")
    moved = Text(change_text(words, change), "dim italic" if change.value is None else "dim")
    return _shown(measured.now, words), before, moved


def _shown(figure: Figure, words: Words) -> Text:
    return Text(figure_text(words, figure), "dim italic" if figure.value is None else "")


def _bar(figure: Figure, largest: int) -> Text:
    """A bar, or dots where there is no number."""
    if figure.value is None:
        return Text("·" * BAR_WIDTH, "dim", overflow="crop")
    length = round(BAR_WIDTH * max(figure.value, 0) / largest) if largest else 0
    return Text("█" * length, "cyan", overflow="crop")


def _grid(columns: Sequence[str]) -> Table:
    """A table whose figures stand under each other on the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for position, column in enumerate(columns):
        table.add_column(Text(column), justify="right" if 0 < position < 3 else "left")
    return table
