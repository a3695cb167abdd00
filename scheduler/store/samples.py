"""Readings and samples: one function takes in a batch, so that what is derived is derived in one place."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import ColumnElement, Row, and_, func, insert, or_, select
from sqlalchemy.orm import Session

from connectors.capabilities import MetricDefinition
from scheduler.core.metrics import Mark, Movement, advance, observe
from scheduler.store.tables import Channel, HarvestRun, MetricSample, Publication, Reading

Status: TypeAlias = Literal["read", "gone", "failed"]
Counter: TypeAlias = tuple[int, int | None, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One look at a publication, or at a channel when `publication_id` is None, with all it showed.

    `definitions` are the metrics that were asked for; one that is neither in `values` nor in `missing` is
    stored as missing. `from_zero`: the counters are known to have begun at 0.
    """

    channel_id: int
    publication_id: int | None
    taken_at: datetime
    status: Status
    definitions: Sequence[MetricDefinition]
    reason: str = ""
    values: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    from_zero: bool = False


def start_run(session: Session, organisation_id: int, *, now: datetime) -> int:
    """A new harvest run; its id."""
    run = HarvestRun(organisation_id=organisation_id, started_at=now)
    session.add(run)
    session.flush()
    return run.id


def end_run(session: Session, run_id: int, *, now: datetime) -> None:
    """Note that a harvest run came to its end."""
    session.get_one(HarvestRun, run_id).ended_at = now


def ingest(session: Session, run_id: int, observations: Sequence[Observation]) -> int:
    """Append a batch of observations; how many samples they made.

    Every look makes a Reading; a sample is stored only where a value changed. An observation older than the
    newest sample of its counter makes none: counters are read forward.
    """
    _lock(session, observations)
    reading_ids = _append_readings(session, run_id, observations)
    marks = _marks(session, observations)
    samples = [
        sample
        for reading_id, seen in zip(reading_ids, observations, strict=True)
        for sample in _samples(reading_id, seen, marks)
    ]
    if samples:
        session.execute(insert(MetricSample), samples)
    return len(samples)


def _lock(session: Session, observations: Sequence[Observation]) -> None:
    """Let one process at a time take in what concerns a counter: increments build on each other."""
    channels = {seen.channel_id for seen in observations if seen.publication_id is None}
    for table, ids in ((Channel, channels), (Publication, _publications(observations))):
        wanted = select(table.id).where(table.id.in_(ids)).order_by(table.id)
        session.execute(wanted.with_for_update(key_share=True))


def _append_readings(session: Session, run_id: int, observations: Sequence[Observation]) -> list[int]:
    if not observations:
        return []
    rows = [
        {
            "run_id": run_id,
            "channel_id": seen.channel_id,
            "publication_id": seen.publication_id,
            "taken_at": seen.taken_at,
            "status": seen.status,
            "reason": seen.reason,
            "missing": _missing(seen),
        }
        for seen in observations
    ]
    returning = insert(Reading).returning(Reading.id, sort_by_parameter_order=True)
    return list(session.scalars(returning, rows))


def _missing(seen: Observation) -> dict[str, str]:
    """Each metric without a value and why, in alphabetical order so that equal gaps are equal texts."""
    if seen.status != "read":
        return {}
    asked = sorted(definition.name for definition in seen.definitions)
    return {name: seen.missing.get(name, "not in the answer") for name in asked if name not in seen.values}


def _samples(reading_id: int, seen: Observation, marks: dict[Counter, Mark]) -> Iterator[dict[str, Any]]:
    """The rows of one observation; moves `marks` on, since a batch may hold several looks at one thing."""
    for definition in seen.definitions:
        counter = (seen.channel_id, seen.publication_id, definition.name)
        mark, value = marks.get(counter), seen.values.get(definition.name)
        if value is None or (mark is not None and seen.taken_at <= mark.taken_at):
            continue
        movement = observe(definition, mark, value, from_zero=seen.from_zero)
        if movement is not None:
            marks[counter] = advance(definition, mark, movement, seen.taken_at)
            yield _row(reading_id, seen, definition, movement)


def _row(
    reading_id: int, seen: Observation, definition: MetricDefinition, movement: Movement
) -> dict[str, Any]:
    return {
        "reading_id": reading_id,
        "channel_id": seen.channel_id,
        "publication_id": seen.publication_id,
        "metric": definition.name,
        "definition": definition.version,
        "value": movement.value,
        "increment": movement.increment,
        "correction": movement.correction,
        "baseline": movement.baseline,
        "taken_at": seen.taken_at,
    }


def _marks(session: Session, observations: Sequence[Observation]) -> dict[Counter, Mark]:
    """Where each counter of the batch stands."""
    subjects = or_(
        MetricSample.publication_id.in_(_publications(observations)),
        and_(
            MetricSample.publication_id.is_(None),
            MetricSample.channel_id.in_({seen.channel_id for seen in observations}),
            MetricSample.metric.in_(_channel_metrics(observations)),
        ),
    )
    return {
        (row.channel_id, row.publication_id, row.metric): Mark(
            value=row.value, high=row.high, definition=row.definition, taken_at=row.taken_at
        )
        for row in _latest(session, subjects)
    }


def _latest(session: Session, subjects: ColumnElement[bool]) -> Sequence[Row[Any]]:
    """The newest sample of each counter, with the highest value under its definition."""
    counter = (MetricSample.channel_id, MetricSample.publication_id, MetricSample.metric)
    newest_first = (MetricSample.taken_at.desc(), MetricSample.id.desc())
    ranked = (
        select(
            *counter,
            MetricSample.definition,
            MetricSample.value,
            MetricSample.taken_at,
            func.max(MetricSample.value).over(partition_by=(*counter, MetricSample.definition)).label("high"),
            func.row_number().over(partition_by=counter, order_by=newest_first).label("rank"),
        )
        .where(subjects)
        .subquery()
    )
    return session.execute(select(ranked).where(ranked.c.rank == 1)).all()


def _publications(observations: Sequence[Observation]) -> Collection[int]:
    return {seen.publication_id for seen in observations if seen.publication_id is not None}


def _channel_metrics(observations: Sequence[Observation]) -> Collection[str]:
    return {
        definition.name
        for seen in observations
        if seen.publication_id is None
        for definition in seen.definitions
    }
