"""What is worth a look, as values: in a report they are frozen with their figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Worth(StrEnum):
    """Why something is worth a look, the most pressing first."""

    SILENT = "silent"
    UNPLANNED = "unplanned"
    NOT_READ = "not_read"
    OVERDUE = "overdue"
    STANDS_STILL = "stands_still"
    JUMPED = "jumped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something worth a look: which channels of a platform or language, and the figures that say so.

    `platform` is empty for a note about a language; `since` (aware UTC) is when it was last in order, None
    for never; `measure` names what it is about where that is a counter; `cause` is what the platform said.
    """

    worth: Worth
    platform: str
    language: str
    channels: tuple[str, ...]
    figures: Mapping[str, int] = field(default_factory=dict)
    measure: str = ""
    since: datetime | None = None
    cause: str = ""
