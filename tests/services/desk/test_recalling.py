"""A recall takes down what is live, stops the rest, and says for each delivery what became of it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from connectors.errors import NO_EVIDENCE
from connectors.sandbox import SandboxServer
from scheduler.core.outcomes import Decision
from scheduler.core.problems import Refused
from scheduler.core.recalls import Receipt
from scheduler.core.roles import Person
from scheduler.core.states import State
from scheduler.services.desk.attention import attention
from scheduler.services.desk.causes import Remedy
from scheduler.services.desk.recalling import RecallLine, recall
from scheduler.services.desk.resolving import resolve_absent, resolve_published, send_again
from scheduler.services.metrics.harvesting import harvest
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.deliveries import waiting
from scheduler.store.evidence.ledger import Signed, lines_of
from scheduler.store.invariants import broken
from scheduler.store.tables import Campaign, Delivery, Post, Publication
from scheduler.testing import FakeClock, add_delivery
from tests.services.working import (
    add_person,
    connect_face,
    later,
    live,
    state_of,
    wait_until_somebody_waits,
    work,
)


def file(runtime: Runtime, *delivery_ids: int, campaign: str = "Spring") -> None:
    """Put the deliveries' posts under a campaign."""
    with runtime.begin() as session:
        row = Campaign(organisation_id=runtime.organisation_id, name=campaign, created_at=runtime.clock.now())
        session.add(row)
        session.flush()
        for delivery_id in delivery_ids:
            delivery = session.get_one(Delivery, delivery_id)
            session.get_one(Post, delivery.post_id).campaign_id = row.id


def post_of(runtime: Runtime, delivery_id: int) -> str:
    with runtime.begin() as session:
        query = select(Post.ref).join(Delivery, Delivery.post_id == Post.id)
        return session.scalars(query.where(Delivery.id == delivery_id)).one()


def take_back(runtime: Runtime, delivery_id: int, by: Person) -> RecallLine:
    (line,) = recall(runtime, [post_of(runtime, delivery_id)], reason="a wrong figure", by=by)
    return line


@contextmanager
def asked(session: Session) -> Iterator[list[str]]:
    """The statements as the database is given them: PostgreSQL takes 65,535 parameters in one."""
    statements: list[str] = []

    def keep(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", keep)
    yield statements
    event.remove(engine, "before_cursor_execute", keep)


def kinds(runtime: Runtime, delivery_id: int) -> list[str]:
    with runtime.begin() as session:
        return [line.kind for line in lines_of(session, delivery_id)]


def test_a_campaign_is_taken_down_everywhere_and_what_waits_is_cancelled(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, lin: Person
) -> None:
    faces = ("bluesky", "mastodon", "telegram", "wordpress")
    channels = [connect_face(runtime, sandbox, face) for face in faces]
    sent = [add_delivery(runtime, channel, "wrong figure") for channel in channels]
    waiting = add_delivery(runtime, channels[0], "later", due_at=clock.now() + timedelta(hours=1))
    other = add_delivery(runtime, channels[0], "another story")
    file(runtime, *sent, waiting)
    work(runtime)
    steps: list[tuple[int, int]] = []
    lines = recall(
        runtime,
        [],
        campaign="Spring",
        reason="a wrong figure",
        by=lin,
        progress=lambda done, total: steps.append((done, total)),
    )
    receipts = {line.delivery: line.receipt for line in lines}
    assert receipts == dict.fromkeys(sent, Receipt.DELETED) | {waiting: Receipt.CANCELLED}
    assert all(line.done for line in lines)
    assert steps[-1] == (4, 4)
    assert live(sandbox, "wrong figure") == 0
    assert live(sandbox, "another story") == 1
    assert {line.platform for line in lines if "not there" in line.reason} == {"bluesky"}
    later(clock, sandbox, hours=2)
    work(runtime)
    assert live(sandbox, "later") == 0
    assert state_of(runtime, other) == "published"
    again = recall(runtime, [], campaign="Spring", reason="to be sure", by=lin)
    assert {line.delivery: line.receipt for line in again} == receipts
    assert kinds(runtime, sent[0]) == ["sending", "outcome", "recall", "takedown"]
    assert harvest(runtime, everything=True).publications == 1


def test_what_people_decide_asks_the_database_the_same_however_many_it_is_about(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock
) -> None:
    channel = connect_face(runtime, sandbox, "mastodon")
    for number in range(5):
        add_delivery(runtime, channel, f"later {number}", due_at=clock.now() + timedelta(hours=1))
    signed = Signed(worker="Lin", now=clock.now())
    decisions: list[Callable[[Session, list[int]], list[int]]] = [
        lambda session, ids: waiting.hold_back(session, ids, now=clock.now()),
        lambda session, ids: deliveries.release(session, ids, signed=signed),
        lambda session, ids: deliveries.recall(session, ids, reason="wrong", signed=signed),
        lambda session, ids: deliveries.cancel(session, ids, reason="wrong", now=clock.now()),
    ]
    with runtime.begin() as session, asked(session) as statements:
        first, *others = session.scalars(select(Delivery.id).order_by(Delivery.id))
        assert [first, *others] == session.scalars(select(Delivery.post_id).order_by(Delivery.id)).all()
        for decide in decisions:
            said = []
            for ids in ([first], others):
                statements.clear()
                assert len(decide(session, ids)) in (len(ids), 0)
                said.append([*statements])
            assert said[0] == said[1]


def test_what_somebody_deleted_by_hand_is_already_gone(
    runtime: Runtime, sandbox: SandboxServer, lin: Person
) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "mastodon"), "gone")
    work(runtime)
    sandbox.control.add_fault(
        "mastodon", "status", match="statuses", method="DELETE", status=404, body={"error": "not found"}
    )
    assert take_back(runtime, delivery, lin).receipt is Receipt.ALREADY_GONE


def test_what_cannot_be_deleted_is_a_task_with_its_link_until_it_is_gone(
    runtime: Runtime, sandbox: SandboxServer, lin: Person
) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "mastodon"), "locked out")
    work(runtime)
    sandbox.control.set_standing("mastodon", "centre_mastodon", "revoked")
    line = take_back(runtime, delivery, lin)
    assert (line.receipt, line.done) == (Receipt.PERSON, False)
    assert line.url.startswith("http")
    (cause,) = attention(runtime, days=14)
    assert (cause.remedy, cause.urls) == (Remedy.DELETE_BY_HAND, (line.url,))
    sandbox.control.set_standing("mastodon", "centre_mastodon", "ok")
    assert take_back(runtime, delivery, lin).receipt is Receipt.DELETED
    assert attention(runtime, days=14) == []


def test_what_is_still_live_an_hour_after_its_recall_breaks_a_rule(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, lin: Person
) -> None:
    def still_live() -> int:
        with runtime.begin() as session:
            return broken(session, now=clock.now())["what was recalled is taken down within an hour"]

    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "mastodon"), "locked out")
    work(runtime)
    sandbox.control.set_standing("mastodon", "centre_mastodon", "revoked")
    take_back(runtime, delivery, lin)
    assert still_live() == 0
    later(clock, sandbox, minutes=61)
    assert still_live() == 1
    sandbox.control.set_standing("mastodon", "centre_mastodon", "ok")
    take_back(runtime, delivery, lin)
    assert still_live() == 0


def test_a_limit_is_waited_out_and_the_worker_finishes(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, lin: Person
) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "bluesky"), "slowly")
    work(runtime)
    sandbox.control.add_fault("bluesky", "rate_limit", match="deleteRecord", retry_after=600)
    assert take_back(runtime, delivery, lin).receipt is Receipt.AGAIN
    work(runtime)
    assert live(sandbox, "slowly") == 1
    later(clock, sandbox, minutes=11)
    work(runtime)
    assert live(sandbox, "slowly") == 0
    assert take_back(runtime, delivery, lin).receipt is Receipt.DELETED


def test_what_is_found_after_its_recall_is_taken_down_too(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, lin: Person
) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "bluesky"), "found late")
    sandbox.control.add_fault("bluesky", "drop_after", match="putRecord", method="POST")
    work(runtime)
    assert state_of(runtime, delivery) == "unconfirmed"
    assert take_back(runtime, delivery, lin).receipt is Receipt.IN_DOUBT
    for _ in range(3):
        later(clock, sandbox, minutes=1)
        work(runtime)
    assert live(sandbox, "found late") == 0
    assert take_back(runtime, delivery, lin).receipt is Receipt.DELETED


def test_what_turns_out_never_sent_after_its_recall_is_cancelled_not_sent(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, lin: Person
) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "bluesky"), "never sent")
    sandbox.control.add_fault("bluesky", "drop_before", match="putRecord", method="POST")
    work(runtime)
    assert state_of(runtime, delivery) == "unconfirmed"
    take_back(runtime, delivery, lin)
    for _ in range(4):
        later(clock, sandbox, minutes=1)
        work(runtime)
    assert state_of(runtime, delivery) == "cancelled"
    assert live(sandbox, "never sent") == 0


def test_a_recall_while_a_worker_has_it_in_hand_stops_it_or_finds_it(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, lin: Person
) -> None:
    telegram = connect_face(runtime, sandbox, "telegram")
    claimed, sending = (add_delivery(runtime, telegram, text) for text in ("claimed", "sending"))
    signed, lease = Signed(worker="slow", now=clock.now()), timedelta(minutes=5)
    with runtime.begin() as session:
        deliveries.make_ready(session, now=clock.now())
        deliveries.claim(session, [claimed, sending], token="t", now=clock.now(), lease=lease)
        hashes = {id_: str(session.get_one(Delivery, id_).approved_hash) for id_ in (claimed, sending)}
        deliveries.mark_sending(session, {sending: hashes[sending]}, token="t", lease=lease, signed=signed)
    assert take_back(runtime, claimed, lin).receipt is Receipt.CANCELLED
    assert take_back(runtime, sending, lin).receipt is Receipt.IN_DOUBT
    with runtime.begin() as session:
        allowed = deliveries.mark_sending(
            session, {claimed: hashes[claimed]}, token="t", lease=lease, signed=signed
        )
    assert allowed == set()
    clock.advance(timedelta(minutes=20))
    work(runtime)
    assert state_of(runtime, sending) == "unconfirmed"
    resolve_absent(runtime, sending, reason="looked twice", by=lin)
    assert take_back(runtime, sending, lin).receipt is Receipt.CANCELLED


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_recall_and_who_works_on_its_deliveries_wait_for_each_other(
    runtime: Runtime, sandbox: SandboxServer, lin: Person
) -> None:
    """The rows lie in another order than that of their ids, in which a worker locks them."""
    first, second = (
        add_delivery(runtime, connect_face(runtime, sandbox, face), "text")
        for face in ("mastodon", "telegram")
    )
    file(runtime, first, second)
    with runtime.begin() as session:
        session.execute(update(Delivery).where(Delivery.id == first).values(updated_at=Delivery.updated_at))
    with ThreadPoolExecutor(1) as pool:
        with runtime.begin() as session:
            session.get_one(Delivery, first, with_for_update=True)
            recalled = pool.submit(recall, runtime, [], campaign="Spring", reason="wrong", by=lin)
            wait_until_somebody_waits(runtime)
            session.get_one(Delivery, second, with_for_update=True)
        assert {line.receipt for line in recalled.result()} == {Receipt.CANCELLED}


def test_a_link_from_a_person_makes_its_recall_a_task(
    runtime: Runtime, sandbox: SandboxServer, lin: Person
) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "telegram"), "by hand")
    sandbox.control.add_fault("telegram", "drop_after", match="sendMessage", method="POST")
    work(runtime)
    resolve_published(runtime, delivery, "https://t.me/centre/7", reason="seen", by=lin)
    line = take_back(runtime, delivery, lin)
    assert (line.receipt, line.url) == (Receipt.PERSON, "https://t.me/centre/7")


def test_a_recall_needs_a_right_a_reason_and_something_to_recall(runtime: Runtime, lin: Person) -> None:
    with pytest.raises(Refused, match="may not recall"):
        recall(runtime, ["x"], reason="why", by=add_person(runtime, "Bo", "author"))
    with pytest.raises(Refused, match="--reason"):
        recall(runtime, ["x"], reason="", by=lin)
    with pytest.raises(Refused, match="there is no post x"):
        recall(runtime, ["x"], reason="why", by=lin)
    with pytest.raises(Refused, match="name posts"):
        recall(runtime, [], reason="why", by=lin)
    with runtime.begin() as session:
        assert session.scalars(select(Publication)).all() == []


def test_what_failed_before_sending_after_its_recall_is_not_tried_again(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, lin: Person
) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "telegram"), "refused")
    signed = hand_out(runtime, clock, delivery)
    take_back(runtime, delivery, lin)
    waits = Decision(
        state=State.RETRYING, reason="refused", evidence=NO_EVIDENCE, next_at=clock.now(), counts=False
    )
    with runtime.begin() as session:
        assert deliveries.record(session, {delivery: waits}, token="t", signed=signed)
    assert state_of(runtime, delivery) == "cancelled"
    work(runtime)
    assert sandbox.control.posts() == []


def test_a_look_that_began_before_the_recall_does_not_send_again(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, lin: Person
) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "telegram"), "looked for")
    signed = hand_out(runtime, clock, delivery)
    clock.advance(timedelta(minutes=6))
    with runtime.begin() as session:
        deliveries.sweep_lapsed(session, now=clock.now())
        seen = session.get_one(Delivery, delivery)
    take_back(runtime, delivery, lin)
    ready = Decision(state=State.READY, reason="", evidence=NO_EVIDENCE, next_at=clock.now())
    with runtime.begin() as session:
        until = clock.now() + timedelta(minutes=5)
        assert not deliveries.record_look(session, seen, ready, resend_before=until, signed=signed)
    assert state_of(runtime, delivery) == "unconfirmed"


def test_a_repeat_that_was_allowed_is_stopped_by_a_recall(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, lin: Person
) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "telegram"), "allowed")
    sandbox.control.add_fault("telegram", "drop_before", match="sendMessage", method="POST")
    work(runtime)
    clock.advance(timedelta(minutes=11))
    send_again(runtime, delivery, reason="not there", by=lin)
    assert take_back(runtime, delivery, lin).receipt is Receipt.IN_DOUBT
    work(runtime)
    assert state_of(runtime, delivery) == "unconfirmed"
    assert sandbox.control.posts() == []
    with pytest.raises(Refused, match="recalled"):
        send_again(runtime, delivery, reason="not there", by=lin)


def hand_out(runtime: Runtime, clock: FakeClock, delivery_id: int) -> Signed:
    """Leave a delivery being sent by a slow worker under the token `t`."""
    signed, lease = Signed(worker="slow", now=clock.now()), timedelta(minutes=5)
    with runtime.begin() as session:
        deliveries.make_ready(session, now=clock.now())
        (row,) = deliveries.claim(session, [delivery_id], token="t", now=clock.now(), lease=lease)
        hashes = {delivery_id: str(row.approved_hash)}
        assert deliveries.mark_sending(session, hashes, token="t", lease=lease, signed=signed)
    return signed
