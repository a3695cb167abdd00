"""What is said in sentences: the period in short, and how a definition is put together."""

from collections.abc import Collection, Mapping

from scheduler.core.figures import Figure
from scheduler.core.wording import N_
from scheduler.reports.dataset import Dimension, Measured, Method, ReachDataset, Section
from scheduler.reports.words import comparison_words
from scheduler.reports.words.comparison_words import RESPONSES
from scheduler.reports.words.labels import ADDITIONS, AXES, DIMENSIONS, MEASURES, TITLES
from scheduler.reports.words.wording import Words

NEEDS_EYES = ("unconfirmed", "held", "rejected", "missed")
WENT_OUT = N_("{posts} went out as {publications}, on a matrix of {channels} in {languages}.")
POSTS = N_("{count} post"), N_("{count} posts")
PUBLICATIONS = N_("{count} publication"), N_("{count} publications")
CHANNELS = N_("{count} channel"), N_("{count} channels")
LANGUAGES = N_("{count} language"), N_("{count} languages")
CAME_BACK = N_("They and earlier ones drew {responses}.")
NOTHING_READ = N_("No response was read.")
IN_ORDER = N_("Nothing was missed, held, rejected or left unconfirmed.")
NOT_IN_ORDER = N_("To be looked at: {counts}.")
OF_PERIOD = N_("{split}, {period}")
OF_SCOPE = N_("{title}: {campaign}")
COUNT = N_("{count} {measure}")
SEPARATOR = N_(", ")
PARTIAL = N_("* Some of the channels are missing in it.")
KEY_FIGURES = (
    (Section.OUTPUT, "publications"),
    *((Section.RESPONSES, name) for name in ("responses", "reactions", "comments", "shares")),
    (Section.AUDIENCE, "followers"),
)
"""What a reader in a hurry looks for, by section and measure."""
WAY = N_("{way}: {axes}")
NEXT_WAY = N_("; ")


def is_starred(data: ReachDataset, splits: Collection[Dimension] = ()) -> bool:
    """Whether a key figure, in all or by one of `splits`, has a star, which PARTIAL then explains."""
    return any(
        one.partial
        for section, name in KEY_FIGURES
        for row in data.tables[section]
        if row.dimension is Dimension.TOTAL or row.dimension in splits
        for one in row.measures[name].told
    )


def lead(data: ReachDataset, words: Words) -> str:
    """What a reader in a hurry needs to know."""
    output, responses = data.total(Section.OUTPUT), data.total(Section.RESPONSES)["responses"].now.value
    went_out = words.say(
        WENT_OUT,
        posts=words.counted(_posts_out(output), POSTS),
        publications=words.counted(output["publications"].now.value or 0, PUBLICATIONS),
        channels=words.counted(len(data.channels), CHANNELS),
        languages=words.counted(len(data.rows(Section.OUTPUT, Dimension.LANGUAGE)), LANGUAGES),
    )
    came_back = (
        words.say(NOTHING_READ)
        if responses is None
        else comparison_words.came_back(data, words)
        or words.say(CAME_BACK, responses=words.counted(responses, RESPONSES, shown=words.compact(responses)))
    )
    return words.join([went_out, came_back, _order(output, words)])


def figure_text(words: Words, figure: Figure | None) -> str:
    """The number, starred where channels are missing in it, or the reason; a dash where there is neither."""
    if figure is None:
        return "–"
    return words.figure(figure) + ("*" if figure.value is not None and figure.partial else "")


def change_text(words: Words, figure: Figure | None) -> str:
    """The difference with its sign, or why there is none."""
    if figure is None or figure.value is None:
        return figure_text(words, figure)
    return words.signed(figure.value) + ("*" if figure.partial else "")


def title(data: ReachDataset, words: Words) -> str:
    """What the report is called, with the campaign's name where it is about one."""
    called = words.say(TITLES[data.period.kind])
    return words.say(OF_SCOPE, title=called, campaign=data.scope) if data.scope else called


def drawn(data: ReachDataset, words: Words, measure: str, split: Dimension) -> str:
    """What a chart shows: its measure, by what it is split, and of which period."""
    by = words.say(
        OF_PERIOD, split=words.say(DIMENSIONS[split]), period=comparison_words.heading(data, words)
    )
    return words.headed(words.measure(measure), by)


def put_together(method: Method, words: Words) -> str:
    """Along which axes figures of a definition are added, and along which they are not."""
    ways: dict[str, list[str]] = {}
    for axis, way in method.additions.items():
        ways.setdefault(way, []).append(words.say(AXES[axis]))
    told = [
        words.say(WAY, way=words.say(ADDITIONS[way]), axes=words.say(SEPARATOR).join(axes))
        for way, axes in ways.items()
    ]
    return words.say(NEXT_WAY).join(told)


def _order(output: Mapping[str, Measured], words: Words) -> str:
    counts = [
        words.say(COUNT, measure=words.say(MEASURES[name]).lower(), count=_number(words, output[name]))
        for name in NEEDS_EYES
        if output[name].now.value
    ]
    if not counts:
        return words.say(IN_ORDER)
    return words.say(NOT_IN_ORDER, counts=words.say(SEPARATOR).join(counts))


def _posts_out(output: Mapping[str, Measured]) -> int:
    """Reports of before 2026-11-23 counted only the posts that were due or went out."""
    return output["posts_out" if "posts_out" in output else "posts"].now.value or 0


def _number(words: Words, measured: Measured) -> str:
    return words.number(measured.now.value or 0)
