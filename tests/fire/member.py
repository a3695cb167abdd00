"""One process of the fleet, and everything that can be done to it."""

import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.e2e.installation import wait_until
from tests.servers.processes import ServerProcess

DIES_WITHIN_S = 120.0


@dataclass(slots=True, kw_only=True)
class Member:
    """A planner, a worker or `up`; `restarts` counts its starts after the first, `armed` says with what."""

    name: str
    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    restarts: int = field(default=-1, init=False)
    options: tuple[str, ...] = field(default=(), init=False)
    _process: ServerProcess | None = field(default=None, init=False)

    def start(self, *armed: str, options: tuple[str, ...] = ()) -> None:
        """Start it (again), each of `armed` a POINT:ACTION[:SKIP]; `options` go to tests.fire.process."""
        self.kill()
        self.options = (*(word for order in armed for word in ("--arm", order)), *options)
        self._process = ServerProcess(
            name=self.name,
            arguments=[sys.executable, "-m", "tests.fire.process", *self.options, "--", *self.command],
            folder=self.folder,
            ready=lambda: True,
            environment=self.environment,
        )
        self._process.start()
        self.restarts += 1

    def stop(self) -> None:
        """Ask it to end, and wait until it has (ten seconds, then it is killed)."""
        self._end(ServerProcess.stop)

    def kill(self) -> None:
        """End it as a crash would."""
        self._end(ServerProcess.kill)

    def send(self, number: signal.Signals) -> None:
        """Send a signal and wait for nothing; a dead process takes it silently."""
        if self._process and self._process.alive:
            self._process.send(number)

    def freeze(self) -> None:
        """Stop the clock for it."""
        self.send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on where it was frozen."""
        self.send(signal.SIGCONT)

    @property
    def pid(self) -> int | None:
        """Its process id, None when it is dead."""
        return self._process.pid if self._process and self._process.alive else None

    @property
    def alive(self) -> bool:
        """Whether it runs, frozen or not."""
        return self.pid is not None

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        pid = self.pid
        return pid is not None and psutil.Process(pid).status() == psutil.STATUS_STOPPED

    def wait_dead(self, *, seconds: float = DIES_WITHIN_S) -> None:
        """Return once it is dead; AssertionError when it lives on."""
        wait_until(lambda: not self.alive, seconds=seconds, every_s=0.05)

    def wait_frozen(self, *, seconds: float = DIES_WITHIN_S) -> None:
        """Return once it stands still; AssertionError when it goes on."""
        wait_until(lambda: self.frozen, seconds=seconds, every_s=0.05)

    def _end(self, how: Callable[[ServerProcess], None]) -> None:
        process, self._process = self._process, None
        if process:
            if process.alive:
                process.send(signal.SIGCONT)
            how(process)
