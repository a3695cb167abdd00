"""The numbers that tell how the desk is: the same ones in the list for people, in JSON and in the metrics."""

from collections import Counter
from datetime import timedelta

from connectors.sandbox import SandboxServer
from scheduler.core.states import State
from scheduler.services.delivery import planning
from scheduler.services.desk.attention import attention
from scheduler.services.desk.causes import Remedy
from scheduler.services.runtime import Runtime
from scheduler.services.vitals import BOUNDS_S, read_vitals
from scheduler.store import deliveries
from scheduler.store.evidence.ledger import Signed
from scheduler.testing import FakeClock, RecordingDispatcher, add_delivery
from tests.services.working import connect_face, work

MINUTE = timedelta(minutes=1)


def stall(runtime: Runtime, *ids: int) -> None:
    """Begin to send these, and vanish."""
    planning.tick(runtime, RecordingDispatcher(), chunk=10)
    now = runtime.clock.now()
    with runtime.begin() as session:
        rows = deliveries.claim(session, ids, token="t", now=now, lease=runtime.lease)
        hashes = {row.id: row.approved_hash or "" for row in rows}
        sent = deliveries.mark_sending(
            session, hashes, token="t", lease=runtime.lease, signed=Signed(worker="w", now=now)
        )
    assert sent == set(ids)


def test_an_empty_installation_has_vitals_too(runtime: Runtime) -> None:
    vitals = read_vitals(runtime)
    assert (vitals.deliveries, vitals.attention, vitals.leader_age_s) == ((), (), None)
    assert (vitals.oldest_waiting_s, vitals.lateness.count, vitals.lateness.max_s) == (0, 0, 0)


def test_what_happens_to_deliveries_is_in_the_numbers(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock
) -> None:
    channel = connect_face(runtime, sandbox, "mastodon")
    add_delivery(runtime, channel, "on time", due_at=clock.now())
    work(runtime)
    add_delivery(runtime, channel, "late", due_at=clock.now() - 20 * MINUTE)
    work(runtime)
    telegram = connect_face(runtime, sandbox, "telegram")
    stalled = [add_delivery(runtime, telegram, f"stalled {number}") for number in range(2)]
    stall(runtime, *stalled)
    assert (read_vitals(runtime).claims_held, read_vitals(runtime).claims_lapsed) == (2, 0)
    clock.advance(runtime.lease + MINUTE)
    assert (read_vitals(runtime).claims_held, read_vitals(runtime).claims_lapsed) == (0, 2)
    add_delivery(runtime, channel, "waits", due_at=clock.now() - MINUTE)
    assert planning.lead(runtime)
    clock.advance(timedelta(seconds=4))
    vitals = read_vitals(runtime)
    assert vitals.count(State.PUBLISHED) == vitals.lateness.count == 2
    assert (vitals.lateness.max_s, vitals.lateness.sum_s) == (1200, 1200)
    assert dict(zip(BOUNDS_S, vitals.lateness.at_most, strict=True))[300.0] == 1
    assert vitals.lateness.at_most[-1] == 2
    assert (vitals.oldest_waiting_s, vitals.leader, vitals.leader_age_s) == (64, runtime.worker, 4)
    planning.tick(runtime, RecordingDispatcher(), chunk=10)
    vitals = read_vitals(runtime)
    assert vitals.count(State.UNCONFIRMED, "telegram") == vitals.count(State.UNCONFIRMED) == 2
    assert vitals.count(State.UNCONFIRMED, "mastodon") == 0


def test_attention_is_counted_as_it_is_listed(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock
) -> None:
    mastodon, telegram = (connect_face(runtime, sandbox, face) for face in ("mastodon", "telegram"))
    stall(runtime, add_delivery(runtime, telegram, "stalled"))
    add_delivery(runtime, telegram, "three hours late", due_at=clock.now() - 180 * MINUTE)
    for days in (2, 20):
        add_delivery(runtime, mastodon, f"{days} days late", due_at=clock.now() - timedelta(days=days))
    add_delivery(runtime, mastodon, "unread", due_at=clock.now() - 180 * MINUTE, approved=False)
    clock.advance(runtime.lease + MINUTE)
    planning.tick(runtime, RecordingDispatcher(), chunk=10)
    clock.jump(timedelta(hours=1))
    add_delivery(runtime, mastodon, "seems due")
    planning.tick(runtime, RecordingDispatcher(), chunk=10)
    listed, counted = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for cause in attention(runtime):
        listed[cause.state, cause.reason, cause.platform, cause.remedy] += cause.count
    for one in read_vitals(runtime).attention:
        counted[one.state, one.reason, one.platform, one.remedy] += one.count
    assert counted == listed
    remedies = {remedy for *_, remedy in listed}
    assert remedies == {Remedy.ACCEPT_CLOCK, Remedy.RESOLVE, Remedy.RELEASE, Remedy.APPROVE, Remedy.REWRITE}
    assert attention(runtime)[0].remedy is Remedy.ACCEPT_CLOCK
