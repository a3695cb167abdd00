"""A claimed delivery with all that sending it needs, and what is written when it is given up."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from connectors.contract import Key, Outgoing, PublishResult, Staged
from connectors.errors import ConnectorError, NeedsReconnect, NeedsRefresh
from scheduler.core.content import content_hash
from scheduler.core.outcomes import Decision, Trying, decide_staging
from scheduler.services.channels import credentials
from scheduler.services.channels.credentials import ReadyChannel
from scheduler.services.delivery.outgoing import receiver
from scheduler.services.delivery.packing import Packed, pack
from scheduler.services.failpoints import reach
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.evidence.ledger import Signed
from scheduler.store.tables import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A claimed delivery with all that sending it needs; `counted_at` is when quotas counted it as sent."""

    delivery: Delivery
    post: str
    outgoing: Outgoing
    channel: ReadyChannel
    staged: Staged
    counted_at: datetime | None = None

    @property
    def key(self) -> Key:
        """The same for every attempt of this generation."""
        return Key(value=self.delivery.key, at=self.delivery.due_at)

    @property
    def hash(self) -> str:
        """The hash of the bytes in hand, to be compared with the approved one."""
        return content_hash(self.outgoing, channel=receiver(self.channel.channel))


def pack_parcels(runtime: Runtime, claimed: Collection[Delivery], token: str) -> list[Parcel]:
    """Everything in hand, or the delivery is given up with its reason before anything is sent."""
    packed, lacking = pack(runtime, claimed)
    for delivery, error in lacking:
        give_up(runtime, delivery, decide_staging(error, trying_of(runtime, delivery)), token)
    return [parcel_of(one, Staged(handle=one.delivery.staged)) for one in packed]


def parcel_of(packed: Packed, staged: Staged) -> Parcel:
    """What is in hand, with what was staged of it."""
    return Parcel(
        delivery=packed.delivery,
        post=packed.post,
        outgoing=packed.outgoing,
        channel=packed.channel,
        staged=staged,
    )


def give_up(runtime: Runtime, delivery: Delivery, decision: Decision, token: str) -> None:
    """Write why nothing of it is sent now; the claim ends."""
    with runtime.begin() as transaction:
        deliveries.record(transaction, {delivery.id: decision}, token=token, signed=signed_by(runtime))
    reach("given_up")


def note_credential(runtime: Runtime, parcel: Parcel, outcome: PublishResult | ConnectorError) -> None:
    """What this outcome says about the channel's credential."""
    if isinstance(outcome, NeedsRefresh):
        with runtime.begin() as transaction:
            credentials.expire(transaction, [parcel.channel], now=runtime.clock.now())
    if isinstance(outcome, NeedsReconnect):
        with runtime.begin() as transaction:
            credentials.mark_dead(transaction, [parcel.channel])


def trying_of(runtime: Runtime, delivery: Delivery, *, now: datetime | None = None) -> Trying:
    """What the decision about its next outcome depends on; `now` is the clock's unless given."""
    at = now or runtime.clock.now()
    return Trying(attempts=delivery.attempts + 1, tainted=delivery.tainted, now=at)


def signed_by(runtime: Runtime) -> Signed:
    """Who writes evidence here, and when."""
    return Signed(worker=runtime.worker, now=runtime.clock.now())
