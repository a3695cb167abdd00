"""The facts of a stretch of time, aggregated by the database in a fixed number of queries."""

from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scheduler.core.facts import (
    DeliveryFact,
    Facts,
    ReachFact,
    RecallFact,
    TextFact,
)
from scheduler.store.reach_facts import levels, publications, reach_of
from scheduler.store.stretch import Statement, Stretch, campaign, channels_in, rows, with_campaign
from scheduler.store.tables import Asset, Channel, Delivery, Post, Publication, Variant, VariantMedia


def facts_of(
    session: Session,
    stretch: Stretch,
    *,
    metrics: Collection[str],
    followers: Mapping[str, str],
    people: Mapping[str, str] | None = None,
) -> Facts:
    """The facts of a stretch, from roll-ups that are current.

    `metrics` names what to add up; `followers` each platform's level; `people` its count of people reached.
    """
    reach = reach_of(session, stretch, metrics)
    live, brought = publications(session, stretch, metrics)
    return Facts(
        starts_at=stretch.starts_at,
        ends_at=stretch.ends_at,
        channels=channels_in(session, stretch),
        deliveries=rows(session, DeliveryFact, _deliveries(stretch)),
        publications=live,
        recalls=rows(session, RecallFact, _recalls(stretch)),
        movements=reach.movements(),
        readings=reach.readings(),
        failures=reach.failures(),
        levels=levels(session, stretch, followers),
        posts=brought,
        reach=_reach(session, stretch, people) if people else (),
    )


def _reach(session: Session, stretch: Stretch, people: Mapping[str, str]) -> tuple[ReachFact, ...]:
    known = session.execute(select(Channel.id, Channel.platform).where(stretch.matrix()))
    platforms = {row.id: row.platform for row in known}
    return tuple(
        ReachFact(
            channel_id=fact.channel_id,
            metric=people[platforms[fact.channel_id]],
            value=fact.end,
            read_at=fact.read_at,
        )
        for fact in levels(session, stretch, people)
        if platforms[fact.channel_id] in people
    )


def texts_of(session: Session, places: Collection[tuple[int, int]]) -> tuple[TextFact, ...]:
    """What each (post id, channel id) said, in the variant that was delivered."""
    said = (
        select(
            Publication.post_id,
            Publication.channel_id,
            Post.ref,
            Variant.language,
            Variant.text,
            Publication.url,
            func.coalesce(Asset.sha256, "").label("image"),
            func.coalesce(VariantMedia.alt, "").label("alt"),
        )
        .join(Delivery, Delivery.id == Publication.delivery_id)
        .join(Variant, Variant.id == Delivery.variant_id)
        .join(Post, Post.id == Publication.post_id)
        .outerjoin(VariantMedia, (VariantMedia.variant_id == Variant.id) & (VariantMedia.position == 0))
        .outerjoin(Asset, Asset.id == VariantMedia.asset_id)
        .where(Publication.post_id.in_({post for post, _ in places}))
    )
    return tuple(fact for fact in rows(session, TextFact, said) if (fact.post_id, fact.channel_id) in places)


def _deliveries(stretch: Stretch) -> Statement:
    due = select(Delivery.channel_id, Delivery.post_id, campaign(), Delivery.state)
    return with_campaign(due.select_from(Delivery), Delivery.post_id).where(
        Delivery.organisation_id == stretch.organisation_id, stretch.holds(Delivery.due_at)
    )


def _recalls(stretch: Stretch) -> Statement:
    recalled = select(Publication.channel_id, campaign(), func.count().label("count"))
    return (
        with_campaign(recalled.select_from(Publication), Publication.post_id)
        .where(Publication.organisation_id == stretch.organisation_id, stretch.holds(Publication.recalled_at))
        .group_by(Publication.channel_id, campaign())
    )
