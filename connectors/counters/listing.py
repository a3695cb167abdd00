"""The whole catalogue: every platform by its key."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module

from connectors.capabilities import Counters

PLATFORMS = (
    "bluesky",
    "facebook",
    "ghost",
    "instagram",
    "line",
    "linkedin",
    "manual",
    "mastodon",
    "pinterest",
    "reddit",
    "telegram",
    "threads",
    "tiktok",
    "vk",
    "wechat",
    "wordpress",
    "x",
    "youtube",
)


@cache
def counters() -> Mapping[str, Counters]:
    """Every platform's counters, loaded when they are first asked for."""
    return {name: import_module(f"connectors.counters.{name}").COUNTERS for name in PLATFORMS}
