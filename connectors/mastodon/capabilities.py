"""The capability sheet of Mastodon; its limits are the defaults, `check` reads an instance's own."""

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
from connectors.counters.mastodon import COUNTERS

KEY_LIFE_S = 3600

CAPABILITIES = Capabilities(
    platform="mastodon",
    title="Mastodon",
    api_version="4.7.0",
    reviewed_on=date(2026, 11, 22),
    sources=(
        Source(title="OpenAPI description of Mastodon API 4.7.0", read_on=date(2026, 11, 22), checked="spec"),
        Source(
            title="Mastodon's status_length_validator.rb: what is counted",
            read_on=date(2026, 11, 22),
            checked="code",
        ),
        Source(
            title="Mastodon's media_attachments_vacuum.rb: an unused upload is kept for a day",
            read_on=date(2026, 11, 22),
            checked="code",
        ),
        Source(title="GoToSocial 0.20, Takahe: what differs", read_on=date(2026, 11, 22), checked="run"),
    ),
    idempotency=Idempotency.KEY,
    idempotency_window_s=KEY_LIFE_S,
    find_existing="by_text",
    visibility_delay_s=0,
    text_limits=(
        TextLimit(field="text", unit=TextUnit.GRAPHEMES, limit=500, key="max_characters"),
        TextLimit(field="alt", unit=TextUnit.CODE_POINTS, limit=1500, key="description_limit"),
    ),
    media=MediaRule(
        max_count=4,
        max_bytes=16_777_216,
        mime_types=frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"}),
    ),
    features={
        "text": FULL,
        "link": Feature(Support.FULL, "on a line of its own at the end of the text"),
        "link_card": Feature(Support.PARTIAL, "made by the server from the page, not by us"),
        "images": FULL,
        "alt_text": FULL,
        "language": Feature(Support.FULL, "primary language; zh-CN, zh-HK and zh-TW are kept"),
        "mentions": FULL,
        "hashtags": FULL,
        "edit": Feature(Support.FULL, "earlier versions stay public; images are uploaded again"),
        "delete": Feature(Support.FULL, "other servers are asked to delete and may not"),
        "find_existing": Feature(Support.PARTIAL, "by text and number of images in our listing"),
        "read_back": Feature(Support.FULL, "words, images and language, of our server's HTML"),
        "publication_metrics": Feature(Support.PARTIAL, "reactions only: nobody counts views"),
        "audience_metrics": FULL,
        "ai_label": NONE,
        "paid_label": NONE,
    },
    metrics=COUNTERS.read(
        publication=("favourites_count", "reblogs_count", "quotes_count", "replies_count"),
        channel=("followers_count",),
    ),
    metrics_batch=20,
    quotas=(
        Quota(name="requests", limit=300, window_s=300, scope="channel", per_post=1, per_image=2),
        Quota(name="images", limit=30, window_s=1_800, scope="channel", unit="uploads", per_image=1),
        Quota(name="deletes", limit=30, window_s=1_800, scope="channel", unit="deletes"),
    ),
    secret_fields=("access_token",),
    same_text="allow",
    staged_lasts_s=86_400,
    quirks=(
        "GoToSocial and Takahe ignore the idempotency key: there a lost answer is settled by the listing",
        "GoToSocial answers 400 where Mastodon answers 422, and counts code points with whole addresses",
        "an image may still be processed after its upload (202, then 206 until it is ready)",
    ),
)
