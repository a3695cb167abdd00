"""A table imported again after it was changed: what has not gone out follows, what has gone out does not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from scheduler.core.problems import Refused
from scheduler.core.states import State
from scheduler.services.desk.posts import show_post
from scheduler.services.desk.queue import DeliveryLine, Filter, list_deliveries
from scheduler.services.desk.recalling import recall
from scheduler.services.runtime import Runtime
from scheduler.services.writing.composing import ImportedPosts, import_posts
from scheduler.store import deliveries
from scheduler.store.evidence.ledger import Signed
from scheduler.store.tables import Delivery, Post
from scheduler.testing import FakeClock
from tests.services.tables import POST, TEXTS, admin, blocking, enrol, write_table
from tests.services.working import wait_until_somebody_waits


@pytest.fixture
def matrix(runtime: Runtime, tmp_path: Path) -> Runtime:
    """The runtime with four channels and one post for all of them."""
    enrol(runtime, tmp_path)
    load(runtime, tmp_path)
    return runtime


def load(runtime: Runtime, folder: Path, **cells: str) -> ImportedPosts:
    table = write_table(folder / "posts.csv", [POST | cells])
    return import_posts(runtime, table, author=admin(runtime))


def lines(runtime: Runtime) -> dict[str, DeliveryLine]:
    return {line.channel: line for line in list_deliveries(runtime, Filter())}


def keys(runtime: Runtime) -> set[str]:
    with runtime.begin() as session:
        return set(session.scalars(select(Delivery.key)))


def send(runtime: Runtime, delivery_id: int) -> None:
    """A worker begins to send the delivery, as if it were due and approved."""
    signed, hash_ = Signed(worker="w", now=runtime.clock.now()), "0" * 64
    with runtime.begin() as session:
        row = session.get_one(Delivery, delivery_id)
        row.approved_hash, row.due_at, row.next_at = hash_, signed.now, signed.now
        session.flush()
        deliveries.make_ready(session, now=signed.now)
        lease = timedelta(minutes=5)
        assert deliveries.claim(session, [delivery_id], token="t", now=signed.now, lease=lease)
        assert deliveries.mark_sending(session, {delivery_id: hash_}, token="t", lease=lease, signed=signed)


def test_a_new_text_changes_the_post_and_its_keys(matrix: Runtime, tmp_path: Path) -> None:
    before = keys(matrix)
    done = load(matrix, tmp_path, **{"text.en": "A newer museum"})
    assert (done.added, done.changed) == ((), ("museum",))
    post = show_post(matrix, "museum")
    assert {text.language: text.text for text in post.texts} == {
        "ar": TEXTS["text.ar"],
        "en": "A newer museum",
        "es": TEXTS["text.es"],
        "zh-Hant": TEXTS["text.zh-Hant"],
    }
    assert post.line.revision == 2
    assert len(keys(matrix)) == 4
    assert not keys(matrix) & before


def test_a_new_time_moves_every_delivery(matrix: Runtime, tmp_path: Path) -> None:
    load(matrix, tmp_path, at="2026-12-02 10:00", zone="Asia/Shanghai", lateness="live")
    assert {line.due_at for line in lines(matrix).values()} == {datetime(2026, 12, 2, 2, tzinfo=UTC)}
    with matrix.begin() as session:
        moved = session.scalars(select(Delivery)).all()
    assert {(one.zone, one.lateness, one.next_at) for one in moved} == {
        ("Asia/Shanghai", "live", datetime(2026, 12, 2, 2, tzinfo=UTC))
    }


def test_a_channel_that_is_no_longer_meant_is_cancelled_and_a_new_one_added(
    runtime: Runtime, tmp_path: Path
) -> None:
    enrol(runtime, tmp_path)
    load(runtime, tmp_path, channels="cairo,london")
    done = load(runtime, tmp_path, channels="london,taipei")
    assert done.changed == ("museum",)
    assert {name: line.state for name, line in lines(runtime).items()} == {
        "cairo": State.CANCELLED,
        "london": State.SCHEDULED,
        "taipei": State.SCHEDULED,
    }
    assert lines(runtime)["cairo"].reason == "the post is no longer meant for this channel"


def test_a_text_that_is_gone_leaves_the_post(matrix: Runtime, tmp_path: Path) -> None:
    load(matrix, tmp_path, **{"text.en": "", "text.en@bluesky": "Only there"})
    texts = {(text.language, text.platform) for text in show_post(matrix, "museum").texts}
    assert texts == {("ar", ""), ("en", "bluesky"), ("es", ""), ("zh-Hant", "")}


def test_what_a_worker_sends_can_no_longer_be_changed(matrix: Runtime, tmp_path: Path) -> None:
    send(matrix, lines(matrix)["london"].id)
    with pytest.raises(Refused) as refused:
        load(matrix, tmp_path, **{"text.en": "Too late"})
    ((row, column, words),) = blocking(refused.value)
    assert (row, column) == (2, "post")
    assert "too late for london" in words
    assert "Too late" not in {text.text for text in show_post(matrix, "museum").texts}
    assert show_post(matrix, "museum").line.revision == 1


def test_an_old_table_can_be_imported_again_when_all_is_over(
    matrix: Runtime, clock: FakeClock, tmp_path: Path
) -> None:
    clock.advance(timedelta(days=60))
    assert load(matrix, tmp_path).unchanged == ("museum",)
    with pytest.raises(Refused, match="the time passed more than 24 h ago"):
        load(matrix, tmp_path, **{"text.en": "Changed far too late"})


def test_a_channel_that_was_cancelled_is_not_taken_up_again_silently(
    runtime: Runtime, tmp_path: Path
) -> None:
    enrol(runtime, tmp_path)
    load(runtime, tmp_path, channels="cairo,london")
    load(runtime, tmp_path, channels="london")
    with pytest.raises(Refused, match="too late for cairo"):
        load(runtime, tmp_path, channels="cairo,london")
    load(runtime, tmp_path, channels="london,taipei")


def test_a_recalled_post_goes_to_no_other_channel(runtime: Runtime, tmp_path: Path) -> None:
    enrol(runtime, tmp_path)
    load(runtime, tmp_path, channels="cairo,london")
    recall(runtime, ["museum"], reason="a wrong figure", by=admin(runtime))
    for channels in ("taipei", "cairo,london,taipei"):
        with pytest.raises(Refused) as refused:
            load(runtime, tmp_path, channels=channels)
        ((row, column, words),) = blocking(refused.value)
        assert (row, column) == (2, "post")
        assert "museum was recalled" in words
    assert {name: line.state for name, line in lines(runtime).items()} == {
        "cairo": State.CANCELLED,
        "london": State.CANCELLED,
    }


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_a_recall_and_an_import_at_once_the_recall_wins(matrix: Runtime, tmp_path: Path) -> None:
    signed = Signed(worker="Lin", now=matrix.clock.now())
    with ThreadPoolExecutor(1) as pool:
        with matrix.begin() as session:
            post = session.scalars(select(Post)).one()
            post.revision += 1
            session.flush()
            recalled = pool.submit(recall, matrix, ["museum"], reason="wrong", by=admin(matrix))
            wait_until_somebody_waits(matrix)
        assert len(recalled.result()) == 4
        load(matrix, tmp_path, post="tower", channels="london")
        with matrix.begin() as session:
            tower = select(Post.id).where(Post.ref == "tower")
            held = session.scalars(tower.with_for_update(key_share=True)).all()
            moved = pool.submit(load, matrix, tmp_path, post="tower", channels="taipei")
            wait_until_somebody_waits(matrix)
            deliveries.recall(session, held, reason="wrong", signed=signed)
        with pytest.raises(Refused, match="tower was recalled"):
            moved.result()
