"""What is under way is found by its phase, and changes no index on its way out."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from connectors.sandbox import SandboxServer
from scheduler.core.states import State
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.deliveries.moving import in_states
from scheduler.store.evidence.ledger import Signed
from scheduler.store.tables import Delivery
from scheduler.testing import FakeClock, add_delivery
from tests.services.working import connect_face

LEASE = timedelta(minutes=1)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
ENTERED = text(
    "select pg_stat_get_xact_tuples_updated(oid) - pg_stat_get_xact_tuples_hot_updated(oid) "
    "from pg_class where relname = 'delivery'"
)


def make_ready(runtime: Runtime, sandbox: SandboxServer) -> int:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "mastodon"), "words")
    with runtime.begin() as session:
        assert deliveries.make_ready(session, now=runtime.clock.now())
    return delivery


def claim(session: Session, delivery: int, clock: FakeClock) -> Delivery:
    [claimed] = deliveries.claim(session, [delivery], token="ours", now=clock.now(), lease=LEASE)
    return claimed


@ON_POSTGRESQL
def test_what_goes_out_is_changed_without_a_new_entry_in_any_index(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    delivery = make_ready(runtime, sandbox)
    with runtime.begin() as session:
        before = session.scalar(ENTERED)
        hashes = {delivery: claim(session, delivery, clock).approved_hash or ""}
        signed = Signed(worker="w", now=clock.now())
        assert deliveries.mark_sending(session, hashes, token="ours", lease=LEASE, signed=signed)
        assert session.scalar(ENTERED) == before


@pytest.mark.parametrize("states", [(State.CLAIMED,), (State.READY, State.HELD), tuple(State)])
def test_a_delivery_is_found_in_its_state_and_in_no_other(
    states: tuple[State, ...], runtime: Runtime, sandbox: SandboxServer
) -> None:
    delivery = make_ready(runtime, sandbox)
    with runtime.begin() as session:
        row = session.get_one(Delivery, delivery)
        for state in State:
            row.state = state
            session.flush()
            found = list(session.scalars(select(Delivery.id).where(in_states(*states))))
            assert found == ([delivery] if state in states else [])
