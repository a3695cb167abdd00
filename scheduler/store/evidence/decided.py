"""That people decided: a database that lacks a mark which a journal has is an older copy (rule 13)."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import BigInteger, Row, Select, bindparam, select, text
from sqlalchemy.orm import Session

from scheduler.store.chunks import in_chunks
from scheduler.store.tables import Decided

ONE_AT_A_TIME = text("LOCK TABLE decided IN EXCLUSIVE MODE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """People decided `at` that instant (aware UTC), by the command `what`; no other mark has its `uid`."""

    id: int
    uid: str
    what: str
    at: datetime


def note(session: Session, what: str, *, now: datetime) -> Mark:
    """Append a mark. Call it last: who does next waits for the COMMIT, so who sees a mark sees all before."""
    session.flush()
    if session.get_bind().dialect.name != "sqlite":
        session.execute(ONE_AT_A_TIME)
    line = Decided(uid=secrets.token_hex(16), what=what, at=now)
    session.add(line)
    session.flush()
    return Mark(id=line.id, uid=line.uid, what=what, at=now)


def newest(session: Session) -> list[Mark]:
    """The last mark, alone; nothing when nothing was ever decided."""
    last = select(*COLUMNS).order_by(Decided.id.desc()).limit(1)
    return [_mark(row) for row in session.execute(last)]


def since(session: Session, mark: Mark) -> list[Mark]:
    """This mark, if the database has it, and all after it."""
    return [_mark(row) for row in session.execute(_from(), {"first": mark.id})]


def unknown(session: Session, uids: Collection[str]) -> set[str]:
    """Those of the uids that this database has no mark of."""
    known = {
        uid
        for chunk in in_chunks(uids)
        for uid in session.scalars(select(Decided.uid).where(Decided.uid.in_(chunk)))
    }
    return set(uids) - known


COLUMNS = (Decided.id, Decided.uid, Decided.what, Decided.at)


@cache
def _from() -> Select[int, str, str, datetime]:
    return select(*COLUMNS).where(Decided.id >= bindparam("first", type_=BigInteger())).order_by(Decided.id)


def _mark(row: Row[int, str, str, datetime]) -> Mark:
    return Mark(id=row.id, uid=row.uid, what=row.what, at=row.at)
