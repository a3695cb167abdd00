"""Publishing a batch: claim, stage, mark sending, send, record. A transaction at each arrow, none across it.

ready -> claimed -> (staged, invisible) -> sending -> published | processing | retrying | …
"""

import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from connectors.contract import Accepted, Key, Outgoing, Published, PublishResult, Staged
from connectors.errors import ConnectorError, NeedsReconnect, NeedsRefresh, OutcomeUnknown, PlatformChanged
from scheduler.core.content import content_hash
from scheduler.core.outcomes import Decision, Standing, decide, decide_staging, decide_unwritten
from scheduler.services import credentials, journaling
from scheduler.services.credentials import ReadyChannel
from scheduler.services.outgoing import receiver
from scheduler.services.packing import pack
from scheduler.services.runtime import Call, Runtime
from scheduler.store import deliveries
from scheduler.store.ledger import Signed
from scheduler.store.tables import Delivery

STAGING_STEPS_LIMIT = 20
WRITE_AGAIN_S = (0.1, 0.5, 2.0, 10.0)

log = structlog.get_logger("postroad.publishing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A claimed delivery with all that sending it needs."""

    delivery: Delivery
    outgoing: Outgoing
    channel: ReadyChannel
    staged: Staged

    @property
    def key(self) -> Key:
        """The same for every attempt of this generation."""
        return Key(value=self.delivery.key, at=self.delivery.due_at)

    @property
    def hash(self) -> str:
        """The hash of the bytes in hand, to be compared with the approved one."""
        return content_hash(self.outgoing, channel=receiver(self.channel.channel))


def publish(runtime: Runtime, delivery_ids: Collection[int]) -> int:
    """Publish those of the deliveries that are ready; how many were sent. Never raises for one of them."""
    token = secrets.token_hex(16)
    claimed = _claim(runtime, delivery_ids, token)
    parcels = _stage(runtime, _pack(runtime, claimed, token), token)
    return _send(runtime, _mark_sending(runtime, parcels, token), token)


def _claim(runtime: Runtime, delivery_ids: Collection[int], token: str) -> list[Delivery]:
    with runtime.begin() as transaction:
        return deliveries.claim(
            transaction, delivery_ids, token=token, now=runtime.clock.now(), lease=runtime.lease
        )


def _pack(runtime: Runtime, claimed: Collection[Delivery], token: str) -> list[Parcel]:
    """Everything in hand, or the delivery is given up with its reason before anything is sent."""
    packed, lacking = pack(runtime, claimed)
    for delivery, error in lacking:
        _record(runtime, delivery, decide_staging(error, _standing(runtime, delivery)), token)
    return [
        Parcel(
            delivery=one.delivery,
            outgoing=one.outgoing,
            channel=one.channel,
            staged=Staged(handle=one.delivery.staged),
        )
        for one in packed
    ]


def _stage(runtime: Runtime, parcels: Collection[Parcel], token: str) -> list[Parcel]:
    """Take every parcel through its invisible steps, storing each step's result before the next."""
    complete: list[Parcel] = []
    open_ = list(parcels)
    for _ in range(STAGING_STEPS_LIMIT):
        if not open_:
            return complete
        stepped = _stage_once(runtime, open_, token)
        complete += [parcel for parcel in stepped if parcel.staged.complete]
        open_ = [parcel for parcel in stepped if not parcel.staged.complete]
    for parcel in open_:
        _give_up_staging(runtime, parcel, PlatformChanged("staging does not come to an end"), token)
    return complete


def _stage_once(runtime: Runtime, parcels: list[Parcel], token: str) -> list[Parcel]:
    answers = runtime.network.gather([_stager(parcel) for parcel in parcels])
    stepped = []
    for parcel, answer in zip(parcels, answers, strict=True):
        if isinstance(answer, Staged):
            stepped.append(replace(parcel, staged=answer))
        else:
            _give_up_staging(runtime, parcel, _as_staging_error(answer), token)
    _save_staged(runtime, stepped, token)
    return stepped


def _save_staged(runtime: Runtime, parcels: list[Parcel], token: str) -> None:
    changed = {
        parcel.delivery.id: parcel.staged.handle
        for parcel in parcels
        if parcel.staged.handle != parcel.delivery.staged
    }
    if changed:
        with runtime.begin() as transaction:
            deliveries.save_staged(transaction, changed, token=token)


def _give_up_staging(runtime: Runtime, parcel: Parcel, error: ConnectorError, token: str) -> None:
    _note_credential(runtime, parcel, error)
    _record(runtime, parcel.delivery, decide_staging(error, _standing(runtime, parcel.delivery)), token)


def _mark_sending(runtime: Runtime, parcels: list[Parcel], token: str) -> list[Parcel]:
    """Those that every condition of rule 3 allows to be sent. If this commit fails nothing is sent."""
    if not parcels:
        return []
    hashes = {parcel.delivery.id: parcel.hash for parcel in parcels}
    signed = _signed(runtime)
    with runtime.begin() as transaction:
        allowed = deliveries.mark_sending(
            transaction, hashes, token=token, lease=runtime.lease, signed=signed
        )
        deliveries.turn_away(transaction, hashes, token=token, now=signed.now)
    marked = [parcel for parcel in parcels if parcel.delivery.id in allowed]
    return _journalled(runtime, marked, token, signed)


def _journalled(runtime: Runtime, parcels: list[Parcel], token: str, signed: Signed) -> list[Parcel]:
    """All of them once the journal has them, none when it cannot be written (rule 13)."""
    if journaling.before(runtime, [parcel.delivery for parcel in parcels], at=signed.now):
        return parcels
    for parcel in parcels:
        _record(runtime, parcel.delivery, decide_unwritten(_standing(runtime, parcel.delivery)), token)
    return []


def _send(runtime: Runtime, parcels: list[Parcel], token: str) -> int:
    """Send all at once; record outcomes as they arrive, so that a slow one holds up no other."""
    for batch in runtime.network.stream([_publisher(parcel) for parcel in parcels]):
        outcomes = [(parcels[index], _as_outcome(answer)) for index, answer in batch]
        if not write_again(partial(_record_outcomes, runtime, outcomes, token)):
            for outcome in outcomes:
                write_again(partial(_record_outcomes, runtime, [outcome], token))
        ended = [(parcel.delivery, outcome) for parcel, outcome in outcomes]
        journaling.after(runtime, ended, at=runtime.clock.now())
    return len(parcels)


def _record_outcomes(
    runtime: Runtime, outcomes: Collection[tuple[Parcel, PublishResult | ConnectorError]], token: str
) -> None:
    signed = _signed(runtime)
    with runtime.begin() as transaction:
        for parcel, outcome in outcomes:
            decision = decide(outcome, _standing(runtime, parcel.delivery))
            written = deliveries.record(transaction, parcel.delivery.id, decision, token=token, signed=signed)
            if written and isinstance(outcome, Published):
                deliveries.add_publication(
                    transaction, parcel.delivery, outcome, confirmed_by="answer", now=signed.now
                )
    for parcel, outcome in outcomes:
        _note_credential(runtime, parcel, outcome)
        log.info("attempt", delivery=parcel.delivery.id, outcome=type(outcome).__name__)


def _record(runtime: Runtime, delivery: Delivery, decision: Decision, token: str) -> None:
    with runtime.begin() as transaction:
        deliveries.record(transaction, delivery.id, decision, token=token, signed=_signed(runtime))


def _note_credential(runtime: Runtime, parcel: Parcel, outcome: PublishResult | ConnectorError) -> None:
    """What this outcome says about the channel's credential."""
    channel = [parcel.delivery.channel_id]
    if isinstance(outcome, NeedsRefresh):
        with runtime.begin() as transaction:
            credentials.expire(transaction, channel, now=runtime.clock.now())
    if isinstance(outcome, NeedsReconnect):
        with runtime.begin() as transaction:
            credentials.mark_dead(transaction, channel, reason="needs_reconnect")


def write_again(write: Callable[[], None]) -> bool:
    """Bookkeeping after a post is live must not be lost to a database that blinks (rule 10).

    False when it stays away: the rows remain `sending`, and their lapse makes them unconfirmed.
    """
    for pause_s in WRITE_AGAIN_S:
        try:
            write()
        except SQLAlchemyError as error:
            log.warning("outcome not written, trying again", error=type(error).__name__)
            time.sleep(pause_s)
        else:
            return True
    log.error("outcome not written: what was sent will be looked for")
    return False


def _stager(parcel: Parcel) -> Call[Staged]:
    return lambda http: parcel.channel.connector.stage(
        parcel.channel.session(http), parcel.outgoing, parcel.key, parcel.staged
    )


def _publisher(parcel: Parcel) -> Call[PublishResult]:
    return lambda http: parcel.channel.connector.publish(
        parcel.channel.session(http), parcel.outgoing, parcel.key, parcel.staged
    )


def _as_outcome(answer: PublishResult | Exception) -> PublishResult | ConnectorError:
    """A bug in a connector is no proof that nothing was sent."""
    if isinstance(answer, Published | Accepted | ConnectorError):
        return answer
    log.error("connector bug while publishing", exc_info=answer)
    return OutcomeUnknown(f"connector failure ({type(answer).__name__})")


def _as_staging_error(answer: Exception) -> ConnectorError:
    if isinstance(answer, ConnectorError):
        return answer
    log.error("connector bug while staging", exc_info=answer)
    return PlatformChanged(f"connector failure ({type(answer).__name__})")


def _standing(runtime: Runtime, delivery: Delivery) -> Standing:
    return Standing(attempts=delivery.attempts + 1, tainted=delivery.tainted, now=runtime.clock.now())


def _signed(runtime: Runtime) -> Signed:
    return Signed(worker=runtime.worker, now=runtime.clock.now())
