"""What a kind of channel brought in one of several weeks: sums that hide single channels and definitions."""

from typing import NamedTuple

PUBLISHED = ""
"""The metric of a gain that counts publications."""


class Gain(NamedTuple):
    """What a metric brought in week number `week` to the channels of which `channel_id` is one.

    They share platform, language and region; `campaign` is empty for posts outside any.
    """

    week: int
    channel_id: int
    campaign: str
    metric: str
    amount: int
