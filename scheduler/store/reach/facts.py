"""The facts of a stretch of time, aggregated by the database in a fixed number of queries."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from scheduler.core.facts import (
    ChannelFact,
    DeliveryFact,
    Facts,
    PostFact,
    PublicationFact,
    ReachFact,
    RecallFact,
    TextFact,
)
from scheduler.core.metrics import gained
from scheduler.core.rollups import Standing
from scheduler.core.spans import Calendar
from scheduler.store.metrics.nearby import nearby
from scheduler.store.reach.closings import closings
from scheduler.store.reach.levels import Audiences, audiences_over, levels_in
from scheduler.store.reach.stretch import Stretch, channels_over, rows
from scheduler.store.reach.sums import Legend, legend_of, sums_in
from scheduler.store.sets import one_of
from scheduler.store.tables import Asset, Delivery, Post, Publication, Variant, VariantMedia


def facts_over(
    session: Session,
    stretches: Sequence[Stretch],
    *,
    metrics: Collection[str],
    followers: Mapping[str, str],
    people: Mapping[str, str] | None = None,
) -> list[Facts]:
    """The facts of each of an organisation's stretches, from roll-ups that are current.

    What they have in common is asked once; what posts brought is told of the first alone. `metrics` names
    what to add up; `followers` each platform's level; `people` its count of people reached.
    """
    legend = legend_of(session, stretches[0].organisation_id)
    matrices, calendar = channels_over(session, stretches), legend.channels.calendar
    audiences = audiences_over(session, stretches, matrices, {*followers, *(people or ())}, calendar)
    books = [_read(session, stretch, calendar, marked=stretch is stretches[0]) for stretch in stretches]
    campaigns = _campaigns(session, legend, {post for book in books for post in book.posts()})
    added = [sums_in(session, stretch, metrics, legend) for stretch in stretches]
    return [
        Facts(
            starts_at=stretch.starts_at,
            ends_at=stretch.ends_at,
            channels=channels,
            deliveries=book.deliveries(campaigns),
            publications=book.publications(campaigns),
            recalls=book.recalls(campaigns),
            movements=sums.movements(),
            readings=sums.readings(),
            failures=sums.failures(),
            levels=levels_in(stretch, channels, followers, audiences),
            posts=book.brought(metrics),
            reach=_people(stretch, channels, people, audiences) if people else (),
        )
        for stretch, channels, sums, book in zip(stretches, matrices, added, books, strict=True)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Book:
    """What was due, went live and was recalled in a stretch, as rows."""

    due: Sequence[Any]
    live: Sequence[tuple[Any, Standing]]
    recalled: Sequence[Any]

    def posts(self) -> Iterator[int]:
        """The posts of all of it, some more than once."""
        return (row.post_id for row in (*self.due, *(row for row, _ in self.live), *self.recalled))

    def deliveries(self, campaigns: Mapping[int, str]) -> tuple[DeliveryFact, ...]:
        """What was due."""
        return tuple(
            DeliveryFact(channel, post, campaigns.get(post, ""), state) for channel, post, state in self.due
        )

    def publications(self, campaigns: Mapping[int, str]) -> tuple[PublicationFact, ...]:
        """What went live, and when it was last read in the stretch."""
        return tuple(
            PublicationFact(
                channel_id=row.channel_id,
                post_id=row.post_id,
                campaign=campaigns.get(row.post_id, ""),
                published_at=row.published_at,
                read_at=stood.read_at,
            )
            for row, stood in self.live
        )

    def recalls(self, campaigns: Mapping[int, str]) -> tuple[RecallFact, ...]:
        """How much was recalled, by channel and campaign."""
        counted = Counter((channel, campaigns.get(post, "")) for channel, post in self.recalled)
        return tuple(
            RecallFact(channel_id=channel, campaign=campaign, count=count)
            for (channel, campaign), count in counted.items()
        )

    def brought(self, metrics: Collection[str]) -> tuple[PostFact, ...]:
        """What in these metrics came in the stretch of what went live in it."""
        return tuple(
            PostFact(row.post_id, row.channel_id, metric, gained(stand))
            for row, stood in self.live
            for metric, stand in stood.marks.items()
            if metric in metrics
        )


def _read(session: Session, stretch: Stretch, calendar: Calendar, *, marked: bool) -> _Book:
    return _Book(
        due=session.execute(_due(stretch)).all(),
        live=list(closings(session, stretch, calendar, marked=marked)),
        recalled=session.execute(_recalled(stretch)).all(),
    )


def _people(
    stretch: Stretch, channels: Sequence[ChannelFact], people: Mapping[str, str], audiences: Audiences
) -> tuple[ReachFact, ...]:
    ends = levels_in(stretch, channels, people, audiences)
    return tuple(
        ReachFact(channel_id=one.id, metric=people[one.platform], value=level.end, read_at=level.read_at)
        for one, level in zip(channels, ends, strict=True)
        if one.platform in people
    )


def _campaigns(session: Session, legend: Legend, posts: Collection[int]) -> dict[int, str]:
    """The campaign of each of the posts that has one, and of some others."""
    asked = select(Post.id, Post.campaign_id).where(
        nearby(session, Post.id, posts), Post.campaign_id.is_not(None)
    )
    return {post: legend.campaigns.get(campaign or 0, "") for post, campaign in session.execute(asked)}


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
        .where(one_of(Publication.post_id, {post for post, _ in places}))
    )
    return tuple(fact for fact in rows(session, TextFact, said) if (fact.post_id, fact.channel_id) in places)


def _due(stretch: Stretch) -> Select[int, int, str]:
    return select(Delivery.channel_id, Delivery.post_id, Delivery.state).where(
        Delivery.organisation_id == stretch.organisation_id, stretch.holds(Delivery.due_at)
    )


def _recalled(stretch: Stretch) -> Select[int, int]:
    return select(Publication.channel_id, Publication.post_id).where(
        Publication.organisation_id == stretch.organisation_id, stretch.holds(Publication.recalled_at)
    )
