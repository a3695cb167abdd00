"""What slides say of a figure and of a post: short enough for a cell or a line."""

from scheduler.core.figures import Figure, Reason
from scheduler.reports.dataset import Measured, PostResult, ReachDataset
from scheduler.reports.words.goal_words import OF_SLICE
from scheduler.reports.words.summary import change_text, figure_text
from scheduler.reports.words.wording import Words

LETTERS = 260


def told(words: Words, data: ReachDataset, measured: Measured) -> list[str]:
    """Now, then for each time that it is compared with, the figure of then and the change."""
    found = [figure_text(words, measured.now)]
    if data.previous:
        found += [figure_text(words, measured.before), change_text(words, measured.change)]
    if data.year_before:
        found += [figure_text(words, measured.year_before), change_text(words, measured.year_change)]
    return found


def told_shortly(words: Words, data: ReachDataset, measured: Measured) -> list[str]:
    """Now, and the change against the period before where there is one."""
    change = [change_text(words, measured.change)] if data.previous else []
    return [figure_text(words, measured.now), *change]


def over_time(data: ReachDataset, measured: Measured, *, of: Measured) -> list[int | None]:
    """The values under `times_of`, oldest first; None where nothing is known or another thing was counted.

    Nor is there a part where there is no whole `of` it: a shorter bar would be read as less.
    """
    return [
        figure.value if figure and whole and whole.value is not None else None
        for figure, whole in zip(_over_time(data, measured), _over_time(data, of), strict=True)
    ]


def gaps_over_time(words: Words, data: ReachDataset, name: str, measured: Measured) -> list[str]:
    """Why a figure has no bar at some of `times_of`, a line for each of these."""
    head = words.measure(name)
    return [
        words.headed(words.say(OF_SLICE, measure=head, slice=words.period(time)), figure_text(words, figure))
        for time, figure in zip(times_of(data), _over_time(data, measured), strict=True)
        if figure is None or figure.value is None
    ]


def times_of(data: ReachDataset) -> list[str]:
    """The times that the report compares, oldest first."""
    return [name for name in (data.year_before, data.previous, data.period.name) if name]


def excerpt(post: PostResult) -> list[str]:
    """The beginning of its text: its first line, which often is a title, then the rest in one."""
    first, _, rest = post.text.strip()[:LETTERS].partition("\n")
    lines = [" ".join(part.split()) for part in (first, rest) if part.strip()] or [""]
    lines[-1] += "…" if len(post.text.strip()) > LETTERS else ""
    return lines


def where(words: Words, post: PostResult) -> str:
    """Which post it is, and where it did best."""
    parts = (post.ref, post.campaign, words.language_name(post.language), post.channel)
    return " · ".join(words.isolate(part) for part in parts if part)


def _over_time(data: ReachDataset, measured: Measured) -> list[Figure | None]:
    earlier = (
        (data.year_before, measured.year_before, measured.year_change),
        (data.previous, measured.before, measured.change),
    )
    return [*(_comparable(then, change) for name, then, change in earlier if name), measured.now]


def _comparable(then: Figure | None, change: Figure | None) -> Figure | None:
    redefined = change is not None and change.reason is Reason.DEFINITION_CHANGED
    return change if redefined else then
