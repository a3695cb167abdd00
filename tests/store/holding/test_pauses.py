"""A pause covers the deliveries of its scope, each judged by its own channel."""

import pytest
from sqlalchemy import select

from connectors.sandbox import SandboxServer
from scheduler.services.runtime import Runtime
from scheduler.store.holding.pauses import paused
from scheduler.store.tables import Delivery, Pause
from scheduler.testing import FakeClock, add_channel, add_delivery

PLATFORMS = ("mastodon", "telegram")


@pytest.mark.parametrize("stopped", PLATFORMS)
def test_a_paused_platform_stops_its_own_deliveries_only(
    stopped: str, runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    """Found by the simulation, 2026-11-22: every row was judged by the platform of the first one."""
    waiting = {platform: _delivery(runtime, sandbox, platform) for platform in PLATFORMS}
    pause = Pause(
        organisation_id=runtime.organisation_id,
        scope="platform",
        value=stopped,
        reason="test",
        member_id=1,
        paused_at=clock.now(),
    )
    with runtime.begin() as session:
        session.add(pause)
    with runtime.begin() as session:
        assert list(session.scalars(select(Delivery.id).where(paused()))) == [waiting[stopped]]


def _delivery(runtime: Runtime, sandbox: SandboxServer, platform: str) -> int:
    account = sandbox.control.create_account(platform, f"centre-{platform}")
    channel = add_channel(
        runtime, platform, base_url=account.base_url, handle=account.handle, secret=account.secret
    )
    return add_delivery(runtime, channel, f"on {platform}")
