"""What rate-limit headers say is left of a window, as far as they say it whole."""

import re
from collections.abc import Mapping

from connectors.errors import QuotaSeen
from connectors.waiting import at_epoch, at_iso

FAMILIES = ("ratelimit-", "x-ratelimit-", "x-rate-limit-")
_WINDOW = re.compile(r"\bw=(\d{1,7})\b")
_NUMBER = re.compile(r"\d{1,9}")


def quota_seen(headers: Mapping[str, str]) -> QuotaSeen | None:
    """The window the headers tell of, None unless limit, rest and end are all there and make sense.

    The end is seconds since the epoch (Bluesky; X) or an ISO time (Mastodon); forms that only count seconds
    from now are left alone. `headers` are looked up in lower case.
    """
    for family in FAMILIES:
        limit, remaining, reset = (headers.get(family + part, "") for part in ("limit", "remaining", "reset"))
        resets_at = at_epoch(reset) if reset.isdecimal() and len(reset) >= 10 else at_iso(reset)
        if not (_NUMBER.fullmatch(limit) and _NUMBER.fullmatch(remaining) and resets_at):
            continue
        window = _WINDOW.search(headers.get(family + "policy", ""))
        return QuotaSeen(
            limit=int(limit),
            remaining=int(remaining),
            resets_at=resets_at,
            window_s=int(window[1]) if window else None,
        )
    return None
