"""From which countries an audience comes: said by few platforms, never added over them, and else a gap.

A channel's region is where the centre aims it, which is no reading of where its audience is.
"""

from collections.abc import Iterable, Iterator

from scheduler.core.catalogue import Catalogue, has_split
from scheduler.core.figures import Reason
from scheduler.core.wording import N_
from scheduler.reports.dataset import CountryGap, ReachDataset
from scheduler.reports.words.wording import Words

SUBJECT = N_("countries of the audience")
SAID = {
    Reason.NO_DEFINITION: N_("From which countries the audience comes is not reported by {platforms}."),
    Reason.NOT_READ: N_("From which countries the audience comes is reported by {platforms}, but not read."),
}


def country_gaps(platforms: Iterable[str], catalogue: Catalogue) -> tuple[CountryGap, ...]:
    """Why the countries of the audience are not known, platform by platform.

    No connector reads such figures yet: a platform that has them is a gap of ours, told as not read.
    """
    return tuple(
        CountryGap(
            platform=platform,
            reason=Reason.NOT_READ if has_split(catalogue, platform, "country") else Reason.NO_DEFINITION,
        )
        for platform in sorted(platforms)
    )


def sentences(data: ReachDataset, words: Words) -> Iterator[str]:
    """A sentence for each reason, with the platforms it is true of."""
    for reason, said in SAID.items():
        named = [data.platforms[one.platform] for one in data.countries if one.reason is reason]
        if named:
            yield words.say(said, platforms=words.listed(named))
