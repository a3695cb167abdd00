"""The people of the centre, and who is acting."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.core.cells import closest, one_of, read_cells
from scheduler.core.cells import name as read_name
from scheduler.core.problems import Refused, refuse
from scheduler.core.roles import Person, Right, Role
from scheduler.core.wording import N_
from scheduler.services.evidence.deciding import deciding
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Member, Organisation

READERS = {"name": read_name, "role": one_of([*Role])}


def find_member(runtime: Runtime, name: str) -> Person:
    """The member of this name, or Refused with what to do."""
    with runtime.begin() as session:
        found = _find(session, runtime.organisation_id, name)
    if found is None:
        raise refuse(
            N_("{member} is no member: use --as NAME, or have an admin run postroad members add {member}"),
            member=name,
            near=closest(name, [member.name for member in list_members(runtime)]),
        )
    return _person(found)


def add_member(runtime: Runtime, name: str, role: str, *, by: Person) -> Person:
    """Add a member, or Refused with every reason why not."""
    by.require(Right.ADMINISTER)
    values, problems = read_cells(0, {"name": name.strip(), "role": role}, READERS)
    if problems:
        raise Refused([replace(problem, row=None) for problem in problems])
    with deciding(runtime, "members add") as session:
        if _find(session, runtime.organisation_id, values["name"]):
            raise refuse(N_("{member} is a member already"), member=values["name"])
        member = Member(organisation_id=runtime.organisation_id, created_at=runtime.clock.now(), **values)
        session.add(member)
        session.flush()
        return _person(member)


def allow_self_approval(runtime: Runtime, *, allowed: bool, by: Person) -> None:
    """Set the centre's rule on authors who approve their own posts."""
    by.require(Right.ADMINISTER)
    with deciding(runtime, "members self-approval") as session:
        session.get_one(Organisation, runtime.organisation_id).self_approval = allowed


def allow_self_resuming(runtime: Runtime, *, allowed: bool, by: Person) -> None:
    """Set the centre's rule on one person ending a pause alone."""
    by.require(Right.ADMINISTER)
    with deciding(runtime, "members self-resuming") as session:
        session.get_one(Organisation, runtime.organisation_id).self_resuming = allowed


def list_members(runtime: Runtime) -> list[Person]:
    """Every member by name."""
    members = select(Member).where(Member.organisation_id == runtime.organisation_id).order_by(Member.name)
    with runtime.begin() as session:
        return [_person(member) for member in session.scalars(members)]


def _find(session: Session, organisation_id: int, name: str) -> Member | None:
    return session.scalar(
        select(Member).where(Member.organisation_id == organisation_id, Member.name == name)
    )


def _person(member: Member) -> Person:
    return Person(id=member.id, name=member.name, role=Role(member.role))
