"""What slides say of a figure and of a post: short enough for a cell or a line."""

from scheduler.core.figures import Figure, Reason
from scheduler.reports.dataset import Measured, PostResult, ReachDataset
from scheduler.reports.words.wording import Words

LETTERS = 260


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


def over_time(data: ReachDataset, measured: Measured) -> list[int | None]:
    """The values under `times_of`, oldest first; None where nothing is known or another thing was counted."""
    earlier = (
        (data.year_before, measured.year_before, measured.year_change),
        (data.previous, measured.before, measured.change),
    )
    return [*(_comparable(then, change) for name, then, change in earlier if name), measured.now.value]


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


def _comparable(then: Figure | None, change: Figure | None) -> int | None:
    redefined = change is not None and change.reason is Reason.DEFINITION_CHANGED
    return None if then is None or redefined else then.value
