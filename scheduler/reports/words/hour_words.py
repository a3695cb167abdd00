"""The best hours in the reader's words: what is shown, that nothing is, or that there is too little."""

from collections.abc import Iterable

from babel.dates import get_day_names
from babel.numbers import format_decimal

from scheduler.core.hours import BAND_HOURS, LEAST, Comparison, HourBand, Hours
from scheduler.core.wording import N_
from scheduler.reports.words.wording import Words

TITLE = N_("Best hours")
BASIS = N_(
    "Responses a publication had when it was 24 hours old, of the 26 weeks before, by the hours of the "
    "channel's audience. Something is said only where intervals that hold in 95 of 100 samples do not touch."
)
COLUMNS = (N_("Hours or day"), N_("Publications"), N_("Mean"), N_("At least"), N_("At most"))
OF_CHANNEL = N_(
    "{name}, {slot}: {mean} responses a publication ({low} to {high}; {count} publications), more than "
    "{lesser}."
)
OF_LANGUAGE = N_(
    "{name}, {slot}: {mean} times the mean of its channel ({low} to {high}; {count} publications), more than "
    "{lesser}."
)
NO_HOURS = N_("{name}: no difference between hours is shown ({count} publications).")
NO_WEEKDAYS = N_("{name}: no difference between weekdays is shown ({count} publications).")
THIN_HOURS = N_(
    "{name}: too few publications to compare hours ({count}; two bands of hours need {least} each)."
)
THIN_WEEKDAYS = N_(
    "{name}: too few publications to compare weekdays ({count}; two weekdays need {least} each)."
)
NONE_KNOWN = N_("There is no channel or language of which hours could be told.")
REST = N_(
    "Of the other languages and channels, {same} show no difference between hours or weekdays, and {thin} "
    "have too few publications to tell."
)


def sentences(one: Hours, words: Words) -> list[str]:
    """What is known of a channel's or a language's hours, then of its weekdays."""
    name = words.language_name(one.key) if one.dimension == "language" else one.key
    told = {"name": name, "count": words.number(one.count), "least": words.number(LEAST)}
    found = []
    for compared, none, thin in (
        (one.bands, NO_HOURS, THIN_HOURS),
        (one.weekdays, NO_WEEKDAYS, THIN_WEEKDAYS),
    ):
        if compared.best is None:
            found.append(words.say(thin if compared.thin else none, **told))
        else:
            found.append(_shown(one, compared, name, words))
    return found


def report_lines(every: Iterable[Hours], words: Words) -> list[str]:
    """What holds, a sentence each, and how many others there are of which nothing is said."""
    known = list(every)
    lines = [
        sentence
        for one in known
        for compared, sentence in zip((one.bands, one.weekdays), sentences(one, words), strict=True)
        if compared.best is not None
    ]
    silent = [one for one in known if one.bands.best is None and one.weekdays.best is None]
    thin = sum(one.bands.thin and one.weekdays.thin for one in silent)
    if silent:
        lines.append(words.say(REST, same=words.number(len(silent) - thin), thin=words.number(thin)))
    return lines


def table(one: Hours, words: Words) -> list[list[str]]:
    """A line for each band and weekday, with a dash where there are too few."""
    bands = [[band(slot.start), *_figures(slot, words)] for slot in one.bands.slots]
    return [*bands, *([weekday(slot.start, words), *_figures(slot, words)] for slot in one.weekdays.slots)]


def band(start: int) -> str:
    """`08:00–12:00`."""
    return f"{start:02}:00–{start + BAND_HOURS:02}:00"


def weekday(start: int, words: Words) -> str:
    """Its name in full."""
    return str(get_day_names("wide", "stand-alone", words.locale)[start])


def decimal(value: float, words: Words) -> str:
    """With one digit after the point."""
    return str(format_decimal(value, format="#,##0.0", locale=words.locale))


def _shown(one: Hours, compared: Comparison, name: str, words: Words) -> str:
    best = next(slot for slot in compared.slots if slot.start == compared.best)
    lesser = [_slot(start, one, compared, words) for start in compared.lesser]
    mean, low, high = _figures(best, words)[1:]
    return words.say(
        OF_LANGUAGE if one.dimension == "language" else OF_CHANNEL,
        name=name,
        slot=_slot(best.start, one, compared, words),
        mean=mean,
        low=low,
        high=high,
        count=words.number(best.count),
        lesser=words.say(N_(", ")).join(lesser),
    )


def _slot(start: int, one: Hours, compared: Comparison, words: Words) -> str:
    return band(start) if compared is one.bands else weekday(start, words)


def _figures(slot: HourBand, words: Words) -> list[str]:
    known = slot.estimate
    values = [decimal(value, words) for value in (known.mean, known.low, known.high)] if known else ["–"] * 3
    return [words.number(slot.count), *values]
