"""The capability sheet of WordPress sites."""

from datetime import date

from connectors.capabilities import (
    FULL,
    Capabilities,
    Feature,
    Idempotency,
    MediaRule,
    Source,
    Support,
    TextLimit,
    TextUnit,
)
from connectors.counters.wordpress import COUNTERS

TITLE = TextLimit(field="title", unit=TextUnit.UTF8_BYTES, limit=65_535)
POSTS_PER_READING = 20
NO_AUDIENCE = "WordPress counts no visitors or subscribers; take them from the site's own analytics"

CAPABILITIES = Capabilities(
    platform="wordpress",
    title="WordPress",
    api_version="wp/v2",
    reviewed_on=date(2026, 11, 22),
    sources=(
        Source(
            title="WordPress 6.1.9 on Debian: answers, errors, filters, roles",
            read_on=date(2026, 11, 22),
            checked="run",
        ),
        Source(
            title="route table and OPTIONS schemas of WordPress 6.1.9",
            read_on=date(2026, 11, 22),
            checked="spec",
        ),
    ),
    idempotency=Idempotency.CONTAINER,
    idempotency_window_s=None,
    find_existing="exact",
    visibility_delay_s=0,
    text_limits=(TITLE,),
    media=MediaRule(
        max_count=20,
        max_bytes=8_000_000,
        mime_types=frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"}),
    ),
    features={
        "text": Feature(Support.FULL, "the first line is the title"),
        "link": Feature(Support.FULL, "a paragraph of its own at the end"),
        "link_card": Feature(Support.UNSUPPORTED, "themes draw none for a plain link"),
        "images": Feature(Support.FULL, "the first is the featured image, the others follow"),
        "alt_text": FULL,
        "language": Feature(
            Support.PARTIAL, "lang and dir on the text; no field in the core, so one site per language"
        ),
        "mentions": Feature(Support.UNSUPPORTED, "a site has nobody to mention"),
        "hashtags": Feature(Support.NOT_IMPLEMENTED, "they stay text; WordPress tags are not set"),
        "edit": FULL,
        "delete": Feature(Support.PARTIAL, "into the site's trash; its images stay in the media library"),
        "find_existing": FULL,
        "read_back": Feature(Support.FULL, "title, text, images and language as stored"),
        "publication_metrics": Feature(Support.PARTIAL, "approved comments; the core has no views"),
        "audience_metrics": Feature(Support.UNSUPPORTED, NO_AUDIENCE),
        "ai_label": Feature(Support.UNSUPPORTED, "say it in the text"),
        "paid_label": Feature(Support.UNSUPPORTED, "say it in the text"),
    },
    metrics=COUNTERS.read(publication=("comments",)),
    metrics_batch=POSTS_PER_READING,
    quotas=(),
    secret_fields=("username", "application_password"),
    same_text="allow",
    quirks=(
        "A taken slug is silently renamed, so the draft is looked up before and compared after it is made.",
        "A wrong application password reads as nobody: 401 without saying why.",
        "Publishing a post out of the trash would bring it back, so its status is read before the release.",
        "WordPress sets typographic quotes and dashes when it shows a text; what is stored is what was sent.",
    ),
)
