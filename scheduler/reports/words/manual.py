"""What people entered, listed one by one with its source: in no sum, and in the reader's words."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from connectors.counters.manual import PLATFORM
from scheduler.core.manual import METRICS, ManualReading
from scheduler.core.metrics import Addition, Axis
from scheduler.core.wording import N_
from scheduler.reports.dataset import ManualFigure, Method, ReachDataset, SourceNote
from scheduler.reports.words.wording import Words

TITLE = N_("Manual readings")
INTRODUCTION = N_(
    "Entered by people for channels that no interface reads, with the source of each. They are part of no "
    "sum and no comparison in this report; a reading stands in the report of the period in which its "
    "days end. Postroad publishes nothing on these channels: the readings stand in no other table."
)
SOURCE = N_("manual, source: {source}")
CORRECTED = N_("{value}, corrected from {before}")
COLUMNS = (
    N_("Channel"),
    N_("What was counted"),
    N_("Value"),
    N_("Days"),
    N_("Source"),
    N_("Entered by"),
)
METRIC_NAMES = {
    "contacts_estimated": N_("Contacts, estimated"),
    "plays": N_("Plays"),
    "copies_distributed": N_("Copies distributed"),
    "partner_views": N_("Views, as the partner counts them"),
    "audience_measured": N_("People, as an institute measured"),
    "visits": N_("Visits"),
    "responses_counted": N_("Responses received"),
    "code_scans": N_("Code scans"),
    "subscribers": N_("Subscribers"),
}


def named(data: ReachDataset, words: Words) -> ReachDataset:
    """The report with their platform under the reader's name for it; all others have names of their own."""
    if PLATFORM not in data.platforms:
        return data
    return replace(data, platforms={**data.platforms, PLATFORM: words.say(TITLE)})


def manual_figures(readings: Iterable[ManualReading]) -> tuple[ManualFigure, ...]:
    """The readings as the dataset holds them, by channel, metric and days."""
    return tuple(
        ManualFigure(
            channel=one.key.channel,
            title=one.title,
            language=one.language,
            region=one.region,
            metric=one.key.metric,
            version=one.version,
            value=one.value,
            first_day=one.key.first_day,
            last_day=one.key.last_day,
            post=one.key.post,
            source=one.source,
            by=one.by,
            entered_at=one.entered_at,
            corrects=one.corrects,
        )
        for one in sorted(readings, key=lambda one: one.key)
    )


def manual_methods(figures: Sequence[ManualFigure]) -> tuple[Method, ...]:
    """The definitions of what was entered: each stands beside the others and is added to none."""
    return tuple(_method(name, version) for name, version in sorted({(f.metric, f.version) for f in figures}))


def _method(name: str, version: str) -> Method:
    metric = METRICS[name]
    return Method(
        platform=PLATFORM,
        metric=name,
        family=metric.family,
        subject=metric.subject,
        level=metric.level,
        day_zone="–",
        lag_s=0,
        version=version,
        since=None,
        note=metric.note,
        additions=dict.fromkeys(Axis, Addition.SIDE_BY_SIDE),
        sources=tuple(
            SourceNote(title=source.title, read_on=source.read_on, checked=source.checked)
            for source in metric.sources
        ),
    )


def metric_name(figure: ManualFigure, words: Words) -> str:
    """What was counted, with the post it was counted for."""
    name = words.say(METRIC_NAMES.get(figure.metric, figure.metric))
    return f"{name} · {words.isolate(figure.post)}" if figure.post else name


def place_name(figure: ManualFigure, words: Words) -> str:
    """The channel, what it is, and for whom."""
    where = [words.isolate(figure.channel), words.isolate(figure.title), words.language_name(figure.language)]
    region = words.region_name(figure.region) if figure.region else ""
    return " · ".join(part for part in (*where, region) if part)


def told(figure: ManualFigure, words: Words) -> str:
    """The number, with the one that it corrects."""
    value = words.number(figure.value)
    if figure.corrects is None:
        return value
    return words.say(CORRECTED, value=value, before=words.number(figure.corrects))
