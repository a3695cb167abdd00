"""X's counters: reading them is billed."""

from datetime import date
from functools import partial

from connectors.capabilities import Counters, Family, MetricDefinition, Price, Source

DOCS = Source(title="docs.x.com: post metrics, 22 August 2026", read_on=date(2026, 11, 22), checked="spec")
PRICES = Source(
    title="docs.x.com: pay per use, 22 August 2026; the price of reading a user is not checked",
    read_on=date(2026, 11, 22),
    checked="spec",
)

DAY_S = 86_400
MONTH = "within 30 days after posting, for the account's own posts"

_public = partial(MetricDefinition, subject="publication", sources=(DOCS,))
_private = partial(MetricDefinition, subject="publication", window_s=30 * DAY_S, note=MONTH, sources=(DOCS,))

COUNTERS = Counters(
    platform="x",
    title="X",
    metrics=(
        _public(name="impression_count", family=Family.EXPOSURE),
        _public(name="like_count", family=Family.REACTION),
        _public(name="reply_count", family=Family.COMMENT),
        _public(name="retweet_count", family=Family.SHARE, note="without quotes"),
        _public(name="quote_count", family=Family.SHARE),
        _public(name="bookmark_count", family=Family.SAVE),
        _private(name="url_link_clicks", family=Family.CLICK),
        _private(name="user_profile_clicks", family=Family.ENGAGEMENT),
        _private(name="engagements", family=Family.ENGAGEMENT),
        _private(
            name="organic_metrics.impression_count",
            family=Family.EXPOSURE,
            origin="organic",
            overlaps="impression_count",
        ),
        _public(
            name="media.view_count",
            family=Family.EXPOSURE,
            overlaps="impression_count",
            note="plays of the video, of all posts that carry it",
        ),
        *(
            _private(
                name=f"playback_{part}_count",
                family=Family.ENGAGEMENT,
                note=f"plays that got to {part} % of the video; {MONTH}",
            )
            for part in (0, 25, 50, 75, 100)
        ),
        MetricDefinition(
            name="followers_count", family=Family.AUDIENCE, subject="channel", level=True, sources=(DOCS,)
        ),
    ),
    remarks=(
        "A look costs 0.005 USD a post, 0.001 USD where the account owns the app.",
        "The same post is free for the rest of the UTC day, so a post is read once a UTC day at most.",
        "/2/tweets/analytics gives the same as a series by hour or day.",
    ),
    price=Price(publication_micros=5_000, audience_micros=10_000, currency="USD", source=PRICES),
)
