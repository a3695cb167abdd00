"""The steps that tests of publishing share: a channel on the sandbox, a tick, a look at a row."""

from collections.abc import Collection, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from connectors.sandbox import SandboxServer
from scheduler.core.roles import Person
from scheduler.services import failpoints
from scheduler.services.delivery import planning
from scheduler.services.members import add_member, find_member
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Asset, Delivery, VariantMedia
from scheduler.testing import FakeClock, RecordingDispatcher, add_channel
from tests.e2e.installation import wait_until
from tests.services.tables import picture

WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


def connect_face(runtime: Runtime, sandbox: SandboxServer, face: str, *, followers: int | None = None) -> int:
    """The id of a connected channel on a face of the sandbox."""
    account = sandbox.control.create_account(face, f"centre-{face}", followers=followers)
    return add_channel(
        runtime, account.platform, base_url=account.base_url, handle=account.handle, secret=account.secret
    )


def work(runtime: Runtime) -> None:
    """One tick of the planner, its hints attended to."""
    dispatcher = RecordingDispatcher()
    planning.tick(runtime, dispatcher, chunk=100)
    for hint in dispatcher.hints:
        planning.attend(runtime, hint)


class Death(BaseException):
    """The process ends here."""


@contextmanager
def dying_at(point: str) -> Iterator[None]:
    """Whatever comes by this failpoint meanwhile dies of it."""

    def die() -> None:
        raise Death

    failpoints.arm(point, die)
    with pytest.raises(Death):
        yield
    failpoints.disarm()


def later(clock: FakeClock, sandbox: SandboxServer, **by: float) -> None:
    """Let time pass, here and on the platforms; `by` as timedelta takes it."""
    clock.advance(timedelta(**by))
    sandbox.control.set_clock(clock.now())


def state_of(runtime: Runtime, delivery_id: int) -> str:
    """Where a delivery stands now."""
    with runtime.begin() as session:
        return session.get_one(Delivery, delivery_id).state


def live(sandbox: SandboxServer, text: str) -> int:
    """How many posts on the platforms hold this text."""
    return sum(text in post.text for post in sandbox.control.posts())


def wait_until_somebody_waits(runtime: Runtime, *, unless: Collection[Future[Any]] = ()) -> None:
    """Return once a transaction on this PostgreSQL waits for another one, or all of `unless` are done."""

    def somebody_waits() -> bool:
        with runtime.begin() as session:
            return bool(session.scalar(WAITING))

    wait_until(
        lambda: (bool(unless) and all(one.done() for one in unless)) or somebody_waits(),
        every_s=0.05,
    )


def add_person(runtime: Runtime, name: str, role: str = "publisher") -> Person:
    """A new member beside Lin, the admin."""
    return add_member(runtime, name, role, by=find_member(runtime, "Lin"))


def add_image(session: Session, runtime: Runtime, variant_id: int, position: int) -> None:
    """Give a text one more image, another one at each position."""
    content = picture(size=(64, 48 + position))
    asset = Asset(
        organisation_id=runtime.organisation_id,
        sha256=sha256(content).hexdigest(),
        mime_type="image/jpeg",
        size=len(content),
        width=64,
        height=48 + position,
        path=runtime.media.put(content),
        created_at=runtime.clock.now(),
    )
    session.add(VariantMedia(variant_id=variant_id, position=position, alt="A wall", asset=asset))
