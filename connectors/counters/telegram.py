"""Telegram's counters as far as the Bot API goes: members, and reactions by update."""

from datetime import date

from connectors.capabilities import Counters, Family, MetricDefinition, Source

METHODS = Source(title="Bot API 10.3: getChatMemberCount", read_on=date(2026, 11, 22), checked="spec")
UPDATES = Source(
    title="Bot API 10.1: MessageReactionCountUpdated", read_on=date(2026, 11, 22), checked="spec"
)

COUNTERS = Counters(
    platform="telegram",
    title="Telegram",
    metrics=(
        MetricDefinition(
            name="members",
            family=Family.AUDIENCE,
            subject="channel",
            level=True,
            note="getChatMemberCount: everyone in the channel, administrators and bots included",
            sources=(METHODS,),
        ),
        MetricDefinition(
            name="reactions",
            family=Family.REACTION,
            subject="publication",
            note="all kinds added, from the update message_reaction_count: it must be received when it comes",
            sources=(UPDATES,),
        ),
    ),
    remarks=("The Bot API has no views: those that the apps show need a person's session (MTProto).",),
)
