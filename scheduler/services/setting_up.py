"""The organisation and its first member, made once."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.core.cells import Fault
from scheduler.core.cells import time_zone as read_time_zone
from scheduler.core.problems import Refused, refuse
from scheduler.core.roles import Role
from scheduler.core.wording import N_
from scheduler.services.runtime import Runtime
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
