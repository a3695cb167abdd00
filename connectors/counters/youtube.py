"""YouTube's counters: the live ones of a video, and those of YouTube Analytics. `Views` changed twice."""

from datetime import date
from functools import partial

from connectors.capabilities import Counters, Family, Meaning, MetricDefinition, Source

LIVE = Source(
    title="YouTube Data API v3, revision 20261104: videos.list, videos.batchGetStats, channels.list",
    read_on=date(2026, 11, 22),
    checked="spec",
)
ANALYTICS = Source(
    title="YouTube Analytics API, metrics and revision history, 9 September 2026",
    read_on=date(2026, 11, 22),
    checked="spec",
)
SHORTS = Source(
    title="YouTube help: views of Shorts from 31 March 2025", read_on=date(2026, 11, 22), checked="unchecked"
)

PACIFIC = "America/Los_Angeles"
DAY_S = 86_400
FIRST_FRAME = date(2026, 8, 27)
BREAKS = (
    Meaning(version="1", until=date(2025, 3, 31), note="plays of a certain length, in all formats"),
    Meaning(version="2", until=FIRST_FRAME, note="Shorts from their first frame, other formats as before"),
)

_video = partial(MetricDefinition, subject="publication", lag_s=3_600, day_zone=PACIFIC, sources=(LIVE,))
_report = partial(
    MetricDefinition,
    subject="publication",
    lag_s=3 * DAY_S,
    day_zone=PACIFIC,
    periods=("day", "month"),
    splits=("country",),
    sources=(ANALYTICS,),
)
_channel = partial(MetricDefinition, subject="channel", day_zone=PACIFIC, sources=(LIVE,))

COUNTERS = Counters(
    platform="youtube",
    title="YouTube",
    metrics=(
        _video(
            name="viewCount",
            family=Family.EXPOSURE,
            version="3",
            since=FIRST_FRAME,
            earlier=BREAKS,
            note="from the first frame, in all formats",
            sources=(LIVE, ANALYTICS, SHORTS),
        ),
        _video(name="likeCount", family=Family.REACTION, note="absent where the owner hides it"),
        _video(name="commentCount", family=Family.COMMENT, note="absent where comments are off"),
        _report(
            name="views",
            family=Family.EXPOSURE,
            version="3",
            since=FIRST_FRAME,
            earlier=BREAKS,
            overlaps="viewCount",
            note="from the first frame, in all formats",
            sources=(ANALYTICS, SHORTS),
        ),
        _report(
            name="engagedViews",
            family=Family.EXPOSURE,
            overlaps="viewCount",
            note="keeps the sense that views had before: the line to compare over a break",
        ),
        _report(name="estimatedMinutesWatched", family=Family.DURATION, exactness="estimate", note="minutes"),
        _report(name="averageViewDuration", family=Family.RATE, note="seconds"),
        _report(name="averageViewPercentage", family=Family.RATE),
        _report(name="likes", family=Family.REACTION, overlaps="likeCount"),
        _report(name="comments", family=Family.COMMENT, overlaps="commentCount"),
        _report(name="shares", family=Family.SHARE),
        _report(name="subscribersGained", family=Family.ENGAGEMENT),
        _channel(
            name="subscriberCount",
            family=Family.AUDIENCE,
            level=True,
            exactness="estimate",
            note="rounded down to three figures",
        ),
        _channel(
            name="viewCount",
            family=Family.EXPOSURE,
            version="3",
            since=FIRST_FRAME,
            earlier=BREAKS,
            note="of all videos of the channel",
            sources=(LIVE, ANALYTICS, SHORTS),
        ),
    ),
    remarks=(
        "Live counters cost 1 unit a call of up to 50 videos.",
        "Analytics is final after 48 to 72 hours, and its last day is cut.",
    ),
)
