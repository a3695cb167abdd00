"""The same post in its languages, in the reader's words: who brought more of it, or that it is too little."""

from collections.abc import Sequence

from scheduler.core.figures import Figure
from scheduler.core.side_by_side import LEAST, LanguageShare, LanguageSide
from scheduler.core.wording import N_
from scheduler.reports.words.hour_words import decimal
from scheduler.reports.words.wording import Words

SHEET = N_("Languages")
TITLE = N_("The same post in its languages")
BASIS = N_(
    "Posts that went out in several languages in the period: responses at the age of 24 hours per 1,000 "
    "followers of the channels of which both are known, in multiples of the mean of the same post's "
    "languages. The interval holds in 95 of 100 samples; below {least} posts nothing is said. "
    "Of a language that brought nothing up to 3 responses may have been due: that sets its most and the "
    "least of the others."
)
POSTS = N_("The posts among them that brought most")
TOO_FEW = N_("too few posts")
ALL_THIN = N_(
    "Too few posts went out in several languages to compare these: {most} of one language at most, {least} "
    "are needed."
)
COLUMNS = (N_("Language"), N_("Posts compared"), N_("Times the post's mean"), N_("At least"), N_("At most"))
POST_COLUMNS = (
    N_("Post"),
    N_("Language"),
    N_("Channels"),
    N_("Responses at 24 hours"),
    N_("Channels read"),
    N_("Followers"),
    N_("Per 1,000 followers"),
)


def basis(words: Words) -> str:
    """What the figures are and when there is none."""
    return words.say(BASIS, least=words.number(LEAST))


def all_thin(shares: Sequence[LanguageShare], words: Words) -> str:
    """That no language can be compared, instead of a table that says so in each row; empty where one can."""
    if any(one.estimate for one in shares):
        return ""
    most = max((one.posts for one in shares), default=0)
    return words.say(ALL_THIN, most=words.number(most), least=words.number(LEAST))


def line(one: LanguageShare, words: Words) -> list[str]:
    """A row under COLUMNS; where too few posts can be compared it says so."""
    known = one.estimate
    times = [decimal(value, words) for value in (known.mean, known.low, known.high)] if known else []
    return [
        words.language_name(one.language),
        words.number(one.posts),
        *(times or [words.say(TOO_FEW), "–", "–"]),
    ]


def rate(side: LanguageSide, words: Words) -> str:
    """Responses per 1,000 followers, a dash where one of them is not known."""
    return "–" if side.per_thousand is None else decimal(side.per_thousand, words)


def read_of(figure: Figure, words: Words) -> str:
    """`3/4`: how many of the channels that could report it did."""
    return f"{words.number(figure.known)}/{words.number(figure.of)}"
