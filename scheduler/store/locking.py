"""Rows that are wanted by several at once, locked in one order."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session


def lock(session: Session, id_: InstrumentedAttribute[int], which: ColumnElement[bool]) -> list[int]:
    """Lock these rows in the order of their ids, which are returned, until the transaction ends.

    Of two who do, neither has what the other waits for. Who only refers to such a row does not wait.
    """
    ordered = select(id_).where(which).order_by(id_)
    return list(session.scalars(ordered.with_for_update(key_share=True)))


def lock_free(session: Session, id_: InstrumentedAttribute[int], which: ColumnElement[bool]) -> list[int]:
    """Lock those of these rows that nobody else has, whose ids are returned: who asks so waits for nobody."""
    free = select(id_).where(which).order_by(id_)
    return list(session.scalars(free.with_for_update(skip_locked=True)))
