"""The catalogue of metrics: what every platform counts, what may be added to what, and where series break."""

from collections.abc import Iterable, Mapping

from connectors.capabilities import Counters, Family, MetricDefinition, Price, Source
from connectors.counters.listing import counters
from connectors.registry import connectors
from docs.generating.markdown import bullets, code, duration, page, table
from docs.generating.words import CHECKED
from scheduler.core.catalogue import Break, Change, breaks
from scheduler.core.metrics import Addition, Axis, addition

INTRODUCTION = """\
Every counter that a platform gives, also those that no connector reads yet and those that are gone. It is
dated data with sources in `connectors/counters`, one module a platform; a connector's sheet picks from it
what it reads, the report prints from it what it used. A counter that a platform removed stays here, closed on
its day."""

ADDING = """\
What a platform gives is put together only where that makes sense. People (reach) are never added; a rate is
made again from the sums it is a ratio of; exposure of two platforms stands side by side, because they do not
count the same."""

BREAKS = """\
From such a day on a figure does not compare with the days before: the report leaves the comparison out and
says why. Where a counter was replaced, the one named is the nearest to it, not the same."""

KINDS = {
    Family.EXPOSURE: "exposure",
    Family.REACH: "unique people",
    Family.AUDIENCE: "level",
    Family.RATE: "rate",
    Family.DURATION: "duration",
}
WAYS = {
    Addition.ADD: "added",
    Addition.SAME_DEFINITION: "added within one definition",
    Addition.SIDE_BY_SIDE: "side by side",
    Addition.LAST_KNOWN: "last known",
    Addition.FROM_SUMS: "from sums",
    Addition.NEVER: "never",
}
CHANGES = {
    Change.BEGAN: "the series begins",
    Change.REDEFINED: "means something else",
    Change.REPLACED: "is removed",
    Change.REMOVED: "is removed",
}


def metrics_page() -> str:
    """What may be added, all breaks, then a section a platform."""
    read: dict[str, set[tuple[str, str]]] = {
        name: {(metric.subject, metric.name) for metric in connector.capabilities.metrics}
        for name, connector in connectors().items()
    }
    catalogue = counters()
    return page(
        "What the platforms count",
        "`connectors/counters`",
        INTRODUCTION,
        "## What may be added to what",
        ADDING,
        table(["counts as", "kind", *(f"over {axis}" for axis in Axis)], map(_adding, Family)),
        "## Where series break",
        BREAKS,
        table(["day", "platform", "counter", "of a", "what happens"], _breaks(catalogue)),
        *(_platform(one, read.get(name, set())) for name, one in catalogue.items()),
    )


def _adding(family: Family) -> list[str]:
    level = family is Family.AUDIENCE
    sample = MetricDefinition(name="", family=family, subject="publication", level=level)
    return [family, _kind(family), *(WAYS[addition(sample, axis)] for axis in Axis)]


def _kind(family: Family) -> str:
    return KINDS.get(family, "engagement")


def _breaks(catalogue: Mapping[str, Counters]) -> Iterable[list[object]]:
    found = [(one.on, counted, one) for counted in catalogue.values() for one in breaks(counted.metrics)]
    for on, counted, one in sorted(found, key=lambda each: (each[0], each[1].platform), reverse=True):
        yield [on, counted.title, code(one.metric.name), one.metric.subject, _what_happens(one)]


def _what_happens(one: Break) -> str:
    words = CHANGES[one.change]
    if one.change is Change.REDEFINED:
        meanings = [*one.metric.earlier]
        later = next((meaning.note for meaning in meanings if meaning.until > one.on), one.metric.note)
        return f"{words}: {later}"
    if one.change is Change.REPLACED:
        return f"{words}; nearest to it: {', '.join(map(code, one.metric.instead))}"
    return words


def _platform(counted: Counters, read: set[tuple[str, str]]) -> str:
    sources = {source: None for metric in counted.metrics for source in metric.sources}
    if counted.price:
        sources[counted.price.source] = None
    numbers = {source: number for number, source in enumerate(sources, 1)}
    headings = [
        "counter", "of a", "counts as", "native periods", "day ends in", "final after", "readable for",
        "how sure", "meaning", "read", "source",
    ]  # fmt: skip
    rows = (
        _metric(metric, numbers, read=(metric.subject, metric.name) in read) for metric in counted.metrics
    )
    return "\n\n".join(
        part
        for part in (
            f"## {counted.title}",
            table(headings, rows),
            bullets([*counted.remarks, *_price(counted.price)]),
            "\n".join(_source(number, source) for source, number in numbers.items()),
        )
        if part
    )


def _metric(metric: MetricDefinition, numbers: Mapping[Source, int], *, read: bool) -> list[object]:
    return [
        code(metric.name),
        metric.subject,
        _counts_as(metric),
        ", ".join(metric.periods),
        metric.day_zone,
        duration(metric.lag_s) if metric.lag_s else "at once",
        duration(metric.window_s) if metric.window_s else "no end",
        metric.exactness,
        "; ".join(_meaning(metric)),
        "yes" if read else "",
        ", ".join(str(numbers[source]) for source in metric.sources),
    ]


def _counts_as(metric: MetricDefinition) -> str:
    origin = "" if metric.origin == "all" else f", {metric.origin}"
    level = ", a level" if metric.level and metric.family is not Family.AUDIENCE else ""
    own = f"{metric.family}{level}{origin}"
    return f"nothing: {own} held in {code(metric.overlaps)}" if metric.overlaps else own


def _meaning(metric: MetricDefinition) -> Iterable[str]:
    if metric.note:
        yield metric.note
    if metric.floor:
        yield f"not given for {metric.floor}"
    if metric.splits:
        yield f"split by {', '.join(metric.splits)}"
    if metric.earlier:
        yield f"version {metric.version} since {metric.since}"
    if metric.closed_on:
        yield f"**removed on {metric.closed_on}**"


def _price(price: Price | None) -> Iterable[str]:
    if price:
        yield (
            f"Billed: {price.publication_micros / 1e6:g} {price.currency} for a post, "
            f"{price.audience_micros / 1e6:g} {price.currency} for an account, once a UTC day."
        )


def _source(number: int, source: Source) -> str:
    return f"{number}. {source.title} ({source.read_on}; {CHECKED[source.checked]})"
