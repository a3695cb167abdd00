"""Mastodon: the inherited suite on the sandbox's instance and on one that ignores the key."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.conformance import Answer, ConnectorConformance, Place
from connectors.mastodon import connector
from connectors.sandbox import SandboxServer
from tests.connectors.places import sandbox_place


class TestConformance(ConnectorConformance):
    connector = connector
    platform = "mastodon"

    @pytest.fixture(scope="class")
    @classmethod
    def place(cls, sandbox: SandboxServer) -> Place:
        return sandbox_place(sandbox, cls.platform, "pekingnews-ar", dead={"access_token": "revoked"})

    def too_many_requests(self, wait_s: int | None) -> Answer:
        headers = {}
        if wait_s is not None:
            reset = datetime.now(UTC) + timedelta(seconds=min(wait_s, 10**10))
            headers = {"X-RateLimit-Reset": reset.isoformat()}
        return Answer(status=429, body=b'{"error": "Too many requests"}', headers=headers)


class TestConformanceWithoutKeys(TestConformance):
    platform = "gotosocial"
