"""What is worth a look in the reader's words: one sentence each, with its cause and figures."""

from collections.abc import Iterable, Mapping

from scheduler.core.notes import Note, Worth
from scheduler.core.wording import N_
from scheduler.reports.words.wording import Words

TITLE = N_("Worth a look")
NOTHING = N_("Nothing is out of its ordinary, as far as the history is long enough to tell.")
SENTENCES = {
    Worth.SILENT: N_(
        "{channels}: nothing published for {days} days, last on {since}. Nine in ten of its {gaps} gaps were "
        "of {usual} days at most."
    ),
    Worth.UNPLANNED: N_(
        "{channels}: nothing is planned for the next {days} days, and it usually publishes at least every "
        "{usual} days."
    ),
    Worth.NOT_READ: N_(
        "{platform}: the followers of {count} of {of} channels were not read, last on {since} ({channels})."
    ),
    Worth.OVERDUE: N_(
        "{platform}: {publications} publications should have been read over a day ago ({channels})."
    ),
    Worth.STANDS_STILL: N_(
        "{channels}: {measure} did not move in the week although it was read; in each of the {weeks} weeks "
        "before it did, by {least} at least."
    ),
    Worth.JUMPED: N_(
        "{channels}: followers moved by {brought} in the week; the median of the {weeks} weeks before is "
        "{usual}, with a usual distance from it of {spread}."
    ),
}
LANGUAGE_UNPLANNED = N_(
    "{language}: nothing is planned for the next {days} days on any of its {count} regular channels "
    "({channels})."
)
CAUSE = N_("The platform said: {cause}")
NEVER_READ = N_("{platform}: the followers of {count} of {of} channels have never been read ({channels}).")
NAMED = 5
MORE = N_("{names} and {count} more")
SIGNED = ("brought", "usual")


def sentence(note: Note, words: Words, platforms: Mapping[str, str], zone: str) -> str:
    """The note with its figures; instants in `zone`."""
    message = SENTENCES[note.worth]
    if note.worth is Worth.UNPLANNED and not note.platform:
        message = LANGUAGE_UNPLANNED
    if note.worth is Worth.NOT_READ and note.since is None:
        message = NEVER_READ
    told = words.say(message, **_values(note, words, platforms, zone))
    return words.join([told, words.say(CAUSE, cause=words.cause(note.cause))]) if note.cause else told


def _values(note: Note, words: Words, platforms: Mapping[str, str], zone: str) -> dict[str, str]:
    signed = SIGNED if note.worth is Worth.JUMPED else ()
    figures = {
        name: words.signed(value) if name in signed else words.number(value)
        for name, value in note.figures.items()
    }
    return {
        **figures,
        "count": figures.get("channels", ""),
        "channels": names(note.channels, words),
        "platform": platforms.get(note.platform, note.platform),
        "language": words.language_name(note.language) if note.language else "",
        "measure": note.measure,
        "since": words.moment(note.since, zone) if note.since else "",
    }


def names(channels: tuple[str, ...], words: Words) -> str:
    """The first five names, and how many more there are."""
    told = words.listed(channels[:NAMED])
    rest = len(channels) - NAMED
    return words.say(MORE, names=told, count=words.number(rest)) if rest > 0 else told


def sentences(notes: Iterable[Note], words: Words, platforms: Mapping[str, str], zone: str) -> list[str]:
    """Each note as a sentence."""
    return [sentence(note, words, platforms, zone) for note in notes]
