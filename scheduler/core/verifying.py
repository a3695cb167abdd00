"""What was read back after publishing, compared with what was sent: a silent cut is for a person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from connectors.contract import Absent, CannotTell, ReadBack, Shown
from connectors.errors import (
    NO_EVIDENCE,
    ConnectorError,
    Evidence,
    NeedsReconnect,
    RateLimited,
    Rejected,
    Unsupported,
)
from scheduler.core.outcomes import look_delay
from scheduler.core.wording import N_

SOON = timedelta(seconds=10)
TRIES = 4
LONGEST_WORDS = 500
CUT = N_("the platform shows only the beginning of the text")
OTHER_TEXT = N_("the platform shows another text than was sent")
IMAGES_LOST = N_("the platform shows fewer images than were sent")
OTHER_LANGUAGE = N_("the platform shows another language than was sent")
GONE = N_("published, and no longer there when it was read back")
TWIN = N_("its proof was another delivery's as well: look which of them is live")
DIFFERENCES = frozenset({CUT, OTHER_TEXT, IMAGES_LOST, OTHER_LANGUAGE, GONE, TWIN})


class Verdict(StrEnum):
    """What reading a publication back came to; CANNOT_TELL says that nobody knows, not that it is well."""

    MATCHING = "matching"
    DIFFERS = "differs"
    GONE = "gone"
    CANNOT_TELL = "cannot_tell"


FOR_A_PERSON = frozenset({Verdict.DIFFERS, Verdict.GONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The verdict of one reading, None when it failed and is tried again at `again_at` (aware UTC)."""

    verdict: Verdict | None
    reason: str = ""
    evidence: Evidence = NO_EVIDENCE
    again_at: datetime | None = None


def verify_at(published_at: datetime, visibility_delay_s: int = 0) -> datetime:
    """When to read it: once the platform has had time to show it."""
    return published_at + max(SOON, timedelta(seconds=visibility_delay_s))


def decide_reading(
    answer: ReadBack | ConnectorError, expected: Shown, *, tries: int, now: datetime
) -> Verified:
    """The verdict on one reading; `tries` counts the earlier ones."""
    match answer:
        case Shown():
            return _compared(answer, expected)
        case Absent(evidence=evidence):
            return Verified(verdict=Verdict.GONE, reason=GONE, evidence=evidence)
        case CannotTell(reason=reason, evidence=evidence):
            return Verified(verdict=Verdict.CANNOT_TELL, reason=reason, evidence=evidence)
        case _:
            return _failed(answer, tries, now)


def _compared(shown: Shown, expected: Shown) -> Verified:
    """What a platform does not tell is not compared."""
    reason = ""
    if shown.text != expected.text:
        cut = expected.text.startswith(shown.text.rstrip(" .…"))
        reason = CUT if cut else OTHER_TEXT
    elif _told_less(shown.media_count, expected.media_count):
        reason = IMAGES_LOST
    elif None not in (shown.language, expected.language) and shown.language != expected.language:
        reason = OTHER_LANGUAGE
    if not reason:
        return Verified(verdict=Verdict.MATCHING)
    seen = f"{shown.language}, {shown.media_count}: {shown.text}"[:LONGEST_WORDS]
    return Verified(verdict=Verdict.DIFFERS, reason=reason, evidence=Evidence(words=seen))


def _told_less(shown: int | None, expected: int | None) -> bool:
    return shown is not None and expected is not None and shown < expected


def _failed(error: ConnectorError, tries: int, now: datetime) -> Verified:
    """Nothing was learnt: tried again a few times, then nobody can tell."""
    hopeless = isinstance(error, NeedsReconnect | Rejected | Unsupported)
    if hopeless or tries + 1 >= TRIES:
        return Verified(verdict=Verdict.CANNOT_TELL, reason=error.reason, evidence=error.evidence)
    again_at = error.until if isinstance(error, RateLimited) else now + look_delay(tries)
    return Verified(verdict=None, reason=error.reason, evidence=error.evidence, again_at=again_at)
