"""Rows of a centre's books, written down as a test tells them; readings go through the product's intake."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from scheduler.core.catalogue import Catalogue, definitions, follower_metric
from scheduler.services.members import find_member
from scheduler.services.runtime import Runtime
from scheduler.store.metrics.samples import Observation, Status, ingest, start_run
from scheduler.store.tables import Campaign, Channel, Delivery, Organisation, Post, Publication, Variant

LONG_AGO = timedelta(days=60)


def set_up_at(runtime: Runtime, at: datetime) -> None:
    """As if the centre had been set up then."""
    with runtime.begin() as session:
        session.get_one(Organisation, runtime.organisation_id).created_at = at


@dataclass(frozen=True, slots=True)
class Books:
    """The books of the runtime's organisation; `told_at` is when everything in them was set up."""

    runtime: Runtime
    told_at: datetime

    @property
    def catalogue(self) -> Catalogue:
        return {name: connector.capabilities for name, connector in self.runtime.connectors.items()}

    def channel(self, platform: str, language: str, region: str, *, at: datetime | None = None) -> int:
        """A channel called `platform-language`."""
        with self.runtime.begin() as session:
            channel = Channel(
                organisation_id=self.runtime.organisation_id,
                name=f"{platform}-{language}",
                platform=platform,
                base_url="http://127.0.0.1",
                handle=language,
                language=language,
                region=region,
                time_zone="UTC",
                operator="Lin",
                created_at=at or self.told_at,
            )
            session.add(channel)
            session.flush()
            return channel.id

    def post(self, ref: str, texts: Mapping[str, str], *, campaign: str = "") -> int:
        """A post with a variant for each language."""
        author = find_member(self.runtime, "Lin")
        with self.runtime.begin() as session:
            post = Post(
                organisation_id=self.runtime.organisation_id,
                author_id=author.id,
                ref=ref,
                wall_at=self.told_at.replace(tzinfo=None),
                zone="UTC",
                lateness="normal",
                source_hash=ref,
                created_at=self.told_at,
            )
            if campaign:
                post.campaign_id = self._campaign(campaign)
            post.variants.extend(Variant(language=language, text=text) for language, text in texts.items())
            session.add(post)
            session.flush()
            return post.id

    def deliver(self, post_id: int, channel_id: int, *, due_at: datetime, state: str = "published") -> int:
        """A delivery where it stands now, of the post's first variant."""
        with self.runtime.begin() as session:
            variant_id = session.scalars(select(Variant.id).where(Variant.post_id == post_id)).first()
            delivery = Delivery(
                uid=f"{post_id}-{channel_id}",
                organisation_id=self.runtime.organisation_id,
                post_id=post_id,
                variant_id=variant_id,
                channel_id=channel_id,
                wall_at=due_at.replace(tzinfo=None),
                zone="UTC",
                due_at=due_at,
                lateness="normal",
                key=f"{post_id}-{channel_id}",
                state=state,
                created_at=self.told_at,
                updated_at=self.told_at,
            )
            session.add(delivery)
            session.flush()
            return delivery.id

    def publish(self, post_id: int, channel_id: int, *, at: datetime, known: bool = True) -> int:
        """A publication that went live at `at`; not `known`: nobody wrote down when."""
        delivery_id = self.deliver(post_id, channel_id, due_at=at)
        with self.runtime.begin() as session:
            publication = Publication(
                organisation_id=self.runtime.organisation_id,
                delivery_id=delivery_id,
                post_id=post_id,
                channel_id=channel_id,
                remote_id=str(delivery_id),
                url="https://example.org/1",
                confirmed_by="answer",
                published_at=at if known else None,
                harvest_at=at,
            )
            session.add(publication)
            session.flush()
            return publication.id

    def recall(self, publication_id: int, *, at: datetime) -> None:
        with self.runtime.begin() as session:
            session.get_one(Publication, publication_id).recalled_at = at

    def read(
        self,
        publication_id: int,
        values: Mapping[str, int] | None = None,
        *,
        at: datetime,
        status: Status = "read",
        version: str = "",
    ) -> None:
        """A look at a publication, under another version of the definitions if one is named.

        What is not in `values` the platform did not give.
        """
        with self.runtime.begin() as session:
            publication = session.get_one(Publication, publication_id)
            platform = session.get_one(Channel, publication.channel_id).platform
            asked = definitions(self.catalogue, platform, "publication")
            seen = Observation(
                channel_id=publication.channel_id,
                publication_id=publication_id,
                taken_at=at,
                status=status,
                definitions=[replace(one, version=version or one.version) for one in asked],
                reason="HTTP 503" if status == "failed" else "",
                values=values or {},
                from_zero=publication.published_at is not None,
            )
            ingest(session, start_run(session, self.runtime.organisation_id, now=at), [seen])

    def follow(
        self,
        channel_id: int,
        *,
        at: datetime,
        followers: int | None = None,
        status: Status = "read",
        **others: int,
    ) -> None:
        """A look at a channel's followers, and at its other counters by name."""
        with self.runtime.begin() as session:
            platform = session.get_one(Channel, channel_id).platform
            level = follower_metric(self.catalogue, platform)
            known = {} if level is None or followers is None else {level.name: followers}
            seen = Observation(
                channel_id=channel_id,
                publication_id=None,
                taken_at=at,
                status=status,
                definitions=definitions(self.catalogue, platform, "channel"),
                values={**known, **others},
            )
            ingest(session, start_run(session, self.runtime.organisation_id, now=at), [seen])

    def _campaign(self, name: str) -> int:
        with self.runtime.begin() as session:
            campaign = Campaign(
                organisation_id=self.runtime.organisation_id, name=name, created_at=self.told_at
            )
            session.add(campaign)
            session.flush()
            return campaign.id
