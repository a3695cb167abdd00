"""The deliveries of a post brought in line with what its row asks for. Commits nothing."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduler.core.content import delivery_key
from scheduler.core.drafts import Cut
from scheduler.core.fanout import Assignment
from scheduler.core.problems import refuse
from scheduler.core.states import State
from scheduler.core.wording import N_
from scheduler.services.writing.preparing import Prepared
from scheduler.store import deliveries
from scheduler.store.chunks import in_chunks
from scheduler.store.sets import one_of
from scheduler.store.tables import Delivery, Organisation, Post

NOT_MEANT = N_("the post is no longer meant for this channel")
MOVED = N_("post {post} is being sent at this moment: try again")
RECALLED = N_("post {post} was recalled and goes nowhere any more: make it another post with a new name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A stored post with the row it came from and the ids of its texts."""

    post: Post
    prepared: Prepared
    variants: Mapping[Cut, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduling:
    """Writes the deliveries of one organisation in one transaction; `now` is aware UTC."""

    session: Session
    organisation: Organisation
    now: datetime

    def bring_in_line(self, filed: Iterable[Filed], *, changed: Collection[int]) -> None:
        """One delivery for each assignment; what a `changed` post no longer means is cancelled.

        Refused when a delivery began to be sent, or the post was recalled, after the row was judged.
        """
        known, gone = self._known(changed), recalled(self.session, changed)
        for one in filed:
            if one.post.id in gone:
                raise refuse(RECALLED, post=one.post.ref)
            mine = known.get(one.post.id, {})
            for assignment in one.prepared.assignments:
                self._write(one, assignment, mine.pop(assignment.place.id, None))
            self._cancel(one.post, [left.id for left in mine.values() if left.state != State.CANCELLED])

    def _known(self, post_ids: Collection[int]) -> dict[int, dict[int, Delivery]]:
        known: dict[int, dict[int, Delivery]] = {post_id: {} for post_id in post_ids}
        for chunk in in_chunks(post_ids):
            for delivery in self.session.scalars(select(Delivery).where(Delivery.post_id.in_(chunk))):
                known[delivery.post_id][delivery.channel_id] = delivery
        return known

    def _write(self, filed: Filed, assignment: Assignment, known: Delivery | None) -> None:
        delivery = known or self._new(filed.post, assignment)
        slot = filed.prepared.slots[assignment.place.id]
        delivery.variant_id = filed.variants[assignment.cut]
        delivery.wall_at = slot.wall_at
        delivery.zone = slot.zone
        delivery.fold = slot.fold
        delivery.due_at = slot.due_at
        delivery.lateness = filed.prepared.draft.lateness
        delivery.updated_at = self.now
        if known is None:
            delivery.key = self._key(delivery, generation=1)
            deliveries.schedule(self.session, delivery)
            return
        key = self._key(delivery, generation=delivery.generation + 1)
        if not deliveries.reschedule(self.session, delivery, key=key, now=self.now):
            raise refuse(MOVED, post=filed.post.ref)

    def _new(self, post: Post, assignment: Assignment) -> Delivery:
        return Delivery(
            uid=uuid.uuid4().hex,
            organisation_id=self.organisation.id,
            post_id=post.id,
            channel_id=assignment.place.id,
            created_at=self.now,
        )

    def _key(self, delivery: Delivery, *, generation: int) -> str:
        return delivery_key(
            organisation=self.organisation.uid,
            delivery=delivery.uid,
            generation=generation,
            due_at=delivery.due_at,
        ).value

    def _cancel(self, post: Post, delivery_ids: Collection[int]) -> None:
        cancelled = deliveries.cancel(self.session, delivery_ids, reason=NOT_MEANT, now=self.now)
        if len(cancelled) < len(delivery_ids):
            raise refuse(MOVED, post=post.ref)


def settled(session: Session, post_ids: Collection[int]) -> dict[tuple[int, int], State]:
    """The state of each delivery that an edit can no longer change, by (post id, channel id)."""
    query = select(Delivery.post_id, Delivery.channel_id, Delivery.state).where(~deliveries.untouched())
    return {
        (post_id, channel_id): State(state)
        for chunk in in_chunks(post_ids)
        for post_id, channel_id, state in session.execute(query.where(Delivery.post_id.in_(chunk)))
    }


def recalled(session: Session, post_ids: Collection[int]) -> set[int]:
    """Those of the posts that somebody took back: they go nowhere any more."""
    taken_back = select(Delivery.post_id).where(one_of(Delivery.post_id, post_ids))
    return set(session.scalars(taken_back.where(Delivery.recall_at.is_not(None))))
