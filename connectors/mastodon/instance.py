"""What one server allows and how it differs, read from its own description and kept as account limits."""

import re
from collections.abc import Mapping
from typing import Any

from connectors.capabilities import IGNORES_KEY
from connectors.contract import Session
from connectors.mastodon.api import accepted, read

RAW_COUNT = "counts_code_points"
URL_LENGTH = "characters_reserved_per_url"
DEFAULT_URL_LENGTH = 23
_LIMITS = {
    "statuses": ("max_characters", "max_media_attachments", URL_LENGTH),
    "media_attachments": ("image_size_limit", "image_matrix_limit", "description_limit"),
}
_MASTODON = re.compile(r"[1-9]\d*\.\d+\.\d+")
_OTHERS = re.compile(r"compatible;|gotosocial|takahe", re.IGNORECASE)


async def describe(session: Session) -> dict[str, Any]:
    """/api/v2/instance, or the older /api/v1/instance where that is all there is."""
    reply = await read(session, "/api/v2/instance")
    if reply.status == 404:
        reply = await read(session, "/api/v1/instance")
    return accepted(session, reply)


def limits_of(instance: Mapping[str, Any]) -> dict[str, int]:
    """The numbers a server states, and a 1 for each way in which it is known to differ."""
    configuration = _part(instance, "configuration")
    stated = {
        name: value
        for group, names in _LIMITS.items()
        for name in names
        if type(value := _part(configuration, group).get(name)) is int
    }
    return stated if honours_key(instance) else stated | {IGNORES_KEY: 1, RAW_COUNT: 1}


def honours_key(instance: Mapping[str, Any]) -> bool:
    """True for Mastodon and its forks, by version and source; every other server is doubted.

    GoToSocial says 0.20.2+git, or 3.5.3+0.20.2-git when told to look like Mastodon, and names its source in
    both cases; Pleroma, Pixelfed and others say "2.7.2 (compatible; Name 1.2)" (read 2026-11-22).
    """
    version = str(instance.get("version", ""))
    named = f"{version} {instance.get('source_url', '')}"
    return bool(_MASTODON.match(version)) and not _OTHERS.search(named)


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = whole.get(name)
    return part if isinstance(part, dict) else {}
