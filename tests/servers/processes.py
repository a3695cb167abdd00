"""Child processes that are ready before they are used and gone afterwards, however the test run ends."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

POLL_S = 0.05
GRACE_S = 10.0
TAIL_LINES = 40

# The command becomes the leader of its own process group. Beside it a watcher reads a pipe that only we hold
# open: when this interpreter ends, killed or not, the pipe closes and the watcher ends the whole group.
_GUARD = """
exec 3<&0 </dev/null
(trap "" TERM; read -r _ <&3; kill 0; sleep 2; kill -KILL 0) &
exec 3<&-
exec "$@"
"""


class ServerUnavailable(LookupError):
    """A server cannot be installed or found here; the message says what is missing."""


class ServerFailed(RuntimeError):
    """A command ended early, failed or did not get ready; the message ends with the tail of its log."""

    def __init__(self, what: str, log: Path) -> None:
        lines = log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
        super().__init__("\n".join([f"{what}; the end of {log.name}:", *lines]))


def run(
    arguments: Sequence[str | Path],
    *,
    log: Path,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    deadline_s: float = 60,
) -> None:
    """Run a command to its end, its output added to the log; ServerFailed when it fails or takes too long."""
    child = _spawn(arguments, log=log, folder=folder, environment=environment or {})
    try:
        code = child.wait(deadline_s)
    except subprocess.TimeoutExpired:
        raise ServerFailed(f"{arguments[0]} took longer than {deadline_s:.0f} s", log) from None
    finally:
        _end_group(child)
    if code:
        raise ServerFailed(f"{arguments[0]} ended with code {code}", log)


@dataclass(slots=True, kw_only=True)
class ServerProcess:
    """A server's process: start, stop, kill, restart, or `with`. Its log is `<folder>/<name>.log`.

    `ready` tells whether the server answers; it is asked until it does, or the process ends, or the deadline
    passes.
    """

    name: str
    arguments: Sequence[str | Path]
    folder: Path
    ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    deadline_s: float = 60
    _child: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        """Where everything the server prints goes."""
        return self.folder / f"{self.name}.log"

    def start(self) -> None:
        """Start the server and return once it is ready; ServerFailed, and no process left, when it is not."""
        self._child = _spawn(self.arguments, log=self.log, folder=self.folder, environment=self.environment)
        try:
            self._wait_until_ready(self._child)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Ask the server to end, then end its whole process group; harmless when it is not running."""
        self._end(self.stop_signal)

    def kill(self) -> None:
        """End the server as a crash would."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop and start again on the same ports and data."""
        self.stop()
        self.start()

    @property
    def alive(self) -> bool:
        """Whether the process runs, stopped by a signal or not."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int | None:
        """Its process id while it is ours to end."""
        return self._child.pid if self._child else None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to it and nothing else; harmless when it is not running."""
        if self._child:
            self._child.send_signal(number)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wait_until_ready(self, child: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + self.deadline_s
        while True:
            answered = self.ready()
            if child.poll() is not None:
                raise ServerFailed(f"{self.name} ended with code {child.returncode}", self.log)
            if answered:
                return
            if time.monotonic() > deadline:
                raise ServerFailed(f"{self.name} was not ready after {self.deadline_s:.0f} s", self.log)
            time.sleep(POLL_S)

    def _end(self, how: signal.Signals) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.send_signal(how)
        with suppress(subprocess.TimeoutExpired):
            child.wait(GRACE_S)
        _end_group(child)


def _spawn(
    arguments: Sequence[str | Path], *, log: Path, folder: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "guard", *arguments],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, **environment},
            start_new_session=True,
        )


def _end_group(child: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    if child.stdin:
        child.stdin.close()
