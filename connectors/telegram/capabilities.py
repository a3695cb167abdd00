"""The capability sheet of Telegram channels by the Bot API."""

from datetime import date

from connectors.capabilities import (
    FULL,
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
from connectors.counters.telegram import COUNTERS

TEXT = TextLimit(field="text", unit=TextUnit.UTF16_UNITS, limit=4096)
CAPTION = TextLimit(field="caption", unit=TextUnit.UTF16_UNITS, limit=1024)
NO_METRICS = "the Bot API has no views, and reaction counts come only as updates, which are not received"

CAPABILITIES = Capabilities(
    platform="telegram",
    title="Telegram",
    api_version="Bot API 10.3",
    reviewed_on=date(2026, 11, 22),
    sources=(
        Source(title="Bot API 10.3, methods and types", read_on=date(2026, 11, 22), checked="spec"),
        Source(title="Bot API 10.1, return types", read_on=date(2026, 11, 22), checked="spec"),
        Source(title="Bots FAQ, limits of sending", read_on=date(2026, 8, 1), checked="unchecked"),
        Source(
            title="Error descriptions of the Bot API server", read_on=date(2026, 11, 22), checked="unchecked"
        ),
    ),
    idempotency=Idempotency.NOTHING,
    idempotency_window_s=None,
    find_existing="none",
    visibility_delay_s=0,
    text_limits=(TEXT, CAPTION),
    media=MediaRule(max_count=10, max_bytes=10_000_000, mime_types=frozenset(("image/jpeg", "image/png"))),
    features={
        "text": Feature(Support.FULL, "plain text; up to 4096 units, 1024 with images"),
        "link": Feature(Support.FULL, "on a line of its own; counts in full"),
        "link_card": Feature(Support.PARTIAL, "made by Telegram; none beside images"),
        "images": Feature(Support.FULL, "1, or an album of 2 to 10"),
        "alt_text": Feature(Support.UNSUPPORTED, "no field in InputMediaPhoto or sendPhoto"),
        "language": Feature(Support.UNSUPPORTED, "one channel per language"),
        "mentions": Feature(Support.FULL, "@name, found by Telegram"),
        "hashtags": Feature(Support.FULL, "#word, found by Telegram"),
        "edit": Feature(Support.PARTIAL, "text or caption; the images stay as they are"),
        "delete": Feature(Support.PARTIAL, "within 48 h, or with the right to delete messages"),
        "find_existing": Feature(Support.UNSUPPORTED, "a bot cannot read a channel's messages"),
        "read_back": Feature(Support.UNSUPPORTED, "a bot cannot read a channel's messages"),
        "publication_metrics": Feature(Support.UNSUPPORTED, NO_METRICS),
        "audience_metrics": FULL,
        "ai_label": Feature(Support.UNSUPPORTED, "say it in the text"),
        "paid_label": Feature(Support.UNSUPPORTED, "say it in the text"),
    },
    metrics=COUNTERS.read(channel=("members",)),
    metrics_batch=1,
    quotas=(
        Quota(
            name="messages in one channel",
            limit=20,
            window_s=60,
            scope="channel",
            unit="messages",
            per_post=1,
            per_image=1,
        ),
        Quota(
            name="messages of one bot",
            limit=30,
            window_s=1,
            scope="application",
            unit="messages",
            per_post=1,
            per_image=1,
        ),
    ),
    secret_fields=("bot_token",),
    same_text="allow",
    staged_lasts_s=0,
    quirks=(
        "A repeat publishes again and nothing can be looked up: after a lost answer a person decides.",
        "Alt texts cannot be sent; say what matters about an image in the text.",
        "Each image's width and height add up to at most 10000, one side at most 20 times the other.",
        "An album is several messages; its remote id names them all, and recall removes each of them.",
    ),
)
