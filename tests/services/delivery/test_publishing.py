"""Publishing on the sandbox: what its log says happened, and what our rows say about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from connectors.capabilities import Idempotency
from connectors.contract import Key, Outgoing, Published, Staged
from connectors.contract import Session as ChannelSession
from connectors.sandbox import SandboxServer
from scheduler.core.hints import IN_HAND
from scheduler.core.lateness import Lateness
from scheduler.services import failpoints
from scheduler.services.delivery import planning
from scheduler.services.desk.releasing import release
from scheduler.services.desk.resolving import send_again
from scheduler.services.members import find_member
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.evidence.ledger import Signed, lines_of
from scheduler.store.tables import Asset, Delivery, Pause, Publication
from scheduler.testing import FakeClock, RecordingDispatcher, add_channel, add_delivery, approve_delivery
from tests.protocol.simulation.platform import SimulatedConnector, connector
from tests.protocol.simulation.running import seeded
from tests.services.tables import ONE_DATABASE
from tests.services.working import add_image, connect_face, live, state_of, work

PLATFORMS = ("bluesky", "mastodon", "telegram", "wordpress")


def states(runtime: Runtime) -> list[str]:
    with runtime.begin() as session:
        return list(session.scalars(select(Delivery.state)))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_is_due_and_approved_is_published_once(
    platform: str, runtime: Runtime, sandbox: SandboxServer
) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, platform), "你好，开罗")
    for _ in range(3):
        work(runtime)
    assert state_of(runtime, delivery) == "published"
    assert live(sandbox, "你好，开罗") == 1
    with runtime.begin() as session:
        proof = session.scalars(select(Publication)).one()
        assert proof.url.startswith("http")
        assert [line.kind for line in lines_of(session, delivery)] == ["sending", "outcome"]


def test_nothing_is_published_early_or_unapproved(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    bluesky = connect_face(runtime, sandbox, "bluesky")
    add_delivery(runtime, bluesky, "early", due_at=clock.now() + timedelta(minutes=1))
    add_delivery(runtime, bluesky, "unapproved", approved=False)
    work(runtime)
    assert sandbox.control.posts() == []
    clock.advance(timedelta(minutes=1))
    work(runtime)
    assert live(sandbox, "early") == 1
    assert live(sandbox, "unapproved") == 0


def test_large_images_are_in_hand_a_few_at_a_time(runtime: Runtime, sandbox: SandboxServer) -> None:
    """Until 2026-11-23 a hint of 250 posts with 16 MB of images each took 3.9 GB."""
    channel = connect_face(runtime, sandbox, "telegram")
    due = [add_delivery(runtime, channel, f"post {n}", approved=False) for n in range(4)]
    with runtime.begin() as session:
        for number, delivery in enumerate(due[1:]):
            add_image(session, runtime, session.get_one(Delivery, delivery).variant_id, number)
        session.execute(update(Asset).values(size=IN_HAND // 2))
        for delivery in due:
            approve_delivery(session, runtime, delivery)
    in_hand: list[int] = []
    failpoints.arm("claimed", lambda: in_hand.append(states(runtime).count("claimed")))
    work(runtime)
    assert in_hand == [3, 1]
    assert states(runtime) == ["published"] * 4


def test_an_edit_after_the_approval_is_held_and_not_sent(runtime: Runtime, sandbox: SandboxServer) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "mastodon"), "approved words")
    with runtime.begin() as session:
        session.get_one(Delivery, delivery).approved_hash = "0" * 64
    work(runtime)
    assert state_of(runtime, delivery) == "held"
    assert sandbox.control.posts() == []


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("bluesky", "published"),
        ("mastodon", "published"),
        ("wordpress", "published"),
        ("telegram", "unconfirmed"),
    ],
)
def test_an_answer_lost_after_publishing_never_publishes_twice(
    platform: str, expected: str, runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, platform), "only once")
    match = {"bluesky": "putRecord", "mastodon": "statuses", "wordpress": "posts/", "telegram": "sendMessage"}
    sandbox.control.add_fault(platform, "drop_after", match=match[platform], method="POST")
    work(runtime)
    assert state_of(runtime, delivery) == "unconfirmed"
    for _ in range(5):
        clock.advance(timedelta(minutes=2))
        work(runtime)
    assert state_of(runtime, delivery) == expected
    assert live(sandbox, "only once") == 1


def test_a_server_that_ignores_the_key_is_asked_not_repeated(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "gotosocial"), "no key here")
    sandbox.control.add_fault("gotosocial", "drop_after", match="statuses", method="POST")
    for _ in range(5):
        work(runtime)
        clock.advance(timedelta(minutes=2))
    assert state_of(runtime, delivery) == "published"
    assert live(sandbox, "no key here") == 1


def test_a_connection_refused_before_sending_is_tried_again(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "bluesky"), "later")
    sandbox.control.add_fault("bluesky", "rate_limit", match="putRecord", retry_after=20)
    work(runtime)
    assert state_of(runtime, delivery) == "retrying"
    clock.advance(timedelta(seconds=30))
    sandbox.control.set_clock(clock.now())
    work(runtime)
    assert state_of(runtime, delivery) == "published"
    with runtime.begin() as session:
        assert session.get_one(Delivery, delivery).attempts == 1


def test_a_worker_that_vanished_while_sending_leaves_it_unconfirmed(
    runtime: Runtime, clock: FakeClock, telegram: int
) -> None:
    delivery = add_delivery(runtime, telegram, "half sent")
    with runtime.begin() as session:
        deliveries.make_ready(session, now=clock.now())
        deliveries.claim(session, [delivery], token="t", now=clock.now(), lease=timedelta(minutes=5))
        row = session.get_one(Delivery, delivery)
        moved = deliveries.mark_sending(
            session,
            {delivery: str(row.approved_hash)},
            token="t",
            lease=timedelta(minutes=5),
            signed=Signed(worker="gone", now=clock.now()),
        )
    assert moved == {delivery}
    clock.advance(timedelta(minutes=6))
    for _ in range(3):
        work(runtime)
        clock.advance(timedelta(minutes=1))
    assert state_of(runtime, delivery) == "unconfirmed"


@pytest.mark.parametrize("stands_still_s", [61, 130])
def test_a_worker_that_stood_still_before_sending_sends_nothing(
    *, stands_still_s: int, runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int
) -> None:
    def stand_still() -> None:
        clock.advance(timedelta(seconds=stands_still_s))
        planning.tick(runtime, RecordingDispatcher(), chunk=100)

    delivery = add_delivery(runtime, telegram, "stood still")
    failpoints.arm("journalled", stand_still)
    work(runtime)
    assert sandbox.control.posts() == []
    assert state_of(runtime, delivery) == "retrying"
    failpoints.disarm()
    clock.advance(timedelta(seconds=10))
    work(runtime)
    assert live(sandbox, "stood still") == 1


def test_an_earlier_doubt_outlives_a_worker_that_stood_still(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int
) -> None:
    delivery = add_delivery(runtime, telegram, "in doubt")
    sandbox.control.add_fault("telegram", "drop_after", match="sendMessage", method="POST")
    work(runtime)
    clock.advance(deliveries.QUARANTINE)
    send_again(runtime, delivery, reason="not seen", by=find_member(runtime, "Lin"))
    failpoints.arm("journalled", lambda: clock.advance(timedelta(seconds=61)))
    work(runtime)
    assert live(sandbox, "in doubt") == 1
    assert state_of(runtime, delivery) == "unconfirmed"


@pytest.mark.parametrize("committed", [True, False])
def test_a_lost_commit_of_sending_leaves_no_doubt(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int, *, committed: bool
) -> None:
    delivery = add_delivery(runtime, telegram, "cut off")
    marked: list[bool] = []
    failpoints.arm("marked", lambda: marked.append(True))
    lost = OperationalError("COMMIT", None, ConnectionError("the answer was lost"))

    @contextmanager
    def begin() -> Iterator[Session]:
        with runtime.begin() as session:
            yield session
            if marked and not committed:
                marked.clear()
                raise lost
        if marked:
            marked.clear()
            raise lost

    with pytest.raises(OperationalError):
        work(replace(runtime, begin=begin))
    assert state_of(runtime, delivery) == "retrying"
    clock.advance(timedelta(seconds=10))
    work(runtime)
    assert (live(sandbox, "cut off"), state_of(runtime, delivery)) == (1, "published")


def test_a_claim_that_lapsed_before_sending_is_published_by_another(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int
) -> None:
    delivery = add_delivery(runtime, telegram, "claimed only")
    with runtime.begin() as session:
        deliveries.make_ready(session, now=clock.now())
        deliveries.claim(session, [delivery], token="t", now=clock.now(), lease=timedelta(minutes=5))
    work(runtime)
    assert sandbox.control.posts() == []
    clock.advance(timedelta(minutes=6))
    work(runtime)
    assert live(sandbox, "claimed only") == 1


@pytest.mark.parametrize(
    ("lateness", "late", "expected"),
    [
        (Lateness.LIVE, timedelta(minutes=4), "published"),
        (Lateness.LIVE, timedelta(minutes=6), "held"),
        (Lateness.LIVE, timedelta(minutes=16), "missed"),
        (Lateness.EVERGREEN, timedelta(hours=20), "published"),
    ],
)
def test_lateness_publishes_holds_or_misses(
    lateness: Lateness, late: timedelta, expected: str, runtime: Runtime, clock: FakeClock, telegram: int
) -> None:
    due_at = clock.now() - late
    delivery = add_delivery(runtime, telegram, "late", due_at=due_at, lateness=lateness)
    work(runtime)
    assert state_of(runtime, delivery) == expected


@pytest.mark.parametrize("scope", ["all", "platform", "channel"])
def test_a_pause_in_scope_stops_sending_and_its_end_resumes(
    scope: str, runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int
) -> None:
    delivery = add_delivery(runtime, telegram, "paused")
    with runtime.begin() as session:
        pause = Pause(
            organisation_id=runtime.organisation_id,
            scope=scope,
            value="telegram",
            scope_id=telegram,
            reason="test",
            member_id=1,
            paused_at=clock.now(),
        )
        session.add(pause)
    work(runtime)
    assert sandbox.control.posts() == []
    with runtime.begin() as session:
        session.get_one(Pause, pause.id).resumed_at = clock.now()
    clock.advance(timedelta(minutes=1))
    work(runtime)
    assert state_of(runtime, delivery) == "published"


def test_a_dead_token_holds_the_delivery_and_marks_the_channel(
    runtime: Runtime, sandbox: SandboxServer
) -> None:
    mastodon = connect_face(runtime, sandbox, "mastodon")
    delivery = add_delivery(runtime, mastodon, "no token")
    sandbox.control.set_standing("mastodon", "centre_mastodon", "revoked")
    work(runtime)
    assert state_of(runtime, delivery) == "held"


def test_a_person_lets_a_held_delivery_go_on_however_late(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int
) -> None:
    due_at = clock.now() - timedelta(minutes=10)
    delivery = add_delivery(runtime, telegram, "late", due_at=due_at, lateness=Lateness.LIVE)
    work(runtime)
    assert state_of(runtime, delivery) == "held"
    assert release(runtime, [delivery], by=find_member(runtime, "Lin")) == [delivery]
    work(runtime)
    assert state_of(runtime, delivery) == "published"
    assert release(runtime, [delivery], by=find_member(runtime, "Lin")) == []
    work(runtime)
    assert live(sandbox, "late") == 1


def test_a_doubtful_delivery_whose_approval_is_withdrawn_stays_doubtful(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock
) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "mastodon"), "in doubt")
    with runtime.begin() as session:
        deliveries.make_ready(session, now=clock.now())
        deliveries.claim(session, [delivery], token="t", now=clock.now(), lease=timedelta(minutes=5))
        row = session.get_one(Delivery, delivery)
        row.tainted, row.resend_before = True, clock.now() + timedelta(minutes=5)
        approved, row.approved_hash = str(row.approved_hash), None
        session.flush()
        deliveries.turn_away(session, {delivery: approved}, token="t", now=clock.now())
    assert state_of(runtime, delivery) == "unconfirmed"


@ONE_DATABASE
def test_a_bug_in_the_books_costs_no_other_its_outcome(
    runtime: Runtime, sandbox: SandboxServer, telegram: int
) -> None:
    ids = [add_delivery(runtime, telegram, f"booked {number}") for number in range(2)]
    bugs = iter([True, False, True])

    def trip() -> None:
        if next(bugs):
            raise KeyError("books")

    failpoints.arm("outcome_written", trip)
    work(runtime)
    assert live(sandbox, "booked") == len(ids)
    assert sorted(state_of(runtime, id_) for id_ in ids) == ["published", "sending"]


class Tripping(SimulatedConnector):
    """Somebody's connector that trips over the platform's answer."""

    async def publish(
        self, session: ChannelSession, outgoing: Outgoing, key: Key, staged: Staged
    ) -> NoReturn:
        """The post is there; the caller learns of a bug."""
        await super().publish(session, outgoing, key, staged)
        raise KeyError("id")


class Careless(SimulatedConnector):
    """Somebody's connector that hands on an id as the platform writes it, as a number."""

    async def publish(
        self, session: ChannelSession, outgoing: Outgoing, key: Key, staged: Staged
    ) -> Published:
        """The post is there; its id is of no use."""
        await super().publish(session, outgoing, key, staged)
        return Published(remote_id=7, url="")  # type: ignore[arg-type] # the bug


@ONE_DATABASE
@pytest.mark.parametrize("bug", [Tripping, Careless])
def test_a_connectors_bug_is_no_proof_that_nothing_was_sent(
    runtime: Runtime, clock: FakeClock, bug: type[SimulatedConnector]
) -> None:
    calm = connector(Idempotency.NOTHING, seeded(1), clock.now)
    buggy = bug(calm.platform, calm.capabilities)
    ours = replace(runtime, connectors={"class-n": buggy})
    channel = add_channel(
        ours, "class-n", base_url="https://platform.invalid", handle="centre", secret={"token": "t"}
    )
    delivery = add_delivery(ours, channel, "it arrived")
    for _ in range(4):
        work(ours)
        clock.advance(timedelta(hours=1))
    assert state_of(ours, delivery) == "unconfirmed"
    assert len(calm.platform.posts) == 1
