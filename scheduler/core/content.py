"""The identity of content: what an approval is bound to, and what makes a repeat recognisable."""

import hashlib
import json
from dataclasses import fields
from datetime import datetime

from connectors.contract import Key, Outgoing


def content_hash(outgoing: Outgoing, *, channel: str) -> str:
    """Hex SHA-256 over every byte the channel will receive: text, link, labels, images, alt texts."""
    media = [(file.sha256, file.mime_type, file.alt) for file in outgoing.media]
    labels = {one.name: getattr(outgoing.labels, one.name) for one in fields(outgoing.labels)}
    return _digest([channel, outgoing.text, outgoing.language, outgoing.link, labels, media])


def delivery_key(*, organisation: str, delivery: str, generation: int, due_at: datetime) -> Key:
    """The idempotency key of one generation of one delivery; never depends on the attempt (rule 6)."""
    return Key(value=_digest(["delivery", organisation, delivery, generation]), at=due_at)


def _digest(parts: list[object]) -> str:
    canonical = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
