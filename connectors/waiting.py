"""How long a platform wants us to wait, made safe: never in the past, never longer than a day."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

DEFAULT_S = 60
LONGEST_S = 86_400


def wait_until(now: datetime, stated: datetime | None) -> datetime:
    """The stated instant, at most a day from `now`; in a minute when none is stated or it has passed."""
    if stated is None or stated <= now:
        return now + timedelta(seconds=DEFAULT_S)
    return min(stated, now + timedelta(seconds=LONGEST_S))


def after_seconds(now: datetime, seconds: object) -> datetime | None:
    """`now` plus a number of seconds (number or digits), or None when that is no number."""
    wait_s = _number(seconds)
    return None if wait_s is None else now + timedelta(seconds=min(max(wait_s, 0), LONGEST_S))


def at_epoch(seconds: object) -> datetime | None:
    """The instant of a Unix time (number or digits), or None when it is none."""
    epoch_s = _number(seconds)
    try:
        return None if epoch_s is None else datetime.fromtimestamp(epoch_s, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def at_iso(text: str | None) -> datetime | None:
    """The instant of an ISO 8601 time with its zone, or None when it is none."""
    try:
        instant = datetime.fromisoformat(text or "")
        return instant.astimezone(UTC) if instant.tzinfo else None
    except (OverflowError, ValueError):
        return None


def retry_after(now: datetime, headers: Mapping[str, str]) -> datetime | None:
    """What a Retry-After header in seconds says, or None; the date form is not used by any platform here."""
    return after_seconds(now, headers.get("retry-after"))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (OverflowError, ValueError):
        return None
    return None if math.isnan(number) else number
