"""Counters read back from the sandbox: what is stored, what is not, and when the next look is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from connectors.sandbox import SandboxServer
from scheduler.core.rollups import Form
from scheduler.services.metrics.errands import NO_COUNT
from scheduler.services.metrics.harvesting import backfill, harvest
from scheduler.services.metrics.tally import Failure, HarvestSummary
from scheduler.services.metrics.turns import LASTS, READING, turn_to_read
from scheduler.services.runtime import Runtime
from scheduler.store import leases
from scheduler.store.metrics.samples import Look, looks_at
from scheduler.store.tables import Channel, Credential, Publication
from scheduler.testing import FakeClock, add_delivery
from tests.e2e.installation import wait_until
from tests.services.working import connect_face, later, work

Connect = Callable[..., int]
MASTODON = "mastodon-@centre_mastodon@mastodon.sandbox"


@pytest.fixture
def channel(runtime: Runtime, sandbox: SandboxServer) -> Connect:
    """A connected channel on a face of the sandbox, with 100 followers unless told otherwise."""
    return partial(connect_face, runtime, sandbox, followers=100)


def publish(runtime: Runtime, channel_id: int, text: str) -> int:
    """The id of a new publication on the channel."""
    delivery_id = add_delivery(runtime, channel_id, text)
    work(runtime)
    with runtime.begin() as session:
        return session.scalars(select(Publication.id).where(Publication.delivery_id == delivery_id)).one()


def react(sandbox: SandboxServer, runtime: Runtime, publication_id: int, kind: str, count: int) -> None:
    with runtime.begin() as session:
        remote_id = session.get_one(Publication, publication_id).remote_id
    sandbox.control.add_reaction(remote_id, kind, count)


def looks(runtime: Runtime, publication_id: int | None) -> list[Look]:
    """Of a publication, or of the only channel's audience."""
    with runtime.begin() as session:
        channel_id = (
            session.get_one(Publication, publication_id).channel_id
            if publication_id
            else session.scalars(select(Channel.id)).one()
        )
        return looks_at(session, channel_id, publication_id)


def samples(runtime: Runtime, publication_id: int | None) -> list[tuple[str, int, int, int]]:
    """(metric, value, increment, correction) in the order of time."""
    return [
        (metric, one.value, one.increment, one.correction)
        for look in looks(runtime, publication_id)
        for metric, one in look.moved.items()
    ]


def readings(runtime: Runtime, publication_id: int | None) -> list[Form]:
    """What each look was like."""
    return [look.form for look in looks(runtime, publication_id)]


def next_look(runtime: Runtime, publication_id: int) -> datetime | None:
    with runtime.begin() as session:
        return session.get_one(Publication, publication_id).harvest_at


def test_a_sample_is_stored_only_where_a_counter_changed(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, channel: Connect
) -> None:
    publication = publish(runtime, channel("bluesky"), "你好")
    react(sandbox, runtime, publication, "like", 3)
    assert harvest(runtime, everything=True).publications == 1
    assert samples(runtime, publication) == [("likeCount", 3, 3, 0)]
    later(clock, sandbox, hours=1)
    harvest(runtime, everything=True)
    assert samples(runtime, publication) == [("likeCount", 3, 3, 0)]
    react(sandbox, runtime, publication, "like", 2)
    react(sandbox, runtime, publication, "repost", 1)
    later(clock, sandbox, hours=1)
    harvest(runtime, everything=True)
    assert set(samples(runtime, publication)[1:]) == {("likeCount", 5, 2, 0), ("repostCount", 1, 1, 0)}
    assert [look.status for look in readings(runtime, publication)] == ["read"] * 3


def test_only_what_is_due_is_read_and_the_next_look_is_planned(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, channel: Connect
) -> None:
    publication = publish(runtime, channel("mastodon"), "bonjour")
    published_at = clock.now()
    assert harvest(runtime).publications == 1
    assert next_look(runtime, publication) == published_at + timedelta(hours=1)
    assert harvest(runtime).publications == 0
    later(clock, sandbox, hours=7)
    assert harvest(runtime).publications == 1
    assert next_look(runtime, publication) == published_at + timedelta(days=1)


def test_followers_are_read_daily_as_a_level(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, channel: Connect
) -> None:
    channel("telegram", followers=1000)
    assert harvest(runtime).audiences == 1
    later(clock, sandbox, hours=5)
    assert harvest(runtime).audiences == 0
    [(metric, base, increment, _)] = samples(runtime, None)
    assert (metric, increment) == ("members", 0)
    assert looks(runtime, None)[0].moved["members"].baseline
    later(clock, sandbox, hours=20)
    sandbox.control.add_followers("telegram", "@centre_telegram", 25)
    assert harvest(runtime).audiences == 1
    assert samples(runtime, None)[1:] == [(metric, base + 25, 25, 0)]


def test_a_platform_without_counters_of_publications_is_never_asked_for_them(
    runtime: Runtime, channel: Connect
) -> None:
    publication = publish(runtime, channel("telegram"), "привет")
    assert harvest(runtime).publications == 0
    assert readings(runtime, publication) == []
    assert next_look(runtime, publication) is None


def test_one_channel_that_fails_stops_no_other(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, channel: Connect
) -> None:
    lame, sound = channel("mastodon"), channel("bluesky")
    failing, working = publish(runtime, lame, "one"), publish(runtime, sound, "two")
    sandbox.control.add_fault("mastodon", "status", status=503, times=50)
    summary = harvest(runtime)
    assert (summary.publications, summary.failed) == (1, 2)
    assert {failure.channel for failure in summary.failures} == {MASTODON}
    assert [look.status for look in readings(runtime, failing)] == ["failed"]
    assert "503" in readings(runtime, failing)[0].reason
    assert samples(runtime, failing) == []
    assert [look.status for look in readings(runtime, working)] == ["read"]
    assert next_look(runtime, failing) == clock.now() + timedelta(hours=1)


@pytest.mark.parametrize("count", [10**20, -3])
def test_a_counter_that_can_be_none_is_missing_and_fails_nothing_beside_it(
    runtime: Runtime, sandbox: SandboxServer, channel: Connect, count: int
) -> None:
    sound, odd = publish(runtime, channel("mastodon"), "one"), publish(runtime, channel("bluesky"), "two")
    react(sandbox, runtime, sound, "like", 4)
    react(sandbox, runtime, odd, "like", count)
    react(sandbox, runtime, odd, "repost", 2)
    assert harvest(runtime).publications == 2
    assert samples(runtime, sound) == [("favourites_count", 4, 4, 0)]
    assert samples(runtime, odd) == [("repostCount", 2, 2, 0)]
    assert ("likeCount", NO_COUNT) in readings(runtime, odd)[0].missing


def test_a_publication_that_vanished_is_read_no_more_and_fails_no_other_of_its_batch(
    runtime: Runtime, sandbox: SandboxServer, channel: Connect
) -> None:
    bluesky = channel("bluesky")
    gone, kept = publish(runtime, bluesky, "gone"), publish(runtime, bluesky, "kept")
    with runtime.begin() as session:
        session.get_one(Publication, gone).remote_id += "x"
    summary = harvest(runtime)
    assert (summary.publications, summary.gone) == (1, 1)
    assert [look.status for look in readings(runtime, gone)] == ["gone"]
    assert next_look(runtime, gone) is None
    assert next_look(runtime, kept) is not None
    assert harvest(runtime, everything=True).gone == 0


def test_a_recalled_publication_is_read_no_more(runtime: Runtime, clock: FakeClock, channel: Connect) -> None:
    publication = publish(runtime, channel("bluesky"), "recalled")
    with runtime.begin() as session:
        session.get_one(Publication, publication).recalled_at = clock.now()
    assert harvest(runtime, everything=True).publications == 0


def test_a_lapsed_token_is_renewed_within_the_harvest(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, channel: Connect
) -> None:
    publication = publish(runtime, channel("bluesky"), "renewed")
    with runtime.begin() as session:
        session.scalars(select(Credential)).one().expires_at = None
    later(clock, sandbox, hours=3)
    summary = harvest(runtime)
    assert summary.failures == ()
    assert [look.status for look in readings(runtime, publication)] == ["read"]


def test_a_revoked_account_is_a_named_failure_and_its_credential_known_dead(
    runtime: Runtime, sandbox: SandboxServer, channel: Connect
) -> None:
    publication = publish(runtime, channel("bluesky"), "dead")
    [post] = sandbox.control.posts("bluesky")
    sandbox.control.set_standing("bluesky", post.account, "revoked")
    summary = harvest(runtime)
    assert (summary.publications, summary.failed) == (0, 2)
    assert [look.status for look in readings(runtime, publication)] == ["failed"]
    with runtime.begin() as session:
        assert session.scalars(select(Credential.health)).one() == "needs_reconnect"


def test_a_rate_limit_is_waited_out_as_long_as_the_platform_says(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, channel: Connect
) -> None:
    publication = publish(runtime, channel("bluesky"), "slowly")
    sandbox.control.add_fault("bluesky", "rate_limit", match="getPosts", retry_after=1800)
    harvest(runtime)
    planned = next_look(runtime, publication)
    assert planned is not None
    assert timedelta(minutes=29) <= planned - clock.now() <= timedelta(minutes=31)


def test_progress_ends_at_the_announced_total(runtime: Runtime, channel: Connect) -> None:
    for face in ("bluesky", "mastodon"):
        publish(runtime, channel(face), f"post on {face}")
    steps: list[tuple[int, int]] = []
    harvest(runtime, progress=lambda done, total: steps.append((done, total)))
    assert steps[-1] == (4, 4)


def test_a_failure_names_channel_reason_and_number(
    runtime: Runtime, sandbox: SandboxServer, channel: Connect
) -> None:
    mastodon = channel("mastodon")
    for text in ("one", "two"):
        publish(runtime, mastodon, text)
    sandbox.control.add_fault("mastodon", "status", status=500, times=50, match="/statuses")
    summary = harvest(runtime)
    assert summary.failures == (Failure(channel=MASTODON, reason="HTTP 500", count=2),)


def test_who_comes_while_another_reads_reads_nothing_and_says_so(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, channel: Connect
) -> None:
    """Seen until 2026-11-23: a harvest beside a planner asked, and paid, for the same looks twice."""
    publication = publish(runtime, channel("bluesky"), "a post")
    other = replace(runtime, worker="other")
    beside: list[HarvestSummary] = []
    first = harvest(
        runtime,
        everything=True,
        progress=lambda _done, _total: beside.append(harvest(other, everything=True)),
    )
    assert {(one.left_to_another, one.publications) for one in beside} == {(True, 0)}
    assert (first.left_to_another, first.publications) == (False, 1)
    later(clock, sandbox, hours=1)
    again = harvest(other, everything=True)
    assert (again.left_to_another, again.publications) == (False, 1)
    assert len(looks(runtime, publication)) == 2


def test_the_turn_of_a_process_that_died_while_it_read_is_free_after_a_minute(
    runtime: Runtime, clock: FakeClock, channel: Connect
) -> None:
    publish(runtime, channel("bluesky"), "a post")
    with runtime.begin() as session:
        assert leases.acquire(session, READING, holder="dead", now=clock.now(), ttl=LASTS)
    assert harvest(runtime).left_to_another
    clock.advance(LASTS + timedelta(seconds=1))
    assert harvest(runtime).audiences == 1


def test_a_turn_lasts_as_long_as_a_platform_takes_to_answer(runtime: Runtime, clock: FakeClock) -> None:
    with turn_to_read(runtime, beat_s=0.01) as ours:
        assert ours
        for _ in range(3):
            clock.advance(LASTS * 0.9)
            wait_until(lambda: _turn_ends(runtime) == clock.now() + LASTS, every_s=0.01)
        assert harvest(runtime).left_to_another
    assert _turn_ends(runtime) is None


def test_a_backfill_waits_for_its_turn(runtime: Runtime, clock: FakeClock, channel: Connect) -> None:
    publish(runtime, channel("bluesky"), "a post")
    with runtime.begin() as session:
        assert leases.acquire(session, READING, holder="another", now=clock.now(), ttl=LASTS)
    before = clock.now()
    assert backfill(runtime).publications == 1
    assert LASTS < clock.now() - before < 2 * LASTS


def _turn_ends(runtime: Runtime) -> datetime | None:
    with runtime.begin() as session:
        return leases.held_until(session, READING)
