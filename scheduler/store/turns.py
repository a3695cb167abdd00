"""One writer at a time, for what is first read and then added to."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.store.tables import Organisation


def take_turn(session: Session, organisation_id: int) -> None:
    """Go on when no other transaction of the organisation has its turn; this one has it until its end.

    On PostgreSQL a lock of the organisation's row that stops no insert which refers to it; call it before
    anything is read. Transactions on SQLite take turns anyway (scheduler.store.engine).
    """
    own = select(Organisation.id).where(Organisation.id == organisation_id)
    session.execute(own.with_for_update(key_share=True))
