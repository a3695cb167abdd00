"""Who acts, and where: what tests of the services share."""

from collections.abc import Iterator

import pytest

from connectors.sandbox import SandboxServer
from scheduler.core.roles import Person
from scheduler.services import failpoints
from scheduler.services.runtime import Runtime
from tests.services.tables import admin
from tests.services.working import connect_face


@pytest.fixture
def lin(runtime: Runtime) -> Person:
    """The admin, who set the installation up."""
    return admin(runtime)


@pytest.fixture
def telegram(runtime: Runtime, sandbox: SandboxServer) -> int:
    """A connected channel on a platform that protects no repeat."""
    return connect_face(runtime, sandbox, "telegram")


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    """What a test arms at a failpoint is gone after it."""
    yield
    failpoints.disarm()
