"""What an approval is bound to, and what stays the same for every attempt."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.contract import Labels, MediaFile, Outgoing
from scheduler.core.content import content_hash, delivery_key

DUE = datetime(2026, 11, 22, 9, tzinfo=UTC)
IMAGE = MediaFile(name="a.png", mime_type="image/png", content=b"1", alt="a lake", width=1, height=1)
POST = Outgoing(text="湖", language="zh-CN", link="https://example.test", media=(IMAGE,))


@pytest.mark.parametrize(
    "changed",
    [
        replace(POST, text="湖 "),
        replace(POST, language="zh-TW"),
        replace(POST, link=None),
        replace(POST, labels=Labels(ai_generated=True)),
        replace(POST, labels=Labels(affiliation="x")),
        replace(POST, media=()),
        replace(POST, media=(replace(IMAGE, content=b"2"),)),
        replace(POST, media=(replace(IMAGE, alt="a pond"),)),
        replace(POST, media=(IMAGE, IMAGE)),
    ],
)
def test_whatever_the_channel_would_see_changes_the_hash(changed: Outgoing) -> None:
    assert content_hash(changed, channel="bluesky:a") != content_hash(POST, channel="bluesky:a")


def test_the_hash_names_the_account_and_not_the_file_name() -> None:
    assert content_hash(POST, channel="bluesky:a") != content_hash(POST, channel="bluesky:b")
    renamed = replace(POST, media=(replace(IMAGE, name="b.png"),))
    assert content_hash(renamed, channel="bluesky:a") == content_hash(POST, channel="bluesky:a")


def test_a_key_differs_by_delivery_and_generation_only() -> None:
    def key(organisation: str = "o", delivery: str = "d", generation: int = 1) -> str:
        made = delivery_key(organisation=organisation, delivery=delivery, generation=generation, due_at=DUE)
        return made.value

    assert key() == key()
    assert len({key(), key(organisation="p"), key(delivery="e"), key(generation=2)}) == 4
