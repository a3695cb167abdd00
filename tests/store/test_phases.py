"""What is under way is found by its phase, and changes no index on its way out."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text
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


def explained(session: Session, runtime: Runtime) -> str:
    """How PostgreSQL finds the next ten that are due."""
    asked: list[tuple[str, Any]] = []
    connection = session.connection()

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    deliveries.make_ready(session, now=runtime.clock.now(), limit=10)
    event.remove(connection, "before_cursor_execute", note)
    statement, parameters = asked[-1]
    return str(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).all())


@ON_POSTGRESQL
def test_the_next_that_are_due_are_found_without_a_look_at_all_that_are(
    runtime: Runtime, sandbox: SandboxServer
) -> None:
    """Of a line of 60,000 PostgreSQL read and sorted all for each 5,000 that it made ready."""
    add_delivery(runtime, connect_face(runtime, sandbox, "mastodon"), "words")
    table = Delivery.__table__
    with runtime.begin() as session:
        model = dict(session.execute(select(table)).mappings().one())
        del model["id"], model["phase"]
        session.execute(text("SET LOCAL session_replication_role = replica"))
        copies = [{**model, "uid": f"copy-{n}", "post_id": 10**6 + n} for n in range(3000)]
        session.execute(insert(Delivery), copies)
        session.execute(text("ANALYZE delivery"))
        plan = explained(session, runtime)
    assert "ix_delivery_phase_next_at" in plan
    assert "Sort" not in plan


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
