"""Valkey for tests: keys are kept, flushed, and lost with a restart."""

from pathlib import Path

import pytest
import redis

from tests.servers.valkey import Valkey, valkey


def test_it_keeps_keys_until_flushed(valkey_server: Valkey) -> None:
    with redis.Redis.from_url(valkey_server.url, decode_responses=True) as client:
        client.set("hint", "17,18,25")
        assert client.get("hint") == "17,18,25"
        valkey_server.flush()
        assert client.get("hint") is None


def test_a_restart_loses_everything_and_keeps_the_address(tmp_path: Path) -> None:
    with valkey(tmp_path) as server, redis.Redis.from_url(server.url) as client:
        client.set("hint", "17")
        server.process.stop()
        with pytest.raises(redis.ConnectionError):
            client.get("hint")
        server.process.start()
        assert client.get("hint") is None
