"""Readings: one function takes in a batch, so that what is derived is derived in one place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.capabilities import MetricDefinition
from scheduler.core.metrics import PLAIN, Movement, Stand, observe
from scheduler.core.packing import pack, unpack
from scheduler.core.rollups import FAILED, GONE, LATE, READ, Form, Rollup, Standing, Subject
from scheduler.store.bulk import append
from scheduler.store.metrics.forms import forms, ids_of
from scheduler.store.metrics.rollups import add, calendars_of, stand
from scheduler.store.metrics.standings import audiences_of, save, save_looks, subjects_of
from scheduler.store.metrics.tables import READING
from scheduler.store.tables import HarvestRun

Status: TypeAlias = Literal["read", "gone", "failed"]
NO_ANSWER = "not in the answer"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A reading that is in the books, with what moved in it by metric. `status` may also be late."""

    publication_id: int | None
    taken_at: datetime
    run_id: int
    form: Form
    moved: Mapping[str, Movement]


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
    """Append a batch of observations and roll them up; how many samples they made.

    Every look makes a reading; a sample is a counter in it that changed. A look that is not newer than the
    newest one of its subject makes no sample: counters are read forwards. Processes that take in looks at
    one channel do so one after the other.
    """
    calendars = calendars_of(session, {seen.channel_id for seen in observations})
    followed = {seen.channel_id for seen in observations if seen.publication_id is None}
    audiences = audiences_of(session, followed, calendars)
    ids = {seen.publication_id for seen in observations if seen.publication_id is not None}
    publications = subjects_of(session, ids, calendars)
    batch = _Batch(run_id)
    for seen in observations:
        if seen.publication_id is None:
            batch.take_in(seen, *audiences[seen.channel_id])
        else:
            batch.take_in(seen, *publications[seen.publication_id])
    form_ids = batch.store(session)
    add(session, batch.rollup, form_ids)
    save(session, [both for id_, both in publications.items() if id_ in batch.moved])
    save_looks(session, [both for id_, both in publications.items() if id_ not in batch.moved])
    stand(session, [(*audiences[channel_id], at) for channel_id, at in sorted(batch.looked.items())])
    return batch.samples


def looks_at(session: Session, channel_id: int, publication_id: int | None) -> list[Look]:
    """Every reading of a publication, or of the channel's audience for None, in the order of time."""
    known = forms(session)
    whose = READING.c.publication_id.is_not_distinct_from(publication_id)
    rows = session.execute(
        select(READING).where(READING.c.channel_id == channel_id, whose).order_by(READING.c.taken_at)
    )
    return [_look(row, known[row.form_id]) for row in rows]


def _look(row: Any, form: Form) -> Look:
    moved = {form.metrics[slot][0]: movement for slot, movement in unpack(row.moved).items()}
    return Look(
        publication_id=row.publication_id, taken_at=row.taken_at, run_id=row.run_id, form=form, moved=moved
    )


@dataclass(slots=True)
class _Batch:
    """Observations on their way into the books; forms have numbers of its own until they are stored."""

    run_id: int
    rollup: Rollup = field(default_factory=Rollup)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    numbers: dict[Form, int] = field(default_factory=dict)
    looked: dict[int, datetime] = field(default_factory=dict)
    moved: set[int | None] = field(default_factory=set)
    samples: int = 0
    _asked: dict[int, "_Asked"] = field(default_factory=dict)

    def take_in(self, seen: Observation, subject: Subject, standing: Standing) -> None:
        asked = self._asked.get(id(seen.definitions))
        if asked is None:
            asked = self._asked[id(seen.definitions)] = _Asked.of(seen.definitions)
        late = seen.status != FAILED and standing.is_late(seen.taken_at)
        number, form = asked.form(seen, LATE if late else seen.status, self.numbers)
        movements = asked.movements(seen, standing.marks) if form.status == READ else {}
        if movements or form.status == GONE or standing.gone or standing.seen_at is None:
            self.moved.add(seen.publication_id)
        self.rollup.take_in(
            subject, standing, form, form_id=number, taken_at=seen.taken_at, movements=movements
        )
        self.samples += len(movements)
        self.rows.append((seen.taken_at, seen.channel_id, seen.publication_id, number, pack(movements)))
        if seen.publication_id is None:
            last = self.looked.get(seen.channel_id, seen.taken_at)
            self.looked[seen.channel_id] = max(last, seen.taken_at)

    def store(self, session: Session) -> dict[int, int]:
        """Append the readings; the stored id of each form by its number."""
        ids = ids_of(session, self.numbers)
        form_ids = {number: ids[form] for form, number in self.numbers.items()}
        rows = [(*row[:3], self.run_id, form_ids[row[3]], row[4]) for row in self.rows]
        append(session, READING, [column.name for column in READING.c], rows)
        return form_ids


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a look asked for, in the order of its slots.

    It is found by the identity of `given`, which is kept so that nothing else gets that.
    """

    given: Sequence[MetricDefinition]
    definitions: tuple[MetricDefinition, ...]
    metrics: tuple[tuple[str, str], ...]
    names: frozenset[str]
    plain: bool
    forms: dict[object, tuple[int, Form]]

    @classmethod
    def of(cls, definitions: Sequence[MetricDefinition]) -> "_Asked":
        ordered = tuple(sorted(definitions, key=lambda definition: definition.name))
        metrics = tuple((one.name, one.version) for one in ordered)
        plain = all(one.version == PLAIN for one in ordered)
        return cls(definitions, ordered, metrics, frozenset(one.name for one in ordered), plain, {})

    def form(self, seen: Observation, status: str, numbers: dict[Form, int]) -> tuple[int, Form]:
        """The form of a look with its number, which it is given now where it is new."""
        whole = status not in {READ, LATE} or seen.values.keys() >= self.names
        missing = () if whole else tuple(self._missing(seen))
        key = (status, seen.reason, seen.publication_id is None, missing)
        found = self.forms.get(key)
        if found is None:
            form = Form(*key[:3], metrics=self.metrics, missing=missing)
            found = self.forms[key] = (numbers.setdefault(form, len(numbers)), form)
        return found

    def movements(self, seen: Observation, marks: Mapping[str, Stand]) -> dict[int, Movement]:
        """What changed by slot; most counters did not, which is seen at a glance."""
        found, values = {}, seen.values
        if self.plain and values == marks:
            return {}
        for slot, (name, version) in enumerate(self.metrics):
            value = values.get(name)
            stand = marks.get(name)
            if value is None or (value == stand and version == PLAIN):
                continue
            if movement := observe(self.definitions[slot], stand, value, from_zero=seen.from_zero):
                found[slot] = movement
        return found

    def _missing(self, seen: Observation) -> Iterator[tuple[str, str]]:
        for name, _ in self.metrics:
            if name not in seen.values:
                yield name, seen.missing.get(name, NO_ANSWER)
