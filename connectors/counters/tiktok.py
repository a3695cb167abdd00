"""TikTok's counters of an account's own videos."""

from datetime import date
from functools import partial

from connectors.capabilities import Counters, Family, MetricDefinition, Source

DOCS = Source(
    title="TikTok Display API: /v2/video/query/, /v2/user/info/", read_on=date(2026, 11, 22), checked="spec"
)

_video = partial(MetricDefinition, subject="publication", lag_s=86_400, sources=(DOCS,))

COUNTERS = Counters(
    platform="tiktok",
    title="TikTok",
    metrics=(
        _video(name="view_count", family=Family.EXPOSURE),
        _video(name="like_count", family=Family.REACTION),
        _video(name="comment_count", family=Family.COMMENT),
        _video(name="share_count", family=Family.SHARE),
        MetricDefinition(
            name="follower_count", family=Family.AUDIENCE, subject="channel", level=True, sources=(DOCS,)
        ),
    ),
    remarks=("How long figures lag behind (minutes to a day) is not checked; 20 videos a call.",),
)
