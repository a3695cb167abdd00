"""Bluesky's counters: nobody counts views."""

from datetime import date
from functools import partial

from connectors.capabilities import Counters, Family, MetricDefinition, Source

RUN = Source(
    title="AppView 0.0.280: getPosts and getProfile show a change in under 1 s",
    read_on=date(2026, 11, 22),
    checked="run",
)
LEXICONS = Source(
    title="lexicons app.bsky.feed.defs and actor.defs of @atproto/api 0.20.44",
    read_on=date(2026, 11, 22),
    checked="spec",
)

_post = partial(MetricDefinition, subject="publication", lag_s=60, sources=(LEXICONS, RUN))
_account = partial(MetricDefinition, subject="channel", level=True, lag_s=60, sources=(LEXICONS, RUN))

COUNTERS = Counters(
    platform="bluesky",
    title="Bluesky",
    metrics=(
        _post(name="likeCount", family=Family.REACTION),
        _post(name="repostCount", family=Family.SHARE, note="without quotes"),
        _post(name="quoteCount", family=Family.SHARE),
        _post(name="replyCount", family=Family.COMMENT, note="direct replies"),
        _post(name="bookmarkCount", family=Family.SAVE),
        _account(name="followersCount", family=Family.AUDIENCE),
    ),
    remarks=("Views do not exist: no exposure can be reported.",),
)
