"""Why a post did well or badly, in the reader's words."""

from scheduler.core.reasons import LEAST, LENGTHS, Claim, Format, Trait, Why
from scheduler.core.wording import N_
from scheduler.reports.words.hour_words import band, decimal
from scheduler.reports.words.wording import Words

BESIDE = N_(
    "{channel}: {responses} responses at 24 hours; the median of its {count} others in 26 weeks is {median}."
)
TOO_FEW = N_(
    "{channel}: {responses} responses at 24 hours; it has {count} others to compare with, {least} are needed."
)
NOT_READ = N_("{channel}: not read at the age of 24 hours, so that it is compared with nothing.")
CLAIM = N_(
    "{what}: {mean} on average ({count} publications of the channel), {other_mean} for its others "
    "({other_count})."
)
NOTHING_SHOWN = N_("Neither format, length, hour nor language is shown to make a difference there.")
FORMATS = {
    Format.VIDEO: N_("with a video"),
    Format.IMAGE: N_("with an image"),
    Format.LINK: N_("with a link, no image"),
    Format.TEXT: N_("text only"),
}
UP_TO = N_("up to {most} characters")
BETWEEN = N_("{least} to {most} characters")
OVER = N_("{least} characters or more")


def sentences(one: Why, words: Words) -> list[str]:
    """The post beside its channel's others, then what holds of those that are like it."""
    told = {"channel": one.channel, "count": words.number(one.count), "least": words.number(LEAST)}
    if one.responses is None:
        return [words.say(NOT_READ, **told)]
    told["responses"] = words.number(one.responses)
    if one.median is None:
        return [words.say(TOO_FEW, **told)]
    beside = words.say(BESIDE, **told, median=_median(one.median, words))
    return [beside, *([_claim(claim, words) for claim in one.claims] or [words.say(NOTHING_SHOWN)])]


def _median(value: float, words: Words) -> str:
    """Of counts it is a whole number or lies half-way between two."""
    return words.number(int(value)) if value == int(value) else decimal(value, words)


def _claim(claim: Claim, words: Words) -> str:
    return words.say(
        CLAIM,
        what=_what(claim, words),
        mean=decimal(claim.alike.mean, words),
        count=words.number(claim.alike.count),
        other_mean=decimal(claim.others.mean, words),
        other_count=words.number(claim.others.count),
    )


def _what(claim: Claim, words: Words) -> str:
    match claim.trait:
        case Trait.FORMAT:
            return words.say(FORMATS[Format(claim.value)])
        case Trait.LANGUAGE:
            return words.language_name(claim.value)
        case Trait.HOUR:
            return band(int(claim.value))
        case Trait.LENGTH:
            return _length(int(claim.value), words)


def _length(least: int, words: Words) -> str:
    following = [bound for bound in LENGTHS if bound > least]
    if not following:
        return words.say(OVER, least=words.number(least))
    most = words.number(following[0] - 1)
    return words.say(BETWEEN, least=words.number(least), most=most) if least else words.say(UP_TO, most=most)
