"""Pinterest's counters of Pins."""

from datetime import date
from functools import partial

from connectors.capabilities import Counters, Family, MetricDefinition, Source

SPEC = Source(
    title="Pinterest REST API 5.23.0: /pins/{pin_id}/analytics, /user_account",
    read_on=date(2026, 11, 22),
    checked="spec",
)

_pin = partial(MetricDefinition, subject="publication", lag_s=2 * 86_400, periods=("day",), sources=(SPEC,))

COUNTERS = Counters(
    platform="pinterest",
    title="Pinterest",
    metrics=(
        _pin(name="IMPRESSION", family=Family.EXPOSURE),
        _pin(name="PIN_CLICK", family=Family.CLICK, note="opened the Pin"),
        _pin(name="OUTBOUND_CLICK", family=Family.CLICK, note="went on to its link"),
        _pin(name="SAVE", family=Family.SAVE),
        _pin(name="TOTAL_COMMENTS", family=Family.COMMENT, periods=("lifetime",)),
        _pin(name="TOTAL_REACTIONS", family=Family.REACTION, periods=("lifetime",)),
        _pin(
            name="VIDEO_MRC_VIEW",
            family=Family.EXPOSURE,
            overlaps="IMPRESSION",
            note="2 s with half of the video in view",
        ),
        MetricDefinition(
            name="follower_count", family=Family.AUDIENCE, subject="channel", level=True, sources=(SPEC,)
        ),
    ),
    remarks=("One query spans 90 days at most. How long figures lag behind is not checked.",),
)
