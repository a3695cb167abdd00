"""One installation, embedded or distributed, by the same fixture."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e.installation import Installation
from tests.servers.postgres import Postgres
from tests.servers.valkey import Valkey

EMBEDDED = (("up",),)
DISTRIBUTED = (("planner",), ("planner",), ("worker",), ("worker",))


@pytest.fixture(params=["embedded", "distributed"])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    """SQLite in one process; or PostgreSQL, Redis, two planners and two workers, by URLs alone."""
    environment = {
        "POSTROAD_DATA": str(tmp_path / "data"),
        "POSTROAD_MEMBER": "Lin",
        "POSTROAD_TIME_ZONE": _midday_zone(),
        "LANG": "C.UTF-8",
    }
    if request.param == "distributed":
        environment |= _urls(request)
    processes = EMBEDDED if request.param == "embedded" else DISTRIBUTED
    made = Installation(folder=tmp_path, environment=environment, processes=processes)
    made.run("init")
    return made


def _midday_zone() -> str:
    """A zone in which it is noon or soon after, so that no week ends during a test."""
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"


def _urls(request: pytest.FixtureRequest) -> dict[str, str]:
    postgres: Postgres = request.getfixturevalue("postgres_server")
    valkey: Valkey = request.getfixturevalue("valkey_server")
    valkey.flush()
    url = postgres.create_database(f"e2e{abs(hash(request.node.nodeid)):x}")
    return {"POSTROAD_DATABASE_URL": url, "POSTROAD_REDIS_URL": valkey.url}
