"""When the rules of a zone change, what is not sent keeps its wall time and moves; the rest stays."""

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from connectors.sandbox import SandboxServer
from scheduler.core.states import State
from scheduler.services.delivery.rezoning import GONE, derive_again, rules_version
from scheduler.services.desk.attention import attention
from scheduler.services.metrics.rollups import rebuild
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.evidence.ledger import Signed, lines_of
from scheduler.store.metrics.moved_days import moved_days
from scheduler.store.tables import Channel, Delivery
from scheduler.testing import FakeClock, add_delivery
from tests.conftest import START
from tests.reports.books import Books
from tests.services.working import connect_face, live, state_of, work

ZONE = "Asia/Shanghai"


class Rules:
    """Time zone rules of our own, of which there are versions."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def install(self, version: str, like: str) -> None:
        """From now on ZONE goes by the rules of another zone."""
        (self._folder / "Asia").mkdir(exist_ok=True)
        (self._folder / ZONE).write_bytes(ZONES[like])
        (self._folder / "tzdata.zi").write_text(f"# version {version}\n")


def rules_of(name: str) -> bytes:
    found = (Path(folder) / name for folder in zoneinfo.TZPATH)
    return next(path for path in found if path.is_file()).read_bytes()


ZONES = {name: rules_of(name) for name in (ZONE, "Asia/Tokyo", "Europe/Berlin", "America/New_York")}


@pytest.fixture
def rules(tmp_path: Path) -> Iterator[Rules]:
    """Where Python looks for zones."""
    before = zoneinfo.TZPATH
    (tmp_path / "zones").mkdir()
    zoneinfo.reset_tzpath([tmp_path / "zones"])
    rules = Rules(tmp_path / "zones")
    rules.install("2026f", like=ZONE)
    yield rules
    zoneinfo.reset_tzpath(before)
    zoneinfo.ZoneInfo.clear_cache()


def plan(runtime: Runtime, channel: int, wall_at: datetime, text: str) -> int:
    """Due at this wall time in Shanghai, by the rules of Shanghai."""
    due_at = wall_at.replace(tzinfo=UTC) - timedelta(hours=8)
    delivery = add_delivery(runtime, channel, text, due_at=due_at)
    with runtime.begin() as session:
        row = session.get_one(Delivery, delivery)
        row.wall_at, row.zone = wall_at, ZONE
    return delivery


def test_new_rules_move_what_is_planned_and_keep_its_approval_and_key(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock, rules: Rules
) -> None:
    channel = connect_face(runtime, sandbox, "mastodon")
    wall_at = datetime(2026, 11, 17, 9, 0)  # noqa: DTZ001 - a wall time
    planned = plan(runtime, channel, wall_at, "planned")
    assert derive_again(runtime) == ()
    with runtime.begin() as session:
        before = session.get_one(Delivery, planned)
    rules.install("2026g", like="Asia/Tokyo")
    (moved,) = derive_again(runtime)
    assert (moved.delivery, moved.wall_at, moved.zone) == (planned, wall_at, ZONE)
    assert moved.after_at == moved.before_at - timedelta(hours=1)
    with runtime.begin() as session:
        after = session.get_one(Delivery, planned)
        assert (after.due_at, after.next_at) == (moved.after_at, moved.after_at)
        assert (after.key, after.approved_hash, after.wall_at) == (before.key, before.approved_hash, wall_at)
        assert lines_of(session, planned)[-1].kind == "zones"
    assert derive_again(runtime) == ()
    clock.set(moved.after_at)
    work(runtime)
    assert live(sandbox, "planned") == 1


def test_what_was_sent_stays_where_it_was(runtime: Runtime, sandbox: SandboxServer, rules: Rules) -> None:
    channel = connect_face(runtime, sandbox, "mastodon")
    sent = plan(runtime, channel, START.replace(tzinfo=None) + timedelta(hours=8), "sent")
    work(runtime)
    rules.install("2026g", like="Asia/Tokyo")
    assert derive_again(runtime) == ()
    assert state_of(runtime, sent) == "published"


def test_a_wall_time_that_new_rules_skip_waits_for_a_person(
    runtime: Runtime, sandbox: SandboxServer, rules: Rules
) -> None:
    channel = connect_face(runtime, sandbox, "mastodon")
    skipped = plan(runtime, channel, datetime(2027, 3, 28, 2, 30), "skipped")  # noqa: DTZ001 - a wall time
    rules.install("2026g", like="Europe/Berlin")
    (moved,) = derive_again(runtime)
    assert moved.after_at is None
    assert state_of(runtime, skipped) == "held"
    (cause,) = attention(runtime)
    assert (cause.reason, cause.deliveries) == (GONE, (skipped,))


def test_a_skipped_wall_time_is_told_once_and_a_person_decides_once(
    runtime: Runtime, sandbox: SandboxServer, rules: Rules
) -> None:
    """Until 2026-11-23 each morning held it again, also after its release, and over another hold's reason."""
    channel = connect_face(runtime, sandbox, "mastodon")
    wall_at = datetime(2027, 3, 28, 2, 30)  # noqa: DTZ001 - a wall time
    skipped, held = (plan(runtime, channel, wall_at, text) for text in ("skipped", "held"))
    signed = Signed(worker="Lin", now=runtime.clock.now())
    with runtime.begin() as session:
        deliveries.hold_again(session, [held], signed=signed)
    rules.install("2026g", like="Europe/Berlin")
    assert [moved.delivery for moved in derive_again(runtime)] == [skipped]
    assert {cause.reason for cause in attention(runtime)} == {GONE, deliveries.WENT}
    assert derive_again(runtime) == ()
    with runtime.begin() as session:
        assert deliveries.release(session, [skipped, held], signed=signed)
    assert [moved.delivery for moved in derive_again(runtime)] == [held]
    assert [state_of(runtime, one) for one in (skipped, held)] == [State.SCHEDULED, State.HELD]


def test_what_waits_in_line_and_is_due_later_by_new_rules_waits_for_that(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock, rules: Rules
) -> None:
    """Until 2026-11-23 it kept its turn, and was ready, and in the way of its channel, for hours."""
    channel = connect_face(runtime, sandbox, "mastodon")
    with runtime.begin() as session:
        session.execute(update(Channel).values(spacing_s=600))
    add_delivery(runtime, channel, "first", due_at=clock.now() - timedelta(minutes=1))
    second = plan(runtime, channel, START.replace(tzinfo=None) + timedelta(hours=8), "second")
    work(runtime)
    rules.install("2026g", like="Europe/Berlin")
    (moved,) = derive_again(runtime)
    assert moved.after_at == clock.now() + timedelta(hours=7)
    for _ in range(2):
        clock.advance(timedelta(minutes=10))
        another = add_delivery(runtime, channel, "another")
        work(runtime)
        assert [state_of(runtime, one) for one in (second, another)] == [State.SCHEDULED, State.PUBLISHED]
    with runtime.begin() as session:
        assert session.get_one(Delivery, second).next_at == moved.after_at


@pytest.mark.parametrize(
    ("meanwhile", "left"),
    [
        ({"state": State.CANCELLED}, "cancelled"),
        ({"state": State.SENDING}, "sending"),
        ({"tainted": True}, "scheduled"),
        ({"due_at": START + timedelta(days=3)}, "scheduled"),
    ],
)
def test_what_moved_meanwhile_is_left_alone(
    runtime: Runtime, sandbox: SandboxServer, rules: Rules, meanwhile: dict[str, object], left: str
) -> None:
    channel = connect_face(runtime, sandbox, "mastodon")
    planned = plan(runtime, channel, datetime(2026, 11, 17, 9, 0), "planned")  # noqa: DTZ001 - a wall time
    rules.install("2026g", like="Asia/Tokyo")

    @contextmanager
    def begin() -> Iterator[Session]:
        with runtime.begin() as session:
            yield session
        with runtime.begin() as session:
            session.execute(update(Delivery).where(Delivery.id == planned).values(**meanwhile))

    with runtime.begin() as session:
        before = session.get_one(Delivery, planned).next_at
    assert derive_again(replace(runtime, begin=begin)) == ()
    assert state_of(runtime, planned) == left
    with runtime.begin() as session:
        assert session.get_one(Delivery, planned).next_at == before


def test_a_machine_with_older_rules_moves_nothing_back(
    runtime: Runtime, sandbox: SandboxServer, rules: Rules
) -> None:
    plan(runtime, connect_face(runtime, sandbox, "mastodon"), datetime(2026, 11, 17, 9, 0), "x")  # noqa: DTZ001 - a wall time
    rules.install("2026g", like="Asia/Tokyo")
    assert len(derive_again(runtime)) == 1
    rules.install("2026f", like=ZONE)
    assert derive_again(runtime) == ()


def test_the_rules_of_this_machine_have_a_version() -> None:
    assert rules_version().startswith("20")


def test_past_days_that_begin_elsewhere_by_new_rules_are_told_and_mended_by_a_rebuild(
    runtime: Runtime, rules: Rules
) -> None:
    books = Books(runtime, START - timedelta(days=9))
    channel = books.channel("bluesky", "ar", "EG")
    post = books.publish(books.post("one", {"ar": "x"}), channel, at=START - timedelta(days=8))
    for days in (7, 6):
        books.read(post, {"likeCount": 10 - days}, at=START - timedelta(days=days))
    books.follow(channel, at=START - timedelta(days=5), followers=900)
    with runtime.begin() as session:
        assert moved_days(session) == {}
    rules.install("2027a", like="Asia/Tokyo")
    zoneinfo.ZoneInfo.clear_cache()
    with runtime.begin() as session:
        # Every day began at 16:00 UTC; by the new rules it is 15:00.
        assert moved_days(session).keys() == {ZONE}
    rebuild(runtime, progress=lambda _done, _of: None)
    with runtime.begin() as session:
        assert moved_days(session) == {}
