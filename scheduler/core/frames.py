"""Reasons of connectors that carry a field: the sentence around it, found again in what was stored.

Connectors say their reasons in English with the field in it, and so they are stored; what is constant needs
no frame, for its words are their own msgid.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from scheduler.core.wording import N_

REASON = "reason"
"""The field that is a reason itself."""

FRAMES = (
    N_("{reason} (HTTP {status})"),
    N_("unexpected HTTP {status}"),
    N_("HTTP {status}"),
    N_("network failure ({kind})"),
    N_("the account has more than {count} newer posts"),
    N_("image {file} is not uploaded"),
    N_("{count} images, at most {most}"),
    N_("{file}: {width} x {height} is too large or too narrow"),
    N_("the chat is now {chat}"),
    N_("this chat is a {kind}, not a channel"),
    N_("the bot is '{status}' in the channel: make it an administrator"),
    N_("the user lacks {names}"),
    N_("the user may not do that ({code})"),
    N_("WordPress refused the post ({code})"),
    N_("WordPress kept the post as {status}"),
    N_("another post of the site has the slug {slug}"),
    N_("Bluesky does not let this account in ({code})"),
    N_("the account is not active"),
    N_("the account is {status}"),
    N_("{platform} has no field for images"),
    N_("{platform} has no field for ai_label"),
    N_("{platform} has no field for paid_label"),
    N_("{platform} has no field for {feature}"),
    N_("the result has no {names}"),
    N_("the answer has no {name}"),
    N_("Telegram refuses: {words}"),
)
"""The narrower before the wider."""

_WITH_BLANKS = (REASON, "file", "host", "names", "why", "words")


def framed(reason: str, frames: Iterable[str] = FRAMES) -> tuple[str, Mapping[str, str]] | None:
    """The frame a reason was said in and its fields, None when it was in none."""
    return next((found for frame in frames if (found := _read(frame, reason))), None)


def _read(frame: str, reason: str) -> tuple[str, Mapping[str, str]] | None:
    said = _pattern(frame).fullmatch(reason)
    return (frame, said.groupdict()) if said else None


@cache
def _pattern(frame: str) -> re.Pattern[str]:
    """The frame with a group for each field; a field is one word unless it is known to hold blanks."""
    parts = re.split(r"\{(\w+)\}", frame)
    told = [_group(part) if at % 2 else re.escape(part) for at, part in enumerate(parts)]
    return re.compile("".join(told), re.DOTALL)


def _group(name: str) -> str:
    return f"(?P<{name}>.*)" if name in _WITH_BLANKS else rf"(?P<{name}>\S+)"
