"""Keeping to quotas, seen from the platform: nothing is turned away, order is kept, a wait is respected."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from http.client import HTTPConnection
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from connectors.sandbox import SandboxServer
from connectors.sandbox.control import SandboxAccount
from scheduler.core.lateness import Lateness
from scheduler.services.delivery import pacing, planning
from scheduler.services.runtime import Runtime
from scheduler.store.deliveries.waiting import FULL, TOO_FULL
from scheduler.store.tables import Channel, Delivery, Spending
from scheduler.testing import FakeClock, RecordingDispatcher, add_channel, add_delivery
from tests.services.working import connect_face, state_of, work


def refused(sandbox: SandboxServer) -> int:
    """How many posts the platforms turned away."""
    return sum(entry.effect in ("refused", "stopped") for entry in sandbox.control.log())


def look_around(account: SandboxAccount) -> None:
    """What another program does with the same account."""
    address = urlsplit(account.base_url)
    with closing(HTTPConnection(address.netloc)) as connection:
        headers = {"Authorization": f"Bearer {account.secret['access_token']}"}
        connection.request("GET", f"{address.path}/api/v1/accounts/verify_credentials", headers=headers)
        assert connection.getresponse().status == 200


def texts(sandbox: SandboxServer, mark: str) -> list[str]:
    """The posts that hold `mark`, in the order they appeared."""
    return [post.text for post in sandbox.control.posts() if mark in post.text]


def minutes(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, count: int, *, step_s: int = 10
) -> Iterator[datetime]:
    """Let the planner look every few seconds for so many minutes."""
    for _ in range(count * 60 // step_s):
        work(runtime)
        yield clock.now()
        clock.advance(timedelta(seconds=step_s))
        sandbox.control.set_clock(clock.now())


def test_a_full_window_is_waited_for_in_due_order_and_costs_no_attempt(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    telegram = connect_face(runtime, sandbox, "telegram")
    start = clock.now()
    ids = [
        add_delivery(runtime, telegram, f"message {number:02}", due_at=start - timedelta(seconds=60 - number))
        for number in range(50)
    ]
    seen = [len(texts(sandbox, "message")) for _ in minutes(runtime, clock, sandbox, 3)]
    assert seen[0] == seen[5] == 20
    assert seen[6] == seen[11] == 40
    assert seen[12] == 50
    sent = texts(sandbox, "message")
    assert [*sorted(sent[:20]), *sorted(sent[20:40]), *sorted(sent[40:])] == sorted(sent)
    assert refused(sandbox) == 0
    with runtime.begin() as session:
        rows = session.scalars(select(Delivery).where(Delivery.id.in_(ids))).all()
        assert {(row.state, row.attempts, row.reason) for row in rows} == {("published", 1, "")}


def test_lines_longer_than_one_walk_go_out_in_turn(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until 2026-11-22 more than 2,000 in the lines of two channels ended every tick of the planner."""
    for name, number in {"PAGE": 5, "PAGES": 2, "PUT_OFF_A_TICK": 1}.items():
        monkeypatch.setattr(pacing, name, number)
    channels = [connect_face(runtime, sandbox, face) for face in ("telegram", "mastodon")]
    with runtime.begin() as session:
        session.execute(update(Channel).values(spacing_s=20))
    for number in range(8):
        for channel in channels:
            add_delivery(runtime, channel, f"message {number}")
    seen = [len(texts(sandbox, "message")) for _ in minutes(runtime, clock, sandbox, 5)]
    assert seen[0] == len(channels)
    assert all(later - earlier <= len(channels) for earlier, later in pairwise(seen))
    assert seen[-1] == 8 * len(channels)


def test_a_long_line_keeps_no_other_channel_waiting(
    runtime: Runtime, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until 2026-11-22 who had 2,000 before it in another channel's line had no turn before they were out."""
    monkeypatch.setattr(pacing, "PAGE", 5)
    telegram, mastodon = (connect_face(runtime, sandbox, face) for face in ("telegram", "mastodon"))
    with runtime.begin() as session:
        session.execute(update(Channel).values(spacing_s=20))
    long = [add_delivery(runtime, telegram, f"message {number}") for number in range(12)]
    short = [add_delivery(runtime, mastodon, f"status {number}") for number in range(3)]
    work(runtime)
    for line in (long, short):
        waits = ["scheduled"] * (len(line) - 1)
        assert [state_of(runtime, id_) for id_ in line] == ["published", *waits]


def test_what_never_left_keeps_nothing_waiting(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    """Until 2026-11-23 a refused connection counted as a post: its repeat was held for want of room."""
    mastodon = connect_face(runtime, sandbox, "mastodon")
    with runtime.begin() as session:
        address = session.get_one(Channel, mastodon).base_url
        session.execute(update(Channel).values(spacing_s=600, base_url="http://127.0.0.1:9"))
    first, second = (
        add_delivery(runtime, mastodon, f"message {n}", lateness=Lateness.LIVE) for n in range(2)
    )
    work(runtime)
    assert state_of(runtime, first) == "retrying"
    with runtime.begin() as session:
        session.execute(update(Channel).values(base_url=address))
    clock.advance(timedelta(seconds=10))
    work(runtime)
    assert [state_of(runtime, one) for one in (first, second)] == ["published", "held"]


def test_what_is_made_ready_early_keeps_its_distance_too(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    """Until 2026-11-22 whatever had its turn within the look-ahead went out at once."""
    mastodon = connect_face(runtime, sandbox, "mastodon")
    with runtime.begin() as session:
        session.execute(update(Channel).values(spacing_s=2))
    ids = [add_delivery(runtime, mastodon, f"message {number}") for number in range(3)]
    for sent in (1, 2, 3):
        planning.tick(runtime, RecordingDispatcher(), chunk=10, ahead=timedelta(seconds=5))
        planning.attend(runtime, ids)
        assert [state_of(runtime, id_) for id_ in ids].count("published") == sent
        clock.advance(timedelta(seconds=2))


def test_what_is_in_hand_early_is_counted_from_when_it_will_go_out(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    mastodon = connect_face(runtime, sandbox, "mastodon")
    with runtime.begin() as session:
        session.execute(update(Channel).values(spacing_s=2))
    start, step = clock.now(), timedelta(seconds=1)
    first, second = (add_delivery(runtime, mastodon, f"at {n}", due_at=start + n * step) for n in (2, 3))
    for seconds in range(5):
        planning.tick(runtime, RecordingDispatcher(), chunk=10, ahead=2 * step)
        if seconds >= 2:
            planning.attend(runtime, [first, second])
        sent = [state_of(runtime, one) == "published" for one in (first, second)]
        assert sent == [seconds >= 2, seconds >= 4]
        clock.advance(step)


def test_who_waits_says_so_with_its_turn(runtime: Runtime, clock: FakeClock, sandbox: SandboxServer) -> None:
    telegram = connect_face(runtime, sandbox, "telegram")
    ids = [add_delivery(runtime, telegram, f"message {number}") for number in range(21)]
    work(runtime)
    with runtime.begin() as session:
        last = session.get_one(Delivery, ids[-1])
        assert (last.state, last.reason, last.attempts) == ("scheduled", FULL, 0)
        assert last.next_at == clock.now() + timedelta(seconds=60)


def test_what_would_wait_beyond_its_tolerance_is_held_at_once(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    telegram = connect_face(runtime, sandbox, "telegram")
    ids = [
        add_delivery(runtime, telegram, f"message {number}", lateness=Lateness.LIVE) for number in range(130)
    ]
    work(runtime)
    states = [state_of(runtime, id_) for id_ in ids]
    assert states == ["published"] * 20 + ["scheduled"] * 100 + ["held"] * 10
    with runtime.begin() as session:
        assert session.get_one(Delivery, ids[-1]).reason == TOO_FULL


@pytest.mark.parametrize("face", ["bluesky", "mastodon", "telegram"])
def test_a_wait_the_platform_asks_for_holds_for_the_channel_and_no_other(
    face: str, runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    busy = connect_face(runtime, sandbox, face)
    other = connect_face(runtime, sandbox, "wordpress")
    first = add_delivery(runtime, busy, "first")
    sandbox.control.add_fault(face, "rate_limit", method="POST", retry_after=600)
    work(runtime)
    assert state_of(runtime, first) == "retrying"
    knocks = refused(sandbox)
    second = add_delivery(runtime, busy, "second")
    apart = add_delivery(runtime, other, "apart")
    for _ in minutes(runtime, clock, sandbox, 9, step_s=30):
        assert state_of(runtime, second) == "scheduled"
    assert refused(sandbox) == knocks
    assert state_of(runtime, apart) == "published"
    for _ in minutes(runtime, clock, sandbox, 2, step_s=30):
        pass
    assert [state_of(runtime, id_) for id_ in (first, second)] == ["published", "published"]
    assert texts(sandbox, "first") + texts(sandbox, "second") == ["first", "second"]
    with runtime.begin() as session:
        assert session.get_one(Delivery, first).attempts == 1


@pytest.mark.parametrize("asked", [10**9, "garbage", -5])
def test_an_absurd_wait_is_bounded_and_shown(
    asked: object, runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    mastodon = connect_face(runtime, sandbox, "bluesky")
    delivery = add_delivery(runtime, mastodon, "first")
    sandbox.control.add_fault("bluesky", "rate_limit", match="putRecord", retry_after=asked)
    work(runtime)
    with runtime.begin() as session:
        row = session.get_one(Delivery, delivery)
        if asked == 10**9:
            assert (row.state, row.reason) == ("held", TOO_FULL)
        else:
            assert row.state == "retrying"
            assert row.next_at is not None
            assert timedelta(0) < row.next_at - clock.now() <= timedelta(days=1)


def test_what_others_took_of_a_window_is_learnt_from_the_answers(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    account = sandbox.control.create_account("mastodon", "shared")
    mastodon = add_channel(
        runtime, "mastodon", base_url=account.base_url, handle=account.handle, secret=account.secret
    )
    for _ in range(285):
        look_around(account)
    first = add_delivery(runtime, mastodon, "message 0")
    work(runtime)
    ids = [first, *(add_delivery(runtime, mastodon, f"message {number}") for number in range(1, 20))]
    for _ in minutes(runtime, clock, sandbox, 7, step_s=60):
        pass
    assert {state_of(runtime, id_) for id_ in ids} == {"published"}
    assert refused(sandbox) == 0


def test_the_ledger_forgets_what_no_window_reaches(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    bluesky = connect_face(runtime, sandbox, "bluesky")
    add_delivery(runtime, bluesky, "first")
    work(runtime)
    clock.advance(timedelta(days=1, seconds=1))
    sandbox.control.set_clock(clock.now())
    add_delivery(runtime, bluesky, "second")
    work(runtime)
    with runtime.begin() as session:
        assert [row.at for row in session.scalars(select(Spending))] == [clock.now()]
