"""The week in two or three sentences, from the same figures."""

from collections.abc import Mapping

from scheduler.core.wording import N_
from scheduler.reports.dataset import Dimension, Measured, Section, WeeklyDataset
from scheduler.reports.labels import MEASURES
from scheduler.reports.wording import Words

NEEDS_EYES = ("unconfirmed", "held", "rejected", "missed")
WENT_OUT = N_(
    "{posts} posts went out as {publications} publications, on a matrix of {channels} channels in "
    "{languages} languages."
)
CAME_BACK = N_("They and earlier ones drew {responses} responses.")
NOTHING_READ = N_("No response was read.")
IN_ORDER = N_("Nothing was missed, held, rejected or left unconfirmed.")
NOT_IN_ORDER = N_("To be looked at: {counts}.")
COUNT = N_("{measure} {count}")
SEPARATOR = N_(", ")


def lead(data: WeeklyDataset, words: Words) -> str:
    """What a reader in a hurry needs to know."""
    output, responses = data.total(Section.OUTPUT), data.total(Section.RESPONSES)["responses"].now
    went_out = words.say(
        WENT_OUT,
        posts=_number(words, output["posts"]),
        publications=_number(words, output["publications"]),
        channels=words.number(len(data.channels)),
        languages=words.number(len(data.rows(Section.OUTPUT, Dimension.LANGUAGE))),
    )
    came_back = (
        words.say(NOTHING_READ)
        if responses.value is None
        else words.say(CAME_BACK, responses=words.compact(responses.value))
    )
    return words.join([went_out, came_back, _order(output, words)])


def _order(output: Mapping[str, Measured], words: Words) -> str:
    counts = [
        words.say(COUNT, measure=words.say(MEASURES[name]).lower(), count=_number(words, output[name]))
        for name in NEEDS_EYES
        if output[name].now.value
    ]
    if not counts:
        return words.say(IN_ORDER)
    return words.say(NOT_IN_ORDER, counts=words.say(SEPARATOR).join(counts))


def _number(words: Words, measured: Measured) -> str:
    return words.number(measured.now.value or 0)
