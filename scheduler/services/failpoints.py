"""Named places between two adjacent effects of publishing, at which tests let a process die or stand still.

Nothing in the product arms one: no setting, no environment variable, no command. Unarmed, a place costs one
look at an empty dictionary.
"""

from collections.abc import Callable
from typing import Final

POINTS: Final = (
    "ticked",  # rows are ready, no worker knows
    "announced",  # one hint is handed over, the next is not
    "hinted",  # a hint is taken, nothing is claimed
    "claimed",  # claimed, nothing is staged
    "staged",  # the platform has the invisible object, we have no handle
    "handle_saved",  # the handle is stored, the next step is not begun
    "marked",  # sending is written and not committed
    "sending",  # sending is committed, the journal has no line
    "journalled",  # the journal has its line, no byte is sent
    "answered",  # the platform answered, nothing is written
    "outcome_written",  # the outcome is written and not committed
    "recorded",  # the outcome is committed, the journal does not know
    "ended",  # all is written
    "given_up",  # not sent, and why is committed
    "looked",  # a look was answered, nothing is written
    "look_recorded",  # what a look found is committed
    "renewal_leased",  # the turn to renew a secret is ours, nobody was asked
    "renewed",  # the platform renewed the secret, we have not kept it
    "renewal_spooled",  # the renewed secret is on the disk, the database has the old one
    "renewal_stored",  # the renewed secret is committed
    "taken_down",  # the platform took a post down, nothing is written
)

_armed: dict[str, Callable[[], None]] = {}


def reach(point: str) -> None:
    """Pass this point, unless a test ordered something else here."""
    if _armed and (action := _armed.get(point)):
        action()


def arm(point: str, action: Callable[[], None]) -> None:
    """Order what happens whenever the point is reached, in whichever thread; only tests call this."""
    if point not in POINTS:
        raise ValueError(f"no failpoint {point!r}; there are {', '.join(POINTS)}")
    _armed[point] = action


def disarm() -> None:
    """Let every point be passed again."""
    _armed.clear()
