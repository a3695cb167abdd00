"""The capability sheet of Bluesky."""

from datetime import date

from connectors.capabilities import (
    FULL,
    NONE,
    Capabilities,
    Feature,
    Idempotency,
    MediaRule,
    Quota,
    Source,
    Support,
    TextLimit,
    TextUnit,
)
from connectors.counters.bluesky import COUNTERS

POSTS_PER_READING = 25

CAPABILITIES = Capabilities(
    platform="bluesky",
    title="Bluesky",
    api_version="atproto lexicons 0.20.44",
    reviewed_on=date(2026, 11, 22),
    sources=(
        Source(title="lexicons of @atproto/api 0.20.44", read_on=date(2026, 11, 22), checked="spec"),
        Source(
            title="PDS 0.5.3 and AppView 0.0.280 of @atproto/dev-env: answers, errors, headers, counters",
            read_on=date(2026, 11, 22),
            checked="run",
        ),
        Source(
            title="atproto.com/specs/blob: an unused upload is kept for an hour at least",
            read_on=date(2026, 11, 22),
            checked="unchecked",
        ),
        Source(title="docs.bsky.app: rate limits", read_on=date(2026, 11, 22), checked="unchecked"),
    ),
    idempotency=Idempotency.KEY,
    idempotency_window_s=None,
    find_existing="exact",
    visibility_delay_s=0,
    text_limits=(
        TextLimit(field="text", unit=TextUnit.GRAPHEMES, limit=300),
        TextLimit(field="text", unit=TextUnit.UTF8_BYTES, limit=3000),
    ),
    media=MediaRule(
        max_count=4, max_bytes=2_000_000, mime_types=frozenset({"image/jpeg", "image/png", "image/webp"})
    ),
    features={
        "text": FULL,
        "link": Feature(Support.FULL, "as a card; with images in the text, where it counts in full"),
        "link_card": Feature(
            Support.PARTIAL, "first line of the text and the host; no picture, for the page is not fetched"
        ),
        "images": FULL,
        "alt_text": FULL,
        "language": Feature(Support.FULL, "BCP-47"),
        "mentions": Feature(Support.FULL, "a handle that does not resolve when staged stays plain text"),
        "hashtags": FULL,
        "edit": Feature(Support.PARTIAL, "the new text is served; clients show no sign of the change"),
        "delete": FULL,
        "find_existing": FULL,
        "read_back": FULL,
        "publication_metrics": Feature(Support.PARTIAL, "reactions only: nobody counts views"),
        "audience_metrics": FULL,
        "ai_label": NONE,
        "paid_label": NONE,
    },
    metrics=COUNTERS.read(
        publication=("likeCount", "repostCount", "quoteCount", "replyCount", "bookmarkCount"),
        channel=("followersCount",),
    ),
    metrics_batch=POSTS_PER_READING,
    metrics_per_request=POSTS_PER_READING,
    quotas=(
        Quota(name="writes", limit=5_000, window_s=3_600, scope="channel", unit="points", per_post=3),
        Quota(name="writes", limit=35_000, window_s=86_400, scope="channel", unit="points", per_post=3),
        Quota(name="requests", limit=3_000, window_s=300, scope="address", per_post=1, per_image=1),
        Quota(name="images", limit=1_000, window_s=86_400, scope="channel", unit="uploads", per_image=1),
        Quota(name="logins", limit=30, window_s=300, scope="channel"),
        Quota(name="logins", limit=300, window_s=86_400, scope="channel"),
    ),
    secret_fields=("identifier", "password"),
    same_text="allow",
    staged_lasts_s=3_600,
    quirks=(
        "of the points for writes a post costs 3, an edit 2, a deletion 1",
        "a lapsed token answers 400 (ExpiredToken, InvalidToken), a wrong password 401",
        "getRecord of nothing answers 400 RecordNotFound",
        "an image over the limit uploads; the post that uses it is refused",
    ),
)
