"""Threads' counters of posts and profiles."""

from datetime import date
from functools import partial

from connectors.capabilities import Counters, Family, MetricDefinition, Source

DOCS = Source(
    title="Threads API, insights: pages of December 2025 to April 2026",
    read_on=date(2026, 11, 22),
    checked="spec",
)

FIRST_DAY = "nothing before 13 April 2024"

_post = partial(MetricDefinition, subject="publication", sources=(DOCS,))
_user = partial(MetricDefinition, subject="channel", periods=("day",), sources=(DOCS,))

COUNTERS = Counters(
    platform="threads",
    title="Threads",
    metrics=(
        _post(
            name="views",
            family=Family.EXPOSURE,
            exactness="estimate",
            note="labelled as in development by the platform",
        ),
        _post(name="likes", family=Family.REACTION),
        _post(name="replies", family=Family.COMMENT, note="direct replies; nested ones are not counted"),
        _post(name="reposts", family=Family.SHARE),
        _post(name="quotes", family=Family.SHARE),
        _post(name="shares", family=Family.SHARE),
        _user(
            name="views",
            family=Family.ENGAGEMENT,
            note=f"views of the profile, not of posts: never added to exposure; {FIRST_DAY}",
        ),
        _user(name="clicks", family=Family.CLICK, note=f"on links; {FIRST_DAY}"),
        _user(name="followers_count", family=Family.AUDIENCE, level=True, periods=("lifetime",)),
    ),
)
