"""One person stops, two let it go on, and nothing bursts."""

from datetime import timedelta

import pytest

from connectors.sandbox import SandboxServer
from scheduler.core.lateness import Lateness
from scheduler.core.problems import Refused
from scheduler.core.roles import Person
from scheduler.core.stopping import Scope, Target
from scheduler.services.delivery.stepping import accept
from scheduler.services.desk.pausing import list_pauses, pause, resume
from scheduler.services.desk.queue import Filter, list_deliveries
from scheduler.services.members import allow_self_resuming
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Campaign, Channel, Delivery, Pause, Post
from scheduler.testing import FakeClock, add_delivery
from tests.services.working import add_person, connect_face, live, state_of, work

EVERYTHING = Target(scope=Scope.ALL)


@pytest.fixture
def mei(runtime: Runtime) -> Person:
    return add_person(runtime, "Mei")


def target(runtime: Runtime, scope: Scope, delivery_id: int) -> Target:
    """What to pause so that the delivery is in scope."""
    with runtime.begin() as session:
        delivery = session.get_one(Delivery, delivery_id)
        channel = session.get_one(Channel, delivery.channel_id)
        post = session.get_one(Post, delivery.post_id)
        if scope is Scope.CAMPAIGN:
            spring = Campaign(
                organisation_id=runtime.organisation_id, name="Spring", created_at=runtime.clock.now()
            )
            session.add(spring)
            session.flush()
            post.campaign_id = spring.id
        names = {Scope.ALL: "", Scope.PLATFORM: channel.platform, Scope.CHANNEL: channel.name}
        return Target(scope=scope, name=names.get(scope, "Spring"))


@pytest.mark.parametrize("scope", Scope)
def test_one_person_stops_a_scope_and_two_let_it_go_on(
    scope: Scope, runtime: Runtime, sandbox: SandboxServer, telegram: int, lin: Person, mei: Person
) -> None:
    delivery = add_delivery(runtime, telegram, "stopped")
    stopped = target(runtime, scope, delivery)
    pause(runtime, stopped, reason="an earthquake", by=lin)
    work(runtime)
    assert sandbox.control.posts() == []
    (line,) = list_pauses(runtime)
    assert (line.scope, line.name, line.reason, line.paused_by) == (
        scope,
        stopped.name,
        "an earthquake",
        "Lin",
    )
    assert line.waiting == 1
    assert [one.paused for one in list_deliveries(runtime, Filter())] == [stopped]
    assert not resume(runtime, stopped, reason="it is over", by=lin).done
    work(runtime)
    assert sandbox.control.posts() == []
    with pytest.raises(Refused, match="Lin asked for it"):
        resume(runtime, stopped, reason="it is over", by=lin)
    assert resume(runtime, stopped, reason="agreed", by=mei).done
    work(runtime)
    assert state_of(runtime, delivery) == "published"
    assert list_pauses(runtime) == []
    (ended,) = list_pauses(runtime, ended=True)
    assert (ended.resume_asked_by, ended.resumed_by, ended.resume_reason) == ("Lin", "Mei", "it is over")


def test_a_pause_elsewhere_stops_nothing_here(
    runtime: Runtime, sandbox: SandboxServer, telegram: int, lin: Person
) -> None:
    connect_face(runtime, sandbox, "bluesky")
    delivery = add_delivery(runtime, telegram, "goes out")
    pause(runtime, Target(scope=Scope.PLATFORM, name="bluesky"), reason="maintenance", by=lin)
    (waiting,) = list_deliveries(runtime, Filter())
    assert waiting.paused is None
    work(runtime)
    assert state_of(runtime, delivery) == "published"


def test_who_pauses_again_takes_back_the_request_to_resume(
    runtime: Runtime, lin: Person, mei: Person
) -> None:
    pause(runtime, EVERYTHING, reason="first", by=lin)
    assert not resume(runtime, EVERYTHING, reason="over", by=lin).done
    pause(runtime, EVERYTHING, reason="no, it is not", by=mei)
    assert not resume(runtime, EVERYTHING, reason="over", by=mei).done
    assert len(list_pauses(runtime)) == 2
    assert resume(runtime, EVERYTHING, reason="over", by=lin).done
    assert list_pauses(runtime) == []


def test_who_pauses_again_in_the_same_words_takes_back_the_request_as_well(
    runtime: Runtime, lin: Person, mei: Person
) -> None:
    pause(runtime, EVERYTHING, reason="a storm", by=lin)
    resume(runtime, EVERYTHING, reason="over", by=lin)
    pause(runtime, EVERYTHING, reason="a storm", by=lin)
    assert not resume(runtime, EVERYTHING, reason="over", by=mei).done


def test_what_is_paused_already_is_told_and_one_resume_ends_all_of_it(
    runtime: Runtime, clock: FakeClock, lin: Person, mei: Person
) -> None:
    """Said three times in a hurry it was stored three times, and nobody was told of the others."""
    platform = Target(scope=Scope.PLATFORM, name="telegram")
    pause(runtime, platform, reason="maintenance", by=lin)
    assert pause(runtime, EVERYTHING, reason="a storm", by=lin) is None
    since = clock.now()
    clock.advance(timedelta(minutes=1))
    for reason, by in (("a storm", lin), ("a storm", lin), ("a flood", mei)):
        already = pause(runtime, EVERYTHING, reason=reason, by=by)
        assert already is not None
        assert (already.paused_at, already.paused_by, already.reason) == (since, "Lin", "a storm")
    assert [line.reason for line in list_pauses(runtime)] == ["maintenance", "a storm", "a flood"]
    assert not resume(runtime, EVERYTHING, reason="over", by=lin).done
    assert resume(runtime, EVERYTHING, reason="over", by=mei).done
    assert [line.reason for line in list_pauses(runtime)] == ["maintenance"]


def test_what_was_paused_once_more_at_that_moment_is_not_said_to_go_on(
    runtime: Runtime, lin: Person, mei: Person
) -> None:
    """The second pause was stored after the request to resume the first, which it had not seen."""
    pause(runtime, EVERYTHING, reason="first", by=lin)
    resume(runtime, EVERYTHING, reason="over", by=lin)
    with runtime.begin() as session:
        session.add(
            Pause(
                organisation_id=runtime.organisation_id,
                scope=Scope.ALL,
                reason="no, it is not",
                member_id=mei.id,
                paused_at=runtime.clock.now(),
            )
        )
    assert not resume(runtime, EVERYTHING, reason="over", by=mei).done
    (line,) = list_pauses(runtime)
    assert (line.reason, line.resume_asked_by) == ("no, it is not", "Mei")
    assert resume(runtime, EVERYTHING, reason="over", by=lin).done
    assert list_pauses(runtime) == []


def test_nothing_is_resumed_by_a_clock_that_jumped(
    runtime: Runtime, clock: FakeClock, telegram: int, lin: Person, mei: Person
) -> None:
    """By it everything of the next hours was late: to resume a pause ended what was not due yet."""
    soon = clock.now() + timedelta(hours=1)
    delivery = add_delivery(runtime, telegram, "soon", due_at=soon, lateness=Lateness.LIVE)
    pause(runtime, EVERYTHING, reason="a storm", by=lin)
    resume(runtime, EVERYTHING, reason="over", by=lin)
    clock.jump(timedelta(hours=2))
    work(runtime)
    with pytest.raises(Refused, match="the clock jumped ahead"):
        resume(runtime, EVERYTHING, reason="over", by=mei)
    assert state_of(runtime, delivery) == "scheduled"
    accept(runtime, reason="it is right", by=lin)
    assert resume(runtime, EVERYTHING, reason="over", by=mei).done


def test_a_centre_may_let_one_person_resume(runtime: Runtime, lin: Person) -> None:
    allow_self_resuming(runtime, allowed=True, by=lin)
    pause(runtime, EVERYTHING, reason="a test", by=lin)
    assert resume(runtime, EVERYTHING, reason="over", by=lin).done


def test_what_became_due_meanwhile_goes_out_a_minute_apart_on_each_channel(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int, lin: Person, mei: Person
) -> None:
    bluesky = connect_face(runtime, sandbox, "bluesky")
    start = clock.now()
    for number in (3, 1, 2):
        add_delivery(runtime, telegram, f"[{number}]", due_at=start - timedelta(minutes=10 - number))
    add_delivery(runtime, bluesky, "alone")
    pause(runtime, EVERYTHING, reason="a storm", by=lin)
    work(runtime)
    clock.advance(timedelta(minutes=30))
    resume(runtime, EVERYTHING, reason="over", by=lin)
    assert resume(runtime, EVERYTHING, reason="over", by=mei).spaced == 4
    seen = []
    for _ in range(3):
        work(runtime)
        work(runtime)
        seen.append([live(sandbox, text) for text in ("[1]", "[2]", "[3]", "alone")])
        clock.advance(timedelta(minutes=1))
    assert seen == [[1, 0, 0, 1], [1, 1, 0, 1], [1, 1, 1, 1]]


def test_what_grew_too_late_during_a_pause_is_held_or_missed(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int, lin: Person, mei: Person
) -> None:
    late = add_delivery(runtime, telegram, "late", lateness=Lateness.NEWS)
    lost = add_delivery(runtime, telegram, "lost", lateness=Lateness.LIVE)
    pause(runtime, EVERYTHING, reason="a storm", by=lin)
    clock.advance(timedelta(hours=1))
    resume(runtime, EVERYTHING, reason="over", by=lin)
    resume(runtime, EVERYTHING, reason="over", by=mei)
    work(runtime)
    assert (state_of(runtime, late), state_of(runtime, lost)) == ("held", "missed")
    assert sandbox.control.posts() == []


@pytest.mark.parametrize(
    ("scope", "name", "words"),
    [
        (Scope.PLATFORM, "myspace", "no platform myspace"),
        (Scope.CHANNEL, "nowhere", "no channel nowhere"),
        (Scope.CAMPAIGN, "Autumn", "no campaign Autumn"),
    ],
)
def test_what_does_not_exist_is_not_paused(
    scope: Scope, name: str, words: str, runtime: Runtime, lin: Person
) -> None:
    with pytest.raises(Refused, match=words):
        pause(runtime, Target(scope=scope, name=name), reason="why", by=lin)


def test_rights_and_reasons_are_asked_for(runtime: Runtime, lin: Person) -> None:
    author, analyst = add_person(runtime, "Bo", "author"), add_person(runtime, "An", "analyst")
    with pytest.raises(Refused, match="may not pause"):
        pause(runtime, EVERYTHING, reason="why", by=analyst)
    with pytest.raises(Refused, match="--reason"):
        pause(runtime, EVERYTHING, reason=" ", by=author)
    pause(runtime, EVERYTHING, reason="why", by=author)
    with pytest.raises(Refused, match="Bo is author"):
        resume(runtime, EVERYTHING, reason="over", by=author)
    resume(runtime, EVERYTHING, reason="over", by=lin)
    with pytest.raises(Refused, match="nothing is paused there"):
        resume(runtime, Target(scope=Scope.PLATFORM, name="bluesky"), reason="over", by=lin)
