"""Ghost's counters: what members clicked and said, no page views."""

from datetime import date
from functools import partial

from connectors.capabilities import Counters, Family, MetricDefinition, Source

RUN = Source(title="Ghost 6.65: Admin API with include=count", read_on=date(2026, 11, 22), checked="run")

_post = partial(MetricDefinition, subject="publication", sources=(RUN,))

COUNTERS = Counters(
    platform="ghost",
    title="Ghost",
    metrics=(
        _post(name="count.clicks", family=Family.CLICK, note="members' clicks on links of the newsletter"),
        _post(name="count.positive_feedback", family=Family.REACTION, note="members' `more like this`"),
    ),
    remarks=("Page views are not in the Admin API: take them from the site's own analytics.",),
)
