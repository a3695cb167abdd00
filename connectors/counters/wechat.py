"""WeChat's counters of an official account's articles."""

from datetime import date
from functools import partial

from connectors.capabilities import Counters, Family, MetricDefinition, Source

DOCS = Source(
    title="WeChat official accounts: datacube/getarticletotal, getusercumulate",
    read_on=date(2026, 11, 22),
    checked="unchecked",
)

DAY_S = 86_400
ZONE = "Asia/Shanghai"

_article = partial(
    MetricDefinition, subject="publication", lag_s=DAY_S, window_s=7 * DAY_S, day_zone=ZONE, sources=(DOCS,)
)

COUNTERS = Counters(
    platform="wechat",
    title="WeChat official account",
    metrics=(
        _article(name="int_page_read_count", family=Family.EXPOSURE),
        _article(name="int_page_read_user", family=Family.REACH),
        _article(name="share_count", family=Family.SHARE),
        _article(name="share_user", family=Family.REACH, overlaps="int_page_read_user"),
        _article(name="add_to_fav_count", family=Family.SAVE),
        _article(name="add_to_fav_user", family=Family.REACH, overlaps="int_page_read_user"),
        MetricDefinition(
            name="cumulate_user",
            family=Family.AUDIENCE,
            subject="channel",
            level=True,
            lag_s=DAY_S,
            day_zone=ZONE,
            periods=("day",),
            sources=(DOCS,),
        ),
    ),
    remarks=("Figures of a day come the next morning, for the seven days after an article went out.",),
)
