"""Goals in the reader's words and digits, the same in every rendering."""

from collections.abc import Mapping

from scheduler.core.figures import Figure, exactly
from scheduler.core.goals import Aim, Moment
from scheduler.core.progress import Progress
from scheduler.core.wording import N_
from scheduler.reports.words.wording import Words

TITLE, IN_YEAR = N_("Goals"), N_("Goals {year}")
INTRODUCTION = N_(
    "Yearly targets as of the end of this period. The bar is the way to the target, the line on it the plan."
)
NOT_KNOWN = N_("not known: {reason}")
TOO_FEW_WEEKS = N_("too few weeks")
BAND = N_("{low} to {high}")
OF_SLICE = N_("{measure}, {slice}")
MOMENTS = {Moment.MID_YEAR: N_("Mid-year"), Moment.YEAR_END: N_("Year-end")}
COLUMNS = (
    N_("Goal"),
    N_("Target"),
    N_("Plan to date"),
    N_("Reached"),
    N_("Share of the way"),
    N_("Likely at the year's end"),
    N_("Frozen"),
)
NOTES = (
    N_("What is added up begins the year at 0; a level, such as followers, at its first day's height."),
    N_("The share is that of the way from there to the target; the plan is even unless it was phased."),
    N_(
        "Likely: where 8 of 10 years end that go on as the whole weeks of this one did (a prediction "
        "interval from their mean and spread); none before 8 weeks."
    ),
)


def goal_name(aim: Aim, words: Words, platforms: Mapping[str, str]) -> str:
    """What a goal is about: its measure, and its slice unless that is the whole matrix."""
    platform, metric = aim.exposure or ("", "")
    measure = words.measure(aim.measure)
    if metric:
        measure = f"{words.measure('exposure')} ({platforms.get(platform, platform)} {metric})"
    return words.say(OF_SLICE, measure=measure, slice=_slice(aim, words, platforms)) if aim.key else measure


def told(figure: Figure, words: Words) -> str:
    """The number, or that it is not known and why."""
    if figure.value is None:
        return words.say(NOT_KNOWN, reason=words.reason(figure.reason))
    return words.number(figure.value)


def way(progress: Progress, words: Words) -> str:
    """How much of the way to the target lies behind, in percent."""
    known = progress.way
    return words.share(*known) if known else "–"


def likely(progress: Progress, words: Words) -> str:
    """The band in which the year may end, or why there is none; a dash when all that was planned is over."""
    band = progress.band
    if band is None:
        return "–" if progress.plan.value == progress.target else words.say(TOO_FEW_WEEKS)
    return words.say(BAND, low=words.number(band.low), high=words.number(band.high))


def frozen(progress: Progress, words: Words) -> list[str]:
    """What was frozen of it, moment by moment; a dash for nothing."""
    return [f"{words.say(MOMENTS[one.moment])} {told(one.value, words)}" for one in progress.closed] or ["–"]


def line(progress: Progress, words: Words, platforms: Mapping[str, str]) -> tuple[str, ...]:
    """One cell for each of COLUMNS."""
    return (*standing(progress, words, platforms), words.say(N_("; ")).join(frozen(progress, words)))


def standing(progress: Progress, words: Words, platforms: Mapping[str, str]) -> tuple[str, ...]:
    """The cells of COLUMNS but the last, which is what was frozen."""
    return (
        goal_name(progress.aim, words, platforms),
        words.number(progress.target),
        told(progress.plan, words),
        told(progress.actual, words),
        way(progress, words),
        likely(progress, words),
    )


def drawn(progress: Progress) -> tuple[float, float] | None:
    """(reached, planned) in percent of the way from start to target, within 0 and 100; None if unknown."""
    known = progress.way
    if known is None or progress.plan.value is None:
        return None
    behind, whole = known
    planned = progress.plan.value - (progress.start.value or 0)
    return _percent(behind, whole), _percent(planned, whole)


def figures(progress: Progress) -> Mapping[str, Figure]:
    """Each figure of a goal by its measure, as the long table and the page name it."""
    measure = progress.aim.measure
    found = {"target": exactly(progress.target), "plan": progress.plan, "actual": progress.actual}
    if progress.band:
        found |= {"low": exactly(progress.band.low), "high": exactly(progress.band.high)}
    found |= {one.moment: one.value for one in progress.closed}
    return {f"{measure}.{name}": figure for name, figure in found.items()}


def _percent(part: int, whole: int) -> float:
    return round(min(max(100 * part / whole, 0.0), 100.0), 2)


def _slice(aim: Aim, words: Words, platforms: Mapping[str, str]) -> str:
    match aim.dimension:
        case "platform":
            return platforms.get(aim.key, aim.key)
        case "language":
            return words.language_name(aim.key)
        case "region":
            return words.region_name(aim.key)
        case _:
            return aim.key
