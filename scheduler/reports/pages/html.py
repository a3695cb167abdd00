"""The report as one standalone page: its own style, no scripts, nothing fetched from anywhere."""

import re
import sys
from base64 import b64encode
from contextlib import suppress
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from scheduler.core.figures import Figure
from scheduler.reports.dataset import Method, ReachDataset, Row, Section, SourceNote
from scheduler.reports.figures import settling
from scheduler.reports.freezing import FrozenReport
from scheduler.reports.grid import grid_of
from scheduler.reports.pages.charts import INKS, LENGTH, Bar, Segment, bars, by_size, heat, quiet, scale
from scheduler.reports.words import (
    comparison_words,
    country_words,
    goal_words,
    hour_words,
    labels,
    language_words,
    manual,
    note_words,
    reason_words,
)
from scheduler.reports.words.summary import lead, put_together, title
from scheduler.reports.words.wording import Words, direction_of

TEMPLATES = Path(__file__).parent / "templates"
NAMED_VALUE, VALUE_USED = re.compile(r"(--[\w-]+): ([^;]+);"), re.compile(r"var\((--[\w-]+)\)")
LINES_ON_PAPER, CHANNELS_ON_PAPER = 12, 10
"""How many lines of one list are printed; the workbook and the page have them all."""


def render_html(report: FrozenReport, language: str, *, paper: bool = False) -> bytes:
    """A UTF-8 page in this UI language, for a screen, or for sheets of paper: their style is apart."""
    data, words = report.dataset, Words(language)
    page = environment().get_template("weekly.html.j2")
    return page.render(
        data=data,
        words=words,
        _=words.say,
        sha256=report.sha256,
        title=title(data, words),
        lead=lead(data, words),
        comments=report.comments,
        pictures={sha256: _embedded(picture) for sha256, picture in report.pictures.items()},
        edition=report.edition,
        exposed=_exposed(data),
        definitions=_definitions(data.methods, words),
        sources=_sources(data.methods),
        oldest=_oldest(data, words),
        hours=hour_words.report_lines(data.hours, words),
        noted=note_words.sentences(data.notes, words, data.platforms, data.period.time_zone),
        style=None if paper else _style("weekly.css"),
        limit=LINES_ON_PAPER if paper else None,
        channel_limit=CHANNELS_ON_PAPER if paper else None,
        grid=grid_of(data, paper=paper),
    ).encode()


class _Compiled(FileSystemBytecodeCache):
    """Templates beside the bytecode of our modules, where Python may write it: compiling takes 0.2 s."""

    def __init__(self) -> None:
        super().__init__(str(Path(cache_from_source(__file__)).parent))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                Path(self.directory).mkdir(parents=True, exist_ok=True)
                super().dump_bytecode(bucket)


@cache
def style_on_paper(language: str) -> str:
    """What a page in this UI language looks like on sheets of paper.

    Names are replaced by their values, which the renderer would do for every element. The boxes in a page's
    margins have physical names only.
    """
    start, end = ("right", "left") if Words(language).direction == "rtl" else ("left", "right")
    style = _style("weekly.css") + _style("paper.css")
    for row in ("@top", "@bottom"):
        style = style.replace(f"{row}-start", f"{row}-{start}").replace(f"{row}-end", f"{row}-{end}")
    values = dict(NAMED_VALUE.findall(style))
    return VALUE_USED.sub(lambda used: values.get(used[1], used[0]), style)


@cache
def environment() -> Environment:
    """The templates of this room, with what they may call."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        bytecode_cache=_Compiled(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.globals |= {
        "bars": bars,
        "bar_title": _bar_title,
        "place_of": _place,
        "by_size": by_size,
        "heat": heat,
        "quiet": quiet,
        "scale": scale,
        "inks": INKS,
        "comparison_words": comparison_words,
        "country_words": country_words,
        "goal_words": goal_words,
        "hour_words": hour_words,
        "language_words": language_words,
        "note_words": note_words,
        "settling": settling,
        "reason_words": reason_words,
        "manual": manual,
        "direction_of": direction_of,
        "exposure_bar": _exposure_bar,
        "coverage_bar": _coverage_bar,
        "dimensions": labels.DIMENSIONS,
        "explanations": labels.EXPLANATIONS,
        "closings": labels.CLOSINGS,
        "closing_notes": labels.CLOSING_NOTES,
        "families": labels.FAMILIES,
        "checks": labels.CHECKS,
        "rules": labels.RULES,
    }
    return environment


def compile_templates() -> None:
    """Each, so that whoever may not write beside our bytecode finds it compiled."""
    for name in environment().list_templates(extensions=["j2"]):
        environment().get_template(name)


def _place(section: str, dimension: str, key: str, measure: str, figure: Figure) -> Markup:
    """Where a figure stands and what it is, as attributes for machines; in Python, for there are so many."""
    if figure.value is None:
        told = f'data-status="missing" data-reason="{figure.reason}"'
    else:
        told = f'data-status="{"partial" if figure.partial else "reported"}" data-value="{figure.value}"'
    where = f'data-section="{section}" data-dimension="{dimension}" data-key="{escape(key)}"'
    return Markup(f'{where} data-measure="{escape(measure)}" {told}')  # noqa: S704 - what is not ours is escaped


def _embedded(picture: bytes) -> str:
    return f"data:image/jpeg;base64,{b64encode(picture).decode()}"


def _style(name: str) -> Markup:
    return Markup((TEMPLATES / name).read_text())  # noqa: S704 - our own file


def _exposed(data: ReachDataset) -> list[str]:
    """The platforms that give an exposure figure."""
    return [
        row.key
        for row in data.tables[Section.EXPOSURE]
        if any(measured.now.value is not None for measured in row.measures.values())
    ]


def _oldest(data: ReachDataset, words: Words) -> dict[str, str]:
    """When the stalest publication was last read, by platform and, under the empty key, of all."""
    found = {one.platform: one.read_at for one in data.oldest_readings}
    if found:
        found[""] = min(found.values())
    return {platform: words.moment(at, data.period.time_zone) for platform, at in found.items()}


def _definitions(methods: tuple[Method, ...], words: Words) -> dict[str, list[Method]]:
    """The definitions by how they are put together, so that it is said once for all of them."""
    found: dict[str, list[Method]] = {}
    for method in methods:
        found.setdefault(put_together(method, words), []).append(method)
    return found


def _sources(methods: tuple[Method, ...]) -> dict[str, tuple[SourceNote, ...]]:
    return {method.platform: method.sources for method in methods}


def _bar_title(words: Words, name: str, measure: str, figure: Figure) -> str:
    """What a bar draws, for whoever does not see it: `Responses, Mastodon: 1,709`."""
    return words.headed(
        words.say(goal_words.OF_SLICE, measure=words.measure(measure), slice=name), words.figure(figure)
    )


def _exposure_bar(row: Row, measure: str) -> Bar:
    """A full bar or a gap: figures of different definitions have no common scale."""
    gap = row.measures[measure].now.value is None
    return Bar(() if gap else (Segment("exposure", 0.0, LENGTH),), gap)


def _coverage_bar(row: Row) -> Bar:
    read, countable = row.measures["read"].now.value or 0, row.measures["countable"].now.value or 0
    return Bar(
        (Segment("read", 0.0, round(LENGTH * read / countable, 2)),) if countable else (), not countable
    )
