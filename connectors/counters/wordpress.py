"""WordPress's counters: comments only."""

from datetime import date

from connectors.capabilities import Counters, Family, MetricDefinition, Source

RUN = Source(title="WordPress 6.1.9: X-WP-Total of /comments", read_on=date(2026, 11, 22), checked="run")

COUNTERS = Counters(
    platform="wordpress",
    title="WordPress",
    metrics=(
        MetricDefinition(
            name="comments",
            family=Family.COMMENT,
            subject="publication",
            note="approved ones only, by X-WP-Total of /comments; falls when one is removed",
            sources=(RUN,),
        ),
    ),
    remarks=("The core counts no views or visitors: take them from the site's own analytics.",),
)
