"""What each platform shows of the world: a face is a strict, independent reading of its specification."""

from typing import Any, Protocol

from connectors.sandbox.exchange import Answer, Call
from connectors.sandbox.world import AccountState


class Face(Protocol):
    """One platform. `answer` is called under the world's lock and never waits.

    `text_at` and `images_at` are where a JSON body that publishes has the text and the images.
    """

    name: str
    text_at: tuple[str, ...]
    images_at: tuple[str, ...]

    def answer(self, call: Call) -> Answer:
        """Do what the platform would do with this call; refusals are answers too."""
        ...

    def open_account(self, name: str) -> AccountState:
        """A new account that may publish, with its secret; not yet part of the world."""
        ...

    def rate_limited(self, retry_after: Any) -> Answer:
        """The platform's refusal for too many calls; `retry_after` in seconds, or None, or nonsense."""
        ...

    def error(self) -> Answer:
        """An error in the platform's own form, whose body a faulty server may send with status 200."""
        ...
