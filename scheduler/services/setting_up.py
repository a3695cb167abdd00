"""The organisation and its first member, made once, and a new database known to its journal."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.core.cells import Fault
from scheduler.core.cells import time_zone as read_time_zone
from scheduler.core.problems import Refused, refuse
from scheduler.core.roles import Role
from scheduler.core.wording import N_
from scheduler.services.evidence.journal import DECIDED, EVER, Journal
from scheduler.services.runtime import Runtime
from scheduler.store.evidence.sendings import anything_sent
from scheduler.store.holding import stops
from scheduler.store.tables import Member, Organisation
from scheduler.store.unit_of_work import UnitOfWork

NOT_SET_UP = N_("nothing is set up here yet: run postroad init first")


def initialise(begin: UnitOfWork, *, organisation: str, time_zone: str, member: str, now: datetime) -> int:
    """The id of the organisation; it and its first member, an admin, are made where they are missing."""
    zone = _zone(time_zone)
    with begin() as session:
        found = _first(session)
        if found is None:
            found = Organisation(uid=secrets.token_hex(16), name=organisation, time_zone=zone, created_at=now)
            session.add(found)
            session.flush()
        if session.scalar(select(Member.id).where(Member.organisation_id == found.id).limit(1)) is None:
            session.add(Member(organisation_id=found.id, name=member, role=Role.ADMIN, created_at=now))
        return found.id


def adopt(begin: UnitOfWork, journal: Journal) -> None:
    """Make a new database and a journal known to each other; nothing when either has a past.

    That people decided in a database that is gone, and nothing was sent, is none: the new one plans nothing.
    """
    with begin() as session:
        if stops.knows_journals(session) or anything_sent(session):
            return
        entries = journal.read().entries
        if all(entry.kind == DECIDED for entry in entries):
            until = max((entry.at for entry in entries), default=EVER)
            stops.set_compared(session, journal.identity(), until=until)


def find_organisation(begin: UnitOfWork) -> int:
    """The id of the organisation; Refused when there is none yet."""
    with begin() as session:
        found = _first(session)
    if found is None:
        raise refuse(NOT_SET_UP)
    return found.id


def organisation_zone(runtime: Runtime) -> str:
    """The IANA zone in which the organisation's weeks begin."""
    with runtime.begin() as session:
        return session.get_one(Organisation, runtime.organisation_id).time_zone


def _first(session: Session) -> Organisation | None:
    return session.scalar(select(Organisation).order_by(Organisation.id).limit(1))


def _zone(name: str) -> str:
    try:
        return read_time_zone(name)
    except Fault as fault:
        raise Refused([fault.at(None, None)]) from None
