"""Who may do what."""

from dataclasses import dataclass
from enum import StrEnum

from scheduler.core.problems import refuse
from scheduler.core.wording import N_, terms


class Role(StrEnum):
    """What a member is at the centre."""

    AUTHOR = N_("author")
    EDITOR = N_("editor")
    REVIEWER = N_("reviewer")
    PUBLISHER = N_("publisher")
    ANALYST = N_("analyst")
    ADMIN = N_("admin")
    AUDITOR = N_("auditor")


class Right(StrEnum):
    """What a role may give."""

    WRITE = "write"
    STOP = "stop"
    APPROVE = "approve"
    RESUME = "resume"
    RELEASE = "release"
    RECALL = "recall"
    RESOLVE = "resolve"
    RECOVER = "recover"
    ACCEPT_CLOCK = "accept clock"
    CONNECT = "connect"
    AIM = "aim"
    ENTER = "enter"
    COMMENT = "comment"
    MAIL = "mail"
    ADMINISTER = "administer"


DECIDING = {
    Right.APPROVE,
    Right.RESUME,
    Right.RELEASE,
    Right.RECALL,
    Right.RESOLVE,
    Right.RECOVER,
    Right.ACCEPT_CLOCK,
}
"""What lets something be sent, or takes it back."""

RIGHTS = {
    Role.AUTHOR: {Right.WRITE, Right.STOP},
    Role.EDITOR: {Right.WRITE, Right.STOP, Right.COMMENT, Right.ENTER},
    Role.REVIEWER: {Right.WRITE, Right.STOP, Right.COMMENT, *DECIDING},
    Role.PUBLISHER: set(Right) - {Right.ADMINISTER},
    Role.ANALYST: {Right.AIM, Right.ENTER, Right.COMMENT, Right.MAIL},
    Role.ADMIN: set(Right),
    Role.AUDITOR: set[Right](),
}

FORBIDDEN = {
    Right.WRITE: N_("{member} is {role} and may not write posts: that takes {allowed}"),
    Right.STOP: N_("{member} is {role} and may not pause anything: that takes {allowed}"),
    Right.APPROVE: N_("{member} is {role} and may not approve posts: that takes {allowed}"),
    Right.RESUME: N_("{member} is {role} and may not end a pause: that takes {allowed}"),
    Right.RELEASE: N_("{member} is {role} and may not release deliveries: that takes {allowed}"),
    Right.RECALL: N_("{member} is {role} and may not recall posts: that takes {allowed}"),
    Right.RESOLVE: N_("{member} is {role} and may not resolve doubts: that takes {allowed}"),
    Right.RECOVER: N_("{member} is {role} and may not recover the database: that takes {allowed}"),
    Right.ACCEPT_CLOCK: N_("{member} is {role} and may not accept the clock: that takes {allowed}"),
    Right.CONNECT: N_("{member} is {role} and may not change channels: that takes {allowed}"),
    Right.AIM: N_("{member} is {role} and may not set goals: that takes {allowed}"),
    Right.ENTER: N_("{member} is {role} and may not enter readings: that takes {allowed}"),
    Right.COMMENT: N_("{member} is {role} and may not comment on reports: that takes {allowed}"),
    Right.MAIL: N_("{member} is {role} and may not mail reports: that takes {allowed}"),
    Right.ADMINISTER: N_("{member} is {role} and may not change members: that takes {allowed}"),
}


def require_right(right: Right, *, member: str, role: Role) -> None:
    """Return when the role gives the right; otherwise Refused, saying which roles do."""
    if right not in RIGHTS[role]:
        allowed = terms(*(other for other, rights in RIGHTS.items() if right in rights))
        raise refuse(FORBIDDEN[right], member=member, role=terms(role), allowed=allowed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member, as the services pass one around."""

    id: int
    name: str
    role: Role

    def require(self, right: Right) -> None:
        """Return when this person may do that; otherwise Refused."""
        require_right(right, member=self.name, role=self.role)
