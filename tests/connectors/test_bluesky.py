"""Bluesky: the inherited suite on the sandbox's face, and what is Bluesky's own."""

import pytest

from connectors.bluesky import connector
from connectors.conformance import Answer, ConnectorConformance, Place
from connectors.sandbox import SandboxServer
from tests.connectors.places import sandbox_place


class TestConformance(ConnectorConformance):
    connector = connector

    @pytest.fixture(scope="class")
    @classmethod
    def place(cls, sandbox: SandboxServer) -> Place:
        return sandbox_place(sandbox, "bluesky", "pekingnews-ar", dead={"password": "aaaa-bbbb-cccc-dddd"})

    def too_many_requests(self, wait_s: int | None) -> Answer:
        headers = {} if wait_s is None else {"retry-after": str(wait_s)}
        return Answer(status=429, body=b'{"error": "RateLimitExceeded"}', headers=headers)
