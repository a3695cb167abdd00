"""Child processes of tests: their failures are told, and nothing of them is left however the run ends."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.servers.processes import ServerFailed, ServerProcess

# Like PHP's web server: a worker that outlives the process that started it.
WITH_WORKER = "sleep 300 & echo $$ $! > new; mv new pids; wait"
SELF_KILLING_RUN = """
import os, signal, sys
from pathlib import Path
from tests.servers.test_processes import server_in
server_in(Path(sys.argv[1])).start()
os.kill(os.getpid(), signal.SIGKILL)
"""


def server_in(folder: Path, script: str = WITH_WORKER, *, deadline_s: float = 20) -> ServerProcess:
    return ServerProcess(
        name="server",
        arguments=["/bin/sh", "-c", script],
        folder=folder,
        ready=(folder / "pids").exists,
        deadline_s=deadline_s,
    )


def assert_both_end(folder: Path) -> None:
    deadline = time.monotonic() + 10
    for pid in (folder / "pids").read_text().split():
        while is_running(pid):
            assert time.monotonic() < deadline, f"{pid} is still running"
            time.sleep(0.05)


def is_running(pid: str) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_a_stopped_server_takes_its_workers_along(tmp_path: Path) -> None:
    with server_in(tmp_path):
        assert all(is_running(pid) for pid in (tmp_path / "pids").read_text().split())
    assert_both_end(tmp_path)


def test_a_killed_run_leaves_no_process(tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, "-c", SELF_KILLING_RUN, tmp_path], check=False)
    assert run.returncode == -signal.SIGKILL
    assert_both_end(tmp_path)


def test_a_server_that_ends_early_shows_the_end_of_its_log(tmp_path: Path) -> None:
    with pytest.raises(ServerFailed, match=r"code 3(.|\n)*the port is taken"):
        server_in(tmp_path, "echo the port is taken; exit 3").start()


def test_a_server_that_is_never_ready_is_ended(tmp_path: Path) -> None:
    script = "sleep 300 & echo $$ $! > not-yet; wait"
    with pytest.raises(ServerFailed, match="not ready after"):
        server_in(tmp_path, script, deadline_s=0.5).start()
    (tmp_path / "not-yet").rename(tmp_path / "pids")
    assert_both_end(tmp_path)
