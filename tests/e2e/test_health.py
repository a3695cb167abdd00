"""Real processes say whether they live and are ready, also while their database is away."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.installation import PATIENCE_S, POSTROAD, Installation, wait_until
from tests.servers.fixtures import skipping_unavailable
from tests.servers.ports import free_ports
from tests.servers.postgres import Postgres, postgres
from tests.servers.processes import ServerProcess
from tests.servers.valkey import Valkey


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[Postgres]:
    """A server that this test may stop."""
    with skipping_unavailable(), postgres(tmp_path) as server:
        yield server


@contextmanager
def running(installation: Installation, *commands: str) -> Iterator[dict[str, str]]:
    """These commands, each on a health address of its own; the URLs by command."""
    with ExitStack() as stack:
        urls = {}
        for command, port in zip(commands, free_ports(len(commands)), strict=True):
            address = f"127.0.0.1:{port}"
            urls[command] = f"http://{address}"
            process = ServerProcess(
                name=command,
                arguments=[POSTROAD, command],
                folder=installation.folder,
                ready=lambda url=urls[command]: answers(f"{url}/healthz"),  # type: ignore[misc] # the loop's value
                environment=dict(installation.environment) | {"POSTROAD_HEALTH_LISTEN": address},
            )
            stack.enter_context(process)
        yield urls


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=PATIENCE_S).status_code == 200
    except httpx.TransportError:
        return False


def unwell(url: str) -> dict[str, str]:
    """Reason by check, of what is not well; what it says and its status agree."""
    answer = httpx.get(url, timeout=PATIENCE_S)
    told: Mapping[str, Any] = answer.json()
    wrong = {name: check["reason"] for name, check in told["checks"].items() if not check["ok"]}
    assert (answer.status_code, told["ok"]) == ((503, False) if wrong else (200, True))
    return wrong


def scraped(url: str) -> str:
    """Its metrics."""
    return httpx.get(f"{url}/metrics", timeout=PATIENCE_S).raise_for_status().text


def test_planner_and_worker_live_on_without_their_database_and_are_not_ready(
    own_postgres: Postgres, valkey_server: Valkey, tmp_path: Path
) -> None:
    valkey_server.flush()
    urls = {
        "POSTROAD_DATABASE_URL": own_postgres.create_database("health"),
        "POSTROAD_REDIS_URL": valkey_server.url,
    }
    installation = _initialised(tmp_path, urls)
    with running(installation, "planner", "worker") as told:
        for url in told.values():
            wait_until(lambda url=url: not unwell(f"{url}/readyz"))  # type: ignore[misc] # as above
            assert 'postroad_check{check="database"} 1.0' in scraped(url)
        own_postgres.process.stop()
        for url in told.values():
            wait_until(lambda url=url: "database" in unwell(f"{url}/readyz"))  # type: ignore[misc] # as above
            assert "broker" not in unwell(f"{url}/readyz")
            assert "postgres@" not in json.dumps(unwell(f"{url}/readyz"))
            assert unwell(f"{url}/healthz") == {}
            assert 'postroad_check{check="database"} 0.0' in scraped(url)
            assert "postroad_deliveries{" not in scraped(url)
        own_postgres.process.start()
        for url in told.values():
            wait_until(lambda url=url: not unwell(f"{url}/readyz"))  # type: ignore[misc] # as above


def test_everything_in_one_process_tells_the_same(tmp_path: Path) -> None:
    installation = _initialised(tmp_path, {})
    with running(installation, "up") as told:
        wait_until(lambda: not unwell(f"{told['up']}/readyz"))
        assert unwell(f"{told['up']}/healthz") == {}
        wait_until(lambda: "postroad_leader_age_seconds" in scraped(told["up"]))
        installation.run("up", fails=True)


def _initialised(folder: Path, urls: Mapping[str, str]) -> Installation:
    environment = {"POSTROAD_DATA": str(folder / "data"), "POSTROAD_MEMBER": "Lin", "LANG": "C.UTF-8", **urls}
    made = Installation(folder=folder, environment=environment, processes=())
    made.run("init")
    return made
