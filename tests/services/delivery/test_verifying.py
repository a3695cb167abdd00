"""What is published is read back once; a silent loss is for a person, and nothing is sent because of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from connectors.sandbox import SandboxServer
from scheduler.core import verifying
from scheduler.core.recalls import PROVED, Receipt
from scheduler.core.states import State
from scheduler.core.verifying import SOON, Verdict, Verified
from scheduler.services.channels.renewing import prepare_channels
from scheduler.services.delivery import planning
from scheduler.services.desk.attention import attention, count_causes
from scheduler.services.desk.causes import Remedy
from scheduler.services.desk.queue import Filter, list_deliveries
from scheduler.services.desk.recalling import recall
from scheduler.services.members import find_member
from scheduler.services.runtime import Runtime
from scheduler.store.evidence.ledger import Signed, lines_of
from scheduler.store.evidence.verifications import give_up_readings, put_off_readings, write_verdicts
from scheduler.store.tables import Asset, Delivery, Post, Publication
from scheduler.testing import FakeClock, RecordingDispatcher, add_delivery, approve_delivery
from tests.services.working import add_image, connect_face, state_of, wait_until_somebody_waits, work

FACES = {
    "bluesky": ("putRecord", "POST"),
    "mastodon": ("/api/v1/statuses", "POST"),
    "wordpress": ("/wp/v2/posts/", "POST"),
}
TEXT = "Eine Zeile als Titel\n\nund ein Text, der lang genug ist, um gekürzt zu werden"


def publish(runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, face: str, *, fault: str = "") -> int:
    """A delivery with two images that was just published, with a fault in what the platform kept."""
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, face), TEXT, approved=False)
    with runtime.begin() as session:
        for position in range(2):
            add_image(session, runtime, session.get_one(Delivery, delivery).variant_id, position)
        session.flush()
        approve_delivery(session, runtime, delivery)
    if fault:
        match, method = FACES[face]
        sandbox.control.add_fault(face, fault, match=match, method=method, keep=0.25)
    work(runtime)
    assert state_of(runtime, delivery) == State.PUBLISHED
    return delivery


def read_back(runtime: Runtime, clock: FakeClock) -> Publication:
    """The proof after its time to be read back has come."""
    clock.advance(SOON)
    work(runtime)
    return proof(runtime)


def proof(runtime: Runtime) -> Publication:
    with runtime.begin() as session:
        return session.scalars(select(Publication)).one()


@pytest.mark.parametrize("face", FACES)
def test_what_arrived_whole_is_read_once_and_matches(
    face: str, runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    delivery = publish(runtime, clock, sandbox, face)
    assert proof(runtime).verdict == ""
    read = read_back(runtime, clock)
    assert (read.verdict, read.verdict_reason, read.verify_at) == (Verdict.MATCHING, "", None)
    assert attention(runtime) == []
    clock.advance(timedelta(days=1))
    work(runtime)
    assert proof(runtime).verify_tries == 1
    with runtime.begin() as session:
        assert [line.kind for line in lines_of(session, delivery)] == ["sending", "outcome"]


def test_who_only_looks_needs_no_image_files(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    """Until 2026-11-23 each look read all of them, and gave up where one was gone."""
    publish(runtime, clock, sandbox, "bluesky")
    with runtime.begin() as session:
        session.execute(update(Asset).values(path="gone"))
    assert read_back(runtime, clock).verdict == Verdict.MATCHING
    with runtime.begin() as session:
        ref = session.scalars(select(Post.ref)).one()
    (line,) = recall(runtime, [ref], reason="wrong", by=find_member(runtime, "Lin"))
    assert (line.receipt, line.reason) == (Receipt.DELETED, PROVED)


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    ("fault", "reason"), [("cut_text", verifying.CUT), ("lose_image", verifying.IMAGES_LOST)]
)
def test_a_silent_loss_is_for_a_person_and_nothing_is_sent_again(
    face: str, fault: str, reason: str, runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    delivery = publish(runtime, clock, sandbox, face, fault=fault)
    read = read_back(runtime, clock)
    assert (read.verdict, read.verdict_reason) == (Verdict.DIFFERS, reason)
    (cause,) = attention(runtime)
    assert (cause.remedy, cause.state, cause.deliveries) == (Remedy.COMPARE, State.PUBLISHED, (delivery,))
    with runtime.begin() as session:
        (counted,) = count_causes(session, runtime, now=clock.now())
        assert lines_of(session, delivery)[-1].kind == "verification"
    assert (counted.remedy, counted.count) == (Remedy.COMPARE, 1)
    (line,) = list_deliveries(runtime, Filter())
    assert (line.verdict, line.state) == (Verdict.DIFFERS, State.PUBLISHED)
    clock.advance(timedelta(hours=1))
    work(runtime)
    assert len(sandbox.control.posts()) == 1


def test_what_somebody_deleted_is_gone_and_stays_published_here(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    delivery = publish(runtime, clock, sandbox, "mastodon")
    delete(runtime, delivery)
    assert read_back(runtime, clock).verdict == Verdict.GONE
    assert state_of(runtime, delivery) == State.PUBLISHED
    assert [cause.reason for cause in attention(runtime)] == [verifying.GONE]


def test_what_was_recalled_is_not_read_back(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    publish(runtime, clock, sandbox, "mastodon", fault="cut_text")
    with runtime.begin() as session:
        ref = session.scalars(select(Post.ref)).one()
    recall(runtime, [ref], reason="wrong", by=find_member(runtime, "Lin"))
    assert read_back(runtime, clock).verdict == ""
    assert attention(runtime) == []


def test_a_platform_that_cannot_be_read_says_so_without_a_call(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    add_delivery(runtime, connect_face(runtime, sandbox, "telegram"), TEXT)
    work(runtime)
    assert read_back(runtime, clock).verdict == Verdict.CANNOT_TELL
    assert attention(runtime) == []


def test_who_cannot_read_hides_nothing_that_another_saw(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    publish(runtime, clock, sandbox, "bluesky")
    gone = Verified(verdict=Verdict.GONE, reason=verifying.GONE)
    with runtime.begin() as session:
        seen = proof(runtime)
        write_verdicts(session, [(seen, gone)], signed=Signed(worker="other", now=clock.now()))
        give_up_readings(session, [seen.id], reason="no connector here")
    assert proof(runtime).verdict == Verdict.GONE
    assert [cause.reason for cause in attention(runtime)] == [verifying.GONE]


def test_who_came_too_early_leaves_what_others_came_to_since(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    publish(runtime, clock, sandbox, "bluesky")
    early = proof(runtime)
    again = Verified(verdict=None, reason="", again_at=clock.now() + timedelta(minutes=10))
    with runtime.begin() as session:
        write_verdicts(session, [(early, again)], signed=Signed(worker="other", now=clock.now()))
        put_off_readings(session, [(early, clock.now())])
    assert proof(runtime).verify_at == again.again_at
    with runtime.begin() as session:
        give_up_readings(session, [early.id], reason="no connector here")
        seen = session.get_one(Publication, early.id)
        put_off_readings(session, [(seen, clock.now())])
    assert proof(runtime).verify_at is None


def test_a_failing_reading_is_tried_again_and_then_nobody_can_tell(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    publish(runtime, clock, sandbox, "bluesky")
    sandbox.control.add_fault("bluesky", "status", match="getRecord", status=503, times=9)
    assert read_back(runtime, clock).verdict == ""
    for _ in range(6):
        clock.advance(timedelta(minutes=10))
        work(runtime)
    read = proof(runtime)
    assert (read.verdict, read.verify_tries, read.verify_at) == (Verdict.CANNOT_TELL, verifying.TRIES, None)


def delete(runtime: Runtime, delivery: int) -> None:
    """Take the post down behind our back."""
    with runtime.begin() as session:
        channel_id = session.get_one(Delivery, delivery).channel_id
    channel = prepare_channels(runtime, [channel_id])[channel_id]
    assert not isinstance(channel, Exception)
    remote_id = proof(runtime).remote_id
    runtime.network.gather([lambda http: channel.connector.delete(channel.session(http), remote_id)])


def test_for_a_minute_what_waits_for_a_worker_goes_first(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    live = publish(runtime, clock, sandbox, "mastodon")
    clock.advance(SOON)
    waiting = add_delivery(runtime, connect_face(runtime, sandbox, "bluesky"), "due now")
    told = RecordingDispatcher()
    planning.tick(runtime, told, chunk=100)
    assert told.hints == [[waiting]]
    clock.advance(planning.READINGS_YIELD)
    planning.tick(runtime, told, chunk=100)
    assert told.hints[1:] == [[waiting, live]]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_who_settle_the_same_readings_wait_for_each_other(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    """Their order is that of the answers: each held what the other waited for, and one of them failed."""
    for face in ("mastodon", "bluesky"):
        add_delivery(runtime, connect_face(runtime, sandbox, face), TEXT)
    work(runtime)
    verdicts = [Verified(verdict=Verdict.MATCHING), Verified(verdict=Verdict.GONE, reason=verifying.GONE)]
    signed = Signed(worker="other", now=clock.now())

    def settle() -> int:
        with runtime.begin() as session:
            proofs = session.scalars(select(Publication).order_by(Publication.id.desc())).all()
            return len(write_verdicts(session, list(zip(proofs, verdicts, strict=True)), signed=signed))

    with ThreadPoolExecutor(1) as pool:
        with runtime.begin() as session:
            first, second = session.scalars(select(Publication.id).order_by(Publication.id)).all()
            lock = select(Publication.id).with_for_update()
            session.execute(lock.where(Publication.id == first))
            other = pool.submit(settle)
            wait_until_somebody_waits(runtime)
            session.execute(lock.where(Publication.id == second))
        assert other.result() == len(verdicts)


def test_a_connector_that_answers_nothing_ends_no_work_of_others(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until 2026-11-23 an answer of no kind to a reading or a deletion ended those of its whole batch."""

    async def say_nothing(*_: object) -> None: ...

    careless = type(runtime.connectors["mastodon"])
    monkeypatch.setattr(careless, "read_back", say_nothing)
    monkeypatch.setattr(careless, "delete", say_nothing)
    channels = [connect_face(runtime, sandbox, face) for face in ("mastodon", "bluesky")]
    for channel in channels:
        add_delivery(runtime, channel, TEXT)
    work(runtime)
    clock.advance(SOON)
    work(runtime)
    with runtime.begin() as session:
        verdicts = list(session.scalars(select(Publication.verdict).order_by(Publication.channel_id)))
        refs = list(session.scalars(select(Post.ref)))
    assert verdicts == ["", Verdict.MATCHING]
    lines = recall(runtime, refs, reason="wrong", by=find_member(runtime, "Lin"))
    receipts = {line.platform: line.receipt for line in lines}
    assert receipts == {"mastodon": Receipt.AGAIN, "bluesky": Receipt.DELETED}
