"""Facebook's counters of a Page and its posts: impressions and old reach are gone since 15 June 2026."""

from datetime import date
from functools import partial

from connectors.capabilities import Counters, Family, MetricDefinition, Source

INSIGHTS = Source(
    title="Graph API v26.0, Page and post insights and their deprecations",
    read_on=date(2026, 11, 22),
    checked="spec",
)
FIELDS = Source(
    title="facebook-business 26.0.3: fields and edges of PagePost", read_on=date(2026, 11, 22), checked="spec"
)

PACIFIC = "America/Los_Angeles"
DAY_S = 86_400
FLOOR = "a Page with fewer than 100 likes"
FIRST_REMOVAL = date(2025, 11, 15)
SECOND_REMOVAL = date(2026, 6, 15)

_post = partial(
    MetricDefinition,
    subject="publication",
    lag_s=DAY_S,
    window_s=730 * DAY_S,
    floor=FLOOR,
    day_zone=PACIFIC,
    sources=(INSIGHTS,),
)
_field = partial(MetricDefinition, subject="publication", day_zone=PACIFIC, sources=(FIELDS,))
_page = partial(
    MetricDefinition,
    subject="channel",
    lag_s=DAY_S,
    floor=FLOOR,
    day_zone=PACIFIC,
    periods=("day", "week", "days_28"),
    sources=(INSIGHTS,),
)

COUNTERS = Counters(
    platform="facebook",
    title="Facebook Page",
    metrics=(
        _post(
            name="post_media_view",
            family=Family.EXPOSURE,
            since=FIRST_REMOVAL,
            note="plays and displays; breakdowns is_from_ads and is_from_followers",
        ),
        _post(
            name="post_total_media_view_unique",
            family=Family.REACH,
            since=SECOND_REMOVAL,
            exactness="estimate",
            note="people who saw it, while it lasts; asked for alone",
        ),
        _post(name="post_clicks", family=Family.CLICK),
        _post(name="post_clicks_by_type", family=Family.CLICK, overlaps="post_clicks"),
        _post(
            name="post_reactions_by_type_total",
            family=Family.REACTION,
            overlaps="reactions.summary",
            note="by kind of reaction",
        ),
        _field(name="reactions.summary", family=Family.REACTION, note="total_count"),
        _field(name="comments.summary", family=Family.COMMENT, note="total_count"),
        _field(name="shares", family=Family.SHARE, note="left out by the API while there is none"),
        _post(
            name="post_impressions",
            family=Family.EXPOSURE,
            closed_on=FIRST_REMOVAL,
            instead=("post_media_view",),
        ),
        _post(
            name="post_impressions_unique",
            family=Family.REACH,
            exactness="estimate",
            closed_on=SECOND_REMOVAL,
            instead=("post_total_media_view_unique",),
        ),
        _page(name="page_media_view", family=Family.EXPOSURE, since=FIRST_REMOVAL),
        _page(
            name="page_total_media_view_unique",
            family=Family.REACH,
            since=SECOND_REMOVAL,
            exactness="estimate",
        ),
        _page(name="page_post_engagements", family=Family.ENGAGEMENT),
        _page(name="page_daily_follows", family=Family.ENGAGEMENT, periods=("day",), note="new followers"),
        _page(name="page_follows", family=Family.AUDIENCE, level=True, periods=("day",)),
        _page(
            name="page_impressions",
            family=Family.EXPOSURE,
            closed_on=FIRST_REMOVAL,
            instead=("page_media_view",),
        ),
        _page(
            name="page_impressions_unique",
            family=Family.REACH,
            exactness="estimate",
            closed_on=SECOND_REMOVAL,
            instead=("page_total_media_view_unique",),
        ),
        _page(
            name="page_video_views",
            family=Family.EXPOSURE,
            closed_on=SECOND_REMOVAL,
            instead=("page_media_view",),
        ),
        _page(
            name="page_fans",
            family=Family.AUDIENCE,
            level=True,
            closed_on=FIRST_REMOVAL,
            instead=("page_follows",),
        ),
    ),
    remarks=(
        "A removed counter is answered with `invalid metric` and fails the whole call: ask one by one.",
        "One query spans 90 days at most; insights are kept for 2 years.",
    ),
)
