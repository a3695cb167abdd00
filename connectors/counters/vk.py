"""VK's counters of posts on a community's wall."""

from datetime import date
from functools import partial

from connectors.capabilities import Counters, Family, MetricDefinition, Source

WALL = Source(title="VK API schema 5.199: wall.getById", read_on=date(2026, 11, 22), checked="spec")
STATS = Source(title="VK API schema 5.199: stats.getPostReach", read_on=date(2026, 11, 22), checked="spec")
ACCESS = Source(
    title="VK: reach is for administrators of large communities, last 300 posts",
    read_on=date(2026, 11, 22),
    checked="unchecked",
)

ZONE = "Europe/Moscow"
LARGE = "small communities; only administrators are told"

_wall = partial(MetricDefinition, subject="publication", day_zone=ZONE, sources=(WALL,))
_reach = partial(MetricDefinition, subject="publication", day_zone=ZONE, floor=LARGE, sources=(STATS, ACCESS))

COUNTERS = Counters(
    platform="vk",
    title="VK",
    metrics=(
        _wall(name="views", family=Family.EXPOSURE),
        _wall(name="likes", family=Family.REACTION),
        _wall(name="comments", family=Family.COMMENT),
        _wall(name="reposts", family=Family.SHARE),
        _reach(name="reach_total", family=Family.REACH, exactness="estimate"),
        _reach(name="reach_subscribers", family=Family.REACH, exactness="estimate", overlaps="reach_total"),
        _reach(name="reach_viral", family=Family.REACH, exactness="estimate", overlaps="reach_total"),
        _reach(
            name="reach_ads", family=Family.REACH, exactness="estimate", overlaps="reach_total", origin="paid"
        ),
        _reach(name="links", family=Family.CLICK),
        _reach(name="to_group", family=Family.ENGAGEMENT, note="went to the community"),
        _reach(name="join_group", family=Family.ENGAGEMENT, note="joined the community"),
        _reach(name="unsubscribe", family=Family.ENGAGEMENT, note="left the community"),
        _reach(name="hide", family=Family.ENGAGEMENT, note="hid the post"),
        _reach(name="report", family=Family.ENGAGEMENT, note="reported the post"),
        MetricDefinition(
            name="members_count",
            family=Family.AUDIENCE,
            subject="channel",
            level=True,
            day_zone=ZONE,
            sources=(ACCESS,),
        ),
    ),
    remarks=(
        "Reach is told of the last 300 posts of a community: the window is counted in posts, not in days.",
        "That days end at midnight in Moscow is not checked.",
    ),
)
