"""LinkedIn's counters: of an organisation's posts, and of a member's, which needs a scope of its own."""

from datetime import date
from functools import partial

from connectors.capabilities import Counters, Family, MetricDefinition, Source

SHARES = Source(
    title="LinkedIn Marketing API: organizationalEntityShareStatistics",
    read_on=date(2026, 11, 22),
    checked="unchecked",
)
MEMBERS = Source(
    title="LinkedIn: memberCreatorPostAnalytics", read_on=date(2026, 11, 22), checked="unchecked"
)

DAY_S = 86_400

_share = partial(
    MetricDefinition,
    subject="publication",
    lag_s=2 * DAY_S,
    window_s=365 * DAY_S,
    origin="organic",
    sources=(SHARES,),
)
_member = partial(
    MetricDefinition, subject="publication", lag_s=2 * DAY_S, note="posts of a member", sources=(MEMBERS,)
)

COUNTERS = Counters(
    platform="linkedin",
    title="LinkedIn",
    metrics=(
        _share(name="impressionCount", family=Family.EXPOSURE),
        _share(name="uniqueImpressionsCount", family=Family.REACH, exactness="estimate"),
        _share(name="clickCount", family=Family.CLICK),
        _share(name="likeCount", family=Family.REACTION, note="reactions of all kinds"),
        _share(name="commentCount", family=Family.COMMENT),
        _share(name="shareCount", family=Family.SHARE),
        _share(name="engagement", family=Family.RATE, note="clicks and responses over impressions"),
        _member(name="IMPRESSION", family=Family.EXPOSURE),
        _member(name="MEMBERS_REACHED", family=Family.REACH, exactness="estimate"),
        _member(name="REACTION", family=Family.REACTION),
        _member(name="COMMENT", family=Family.COMMENT),
        _member(name="RESHARE", family=Family.SHARE),
        MetricDefinition(
            name="firstDegreeSize",
            family=Family.AUDIENCE,
            subject="channel",
            level=True,
            note="followers of the organisation, by networkSizes",
            sources=(SHARES,),
        ),
    ),
    remarks=("Statistics reach back 12 months, rolling.",),
)
