"""Who comes late changes nothing that went on without them: a worker, a look, a person, a journal."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from connectors.contract import Published
from connectors.errors import NO_EVIDENCE, NotSent
from connectors.sandbox import SandboxServer
from scheduler.core.lateness import Lateness
from scheduler.core.outcomes import Decision, Trying, decide
from scheduler.core.problems import Refused
from scheduler.core.recalls import RecallDecision, Receipt
from scheduler.core.roles import Person
from scheduler.core.states import State
from scheduler.core.stopping import Scope, Target
from scheduler.core.verifying import Verdict, Verified
from scheduler.services import failpoints
from scheduler.services.delivery import planning
from scheduler.services.delivery.looking import look
from scheduler.services.desk.attention import attention
from scheduler.services.desk.pausing import pause
from scheduler.services.desk.recalling import recall
from scheduler.services.desk.releasing import held_on, release
from scheduler.services.desk.resolving import resolve_absent, resolve_published, send_again
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.deliveries import waiting
from scheduler.store.evidence import recalls, verifications
from scheduler.store.evidence.ledger import Signed, lines_of
from scheduler.store.holding import stops
from scheduler.store.tables import Delivery, Post, Publication
from scheduler.testing import FakeClock, RecordingDispatcher, add_delivery
from tests.services.working import connect_face, live, state_of, work

LEASE = timedelta(minutes=5)
LATER = timedelta(minutes=11)


def claim(runtime: Runtime, delivery: int, token: str) -> dict[int, str]:
    """The hash that a worker has in hand after it claimed the delivery under that token."""
    now = runtime.clock.now()
    with runtime.begin() as session:
        deliveries.make_ready(session, now=now)
        (row,) = deliveries.claim(session, [delivery], token=token, now=now, lease=LEASE)
        return {delivery: str(row.approved_hash)}


def mark(runtime: Runtime, hashes: dict[int, str], token: str) -> set[int]:
    """What a worker may send, as the database says."""
    signed = Signed(worker=token, now=runtime.clock.now())
    with runtime.begin() as session:
        return deliveries.mark_sending(session, hashes, token=token, lease=LEASE, signed=signed)


def sweep(runtime: Runtime) -> None:
    with runtime.begin() as session:
        deliveries.sweep_lapsed(session, now=runtime.clock.now())


def leave_sending(runtime: Runtime, clock: FakeClock, delivery: int) -> None:
    """A worker under the token `t` vanishes while it sends; what it left is in doubt."""
    assert mark(runtime, claim(runtime, delivery, "t"), "t") == {delivery}
    clock.advance(LATER)
    sweep(runtime)


def allow_again(runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, channel: int, lin: Person) -> int:
    """A delivery that may be live, ready for the repeat that a person allowed."""
    delivery = add_delivery(runtime, channel, "allowed", lateness=Lateness.LIVE)
    sandbox.control.add_fault("telegram", "drop_before", match="sendMessage", method="POST")
    work(runtime)
    clock.advance(LATER)
    send_again(runtime, delivery, reason="not there", by=lin)
    return delivery


def test_a_worker_sends_only_what_it_claimed_itself(
    runtime: Runtime, clock: FakeClock, telegram: int
) -> None:
    delivery = add_delivery(runtime, telegram, "whose")
    slow = claim(runtime, delivery, "slow")
    clock.advance(LATER)
    sweep(runtime)
    quick = claim(runtime, delivery, "quick")
    assert mark(runtime, slow, "slow") == set()
    with runtime.begin() as session:
        deliveries.turn_away(session, slow, token="slow", now=clock.now())
    assert state_of(runtime, delivery) == State.CLAIMED
    assert mark(runtime, quick, "quick") == {delivery}
    assert mark(runtime, quick, "quick") == set()


def test_a_stop_reaches_what_a_worker_has_in_hand(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int
) -> None:
    def stop() -> None:
        with runtime.begin() as session:
            stops.stop(session, "an older copy was restored", now=clock.now())

    delivery = add_delivery(runtime, telegram, "in hand")
    failpoints.arm("claimed", stop)
    work(runtime)
    assert (sandbox.control.posts(), state_of(runtime, delivery)) == ([], State.READY)


def test_what_is_paused_stands_in_nobody_s_way(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int, lin: Person
) -> None:
    paused = add_delivery(runtime, telegram, "paused")
    planning.tick(runtime, RecordingDispatcher(), chunk=100)
    pause(runtime, Target(scope=Scope.PLATFORM, name="telegram"), reason="a flood", by=lin)
    never = add_delivery(runtime, telegram, "never ready")
    clock.advance(deliveries.ANNOUNCE_AGAIN + timedelta(seconds=1))
    dispatcher = RecordingDispatcher()
    planning.tick(runtime, dispatcher, chunk=100)
    assert dispatcher.hints == []
    assert [state_of(runtime, one) for one in (paused, never)] == [State.READY, State.SCHEDULED]
    other = add_delivery(runtime, connect_face(runtime, sandbox, "mastodon"), "beside it")
    planning.tick(runtime, RecordingDispatcher(), chunk=100)
    clock.advance(timedelta(seconds=10))
    assert planning.drain(runtime, chunk=1) == 1
    assert state_of(runtime, other) == State.PUBLISHED


def test_what_nobody_approved_waits_without_a_word(runtime: Runtime, telegram: int) -> None:
    delivery = add_delivery(runtime, telegram, "unapproved", approved=False)
    work(runtime)
    assert state_of(runtime, delivery) == State.SCHEDULED
    assert attention(runtime) == []


def test_a_late_answer_changes_nothing_that_was_found_meanwhile(
    runtime: Runtime, clock: FakeClock, telegram: int
) -> None:
    delivery = add_delivery(runtime, telegram, "found")
    leave_sending(runtime, clock, delivery)
    signed = Signed(worker="slow", now=clock.now())
    found = Decision(state=State.PUBLISHED, reason="", evidence=NO_EVIDENCE, counts=False)
    with runtime.begin() as session:
        row = session.get_one(Delivery, delivery)
        assert deliveries.record_look(session, row, found, resend_before=None, signed=signed)
    unsent = decide(NotSent("refused"), Trying(attempts=1, tainted=False, now=clock.now()))
    with runtime.begin() as session:
        assert deliveries.record(session, {delivery: unsent}, token="t", signed=signed) == set()
    assert state_of(runtime, delivery) == State.PUBLISHED


def test_a_look_changes_nothing_that_the_late_answer_proved(
    runtime: Runtime, clock: FakeClock, telegram: int
) -> None:
    delivery = add_delivery(runtime, telegram, "answered")
    leave_sending(runtime, clock, delivery)
    signed = Signed(worker="slow", now=clock.now())
    with runtime.begin() as session:
        looked_for = session.get_one(Delivery, delivery)
    live_now = Decision(state=State.PUBLISHED, reason="", evidence=NO_EVIDENCE)
    with runtime.begin() as session:
        assert deliveries.record(session, {delivery: live_now}, token="t", signed=signed) == {delivery}
    absent = Decision(state=State.READY, reason="", evidence=NO_EVIDENCE, next_at=clock.now())
    with runtime.begin() as session:
        assert not deliveries.record_look(
            session, looked_for, absent, resend_before=clock.now() + LEASE, signed=signed
        )
    assert state_of(runtime, delivery) == State.PUBLISHED


def test_a_journal_takes_nothing_back_that_was_proved_meanwhile(
    runtime: Runtime, clock: FakeClock, telegram: int
) -> None:
    delivery = add_delivery(runtime, telegram, "proved")
    work(runtime)
    doubt = Decision(state=State.UNCONFIRMED, reason="", evidence=NO_EVIDENCE, taints=True)
    with runtime.begin() as session:
        signed = Signed(worker="Lin", now=clock.now())
        assert not deliveries.believe_journal(session, delivery, doubt, sent={}, signed=signed)
    assert state_of(runtime, delivery) == State.PUBLISHED


def cancels(runtime: Runtime, delivery: int) -> bool:
    with runtime.begin() as session:
        return bool(deliveries.cancel(session, [delivery], reason="unwanted", now=runtime.clock.now()))


def edits(runtime: Runtime, delivery: int) -> bool:
    with runtime.begin() as session:
        row = session.get_one(Delivery, delivery)
        return deliveries.reschedule(session, row, key="k" * 64, now=runtime.clock.now())


def finds_it_late(runtime: Runtime, delivery: int) -> bool:
    with runtime.begin() as session:
        return bool(deliveries.sweep_late(session, now=runtime.clock.now() + timedelta(days=1)))


def finds_no_room(runtime: Runtime, delivery: int) -> bool:
    with runtime.begin() as session:
        return bool(waiting.hold_back(session, [delivery], now=runtime.clock.now()))


def follows_new_rules(runtime: Runtime, delivery: int) -> bool:
    now = runtime.clock.now()
    with runtime.begin() as session:
        due_at = session.get_one(Delivery, delivery).due_at
        hour_later = {delivery: (due_at, due_at + timedelta(hours=1))}
        return bool(deliveries.move_due(session, hour_later, reason="", now=now))


@pytest.mark.parametrize("moves", [cancels, edits, finds_it_late, finds_no_room])
def test_what_may_be_live_is_not_written_off(
    moves: Callable[[Runtime, int], bool],
    runtime: Runtime,
    clock: FakeClock,
    sandbox: SandboxServer,
    telegram: int,
    lin: Person,
) -> None:
    delivery = allow_again(runtime, clock, sandbox, telegram, lin)
    assert not moves(runtime, delivery)
    assert state_of(runtime, delivery) == State.READY


@pytest.mark.parametrize("moves", [cancels, edits, follows_new_rules])
def test_what_is_being_sent_is_not_called_unsent(
    moves: Callable[[Runtime, int], bool], runtime: Runtime, telegram: int
) -> None:
    delivery = add_delivery(runtime, telegram, "under way")
    assert mark(runtime, claim(runtime, delivery, "t"), "t")
    assert not moves(runtime, delivery)
    assert state_of(runtime, delivery) == State.SENDING


def test_what_a_vanished_worker_sent_is_not_called_cancelled_after_a_permitted_repeat(
    runtime: Runtime, clock: FakeClock, telegram: int, lin: Person
) -> None:
    delivery = add_delivery(runtime, telegram, "vanished")
    leave_sending(runtime, clock, delivery)
    send_again(runtime, delivery, reason="not there", by=lin)
    assert not cancels(runtime, delivery)


def test_a_doubt_outlives_the_worker_that_was_to_repeat_it(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int, lin: Person
) -> None:
    delivery = allow_again(runtime, clock, sandbox, telegram, lin)
    claim(runtime, delivery, "t")
    clock.advance(LATER)
    sweep(runtime)
    assert state_of(runtime, delivery) == State.UNCONFIRMED


def test_a_permitted_repeat_is_in_doubt_again_after_a_restore(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int, lin: Person
) -> None:
    delivery = allow_again(runtime, clock, sandbox, telegram, lin)
    with runtime.begin() as session:
        assert deliveries.hold_planned(session, signed=Signed(worker="Lin", now=clock.now())) == []
    assert state_of(runtime, delivery) == State.UNCONFIRMED


def test_what_is_due_when_a_backup_was_restored_waits_for_a_person(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int
) -> None:
    delivery = add_delivery(runtime, telegram, "due")
    with runtime.begin() as session:
        assert deliveries.hold_planned(session, signed=Signed(worker="Lin", now=clock.now())) == [delivery]
    work(runtime)
    assert (state_of(runtime, delivery), sandbox.control.posts()) == (State.HELD, [])


def test_what_is_due_later_in_a_restored_copy_waits_for_a_person_and_then_for_its_time(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int, lin: Person
) -> None:
    later = add_delivery(runtime, telegram, "due later", due_at=clock.now() + LEASE)
    draft = add_delivery(runtime, telegram, "draft", due_at=clock.now() + LEASE, approved=False)
    with runtime.begin() as session:
        assert deliveries.hold_planned(session, signed=Signed(worker="Lin", now=clock.now())) == [later]
    assert [state_of(runtime, one) for one in (later, draft)] == [State.HELD, State.SCHEDULED]
    assert release(runtime, held_on(runtime, None), by=lin) == [later]
    work(runtime)
    assert sandbox.control.posts() == []
    clock.advance(LEASE)
    work(runtime)
    assert [post.text for post in sandbox.control.posts()] == ["due later"]


def test_what_lost_its_approval_is_not_laid_out(runtime: Runtime, clock: FakeClock, telegram: int) -> None:
    delivery = add_delivery(runtime, telegram, "withdrawn", due_at=clock.now() + LEASE)
    with runtime.begin() as session:
        row = session.get_one(Delivery, delivery)
        row.approved_hash, row.stage_at = None, clock.now()
    with runtime.begin() as session:
        assert deliveries.take_stagings(session, now=clock.now(), limit=9) == []


def test_what_was_missed_stays_so_and_is_recalled_once(
    runtime: Runtime, clock: FakeClock, telegram: int, lin: Person
) -> None:
    delivery = add_delivery(runtime, telegram, "missed", due_at=clock.now() - timedelta(days=9))
    work(runtime)
    with runtime.begin() as session:
        ref = session.scalars(select(Post.ref)).one()
    assert [cause.deliveries for cause in attention(runtime)] == [(delivery,)]
    for _ in range(2):
        (line,) = recall(runtime, [ref], reason="wrong", by=lin)
        assert line.receipt is Receipt.CANCELLED
    assert state_of(runtime, delivery) == State.MISSED
    assert attention(runtime) == []
    with runtime.begin() as session:
        assert [line.kind for line in lines_of(session, delivery)].count("recall") == 1


def test_of_two_who_take_it_down_the_first_receipt_stays(
    runtime: Runtime, clock: FakeClock, telegram: int
) -> None:
    delivery = add_delivery(runtime, telegram, "taken down")
    work(runtime)
    signed = Signed(worker="w", now=clock.now())
    with runtime.begin() as session:
        proof = session.scalars(select(Publication)).one()
        gone = RecallDecision(receipt=Receipt.DELETED, reason="")
        assert recalls.write_receipt(session, proof, gone, signed=signed)
        failed = RecallDecision(receipt=Receipt.PERSON, reason="not found")
        assert not recalls.write_receipt(session, proof, failed, signed=signed)
        assert [line.kind for line in lines_of(session, delivery)].count("takedown") == 1


def test_a_reading_that_a_recall_overtook_says_nothing(
    runtime: Runtime, clock: FakeClock, telegram: int
) -> None:
    delivery = add_delivery(runtime, telegram, "read back")
    work(runtime)
    signed = Signed(worker="w", now=clock.now())
    with runtime.begin() as session:
        proof = session.scalars(select(Publication)).one()
        deliveries.recall(
            session, [session.get_one(Delivery, delivery).post_id], reason="wrong", signed=signed
        )
        missing = Verified(verdict=Verdict.GONE, reason="not there")
        assert not verifications.write_verdicts(session, [(proof, missing)], signed=signed)


def test_a_person_cannot_give_it_the_post_of_another_as_its_proof(
    runtime: Runtime, sandbox: SandboxServer, lin: Person
) -> None:
    mastodon = connect_face(runtime, sandbox, "mastodon")
    add_delivery(runtime, mastodon, "the first")
    work(runtime)
    with runtime.begin() as session:
        page, _, number = session.scalars(select(Publication.url)).one().rpartition("/")
    sandbox.control.add_fault("mastodon", "drop_before", match="/api/v1/statuses", method="POST")
    second = add_delivery(runtime, mastodon, "the second")
    work(runtime)
    with pytest.raises(Refused, match="the post of another delivery"):
        resolve_published(runtime, second, f"{page}/statuses/{number}", reason="seen", by=lin)
    assert state_of(runtime, second) == State.UNCONFIRMED


def test_an_outcome_is_kept_though_the_database_blinks(
    runtime: Runtime, sandbox: SandboxServer, telegram: int
) -> None:
    blinks = iter([OperationalError("COMMIT", None, ConnectionError("gone"))])

    def blink() -> None:
        for error in blinks:
            raise error

    delivery = add_delivery(runtime, telegram, "kept")
    failpoints.arm("outcome_written", blink)
    work(runtime)
    assert (state_of(runtime, delivery), live(sandbox, "kept")) == (State.PUBLISHED, 1)


def test_what_is_known_as_published_is_not_called_absent(
    runtime: Runtime, clock: FakeClock, telegram: int, lin: Person
) -> None:
    delivery = add_delivery(runtime, telegram, "known")
    work(runtime)
    clock.advance(LATER)
    with pytest.raises(Refused, match="only an unconfirmed one"):
        resolve_absent(runtime, delivery, reason="not seen", by=lin)
    assert state_of(runtime, delivery) == State.PUBLISHED


def test_what_a_look_found_after_its_recall_is_taken_down_by_whoever_comes_next(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, lin: Person
) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "bluesky"), "found")
    sandbox.control.add_fault("bluesky", "drop_after", match="putRecord", method="POST")
    work(runtime)
    with runtime.begin() as session:
        ref = session.scalars(select(Post.ref)).one()
    recall(runtime, [ref], reason="wrong", by=lin)
    assert look(runtime, [delivery]) == 1
    assert (state_of(runtime, delivery), live(sandbox, "found")) == (State.PUBLISHED, 1)
    work(runtime)
    assert live(sandbox, "found") == 0


def test_a_proof_is_of_one_delivery_whoever_writes_it(
    runtime: Runtime, clock: FakeClock, telegram: int
) -> None:
    first, second = (add_delivery(runtime, telegram, text) for text in ("one", "two"))
    with runtime.begin() as session:
        row, other = session.get_one(Delivery, first), session.get_one(Delivery, second)
        proof = Published(remote_id="7", url="")
        deliveries.add_publication(session, row, proof, confirmed_by="person", now=clock.now())
        assert deliveries.proves_another(session, other, "7")
        assert not deliveries.proves_another(session, row, "7")
