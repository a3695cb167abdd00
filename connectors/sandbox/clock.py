"""The sandbox's own time: the real clock, or an instant that stands still until it is moved."""

from datetime import UTC, datetime


class SandboxClock:
    """`now` is aware UTC; `set` freezes it, `set(None)` gives the real clock back."""

    def __init__(self) -> None:
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        """The sandbox's present."""
        return self._frozen or datetime.now(UTC)

    def set(self, instant: datetime | None) -> None:
        """Stand still at `instant` (aware), or follow the real clock."""
        if instant is not None and instant.tzinfo is None:
            raise ValueError("the sandbox clock needs an aware instant")
        self._frozen = instant.astimezone(UTC) if instant else None


def stamp(instant: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and Z, as most platforms write it."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
