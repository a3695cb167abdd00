"""From which countries the audience comes, or why that is not known, in the reader's words."""

from collections.abc import Iterator, Mapping

from connectors.counters.manual import PLATFORM as MANUAL
from scheduler.core.countries import OLDEST, SplitMeasure
from scheduler.core.figures import Figure, Reason
from scheduler.core.wording import N_
from scheduler.reports.dataset import ChannelCountries, ReachDataset
from scheduler.reports.words.note_words import names
from scheduler.reports.words.wording import Words

TITLE, SUBJECT = N_("Countries of the audience"), N_("countries of the audience")
SHEET = N_("Countries")
INTRODUCTION = N_(
    "The followers of a channel by country, as its platform shows them to staff and as they entered it."
)
KNOWN = N_("Known in numbers for {known} of {of} channels, which have {share} of the follower total.")
SUMMED = N_(
    "A country's sum is over the splits that name it, each of its own day; platforms leave small countries "
    "out. It is a follower total, not a number of people. Shares are in no sum."
)
APART = N_("Manual channels are part of no sum.")
TOTAL_COLUMNS = (N_("Country"), N_("Followers"), N_("Named in"))
OF = N_("{known} of {of} splits")
COLUMNS = (N_("Channel"), N_("As of"), N_("Followers by country"), N_("Source"), N_("Entered by"))
REST = N_("{count} more")
CORRECTED = N_("{day}, corrected")
OF_PLATFORMS = {
    Reason.NO_DEFINITION: N_("From which countries the audience comes is not reported by {platforms}."),
    Reason.NOT_READ: N_("From which countries the audience comes is reported by {platforms}, but not read."),
}
OF_CHANNELS = {
    Reason.NOT_ENTERED: N_("Followers by country were not entered for {channels}."),
    Reason.TOO_OLD: N_("The last followers by country are more than {days} days old for {channels}."),
    Reason.GONE: N_(
        "Left out, since the platform says that the account does not exist any more: {channels}."
    ),
}
SPACE = "\N{NO-BREAK SPACE}"
SHOWN = 6
"""How many countries of a split stand in one cell; the workbook has all."""


def sentences(data: ReachDataset, words: Words) -> Iterator[str]:
    """A sentence for each reason, with the platforms or the channels it is true of."""
    for reason, said in OF_PLATFORMS.items():
        whole = [
            data.platforms[one.platform]
            for one in data.countries
            if one.reason is reason and not one.channels
        ]
        if whole:
            yield words.say(said, platforms=words.listed(whole))
    for reason, said in OF_CHANNELS.items():
        some = tuple(name for one in data.countries if one.reason is reason for name in one.channels)
        if some:
            yield words.say(said, channels=names(some, words), days=OLDEST.days)


def known(data: ReachDataset, words: Words) -> list[str]:
    """Of how much the sums tell, and what they are; nothing where there are none."""
    total = data.by_country
    if total is None:
        return []
    share = words.share(total.level, total.follower_total)
    told = words.say(KNOWN, known=words.number(total.channels), of=words.number(total.of), share=share)
    apart = any(one.platform == MANUAL for one in data.splits)
    return [told, words.say(SUMMED), *([words.say(APART)] if apart else [])]


def named_in(figure: Figure, words: Words) -> str:
    """How many of the splits name a country."""
    return words.say(OF, known=words.number(figure.known), of=words.number(figure.of))


def amounts(
    measure: SplitMeasure, amounts: Mapping[str, int], words: Words, *, most: int | None = None
) -> list[str]:
    """`Egypt 1,200` or `Egypt 12.5%`, country by country."""
    shown = words.number if measure is SplitMeasure.FOLLOWERS else words.percent
    return [
        f"{words.country_name(code)}{SPACE}{shown(amount)}" for code, amount in list(amounts.items())[:most]
    ]


def place_name(split: ChannelCountries, data: ReachDataset, words: Words) -> str:
    """The channel and where it is: its platform, or what a manual one is."""
    where = split.title if split.platform == MANUAL else data.platforms[split.platform]
    return " · ".join(words.isolate(part) for part in (split.channel, where) if part)


def as_of(split: ChannelCountries, words: Words) -> str:
    """The day on which the followers stood so, and whether that was entered twice."""
    day = words.day(split.as_of)
    return words.say(CORRECTED, day=day) if split.corrected else day


def largest(split: ChannelCountries, words: Words) -> list[str]:
    """The first countries of a split with their amounts, and how many more there are."""
    told = amounts(split.measure, split.amounts, words, most=SHOWN)
    rest = len(split.amounts) - SHOWN
    return [*told, words.say(REST, count=words.number(rest))] if rest > 0 else told
