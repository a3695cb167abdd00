"""Slugs as WordPress makes them."""

import re
from urllib.parse import quote


def slug_of(title: str) -> str:
    """Lower case, words joined by hyphens, beyond ASCII percent-encoded, at most 200 characters."""
    words = re.sub(r"<[^>]*>", "", title).lower()
    kept = re.sub(r"[^\w\s-]", "", words)
    return quote(re.sub(r"[\s-]+", "-", kept).strip("-"), safe="-_").lower()[:200]
