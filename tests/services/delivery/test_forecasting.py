"""A forecast is what then happens: the same windows, walked before and lived through."""

from datetime import datetime, timedelta
from random import Random

import pytest

from connectors.sandbox import SandboxServer
from scheduler.core.lateness import Lateness
from scheduler.core.states import State
from scheduler.services.channels.enrolling import set_spacing
from scheduler.services.channels.matrix import list_channels
from scheduler.services.delivery.forecasting import Crowd, forecast
from scheduler.services.members import find_member
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.tables import Delivery, Post
from scheduler.testing import FakeClock, add_delivery
from tests.services.working import connect_face, state_of, work


def live_through(runtime: Runtime, clock: FakeClock, sandbox: SandboxServer) -> dict[str, datetime]:
    """Work whenever something is due, until nothing is; when each text appeared."""
    while True:
        with runtime.begin() as session:
            due_at = deliveries.next_due_at(session)
        if due_at is None:
            return {post.text: post.at for post in sandbox.control.posts()}
        clock.set(max(due_at, clock.now()))
        sandbox.control.set_clock(clock.now())
        work(runtime)


def post_names(runtime: Runtime, ids: list[int]) -> dict[str, str]:
    """The name of each delivery's post, to the text it was given."""
    with runtime.begin() as session:
        rows = [session.get_one(Delivery, id_) for id_ in ids]
        return {session.get_one(Post, row.post_id).ref: f"post {row.id}" for row in rows}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_forecast_is_what_then_happens(
    seed: int, runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    chance = Random(seed)  # noqa: S311 - a schedule, no secret
    telegram = connect_face(runtime, sandbox, "telegram")
    dues = [clock.now() + timedelta(seconds=10 * chance.randrange(1, 7)) for _ in range(45)]
    ids = [
        add_delivery(runtime, telegram, f"post {number}", due_at=due_at)
        for number, due_at in enumerate(dues, 1)
    ]
    names = post_names(runtime, ids)
    crowds = forecast(runtime)
    appeared = live_through(runtime, clock, sandbox)
    assert len(appeared) == len(ids)
    assert sum(crowd.posts - crowd.fit for crowd in crowds) == sum(
        appeared[f"post {id_}"] > due_at for id_, due_at in zip(ids, dues, strict=True)
    )
    for crowd in crowds:
        when = [appeared[names[name]] for name in crowd.names]
        assert (sum(at == crowd.due_at for at in when), max(when)) == (crowd.fit, crowd.last_at)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_forecast_knows_what_repeats_keep_back(
    seed: int, runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    """Until 2026-11-23 it let whoever waited go before a repeat, which pacing does not."""
    chance = Random(seed)  # noqa: S311 - a schedule, no secret
    mastodon = connect_face(runtime, sandbox, "mastodon")
    (line,) = list_channels(runtime)
    set_spacing(runtime, line.channel, 45, by=find_member(runtime, "Lin"))
    ids = [
        add_delivery(
            runtime,
            mastodon,
            f"post {number}",
            due_at=clock.now() + timedelta(seconds=10 * chance.randrange(-6, 12)),
            lateness=chance.choice([Lateness.LIVE, Lateness.NORMAL]),
        )
        for number in range(1, 21)
    ]
    with runtime.begin() as session:
        for id_ in chance.sample(ids, 5):
            repeat = session.get_one(Delivery, id_)
            repeat.state = State.RETRYING
            repeat.next_at = clock.now() + timedelta(seconds=chance.randrange(5, 300))
    names = post_names(runtime, ids)
    crowds = forecast(runtime)
    appeared = live_through(runtime, clock, sandbox)
    assert len(appeared) == len(ids) - sum(crowd.late for crowd in crowds)
    for crowd in crowds:
        when = [at for name in crowd.names if (at := appeared.get(names[name]))]
        assert (len(when), max(when, default=None)) == (crowd.posts - crowd.late, crowd.last_at)


def test_a_forecast_names_the_window_the_rest_and_what_is_too_late(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    telegram = connect_face(runtime, sandbox, "telegram")
    due_at = clock.now() + timedelta(days=2)
    for number in range(34):
        add_delivery(runtime, telegram, f"message {number}", due_at=due_at, lateness=Lateness.LIVE)
    (crowd,) = forecast(runtime)
    assert (crowd.posts, crowd.fit, crowd.late) == (34, 20, 0)
    assert (crowd.due_at, crowd.last_at) == (due_at, due_at + timedelta(minutes=1))
    assert (crowd.quota.limit, crowd.quota.window_s) == (20, 60)
    set_spacing(runtime, crowd.channel, 60, by=find_member(runtime, "Lin"))
    (crowd,) = forecast(runtime)
    assert (crowd.fit, crowd.late, crowd.last_at) == (1, 28, due_at + timedelta(minutes=5))
    assert forecast(runtime, posts=["another"]) == []
    assert forecast(runtime, ahead=timedelta(days=1)) == []


def test_two_posts_of_a_spaced_channel_keep_their_distance(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    wordpress = connect_face(runtime, sandbox, "wordpress")
    (line,) = list_channels(runtime)
    set_spacing(runtime, line.channel, 600, by=find_member(runtime, "Lin"))
    ids = [add_delivery(runtime, wordpress, f"post {number}") for number in (1, 2)]
    work(runtime)
    assert [state_of(runtime, id_) for id_ in ids] == ["published", "scheduled"]
    clock.advance(timedelta(seconds=599))
    work(runtime)
    assert state_of(runtime, ids[1]) == "scheduled"
    clock.advance(timedelta(seconds=1))
    work(runtime)
    assert state_of(runtime, ids[1]) == "published"


def test_what_fits_is_no_crowd(runtime: Runtime, clock: FakeClock, sandbox: SandboxServer) -> None:
    telegram = connect_face(runtime, sandbox, "telegram")
    for number in range(20):
        add_delivery(runtime, telegram, f"message {number}", due_at=clock.now() + timedelta(hours=1))
    crowds: list[Crowd] = forecast(runtime)
    assert crowds == []
