"""A power cut in the middle of a burst of writes, at a moment that is the same in every run."""

import time
from collections.abc import Callable, Collection, Iterable
from contextlib import ExitStack
from itertools import count
from threading import Event

from connectors.conformance import Answer, Relay
from tests.e2e.installation import Installation

REACHED_WITHIN_S = 120
QUIET_S = 2


class PowerCut:
    """A fault for relays: the first writes are answered, the next are done and never answered.

    Whatever comes then waits, and never arrives: by the time the waiting ends, its sender is gone.
    """

    def __init__(self, *, answered: int, unanswered: int) -> None:
        self._answered, self._last = answered, answered + unanswered
        self._turns = count(1)
        self.reached, self.over = Event(), Event()

    def __call__(self, forward: Callable[[], Answer]) -> Answer | None:
        turn = next(self._turns)
        if turn <= self._answered:
            return forward()
        if turn <= self._last:
            forward()
        if turn >= self._last:
            self.reached.set()
        self.over.wait()
        return None


def cut_power(
    installation: Installation, relays: Collection[Relay], *, answered: int, unanswered: int
) -> None:
    """Start all processes and kill them at once between writes to the platforms."""
    cut = PowerCut(answered=answered, unanswered=unanswered)
    with ExitStack() as stack:
        for relay in relays:
            stack.enter_context(relay.breaking(cut))
        stack.callback(cut.over.set)
        processes = stack.enter_context(installation.publishing())
        assert cut.reached.wait(REACHED_WITHIN_S), "the processes did not write so much"
        for process in processes:
            process.kill()
        _outlast(relays)


def _outlast(relays: Iterable[Relay]) -> None:
    """Wait until every request that the dead left in the sockets has met the cut."""
    for relay in relays:
        seen = -1
        while seen < (seen := len(relay.requests)):
            time.sleep(QUIET_S)
