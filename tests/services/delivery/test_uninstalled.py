"""A connector of others that is no longer installed stops its own channels only."""

from dataclasses import replace
from pathlib import Path

import pytest

from connectors.sandbox import SandboxServer
from scheduler.core.problems import Refused
from scheduler.core.recalls import Receipt
from scheduler.services.channels.connecting import secret_fields
from scheduler.services.desk.recalling import recall
from scheduler.services.desk.resolving import resolve_published
from scheduler.services.members import find_member
from scheduler.services.runtime import Runtime
from scheduler.services.writing.composing import import_posts
from scheduler.services.writing.reviewing import approve, submit
from scheduler.store.tables import Delivery, Post
from scheduler.testing import add_delivery
from tests.services.tables import (
    ONE_DATABASE,
    POST,
    admin,
    blocking,
    enrol_connected,
    picture,
    reviewer,
    write_table,
)
from tests.services.working import connect_face, live, state_of, work

pytestmark = ONE_DATABASE


def without_mastodon(runtime: Runtime) -> Runtime:
    kept = {name: one for name, one in runtime.connectors.items() if name != "mastodon"}
    return replace(runtime, connectors=kept)


def posts_of(runtime: Runtime, *delivery_ids: int) -> list[str]:
    with runtime.begin() as session:
        found = [session.get_one(Delivery, id_).post_id for id_ in delivery_ids]
        return [session.get_one(Post, id_).ref for id_ in found]


def test_what_is_for_other_channels_goes_out(runtime: Runtime, sandbox: SandboxServer) -> None:
    channels = [connect_face(runtime, sandbox, face) for face in ("mastodon", "telegram")]
    lame, well = (add_delivery(runtime, channel, "a text") for channel in channels)
    work(without_mastodon(runtime))
    assert (state_of(runtime, lame), state_of(runtime, well)) == ("held", "published")


def test_what_is_live_elsewhere_is_taken_down_and_the_rest_is_a_task(
    runtime: Runtime, sandbox: SandboxServer
) -> None:
    channels = [connect_face(runtime, sandbox, face) for face in ("mastodon", "telegram")]
    sent = [add_delivery(runtime, channel, "wrong figure") for channel in channels]
    work(runtime)
    lines = recall(
        without_mastodon(runtime), posts_of(runtime, *sent), reason="wrong", by=find_member(runtime, "Lin")
    )
    receipts = {line.delivery: line.receipt for line in lines}
    assert receipts == {sent[0]: Receipt.PERSON, sent[1]: Receipt.DELETED}
    assert live(sandbox, "wrong figure") == 1


def test_a_doubt_can_be_ended(runtime: Runtime, sandbox: SandboxServer) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "mastodon"), "a text")
    sandbox.control.add_fault("mastodon", "drop_after", match="statuses", method="POST")
    work(runtime)
    resolve_published(
        without_mastodon(runtime),
        delivery,
        "https://town.example/@centre/7",
        reason="seen",
        by=find_member(runtime, "Lin"),
    )
    assert state_of(runtime, delivery) == "published"


def test_nothing_is_imported_approved_or_connected_for_its_channels(
    runtime: Runtime, sandbox: SandboxServer, tmp_path: Path
) -> None:
    enrol_connected(runtime, tmp_path, sandbox)
    (tmp_path / "small.png").write_bytes(picture(kind="PNG"))
    lame, table = (
        without_mastodon(runtime),
        write_table(tmp_path / "posts.csv", [POST | {"media": "small.png"}]),
    )
    words = "no connector for mastodon is installed: install it, or leave out mexico"
    with pytest.raises(Refused) as refused:
        import_posts(lame, table, author=admin(runtime))
    assert blocking(refused.value) == [(2, None, words)]
    import_posts(runtime, table, author=admin(runtime))
    submit(runtime, ["museum"], by=admin(runtime))
    with pytest.raises(Refused) as refused:
        approve(lame, ["museum"], by=reviewer(runtime))
    assert blocking(refused.value) == [(None, "museum", words)]
    with pytest.raises(Refused, match="no connector"):
        secret_fields(lame, "mexico")
