"""Hypothesis tells stories about a centre, and shortens the one in which the platform's log disagrees."""

from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from connectors.capabilities import Idempotency
from scheduler.core.lateness import Lateness
from tests.protocol.simulation.judging import breaches
from tests.protocol.simulation.people import Desk
from tests.protocol.simulation.running import seeded, sqlite_runtime

KINDS = st.sampled_from(list(Idempotency))


class Story(RuleBasedStateMachine):
    """What may happen to a centre, in any order; the end is calm, and then the judge speaks."""

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = self.open.enter_context(TemporaryDirectory())
        runtime, clock = self.open.enter_context(sqlite_runtime(Path(folder)))
        self.centre = Desk(runtime, clock, seeded(1))
        self.planned: list[int] = []

    @rule(kind=KINDS, in_s=st.sampled_from([0, 60, 3600]), lateness=st.sampled_from(list(Lateness)))
    def plan(self, kind: Idempotency, in_s: int, lateness: Lateness) -> None:
        """One more delivery."""
        self.planned.append(self.centre.plan(kind, in_s=in_s, lateness=lateness))

    @rule(
        seed=st.integers(0, 999), faults=st.sampled_from([0.0, 0.3, 0.9]), crashes=st.sampled_from([0.0, 0.1])
    )
    def storm(self, seed: int, faults: float, crashes: float) -> None:
        """Other weather."""
        self.centre.chance.seed(seed)
        self.centre.storm(faults=faults, crashes=crashes)

    @rule(wait_s=st.sampled_from([0, 10, 130, 4000]))
    def go_on(self, wait_s: int) -> None:
        """Time passes, a planner ticks, workers attend to its hints."""
        self.centre.clock.advance(timedelta(seconds=wait_s))
        self.centre.tick()
        for _ in range(len(self.centre.hints.waiting)):
            self.centre.work()

    @precondition(lambda self: self.planned)
    @rule(data=st.data(), cancelled=st.booleans())
    def take_back(self, data: st.DataObject, cancelled: bool) -> None:
        """A person cancels a delivery or withdraws its approval."""
        delivery = data.draw(st.sampled_from(self.planned))
        (self.centre.cancel if cancelled else self.centre.withdraw)(delivery)

    @rule(kind=KINDS)
    def pause(self, kind: Idempotency) -> None:
        """A person pauses a platform."""
        self.centre.pause(kind)

    @rule()
    def resume(self) -> None:
        """People resume everything, and let what is held go on."""
        self.centre.resume()
        self.centre.release_held()

    def teardown(self) -> None:
        """All is calm: the judge speaks."""
        with self.open:
            self.centre.settle(hours=3)
            assert breaches(self.centre) == []


TestStories = Story.TestCase
TestStories.settings = settings(
    max_examples=8,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
