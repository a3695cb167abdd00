"""With what the figures are compared, and with how much of it, in the reader's words."""

from collections.abc import Iterator

from scheduler.core.wording import N_
from scheduler.reports.dataset import Closing, Measured, ReachDataset, Section, ShortBooks
from scheduler.reports.words.note_words import names
from scheduler.reports.words.wording import Words

BEGUN_WITHIN = N_(
    "The books begin on {day}, within {period}: nothing but followers, a level, is compared with it."
)
NOT_OVER = N_("{period} is not over: nothing but followers, a level, is compared with earlier ones.")
SO_FAR = N_("{period}, so far")
WITHOUT = N_(
    "Compared with {period} over {known} of {of} channels, since the books of the others do not cover all of "
    "it ({channels}); followers, a level, over all."
)
MORE = N_("They and earlier ones drew {responses}, {share} more than in {period}.")
FEWER = N_("They and earlier ones drew {responses}, {share} fewer than in {period}.")
AS_MANY = N_("They and earlier ones drew {responses}, as many as in {period}.")
RESPONSES = N_("{count} response"), N_("{count} responses")
READ_FROM = 0.9
"""The share of publications that must have been read for a sentence to compare what came back."""


def heading(data: ReachDataset, words: Words) -> str:
    """What heads the figures of the period: its name, and where it still runs that they are those so far."""
    period = words.period(data.period.name)
    return words.say(SO_FAR, period=period) if data.closing is Closing.PREVIEW else words.isolate(period)


def sentences(data: ReachDataset, words: Words) -> Iterator[str]:
    """What is not compared, or without some channels; nothing where all is compared with all."""
    if data.closing is Closing.PREVIEW and data.previous:
        return iter([words.say(NOT_OVER, period=words.period(data.period.name))])
    return (_sentence(one, words) for one in data.short)


def came_back(data: ReachDataset, words: Words) -> str:
    """The responses against those of the period before; nothing where the two do not compare fairly."""
    responses = data.total(Section.RESPONSES)["responses"]
    now, before, change = responses.now.value, responses.before, responses.change
    if not _is_fair(data, responses) or now is None or before is None or change is None:
        return ""
    moved, then = change.value or 0, before.value or 0
    return words.say(
        MORE if moved > 0 else FEWER if moved < 0 else AS_MANY,
        responses=words.counted(now, RESPONSES, shown=words.compact(now)),
        share=words.grown(moved, then) or words.number(abs(moved)),
        period=words.period(data.previous),
    )


def _is_fair(data: ReachDataset, responses: Measured) -> bool:
    """Whether the two times compare, both whole and read."""
    figures, coverage = (responses.now, responses.before, responses.change), data.total(Section.COVERAGE)
    read, countable = coverage["read"].now.value or 0, coverage["countable"].now.value or 0
    return read >= READ_FROM * countable and all(
        one is not None and one.value is not None and not one.partial for one in figures
    )


def _sentence(one: ShortBooks, words: Words) -> str:
    period, known = words.period(one.period), one.of - len(one.channels)
    if not known:
        return words.say(BEGUN_WITHIN, day=words.day(one.begun), period=period)
    return words.say(
        WITHOUT,
        period=period,
        known=words.number(known),
        of=words.number(one.of),
        channels=names(one.channels, words),
    )
