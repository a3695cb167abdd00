"""Outcomes written many at a time say what they would say one at a time, and one bad row stops no other."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from connectors.contract import Published
from connectors.errors import ConnectorError, Evidence, NotSent, OutcomeUnknown, Rejected
from connectors.sandbox import SandboxServer
from scheduler.core.outcomes import Decision, Trying, decide
from scheduler.core.states import State
from scheduler.services.delivery.publishing import ANOTHERS
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.evidence.ledger import Signed, lines_of
from scheduler.store.tables import Delivery, Publication
from scheduler.testing import FakeClock, add_delivery
from tests.services.working import connect_face, live, state_of, work

LEASE = timedelta(minutes=5)
OUTCOMES: tuple[Published | ConnectorError, ...] = (
    Published(remote_id="1", url="https://a.invalid/1", evidence=Evidence(status=200)),
    Published(remote_id="2", url="https://a.invalid/2", evidence=Evidence(status=201)),
    NotSent("could not connect", evidence=Evidence(request="POST a.invalid")),
    NotSent("could not connect"),
    OutcomeUnknown("the connection was cut before the answer"),
    Rejected("too long", field="text", evidence=Evidence(status=422, code="too_long")),
)


@pytest.fixture
def channel(runtime: Runtime, sandbox: SandboxServer) -> int:
    return connect_face(runtime, sandbox, "telegram")


def hand_out(runtime: Runtime, channel: int, number: int) -> list[int]:
    """So many deliveries being sent by a worker under the token `t`."""
    ids = [add_delivery(runtime, channel, f"text {one}") for one in range(number)]
    signed = Signed(worker="slow", now=runtime.clock.now())
    with runtime.begin() as session:
        deliveries.make_ready(session, now=signed.now)
        rows = deliveries.claim(session, ids, token="t", now=signed.now, lease=LEASE)
        hashes = {row.id: str(row.approved_hash) for row in rows}
        assert deliveries.mark_sending(session, hashes, token="t", lease=LEASE, signed=signed) == set(ids)
    return ids


def at_once(runtime: Runtime, decisions: Mapping[int, Decision], signed: Signed) -> set[int]:
    with runtime.begin() as session:
        return deliveries.record(session, decisions, token="t", signed=signed)


def one_by_one(runtime: Runtime, decisions: Mapping[int, Decision], signed: Signed) -> set[int]:
    written = (at_once(runtime, {id_: decision}, signed) for id_, decision in decisions.items())
    return set().union(*written)


def story(runtime: Runtime, delivery_id: int) -> list[object]:
    """What the row and its ledger say, without what names the row."""
    with runtime.begin() as session:
        row = session.get_one(Delivery, delivery_id)
        lines = [(line.kind, line.state, line.reason, line.evidence) for line in lines_of(session, row.id)]
        return [row.state, row.reason, row.attempts, row.tainted, row.next_at, row.lease_until, *lines]


Recording = Callable[[Runtime, Mapping[int, Decision], Signed], set[int]]


def recorded(runtime: Runtime, channel: int, record: Recording) -> list[list[object]]:
    """What is told of a batch: six outcomes, one row taken away, one recalled, one lapsed but published."""
    ids = hand_out(runtime, channel, len(OUTCOMES) + 3)
    stolen, recalled, lapsed = ids[-3:]
    signed = Signed(worker="slow", now=runtime.clock.now() + timedelta(seconds=1))
    with runtime.begin() as session:
        session.execute(update(Delivery).where(Delivery.id == stolen).values(claim_token="another"))
        session.execute(update(Delivery).where(Delivery.id == recalled).values(recall_at=signed.now))
        doubt = {"state": State.UNCONFIRMED, "tainted": True}
        session.execute(update(Delivery).where(Delivery.id == lapsed).values(**doubt))
    outcomes = [*OUTCOMES, OUTCOMES[0], NotSent("refused"), OUTCOMES[1]]
    trying = Trying(attempts=1, tainted=False, now=signed.now)
    decisions = {id_: decide(outcome, trying) for id_, outcome in zip(ids, outcomes, strict=True)}
    assert record(runtime, decisions, signed) == set(ids) - {stolen}
    return [story(runtime, id_) for id_ in ids]


def test_a_batch_is_recorded_as_its_rows_would_be(runtime: Runtime, channel: int) -> None:
    together = recorded(runtime, channel, at_once)
    assert together == recorded(runtime, channel, one_by_one)
    states = [State.PUBLISHED] * 2 + [State.RETRYING] * 2 + [State.UNCONFIRMED, State.REJECTED]
    assert [told[0] for told in together] == [*states, State.SENDING, State.CANCELLED, State.PUBLISHED]


def test_a_row_that_cannot_be_written_stops_no_other(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, channel: int
) -> None:
    texts = ("first", "poisoned", "last")
    first, poisoned, last = (add_delivery(runtime, channel, text) for text in texts)
    with runtime.begin() as session:
        row = session.get_one(Delivery, poisoned)
        proof = Published(remote_id="7", url="")
        deliveries.add_publication(session, row, proof, confirmed_by="person", now=clock.now())
    work(runtime)
    states = [state_of(runtime, one) for one in (first, poisoned, last)]
    assert states == ["published", "unconfirmed", "published"]
    with runtime.begin() as session:
        assert session.query(Publication).count() == 3
    clock.advance(timedelta(minutes=10))
    work(runtime)
    assert state_of(runtime, poisoned) == "unconfirmed"
    assert [live(sandbox, text) for text in texts] == [1, 1, 1]


@pytest.mark.parametrize(("holder", "state"), [("t", "retrying"), ("another", "unconfirmed")])
def test_only_who_holds_the_claim_ends_the_doubt_of_a_lapse(
    runtime: Runtime, clock: FakeClock, channel: int, holder: str, state: str
) -> None:
    (delivery,) = hand_out(runtime, channel, 1)
    clock.advance(2 * LEASE)
    with runtime.begin() as session:
        deliveries.sweep_lapsed(session, now=clock.now())
        session.execute(update(Delivery).where(Delivery.id == delivery).values(claim_token=holder))
    trying = Trying(attempts=1, tainted=False, now=clock.now())
    signed = Signed(worker="slow", now=clock.now())
    at_once(runtime, {delivery: decide(NotSent("stood still"), trying)}, signed)
    with runtime.begin() as session:
        row = session.get_one(Delivery, delivery)
        assert (row.state, row.tainted) == (state, state == "unconfirmed")


def test_an_answer_with_anothers_post_proves_nothing_and_stops_no_other(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, channel: int
) -> None:
    known = add_delivery(runtime, channel, "known")
    later = add_delivery(runtime, channel, "later", due_at=clock.now() + timedelta(hours=1))
    work(runtime)
    with runtime.begin() as session:
        last = session.scalars(select(Publication.remote_id)).one()
        chat, _, message = last.partition("/")
        following = Published(remote_id=f"{chat}/{int(message) + 1}", url="")
        row = session.get_one(Delivery, later)
        session.execute(update(Delivery).where(Delivery.id == later).values(state=State.CANCELLED))
        deliveries.add_publication(session, row, following, confirmed_by="person", now=clock.now())
    made = [add_delivery(runtime, channel, text) for text in ("one", "two", "three")]
    work(runtime)
    states = Counter(state_of(runtime, one) for one in made)
    assert states == {"published": 2, "unconfirmed": 1}
    (doubtful,) = [one for one in made if state_of(runtime, one) == "unconfirmed"]
    with runtime.begin() as session:
        assert session.get_one(Delivery, doubtful).reason == ANOTHERS
    assert state_of(runtime, known) == "published"
