"""What the platforms answered, as it is stored: a look each, with what could not be read any more."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.capabilities import MetricDefinition
from connectors.contract import Reading
from connectors.errors import ConnectorError
from scheduler.core.catalogue import Catalogue, definitions_at
from scheduler.services.metrics.errands import Answers, Errand, Outcome
from scheduler.store.metrics.looks import LivePublication
from scheduler.store.metrics.samples import Observation

WINDOW_CLOSED = "the platform tells it no more of so old a publication"


def observations(
    catalogue: Catalogue, errands: Sequence[Errand], answers: Answers, now: datetime
) -> Iterator[Observation]:
    """One for each subject of the errands; those of a platform share one object with what it counts."""
    platforms = {errand.platform for errand in errands}
    posts = {name: definitions_at(catalogue, name, "publication", now) for name in platforms}
    accounts = {name: definitions_at(catalogue, name, "channel", now) for name in platforms}
    for errand in errands:
        told = answers[errand.channel_id]
        if errand.audience:
            yield _observation(errand.channel_id, None, accounts[errand.platform], told[None], now=now)
        for one in errand.publications:
            asked = posts[errand.platform]
            outcome = _in_window(one, asked, told[one.id], now)
            yield _observation(errand.channel_id, one, asked, outcome, now=now)


def _in_window(
    publication: LivePublication, asked: Sequence[MetricDefinition], outcome: Outcome, now: datetime
) -> Outcome:
    """The outcome without what a platform tells no more of so old a publication, which is said of it."""
    if isinstance(outcome, ConnectorError) or publication.published_at is None:
        return outcome
    age = now - publication.published_at
    closed = {one.name for one in asked if one.window_s and age >= timedelta(seconds=one.window_s)}
    if not closed:
        return outcome
    values = {name: value for name, value in outcome.values.items() if name not in closed}
    missing = {**outcome.missing, **dict.fromkeys(closed, WINDOW_CLOSED)}
    return replace(outcome, values=values, missing=missing)


def _observation(
    channel_id: int,
    publication: LivePublication | None,
    asked: Sequence[MetricDefinition],
    outcome: Outcome,
    *,
    now: datetime,
) -> Observation:
    failed = isinstance(outcome, ConnectorError)
    reading = Reading(remote_id="") if isinstance(outcome, ConnectorError) else outcome
    return Observation(
        channel_id=channel_id,
        publication_id=publication.id if publication else None,
        taken_at=now,
        status="failed" if failed else "gone" if reading.gone else "read",
        definitions=asked,
        reason=outcome.reason if isinstance(outcome, ConnectorError) else "",
        values=reading.values,
        missing=reading.missing,
        from_zero=publication is not None and publication.published_at is not None,
    )
