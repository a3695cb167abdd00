"""Letting held deliveries go on, by the decision of a person who saw why they were held."""

from collections.abc import Collection

from sqlalchemy import Select, select

from scheduler.core.roles import Person, Right
from scheduler.core.states import State
from scheduler.services.channels.matrix import find_channel
from scheduler.services.evidence.deciding import deciding
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.evidence.ledger import Signed
from scheduler.store.sets import one_of
from scheduler.store.tables import Delivery
from scheduler.store.unit_of_work import anew


@anew
def release(runtime: Runtime, delivery_ids: Collection[int], *, by: Person) -> list[int]:
    """The ids of those that were held and go on now, however late they are."""
    by.require(Right.RELEASE)
    signed = Signed(worker=by.name, now=runtime.clock.now())
    with deciding(runtime, "release") as session:
        ours = _own(runtime).where(one_of(Delivery.id, delivery_ids))
        return deliveries.release(session, list(session.scalars(ours)), signed=signed)


def held_on(runtime: Runtime, channel: str | None) -> list[int]:
    """The ids of the deliveries held on this channel, or on any; Refused when there is no such channel."""
    held = _own(runtime).where(deliveries.in_states(State.HELD))
    with runtime.begin() as session:
        if channel:
            found = find_channel(session, runtime.organisation_id, channel)
            held = held.where(Delivery.channel_id == found.id)
        return list(session.scalars(held.order_by(Delivery.id)))


def _own(runtime: Runtime) -> Select[int]:
    return select(Delivery.id).where(Delivery.organisation_id == runtime.organisation_id)
