"""LINE's counters of a message sent to friends."""

from datetime import date
from functools import partial

from connectors.capabilities import Counters, Family, MetricDefinition, Source

SPEC = Source(
    title="LINE Messaging API: /v2/bot/insight/message/event, /v2/bot/insight/followers",
    read_on=date(2026, 11, 22),
    checked="unchecked",
)

DAY_S = 86_400
ZONE = "Asia/Tokyo"

_message = partial(
    MetricDefinition,
    subject="publication",
    family=Family.REACH,
    lag_s=DAY_S,
    window_s=14 * DAY_S,
    day_zone=ZONE,
    floor="fewer than 20 people (null)",
    sources=(SPEC,),
)

COUNTERS = Counters(
    platform="line",
    title="LINE Official Account",
    metrics=(
        _message(name="overview.uniqueImpression", note="people who opened it"),
        _message(name="overview.uniqueClick", overlaps="overview.uniqueImpression"),
        _message(name="overview.uniqueMediaPlayed", overlaps="overview.uniqueImpression"),
        _message(name="messages.impression", family=Family.EXPOSURE, note="by bubble"),
        _message(name="clicks.click", family=Family.CLICK, note="by link"),
        MetricDefinition(
            name="followers",
            family=Family.AUDIENCE,
            subject="channel",
            level=True,
            lag_s=DAY_S,
            day_zone=ZONE,
            periods=("day",),
            note="everyone who ever added the account, blocks included",
            sources=(SPEC,),
        ),
    ),
    remarks=("Asked for by the request id of the message, from the day after until 14 days after.",),
)
