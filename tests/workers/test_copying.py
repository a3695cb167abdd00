"""`postroad backup` and `postroad restore`, as the person on duty types them."""

from pathlib import Path

import pytest

from config.settings import Settings
from scheduler.cli.app import Invocation
from scheduler.core.problems import Refused
from scheduler.services.runtime import Runtime
from scheduler.store.engine import sqlite_file
from tests.cli.running import run_command
from tests.services.tables import ONE_DATABASE
from workers import copying
from workers.bootstrap import ALREADY_RUNNING, only_one, open_runtime

COMMANDS = (copying,)


@pytest.fixture
def invocation(runtime: Runtime, settings: Settings) -> Invocation:
    """Of an installation that nobody has open."""
    runtime.close()
    return Invocation(settings=settings, open_runtime=open_runtime)


@ONE_DATABASE
def test_both_say_what_is_not_in_the_copy_and_what_to_do(invocation: Invocation, tmp_path: Path) -> None:
    copy = tmp_path / "backup.db"
    told = run_command(invocation, "backup", str(copy))
    data = invocation.settings.data
    assert all(str(data / name) in told for name in ("media", "keys", "journal"))
    told = run_command(invocation, "restore", str(copy))
    assert f"{tmp_path}/replaced-" in told
    assert "postroad recover" in told
    assert "missing" not in told
    (data / "keys").unlink()
    assert f"{data}/keys is missing" in run_command(invocation, "restore", str(copy))


@ONE_DATABASE
def test_a_restore_waits_for_no_process_that_publishes(invocation: Invocation, tmp_path: Path) -> None:
    copy = tmp_path / "backup.db"
    run_command(invocation, "backup", str(copy))
    database = sqlite_file(invocation.settings.database)
    assert database
    before = database.read_bytes()
    with only_one(invocation.settings), pytest.raises(Refused) as refusal:
        run_command(invocation, "restore", str(copy))
    assert refusal.value.problems[0].message == ALREADY_RUNNING
    assert database.read_bytes() == before


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("command", "tool"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_postgresql_is_copied_by_its_own_tools(
    invocation: Invocation, tmp_path: Path, command: str, tool: str
) -> None:
    with pytest.raises(Refused, match=f"{tool} .*FILE"):
        run_command(invocation, command, str(tmp_path / "backup.db"))
    assert not (tmp_path / "backup.db").exists()
