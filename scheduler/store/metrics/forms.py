"""The forms of readings: each is stored once, and never changed."""

import json
from collections.abc import Collection
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.core.rollups import Form
from scheduler.store.bulk import insert_into
from scheduler.store.chunks import in_chunks
from scheduler.store.metrics.tables import READING_FORM, SLOTS


class TooManyCounters(ValueError):
    """A look asked for more counters than a reading has slots."""


def ids_of(session: Session, forms: Collection[Form]) -> dict[Form, int]:
    """The id of each form, stored now where it is new."""
    digests = {_digest(form): form for form in forms}
    known = _known(session, digests)
    new = [_row(digest, digests[digest]) for digest in sorted(digests.keys() - known.keys())]
    if new:
        _add(session, new)
        known = _known(session, digests)
    return {form: known[digest] for digest, form in digests.items()}


def forms(session: Session) -> dict[int, Form]:
    """Every form by its id."""
    return {
        row.id: Form(
            status=row.status,
            reason=row.reason,
            of_audience=bool(row.of_audience),
            metrics=_pairs(row.metrics),
            missing=_pairs(row.missing),
        )
        for row in session.execute(select(READING_FORM))
    }


def _known(session: Session, digests: Collection[str]) -> dict[str, int]:
    columns = (READING_FORM.c.digest, READING_FORM.c.id)
    return {
        digest: id_
        for some in in_chunks(digests)
        for digest, id_ in session.execute(select(*columns).where(READING_FORM.c.digest.in_(some)))
    }


def _add(session: Session, rows: list[dict[str, object]]) -> None:
    """Whoever else adds the same at this moment wins, and the form is theirs and ours."""
    session.execute(insert_into(session, READING_FORM).on_conflict_do_nothing(), rows)


def _row(digest: str, form: Form) -> dict[str, object]:
    if len(form.metrics) > SLOTS:
        raise TooManyCounters(f"{len(form.metrics)} counters, at most {SLOTS}")
    return {
        "digest": digest,
        "status": form.status,
        "reason": form.reason,
        "of_audience": int(form.of_audience),
        "metrics": json.dumps(form.metrics, ensure_ascii=False),
        "missing": json.dumps(form.missing, ensure_ascii=False),
    }


def _digest(form: Form) -> str:
    return sha256(json.dumps(form).encode()).hexdigest()


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, words) for name, words in json.loads(text))
