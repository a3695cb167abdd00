"""The facts of one campaign out of those of the whole matrix, with the channels it went out on."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from scheduler.core.facts import Facts
from scheduler.reports.figures.slicing import OfChannel, Placed

P = TypeVar("P", bound=Placed)
C = TypeVar("C", bound=OfChannel)


def of_campaign(facts: Facts, campaign: str) -> Facts:
    """What belongs to the campaign; of followers and failures, those of its channels."""

    def its(placed: Sequence[P]) -> tuple[P, ...]:
        return tuple(fact for fact in placed if fact.campaign == campaign)

    mine = replace(
        facts,
        deliveries=its(facts.deliveries),
        publications=its(facts.publications),
        recalls=its(facts.recalls),
        movements=its(facts.movements),
        readings=its(facts.readings),
    )
    placed: tuple[Placed, ...] = (
        *mine.deliveries,
        *mine.publications,
        *mine.recalls,
        *mine.movements,
        *mine.readings,
    )
    posts = {fact.post_id for fact in mine.publications}
    channels = {fact.channel_id for fact in placed}

    def on_its_channels(found: Sequence[C]) -> tuple[C, ...]:
        return tuple(fact for fact in found if fact.channel_id in channels)

    return replace(
        mine,
        channels=tuple(channel for channel in facts.channels if channel.id in channels),
        failures=on_its_channels(facts.failures),
        levels=on_its_channels(facts.levels),
        reach=on_its_channels(facts.reach),
        posts=tuple(fact for fact in facts.posts if fact.post_id in posts),
    )
