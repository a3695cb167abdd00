"""What became of a report that was mailed to somebody, and what may be tried again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class MailState(StrEnum):
    """DEFERRED and REFUSED were certainly not sent; UNKNOWN may have been: its answer never came."""

    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MailOutcome:
    """How an attempt ended, with the server's or the system's words."""

    state: MailState
    words: str = ""


ON_SCHEDULE: Collection[MailState] = (MailState.DEFERRED,)
BY_A_PERSON: Collection[MailState] = (MailState.DEFERRED, MailState.REFUSED)
ONCE_MORE: Collection[MailState] = (*BY_A_PERSON, MailState.UNKNOWN)
"""Which mailings are tried again: a doubtful one only when a person accepts that it may come twice."""

LAPSES_AFTER = timedelta(minutes=15)
"""A sending that is older is of a process that died: nobody knows what became of it."""
