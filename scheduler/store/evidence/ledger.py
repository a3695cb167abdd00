"""The evidence ledger of deliveries: lines are appended in the transaction they tell about, never changed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.core.outcomes import Decision
from scheduler.core.states import State
from scheduler.store.bulk import write
from scheduler.store.tables import Attempt

ATTEMPTS = Attempt.metadata.tables[Attempt.__tablename__]
COLUMNS = ("delivery_id", "kind", "state", "reason", "evidence", "worker", "at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who writes a line, and when (aware UTC)."""

    worker: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a line says: its kind, the state it led to, why, and what was seen.

    Kinds: staging, sending, outcome, look, lapse, release, resolve, recall, takedown,
    verification, recovery.
    """

    kind: str
    state: State
    reason: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)


def decided(kind: str, decision: Decision) -> Line:
    """The line for a decision, with what the platform showed."""
    return Line(kind=kind, state=decision.state, reason=decision.reason, evidence=decision.evidence.shown())


def note(session: Session, delivery_ids: Collection[int], line: Line, signed: Signed) -> None:
    """Append the same line for each delivery."""
    note_each(session, dict.fromkeys(delivery_ids, line), signed)


def note_each(session: Session, lines: Mapping[int, Line], signed: Signed) -> None:
    """Append to each delivery its line, all with one statement."""
    rows = [
        (id_, line.kind, str(line.state), line.reason, dict(line.evidence), signed.worker, signed.now)
        for id_, line in lines.items()
    ]
    write(session, ATTEMPTS, COLUMNS, rows)


def lines_of(session: Session, delivery_id: int) -> list[Attempt]:
    """Everything that was tried for one delivery, oldest first."""
    lines = select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(Attempt.id)
    return list(session.scalars(lines))
