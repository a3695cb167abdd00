"""Instagram's counters of media and of professional accounts."""

from datetime import date
from functools import partial

from connectors.capabilities import Counters, Family, MetricDefinition, Source

INSIGHTS = Source(
    title="Instagram platform, media and user insights, v26.0", read_on=date(2026, 11, 22), checked="spec"
)
ENUMS = Source(
    title="facebook-business 26.0.3: InstagramInsightsResult.Metric",
    read_on=date(2026, 11, 22),
    checked="spec",
)
UNDATED = Source(
    title="day of the removal of the play counts: with v22.0", read_on=date(2026, 11, 22), checked="unchecked"
)

PACIFIC = "America/Los_Angeles"
DAY_S = 86_400
FLOOR = "media with fewer than 5 viewers (error 10)"
PLAYS_REMOVED = date(2025, 4, 21)
IMPRESSIONS_REMOVED = date(2024, 7, 2)

_media = partial(
    MetricDefinition,
    subject="publication",
    lag_s=2 * DAY_S,
    window_s=730 * DAY_S,
    day_zone=PACIFIC,
    floor=FLOOR,
    sources=(INSIGHTS, ENUMS),
)
_story = partial(
    MetricDefinition,
    subject="publication",
    window_s=DAY_S,
    day_zone=PACIFIC,
    floor=FLOOR,
    sources=(INSIGHTS, ENUMS),
)
_gone = partial(
    MetricDefinition,
    subject="publication",
    family=Family.EXPOSURE,
    lag_s=2 * DAY_S,
    day_zone=PACIFIC,
    closed_on=PLAYS_REMOVED,
    instead=("views",),
    sources=(INSIGHTS, UNDATED),
)
_user = partial(
    MetricDefinition,
    subject="channel",
    lag_s=2 * DAY_S,
    day_zone=PACIFIC,
    periods=("day",),
    sources=(INSIGHTS,),
)

COUNTERS = Counters(
    platform="instagram",
    title="Instagram",
    metrics=(
        _media(name="views", family=Family.EXPOSURE, note="plays and displays, repeats included"),
        _media(name="reach", family=Family.REACH, exactness="estimate"),
        _media(name="likes", family=Family.REACTION),
        _media(name="comments", family=Family.COMMENT),
        _media(name="shares", family=Family.SHARE),
        _media(name="reposts", family=Family.SHARE),
        _media(name="saved", family=Family.SAVE),
        _media(name="link_clicks", family=Family.CLICK),
        _media(
            name="total_interactions",
            family=Family.ENGAGEMENT,
            note="likes, saves, comments and shares less those taken back",
        ),
        _media(name="follows", family=Family.ENGAGEMENT),
        _media(name="profile_visits", family=Family.ENGAGEMENT),
        _media(name="facebook_views", family=Family.EXPOSURE, overlaps="crossposted_views"),
        _media(
            name="crossposted_views",
            family=Family.EXPOSURE,
            overlaps="views",
            note="on Instagram and Facebook together: holds views, so never added to them",
        ),
        _media(name="ig_reels_avg_watch_time", family=Family.RATE, note="reels; ms per play"),
        _media(name="ig_reels_video_view_total_time", family=Family.DURATION, note="reels; ms"),
        _media(name="reels_skip_rate", family=Family.RATE, note="reels; share who left in the first 3 s"),
        _story(name="replies", family=Family.COMMENT, note="stories only"),
        _story(name="navigation", family=Family.ENGAGEMENT, note="stories only; taps and exits"),
        MetricDefinition(
            name="impressions",
            family=Family.EXPOSURE,
            subject="publication",
            day_zone=PACIFIC,
            closed_on=IMPRESSIONS_REMOVED,
            instead=("views",),
            note="closed for media made after 1 July 2024; the SDK's list still has it",
            sources=(INSIGHTS, ENUMS),
        ),
        _gone(name="plays"),
        _gone(name="clips_replays_count"),
        _gone(name="ig_reels_aggregated_all_plays_count"),
        _gone(name="video_views"),
        _user(name="views", family=Family.EXPOSURE),
        _user(name="reach", family=Family.REACH, exactness="estimate", periods=("day", "week", "days_28")),
        _user(name="accounts_engaged", family=Family.REACH, exactness="estimate"),
        _user(name="total_interactions", family=Family.ENGAGEMENT),
        _user(name="likes", family=Family.REACTION),
        _user(name="comments", family=Family.COMMENT),
        _user(name="saves", family=Family.SAVE),
        _user(name="shares", family=Family.SHARE),
        _user(name="profile_links_taps", family=Family.CLICK),
        _user(
            name="follower_count",
            family=Family.ENGAGEMENT,
            floor="an account with fewer than 100 followers",
            note="new followers of a day, not how many there are",
        ),
        _user(
            name="followers_count",
            family=Family.AUDIENCE,
            level=True,
            lag_s=0,
            periods=("lifetime",),
            note="a field of the user",
        ),
    ),
    remarks=(
        "Missing data is an empty list, never 0; children of a carousel have no figures of their own.",
        "Figures of a story are gone 24 hours after it was posted.",
    ),
)
