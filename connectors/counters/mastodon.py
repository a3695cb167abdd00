"""Mastodon's counters: each server tells what it has heard of, and nobody counts views."""

from datetime import date
from functools import partial

from connectors.capabilities import Counters, Family, MetricDefinition, Source

SPEC = Source(
    title="OpenAPI description of Mastodon API 4.7.0: Status, Account",
    read_on=date(2026, 11, 22),
    checked="spec",
)
HEARD = "what this server has heard of"

_post = partial(
    MetricDefinition, subject="publication", lag_s=60, exactness="estimate", note=HEARD, sources=(SPEC,)
)

COUNTERS = Counters(
    platform="mastodon",
    title="Mastodon",
    metrics=(
        _post(name="favourites_count", family=Family.REACTION),
        _post(name="reblogs_count", family=Family.SHARE),
        _post(
            name="quotes_count",
            family=Family.SHARE,
            note="accepted quotes; since 4.5, absent before and elsewhere",
        ),
        _post(name="replies_count", family=Family.COMMENT),
        MetricDefinition(
            name="followers_count",
            family=Family.AUDIENCE,
            subject="channel",
            level=True,
            lag_s=60,
            sources=(SPEC,),
        ),
    ),
    remarks=("Views do not exist: no exposure can be reported.",),
)
