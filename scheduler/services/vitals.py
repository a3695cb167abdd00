"""How the installation is, read at one instant: what the status command, the metrics and any page show."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.core.clocks import NOTHING
from scheduler.core.states import State
from scheduler.services.delivery.planning import LEADER, LEADER_LEASE
from scheduler.services.desk.attention import CauseCount, count_causes
from scheduler.services.runtime import Runtime
from scheduler.store import vitals
from scheduler.store.holding import stops

ENDED_FOR = timedelta(days=1)
LATE_WITHIN = timedelta(hours=1)
BOUNDS_S = (1.0, 3.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0, 86400.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCount:
    """How many deliveries of a platform are in a state; ended ones only if due in the last day."""

    state: State
    platform: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """Published minus due, in seconds, of what was published in the last hour.

    `at_most` has, for each of BOUNDS_S, how many were not later than that.
    """

    at_most: tuple[int, ...]
    count: int
    sum_s: float
    max_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """One look at the database at `at` (aware UTC).

    `oldest_waiting_s` is how long ago the oldest approved, unsent delivery was due, 0 when none waits;
    `waiting_for_a_turn` are due and wait for a quota or a platform's wait. `leader_age_s` is how long ago a
    planner last led, None when none ever did. `stopped` is why nothing at all is sent, empty when it is.
    """

    at: datetime
    deliveries: tuple[StateCount, ...]
    lateness: Lateness
    oldest_waiting_s: float
    waiting_for_a_turn: int
    attention: tuple[CauseCount, ...]
    leader: str
    leader_age_s: float | None
    claims_held: int
    claims_lapsed: int
    stopped: str
    clock_jump_s: float
    standing_aside: tuple[str, ...]

    def count(self, state: State, platform: str | None = None) -> int:
        """How many are in the state, on one platform or on all."""
        return sum(
            one.count for one in self.deliveries if one.state is state and platform in (None, one.platform)
        )


def read_vitals(runtime: Runtime) -> Vitals:
    """How it is now, by the database's clock."""
    now, ours = runtime.clock.now(), runtime.organisation_id
    with runtime.begin() as session:
        counts = vitals.count_deliveries(session, ours, since=now - ENDED_FOR, until=now)
        late = vitals.count_lateness(session, ours, since=now - LATE_WITHIN, bounds=BOUNDS_S)
        oldest_at = vitals.oldest_due_at(session, ours, now=now)
        held, lapsed = vitals.count_claims(session, now=now)
        leader = vitals.lease_of(session, LEADER)
        jump = stops.jump_of(session)
        return Vitals(
            at=now,
            deliveries=tuple(
                StateCount(state=state, platform=platform, count=count)
                for (state, platform), count in sorted(counts.items())
            ),
            lateness=Lateness(at_most=tuple(late[0]), count=late[1], sum_s=late[2], max_s=late[3]),
            oldest_waiting_s=(now - oldest_at).total_seconds() if oldest_at else 0.0,
            waiting_for_a_turn=vitals.count_turns(session, ours, now=now),
            attention=tuple(count_causes(session, runtime, now=now)),
            leader=leader[0] if leader else "",
            leader_age_s=(now - (leader[1] - LEADER_LEASE)).total_seconds() if leader else None,
            claims_held=held,
            claims_lapsed=lapsed,
            stopped=stops.reason_of_stop(session) or "",
            clock_jump_s=(jump.by if jump else NOTHING).total_seconds(),
            standing_aside=tuple(stops.standing_aside(session, now=now)),
        )
