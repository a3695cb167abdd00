"""Approval: by another person, of exactly what each channel will receive, and gone with any edit."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from connectors.sandbox import SandboxServer
from scheduler.core.content import content_hash
from scheduler.core.problems import Refused
from scheduler.core.roles import Person
from scheduler.core.status import Status
from scheduler.services.delivery.outgoing import LostMedia, outgoings_of, receiver
from scheduler.services.desk.posts import list_posts, show_post
from scheduler.services.desk.queue import Filter, list_deliveries
from scheduler.services.members import add_member, allow_self_approval
from scheduler.services.runtime import Runtime
from scheduler.services.writing.composing import ImportedPosts, import_posts
from scheduler.services.writing.reviewing import approve, submit
from scheduler.store.tables import Channel, Delivery
from scheduler.testing import FakeClock
from tests.services.tables import (
    ONE_DATABASE,
    POST,
    admin,
    channel_rows,
    enrol,
    enrol_connected,
    picture,
    reviewer,
    told,
    write_table,
)
from tests.services.working import wait_until_somebody_waits, work

ON_POSTGRES = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
T = TypeVar("T")


@pytest.fixture
def desk(runtime: Runtime, sandbox: SandboxServer, tmp_path: Path) -> Runtime:
    """Four connected channels, a reviewer Mei, and one post by Lin."""
    enrol_connected(runtime, tmp_path, sandbox)
    load(runtime, tmp_path, POST)
    return runtime


@pytest.fixture
def mei(desk: Runtime) -> Person:
    """A reviewer who wrote nothing."""
    return reviewer(desk)


def load(
    runtime: Runtime, folder: Path, *rows: dict[str, str], approver: Person | None = None
) -> ImportedPosts:
    table = write_table(folder / "posts.csv", rows)
    return import_posts(runtime, table, author=admin(runtime), approver=approver)


def approved(runtime: Runtime) -> list[bool]:
    return [line.approved for line in list_deliveries(runtime, Filter())]


def status(runtime: Runtime) -> Status:
    return list_posts(runtime)[0].status


def reasons(refused: Refused) -> Sequence[str]:
    return [words for _, _, words in map(told, refused.problems)]


def test_from_draft_to_approved(desk: Runtime, mei: Person) -> None:
    assert status(desk) is Status.DRAFT
    assert submit(desk, ["museum"], by=admin(desk)) == ["museum"]
    assert status(desk) is Status.SUBMITTED
    assert approve(desk, ["museum"], by=mei) == ["museum"]
    assert status(desk) is Status.APPROVED
    (approval,) = show_post(desk, "museum").approvals
    assert (approval.member, approval.revision, approval.voided_at) == ("Mei", 1, None)


def test_an_approval_is_bound_to_what_each_channel_will_receive(desk: Runtime, mei: Person) -> None:
    submit(desk, ["museum"], by=admin(desk))
    approve(desk, ["museum"], by=mei)
    with desk.begin() as session:
        rows = session.execute(
            select(Delivery, Channel).join(Channel, Channel.id == Delivery.channel_id)
        ).all()
        outgoings = outgoings_of(session, desk, [delivery.id for delivery, _ in rows])
    for delivery, channel in rows:
        outgoing = outgoings[delivery.id]
        assert not isinstance(outgoing, LostMedia)
        assert delivery.approved_hash == content_hash(outgoing, channel=receiver(channel))


def test_what_is_approved_goes_out_and_nothing_else(
    desk: Runtime, mei: Person, clock: FakeClock, sandbox: SandboxServer, tmp_path: Path
) -> None:
    load(desk, tmp_path, POST, POST | {"post": "unapproved", "text.en": "Nobody approved this"})
    submit(desk, ["museum"], by=admin(desk))
    approve(desk, ["museum"], by=mei)
    for channel in ("taipei", "cairo", "london", "mexico"):
        (due_at,) = [line.due_at for line in list_deliveries(desk, Filter(post="museum", channel=channel))]
        clock.set(due_at)
        work(desk)
    texts = [post.text for post in sandbox.control.posts()]
    assert len(texts) == 4
    assert "Nobody approved this" not in texts


@ONE_DATABASE
def test_nobody_approves_words_of_his_own(desk: Runtime) -> None:
    submit(desk, ["museum"], by=admin(desk))
    with pytest.raises(Refused, match="Lin wrote it last: somebody else must approve it"):
        approve(desk, ["museum"], by=admin(desk))
    assert approved(desk) == [False] * 4


@ONE_DATABASE
def test_whoever_changed_a_post_last_may_not_approve_it(desk: Runtime, mei: Person, tmp_path: Path) -> None:
    table = write_table(tmp_path / "posts.csv", [POST | {"text.en": "Mei's words"}])
    import_posts(desk, table, author=mei)
    submit(desk, ["museum"], by=mei)
    with pytest.raises(Refused, match="Mei wrote it last"):
        approve(desk, ["museum"], by=mei)
    assert approve(desk, ["museum"], by=admin(desk)) == ["museum"]


@ONE_DATABASE
def test_the_centre_may_allow_self_approval(desk: Runtime) -> None:
    allow_self_approval(desk, allowed=True, by=admin(desk))
    submit(desk, ["museum"], by=admin(desk))
    assert approve(desk, ["museum"], by=admin(desk)) == ["museum"]


@ONE_DATABASE
def test_an_editor_may_not_approve(desk: Runtime) -> None:
    editor = add_member(desk, "Bo", "editor", by=admin(desk))
    submit(desk, ["museum"], by=admin(desk))
    with pytest.raises(Refused, match="may not approve posts: that takes reviewer, publisher, admin"):
        approve(desk, ["museum"], by=editor)


@ONE_DATABASE
def test_a_post_is_submitted_before_it_is_approved(desk: Runtime, mei: Person) -> None:
    with pytest.raises(Refused, match="postroad posts submit museum"):
        approve(desk, ["museum"], by=mei)


@ONE_DATABASE
def test_an_unknown_post_is_named(desk: Runtime, mei: Person) -> None:
    with pytest.raises(Refused) as refused:
        approve(desk, ["museum", "nothing", "nought"], by=mei)
    assert [words.partition(":")[0] for words in reasons(refused.value)] == [
        "there is no post nothing",
        "there is no post nought",
    ]


def test_approving_twice_changes_nothing(desk: Runtime, mei: Person) -> None:
    submit(desk, ["museum"], by=admin(desk))
    approve(desk, ["museum"], by=mei)
    assert approve(desk, ["museum"], by=mei) == []
    assert len(show_post(desk, "museum").approvals) == 1


@ONE_DATABASE
@pytest.mark.parametrize(
    "edit",
    [
        {"text.en": "Other words"},
        {"at": "2026-12-01 10:30"},
        {"link": "https://example.org/"},
        {"labels": "ai"},
        {"lateness": "news"},
        {"media": "wall.png"},
    ],
    ids=lambda edit: next(iter(edit)),
)
def test_any_edit_voids_the_approval(
    desk: Runtime, mei: Person, tmp_path: Path, edit: dict[str, str]
) -> None:
    (tmp_path / "wall.png").write_bytes(picture(kind="PNG"))
    submit(desk, ["museum"], by=admin(desk))
    approve(desk, ["museum"], by=mei)
    load(desk, tmp_path, POST | edit)
    assert approved(desk) == [False] * 4
    assert status(desk) is Status.DRAFT
    assert show_post(desk, "museum").approvals[0].voided_at is not None


@ONE_DATABASE
def test_a_channel_that_is_not_connected_cannot_be_approved(runtime: Runtime, tmp_path: Path) -> None:
    enrol(runtime, tmp_path, channel_rows()[:2])
    row = {key: cell for key, cell in POST.items() if key not in ("text.es", "text.zh-Hant")}
    load(runtime, tmp_path, row)
    submit(runtime, ["museum"], by=admin(runtime))
    with pytest.raises(Refused) as refused:
        approve(runtime, ["museum"], by=reviewer(runtime))
    assert [words.partition(":")[0] for words in reasons(refused.value)] == [
        "channel cairo is not connected",
        "channel london is not connected",
    ]


def test_what_became_wrong_since_the_import_is_refused(desk: Runtime, mei: Person, clock: FakeClock) -> None:
    submit(desk, ["museum"], by=admin(desk))
    with desk.begin() as session:
        mexico = session.scalars(select(Channel).where(Channel.name == "mexico")).one()
        mexico.limits = {**mexico.limits, "max_characters": 5}
    clock.advance(timedelta(days=30))
    with pytest.raises(Refused) as refused:
        approve(desk, ["museum"], by=mei)
    words = " ".join(reasons(refused.value))
    assert "too long for mexico" in words
    assert "the time passed more than 24 h ago" in words
    assert approved(desk) == [False] * 4


@ONE_DATABASE
def test_a_lost_image_cannot_be_approved(desk: Runtime, mei: Person, tmp_path: Path) -> None:
    (tmp_path / "wall.png").write_bytes(picture(kind="PNG"))
    load(desk, tmp_path, POST | {"media": "wall.png"})
    submit(desk, ["museum"], by=admin(desk))
    for path in (tmp_path / "data" / "media").rglob("*"):
        if path.is_file():
            path.unlink()
    with pytest.raises(Refused, match="gone from the media folder"):
        approve(desk, ["museum"], by=mei)


def test_import_and_approval_in_one_go(desk: Runtime, mei: Person, tmp_path: Path) -> None:
    done = load(desk, tmp_path, POST, POST | {"post": "second"}, approver=mei)
    assert (done.added, done.unchanged, set(done.approved)) == (
        ("second",),
        ("museum",),
        {"museum", "second"},
    )
    assert approved(desk) == [True] * 8
    again = load(desk, tmp_path, POST, POST | {"post": "second"}, approver=mei)
    assert (again.added, again.approved) == ((), ())


def test_nothing_is_stored_when_the_approval_is_refused(desk: Runtime, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Lin wrote it last"):
        load(desk, tmp_path, POST | {"text.en": "New words"}, POST | {"post": "second"}, approver=admin(desk))
    assert [line.post for line in list_posts(desk)] == ["museum"]
    assert "New words" not in {text.text for text in show_post(desk, "museum").texts}


@contextmanager
def overlapping(runtime: Runtime, other: Callable[[], T]) -> Iterator[tuple[Runtime, list[Future[T]]]]:
    """The same, but `other` begins before a transaction of it ends, and what that comes to."""
    begun: list[Future[T]] = []

    @contextmanager
    def begin() -> Iterator[Session]:
        with runtime.begin() as session:
            yield session
            if session.in_transaction() and wrote(session):
                begun.append(pool.submit(other))
                wait_until_somebody_waits(runtime, unless=begun)

    with ThreadPoolExecutor(1) as pool:
        yield replace(runtime, begin=begin), begun


def wrote(session: Session) -> bool:
    """Whether its transaction has changed anything."""
    session.flush()
    return session.scalar(text("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")) is True


@ON_POSTGRES
def test_of_two_who_approve_at_once_one_does_and_the_other_is_told(desk: Runtime, mei: Person) -> None:
    submit(desk, ["museum"], by=admin(desk))
    kai = add_member(desk, "Kai", "reviewer", by=admin(desk))
    with overlapping(desk, lambda: approve(desk, ["museum"], by=kai)) as (slow, others):
        assert approve(slow, ["museum"], by=mei) == ["museum"]
        assert others[0].result(timeout=30) == []
    assert [approval.member for approval in show_post(desk, "museum").approvals] == ["Mei"]


@ON_POSTGRES
def test_nobody_approves_words_that_are_being_changed(desk: Runtime, mei: Person, tmp_path: Path) -> None:
    submit(desk, ["museum"], by=admin(desk))
    with overlapping(desk, lambda: approve(desk, ["museum"], by=mei)) as (slow, others):
        load(slow, tmp_path, POST | {"text.en": "Other words"})
        with pytest.raises(Refused, match="it is not submitted"):
            others[0].result(timeout=30)
    assert approved(desk) == [False] * 4
    assert show_post(desk, "museum").approvals == ()


@ON_POSTGRES
@pytest.mark.parametrize("name", ["museum", "second"])
def test_of_two_imports_of_one_post_at_once_the_second_is_told(
    desk: Runtime, mei: Person, tmp_path: Path, name: str
) -> None:
    """Else a post had the words of one and the hour of the other, and both seemed stored."""
    words = write_table(tmp_path / "words.csv", [POST | {"post": name, "text.en": "Other words"}])
    hour = write_table(tmp_path / "hour.csv", [POST | {"post": name, "at": "2026-12-01 10:30"}])
    with overlapping(desk, lambda: import_posts(desk, hour, author=mei)) as (slow, others):
        assert import_posts(slow, words, author=admin(desk)).stored
        with pytest.raises(Refused, match=f"post {name} was stored by somebody else"):
            others[0].result(timeout=30)
    found = show_post(desk, name)
    assert "Other words" in {said.text for said in found.texts}
    assert found.line.wall_at.hour == 9
