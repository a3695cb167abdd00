"""What waits for a person is named by its cause, and a person's word ends a doubt."""

import shlex
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectors.contract import Absent, Published
from connectors.sandbox import SandboxServer
from scheduler.core.lateness import Lateness
from scheduler.core.outcomes import Looking, decide_looking
from scheduler.core.problems import Refused
from scheduler.core.roles import Person
from scheduler.core.states import State
from scheduler.core.verifying import Verdict
from scheduler.i18n import say, translator
from scheduler.services.desk.attention import attention, count_causes
from scheduler.services.desk.causes import Remedy
from scheduler.services.desk.recalling import recall
from scheduler.services.desk.releasing import release
from scheduler.services.desk.resolving import resolve_absent, resolve_published, send_again
from scheduler.services.metrics.harvesting import harvest
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.evidence.ledger import Signed, lines_of
from scheduler.store.tables import Delivery, Post, Publication
from scheduler.testing import FakeClock, add_delivery
from tests.services.tables import ONE_DATABASE
from tests.services.working import (
    add_person,
    connect_face,
    live,
    state_of,
    wait_until_somebody_waits,
    work,
)


def doubtful(runtime: Runtime, sandbox: SandboxServer, channel: int, fault: str = "drop_after") -> int:
    """The id of a delivery whose answer was lost, after it went live or before."""
    delivery = add_delivery(runtime, channel, "doubtful")
    sandbox.control.add_fault("telegram", fault, match="sendMessage", method="POST")
    work(runtime)
    assert state_of(runtime, delivery) == "unconfirmed"
    return delivery


def test_a_link_is_kept_as_proof_by_a_person(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int, lin: Person
) -> None:
    delivery = doubtful(runtime, sandbox, telegram)
    resolve_published(runtime, delivery, "https://t.me/centre/1", reason="I see it", by=lin)
    assert state_of(runtime, delivery) == "published"
    with runtime.begin() as session:
        proof = session.scalars(select(Publication)).one()
        assert (proof.url, proof.confirmed_by, proof.remote_id) == ("https://t.me/centre/1", "person", "")
        last = lines_of(session, delivery)[-1]
        assert (last.kind, last.worker, last.reason) == ("resolve", "Lin", "I see it")
    assert harvest(runtime, everything=True).failed == 0
    clock.advance(timedelta(hours=1))
    work(runtime)
    assert live(sandbox, "doubtful") == 1


@pytest.mark.parametrize("face", ["bluesky", "mastodon", "telegram"])
def test_the_link_tells_the_id_for_counters_and_recall(
    face: str, runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, lin: Person
) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, face), "doubtful")
    match = {"bluesky": "putRecord", "mastodon": "statuses", "telegram": "sendMessage"}[face]
    sandbox.control.add_fault(face, "drop_after", match=match, method="POST")
    work(runtime)
    assert state_of(runtime, delivery) == "unconfirmed"
    [post] = sandbox.control.posts()
    resolve_published(runtime, delivery, post.url, reason="I see it", by=lin)
    summary = harvest(runtime, everything=True)
    assert (summary.publications, summary.failed) == (int(face != "telegram"), 0)
    with runtime.begin() as session:
        ref = session.scalars(select(Post.ref)).one()
    [line] = recall(runtime, [ref], reason="no longer true", by=lin)
    assert line.done
    assert live(sandbox, "doubtful") == 0


def test_a_look_under_way_cannot_overwrite_a_persons_word(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int, lin: Person
) -> None:
    delivery = doubtful(runtime, sandbox, telegram, "drop_before")
    clock.advance(timedelta(minutes=11))
    with runtime.begin() as session:
        [under_way] = deliveries.waiting_looks(session, [delivery])
    send_again(runtime, delivery, reason="not there", by=lin)
    sandbox.control.add_fault("telegram", "drop_before", match="sendMessage", method="POST")
    work(runtime)
    assert state_of(runtime, delivery) == "unconfirmed"
    looking = Looking(state=State.UNCONFIRMED, looks=0, now=clock.now(), resend_until=None)
    decision = decide_looking(Absent(proof=True), looking)
    signed = Signed(worker="slow", now=clock.now())
    with runtime.begin() as session:
        assert not deliveries.record_look(
            session, under_way, decision, resend_before=clock.now() + timedelta(hours=1), signed=signed
        )
    assert state_of(runtime, delivery) == "unconfirmed"


def test_sending_again_waits_for_the_quarantine_and_sends_once(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int, lin: Person
) -> None:
    delivery = doubtful(runtime, sandbox, telegram, "drop_before")
    with pytest.raises(Refused, match="may still appear"):
        send_again(runtime, delivery, reason="not there", by=lin)
    with pytest.raises(Refused, match="may still appear"):
        resolve_absent(runtime, delivery, reason="not there", by=lin)
    clock.advance(timedelta(minutes=11))
    send_again(runtime, delivery, reason="not there", by=lin)
    work(runtime)
    assert state_of(runtime, delivery) == "published"
    work(runtime)
    assert live(sandbox, "doubtful") == 1
    with runtime.begin() as session:
        told = [(line.kind, line.worker) for line in lines_of(session, delivery) if line.kind == "resolve"]
    assert told == [("resolve", "Lin")]


def test_a_permission_to_send_again_lapses_unused(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int, lin: Person
) -> None:
    delivery = doubtful(runtime, sandbox, telegram)
    clock.advance(timedelta(minutes=11))
    send_again(runtime, delivery, reason="not there", by=lin)
    clock.advance(timedelta(minutes=6))
    work(runtime)
    assert state_of(runtime, delivery) == "unconfirmed"
    assert live(sandbox, "doubtful") == 1


def test_a_second_lost_answer_starts_a_new_quarantine(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int, lin: Person
) -> None:
    delivery = doubtful(runtime, sandbox, telegram, "drop_before")
    clock.advance(timedelta(minutes=11))
    send_again(runtime, delivery, reason="not there", by=lin)
    sandbox.control.add_fault("telegram", "drop_before", match="sendMessage", method="POST")
    work(runtime)
    assert state_of(runtime, delivery) == "unconfirmed"
    with pytest.raises(Refused, match="may still appear"):
        send_again(runtime, delivery, reason="not there", by=lin)


def test_absent_ends_it_without_sending(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int, lin: Person
) -> None:
    delivery = doubtful(runtime, sandbox, telegram, "drop_before")
    clock.advance(timedelta(minutes=11))
    resolve_absent(runtime, delivery, reason="nobody misses it", by=lin)
    assert state_of(runtime, delivery) == "cancelled"
    work(runtime)
    assert live(sandbox, "doubtful") == 0
    assert attention(runtime, days=14) == []


def test_only_a_doubt_is_resolved_and_only_with_the_right(
    runtime: Runtime, sandbox: SandboxServer, telegram: int, lin: Person
) -> None:
    sure = add_delivery(runtime, telegram, "sure")
    work(runtime)
    with pytest.raises(Refused, match="is published: only an unconfirmed one") as refused:
        resolve_absent(runtime, sure, reason="why", by=lin)
    assert "已发布" in say(refused.value.problems[0], translator("zh-CN"))
    with pytest.raises(Refused, match="no delivery 4711"):
        resolve_absent(runtime, 4711, reason="why", by=lin)
    with pytest.raises(Refused, match="is no link"):
        resolve_published(runtime, sure, "t.me/centre/1", reason="why", by=lin)
    with pytest.raises(Refused, match="--reason"):
        send_again(runtime, sure, reason="", by=lin)
    with pytest.raises(Refused, match="Bo is author"):
        send_again(runtime, sure, reason="why", by=add_person(runtime, "Bo", "author"))


def test_what_waits_is_grouped_by_cause_with_one_remedy_each(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, telegram: int
) -> None:
    now = clock.now()
    late = [
        add_delivery(
            runtime, telegram, f"late {n}", due_at=now - timedelta(minutes=6 + n), lateness=Lateness.LIVE
        )
        for n in range(3)
    ]
    add_delivery(
        runtime,
        telegram,
        "unapproved",
        due_at=now - timedelta(minutes=6),
        lateness=Lateness.LIVE,
        approved=False,
    )
    add_delivery(runtime, telegram, "missed", due_at=now - timedelta(days=2), lateness=Lateness.LIVE)
    mastodon = connect_face(runtime, sandbox, "mastodon")
    add_delivery(runtime, mastodon, "no token")
    sandbox.control.set_standing("mastodon", "centre_mastodon", "revoked")
    doubt = doubtful(runtime, sandbox, telegram)
    causes = attention(runtime, days=14)
    assert causes[0].count == 3
    assert causes[0].oldest_at == now - timedelta(minutes=8)
    assert causes[0].deliveries == tuple(reversed(late))
    assert causes[0].command == f"postroad release {late[2]} {late[1]} {late[0]}"
    remedies = {(cause.state, cause.platform): cause.remedy for cause in causes if cause.count == 1}
    assert remedies[State.UNCONFIRMED, "telegram"] is Remedy.RESOLVE
    assert remedies[State.MISSED, "telegram"] is Remedy.REWRITE
    assert remedies[State.HELD, "mastodon"] is Remedy.RECONNECT
    assert remedies[State.HELD, "telegram"] is Remedy.APPROVE
    assert str(doubt) in next(cause for cause in causes if cause.state is State.UNCONFIRMED).command
    assert State.MISSED in {cause.state for cause in attention(runtime, days=1)}
    clock.advance(timedelta(days=2))
    assert State.MISSED not in {cause.state for cause in attention(runtime, days=1)}


def test_what_ended_now_waits_for_a_person_however_long_ago_it_was_due(
    runtime: Runtime, clock: FakeClock, telegram: int
) -> None:
    """After weeks without a planner, or of waiting to be released, it ended and nobody was told."""
    weeks_ago = clock.now() - timedelta(days=20)
    missed = add_delivery(runtime, telegram, "missed", due_at=weeks_ago)
    cut = add_delivery(runtime, telegram, "cut", due_at=weeks_ago)
    with runtime.begin() as session:
        session.get_one(Delivery, cut).released_at = clock.now()
    work(runtime)
    assert (state_of(runtime, missed), state_of(runtime, cut)) == ("missed", "published")
    with runtime.begin() as session:
        session.execute(update(Publication).values(verdict=Verdict.DIFFERS))
    assert {cause.deliveries for cause in attention(runtime)} == {(missed,), (cut,)}
    with runtime.begin() as session:
        assert sum(one.count for one in count_causes(session, runtime, now=clock.now())) == 2


def test_names_in_a_command_are_words_of_it_whatever_they_hold(
    runtime: Runtime, clock: FakeClock, telegram: int
) -> None:
    """A name comes from a table, and the command is there to be pasted."""
    late = clock.now() - timedelta(minutes=6)
    delivery = add_delivery(runtime, telegram, "x", due_at=late, lateness=Lateness.LIVE, approved=False)
    ref = "spring; rm -rf ."
    with runtime.begin() as session:
        session.execute(update(Post).values(ref=ref))
    work(runtime)
    [cause] = attention(runtime)
    assert shlex.split(cause.command) == [
        "postroad",
        "posts",
        "approve",
        ref,
        "&&",
        "postroad",
        "release",
        str(delivery),
    ]


@ONE_DATABASE
def test_a_release_reaches_no_other_organisation(
    runtime: Runtime, clock: FakeClock, telegram: int, lin: Person
) -> None:
    late = clock.now() - timedelta(minutes=6)
    theirs = add_delivery(runtime, telegram, "theirs", due_at=late, lateness=Lateness.LIVE)
    work(runtime)
    assert state_of(runtime, theirs) == "held"
    elsewhere = replace(runtime, organisation_id=runtime.organisation_id + 1)
    assert release(elsewhere, [theirs], by=lin) == []
    assert state_of(runtime, theirs) == "held"
    assert release(runtime, [theirs], by=lin) == [theirs]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_link_that_a_look_proves_at_this_moment_is_refused_in_words(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, lin: Person
) -> None:
    mastodon = connect_face(runtime, sandbox, "mastodon")
    first, second = (add_delivery(runtime, mastodon, text) for text in ("one", "two"))
    sandbox.control.add_fault("mastodon", "drop_after", match="statuses", method="POST", times=2)
    work(runtime)
    assert {state_of(runtime, first), state_of(runtime, second)} == {"unconfirmed"}
    url = next(post.url for post in sandbox.control.posts() if "one" in post.text)
    with ThreadPoolExecutor(1) as pool:
        with runtime.begin() as session:
            found = Published(remote_id=url.rsplit("/", 1)[-1], url=url)
            row = session.get_one(Delivery, first)
            deliveries.add_publication(session, row, found, confirmed_by="look", now=clock.now())
            resolved = pool.submit(resolve_published, runtime, second, url, reason="seen", by=lin)
            wait_until_somebody_waits(runtime)
        with pytest.raises(Refused, match="the post of another delivery"):
            resolved.result(timeout=30)
    assert state_of(runtime, second) == "unconfirmed"


def test_a_link_proves_one_delivery_though_it_tells_no_number(
    runtime: Runtime, sandbox: SandboxServer, lin: Person
) -> None:
    """As the permalink of WordPress, which a person may take from the wrong tab."""
    site = connect_face(runtime, sandbox, "wordpress")
    known = add_delivery(runtime, site, "another story")
    work(runtime)
    sandbox.control.add_fault("wordpress", "drop_after", match="wp/v2/posts/", method="POST")
    lost = add_delivery(runtime, site, "doubtful")
    work(runtime)
    assert state_of(runtime, lost) == "unconfirmed"
    with runtime.begin() as session:
        session.execute(
            update(Publication)
            .where(Publication.delivery_id == known)
            .values(url="https://site.example/2026/11/another-story/")
        )
    with pytest.raises(Refused, match="the post of another delivery"):
        resolve_published(runtime, lost, "https://site.example/2026/11/another-story", reason="seen", by=lin)
    assert state_of(runtime, lost) == "unconfirmed"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_two_people_with_one_link_at_once_the_second_is_refused(
    runtime: Runtime, sandbox: SandboxServer, telegram: int, lin: Person
) -> None:
    """A link that tells no number has no unique index to refuse the second."""
    link = "https://centre.example/posts/the-one"
    first, second = (doubtful(runtime, sandbox, telegram) for _ in range(2))
    others: list[Future[None]] = []

    @contextmanager
    def slow() -> Iterator[Session]:
        with runtime.begin() as session:
            yield session
            others.append(pool.submit(resolve_published, runtime, second, link, reason="seen", by=lin))
            wait_until_somebody_waits(runtime, unless=others)

    with ThreadPoolExecutor(1) as pool:
        resolve_published(replace(runtime, begin=slow), first, link, reason="seen", by=lin)
        with pytest.raises(Refused, match="the post of another delivery"):
            others[0].result(timeout=30)
    assert (state_of(runtime, first), state_of(runtime, second)) == ("published", "unconfirmed")
