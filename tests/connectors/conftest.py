"""One sandbox for each test module."""

from collections.abc import Iterator

import pytest

from connectors.sandbox import SandboxServer


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    """The shipped fake platforms on a free loopback port, seeded, without rate limits."""
    with SandboxServer(seed=1) as server:
        server.control.set_quotas(enforced=False)
        yield server
