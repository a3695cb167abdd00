"""Reddit's counters: fuzzed by the platform."""

from datetime import date
from functools import partial

from connectors.capabilities import Counters, Family, MetricDefinition, Source

DOCS = Source(title="Reddit API: listing of a submission", read_on=date(2026, 11, 22), checked="unchecked")

_post = partial(MetricDefinition, subject="publication", exactness="fuzzed", sources=(DOCS,))

COUNTERS = Counters(
    platform="reddit",
    title="Reddit",
    metrics=(
        _post(name="score", family=Family.ENGAGEMENT, level=True, note="votes for less votes against"),
        _post(name="upvote_ratio", family=Family.RATE),
        _post(name="num_comments", family=Family.COMMENT, exactness="exact"),
        MetricDefinition(
            name="subscribers",
            family=Family.AUDIENCE,
            subject="channel",
            level=True,
            exactness="estimate",
            note="of the subreddit",
            sources=(DOCS,),
        ),
    ),
    remarks=("Scores are blurred on purpose: two looks at once may differ. Views are not in the API.",),
)
