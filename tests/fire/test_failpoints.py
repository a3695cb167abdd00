"""Every failpoint lies on the way of an ordinary run, and only tests arm one."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from connectors.sandbox import SandboxServer
from scheduler.services import failpoints
from scheduler.services.desk.queue import Filter, list_deliveries
from scheduler.services.desk.recalling import recall
from scheduler.services.members import find_member
from scheduler.services.runtime import Runtime
from scheduler.testing import FakeClock, add_delivery
from tests.house_rules.sources import product_sources
from tests.services.working import connect_face, work

ARMING = ("failpoints.arm", "import arm", "tests.fire")


@pytest.fixture
def passed() -> Iterator[set[str]]:
    """The points that were passed so far."""
    seen: set[str] = set()
    for point in failpoints.POINTS:
        failpoints.arm(point, partial(seen.add, point))
    yield seen
    failpoints.disarm()


def later(clock: FakeClock, sandbox: SandboxServer, **by: float) -> None:
    clock.advance(timedelta(**by))
    sandbox.control.set_clock(clock.now())


def test_an_ordinary_run_passes_every_point(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, passed: set[str]
) -> None:
    faces = ("bluesky", "wordpress", "telegram")
    bluesky, site, chat = (connect_face(runtime, sandbox, face) for face in faces)
    add_delivery(runtime, site, "staged, then shown")
    add_delivery(runtime, bluesky, "with a token that lasts")
    work(runtime)
    sandbox.control.add_fault("wordpress", "status", method="POST", status=503)
    add_delivery(runtime, site, "cannot be staged")
    sandbox.control.add_fault("telegram", "drop_after", match="sendMessage")
    add_delivery(runtime, chat, "an answer that never arrives")
    work(runtime)
    later(clock, sandbox, seconds=11)
    work(runtime)
    later(clock, sandbox, hours=3)
    add_delivery(runtime, bluesky, "with a token that lapses")
    work(runtime)
    posts = [line.post for line in list_deliveries(runtime, Filter())]
    recall(runtime, posts, reason="to see it go", by=find_member(runtime, "Lin"))
    assert passed == set(failpoints.POINTS)


def test_a_point_that_does_not_exist_cannot_be_armed() -> None:
    with pytest.raises(ValueError, match="no failpoint 'nowhere'"):
        failpoints.arm("nowhere", lambda: None)


def test_nothing_in_the_product_arms_a_failpoint() -> None:
    arming = {source.path for source in product_sources() if any(words in source.text for words in ARMING)}
    assert arming == set()
