"""Publishing a batch: claim, stage, mark sending, send, record. A transaction at each arrow, none across it.

ready -> claimed -> (staged, invisible) -> sending -> published | processing | retrying | …
"""

import secrets
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeAlias

import structlog
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from connectors.contract import Accepted, Published, PublishResult
from connectors.errors import ConnectorError, NotSent, OutcomeUnknown
from connectors.http import Http
from scheduler.core.clocks import NOTHING
from scheduler.core.outcomes import decide, decide_unwritten
from scheduler.core.wording import N_
from scheduler.services.bugs import bug
from scheduler.services.delivery import pacing
from scheduler.services.delivery.parcels import (
    Parcel,
    give_up,
    note_credential,
    pack_parcels,
    signed_by,
    trying_of,
)
from scheduler.services.delivery.staging import stage
from scheduler.services.delivery.stepping import claims_nothing
from scheduler.services.evidence import journaling
from scheduler.services.evidence.journaling import Sending
from scheduler.services.failpoints import reach
from scheduler.services.runtime import Call, Runtime
from scheduler.store import deliveries
from scheduler.store.evidence.ledger import Signed
from scheduler.store.tables import Delivery

LONGEST_WAIT = timedelta(seconds=10)
WAKE_UPS = 3
WRITE_AGAIN_S = (0.1, 0.5, 2.0, 10.0)
STOOD_STILL = N_("the worker stood still before sending: nothing was sent")
UNMARKED = N_("the database did not answer before sending: nothing was sent")
ANOTHERS = N_("the platform answered with the post of another delivery")

Answers: TypeAlias = Iterator[list[tuple[int, PublishResult | Exception]]]
Ended: TypeAlias = tuple[Parcel, PublishResult | ConnectorError]

log = structlog.get_logger("postroad.publishing")


def publish(runtime: Runtime, delivery_ids: Collection[int]) -> int:
    """Publish those of the deliveries that are ready; how many were sent. Never raises for one of them."""
    if not delivery_ids or claims_nothing(runtime):
        return 0
    token = secrets.token_hex(16)
    claimed = _claim(runtime, delivery_ids, token)
    if not claimed:
        return 0
    reach("claimed")
    parcels = stage(runtime, pack_parcels(runtime, claimed, token), token)
    hashes = {parcel.delivery.id: parcel.hash for parcel in parcels}
    _await_due(runtime, parcels)
    until_s = runtime.clock.elapsed_s() + runtime.lease.total_seconds() / 2
    try:
        with runtime.network.turn():
            marked = _mark_sending(runtime, parcels, hashes, token)
            answers = _begin(runtime, marked, until_s)
    except SQLAlchemyError:
        unsent: list[Ended] = [(parcel, NotSent(UNMARKED)) for parcel in parcels]
        write_again(partial(_record_outcomes, runtime, unsent, token))
        raise
    return _record_all(runtime, marked, answers, token)


def _claim(runtime: Runtime, delivery_ids: Collection[int], token: str) -> list[Delivery]:
    with runtime.begin() as transaction:
        return deliveries.claim(
            transaction, delivery_ids, token=token, now=runtime.clock.now(), lease=runtime.lease
        )


def _await_due(runtime: Runtime, parcels: Collection[Parcel]) -> None:
    """Wait until the last of them is due, a few seconds at most; marking them refuses what is early still."""
    due_at = max((parcel.delivery.due_at for parcel in parcels), default=runtime.clock.now())
    for _ in range(WAKE_UPS):
        left = due_at - runtime.clock.settled_now()
        if not NOTHING < left <= LONGEST_WAIT:
            return
        runtime.clock.sleep(left.total_seconds())


def _mark_sending(
    runtime: Runtime, parcels: list[Parcel], hashes: Mapping[int, str], token: str
) -> list[Parcel]:
    """Those that every condition of rule 3 allows to be sent. If this commit fails nothing is sent."""
    if not parcels:
        return []
    signed = Signed(worker=runtime.worker, now=runtime.clock.settled_now())
    with runtime.begin() as transaction:
        allowed = deliveries.mark_sending(
            transaction, hashes, token=token, lease=runtime.lease, signed=signed
        )
        if len(allowed) < len(hashes):
            deliveries.turn_away(transaction, hashes, token=token, now=signed.now)
        sent = [parcel for parcel in parcels if parcel.delivery.id in allowed]
        marked = [replace(parcel, counted_at=signed.now) for parcel in sent]
        pacing.spend(transaction, marked, now=signed.now)
        reach("marked")
    reach("sending")
    return _journalled(runtime, marked, token, signed)


def _journalled(runtime: Runtime, parcels: list[Parcel], token: str, signed: Signed) -> list[Parcel]:
    """All of them once the journal has them, none when it cannot be written (rule 13)."""
    if journaling.before(runtime, map(_sending, parcels), at=signed.now):
        reach("journalled")
        return parcels
    for parcel in parcels:
        give_up(runtime, parcel.delivery, decide_unwritten(trying_of(runtime, parcel.delivery)), token)
    return []


def _sending(parcel: Parcel) -> Sending:
    return Sending(
        delivery=parcel.delivery,
        post=parcel.post,
        channel=parcel.channel.channel.name,
        staged=parcel.staged,
    )


def _begin(runtime: Runtime, parcels: list[Parcel], until_s: float) -> Answers:
    return runtime.network.stream([_publisher(runtime, parcel, until_s) for parcel in parcels])


def _record_all(runtime: Runtime, parcels: list[Parcel], answers: Answers, token: str) -> int:
    """Record outcomes as they arrive, so that a slow one holds up no other; how many there were."""
    for batch in answers:
        outcomes = [(parcels[index], _as_outcome(answer)) for index, answer in batch]
        reach("answered")
        if not write_again(partial(_record_outcomes, runtime, outcomes, token)):
            for outcome in outcomes:
                write_again(partial(_record_alone, runtime, outcome, token))
        reach("recorded")
        ended = [(parcel.delivery, outcome) for parcel, outcome in outcomes]
        journaling.after(runtime, ended, at=runtime.clock.now())
        reach("ended")
    return len(parcels)


def _record_outcomes(runtime: Runtime, outcomes: Collection[Ended], token: str) -> None:
    """All outcomes in one transaction, with their evidence and proofs."""
    signed = signed_by(runtime)
    decisions = {
        parcel.delivery.id: pacing.in_time(
            decide(outcome, trying_of(runtime, parcel.delivery, now=signed.now)), outcome, parcel.delivery
        )
        for parcel, outcome in outcomes
    }
    with runtime.begin() as transaction:
        written = deliveries.record(transaction, decisions, token=token, signed=signed)
        live = [
            (parcel.delivery, outcome)
            for parcel, outcome in outcomes
            if parcel.delivery.id in written and isinstance(outcome, Published)
        ]
        deliveries.add_publications(transaction, live, confirmed_by="answer", now=signed.now)
        deliveries.keep_handles(transaction, _accepted(outcomes, written))
        unsent = [parcel for parcel, outcome in outcomes if isinstance(outcome, NotSent)]
        pacing.give_back(transaction, [parcel for parcel in unsent if parcel.delivery.id in written])
        reach("outcome_written")
    pacing.learn(runtime, outcomes)
    for parcel, outcome in outcomes:
        note_credential(runtime, parcel, outcome)
    log.info("recorded", **Counter(type(outcome).__name__ for _, outcome in outcomes))


def _record_alone(runtime: Runtime, ended: Ended, token: str) -> None:
    """As it is; as unknown where the database holds the proof for another delivery's already."""
    try:
        _record_outcomes(runtime, [ended], token)
    except IntegrityError:
        parcel, outcome = ended
        log.warning("an answer proves another delivery", delivery=parcel.delivery.id)
        unknown = OutcomeUnknown(ANOTHERS, evidence=outcome.evidence)
        _record_outcomes(runtime, [(parcel, unknown)], token)


def _accepted(outcomes: Collection[Ended], written: Collection[int]) -> dict[int, dict[str, str]]:
    """All that names the objects which the platform took and is still working on, by delivery."""
    return {
        parcel.delivery.id: {**parcel.staged.handle, **outcome.handle}
        for parcel, outcome in outcomes
        if parcel.delivery.id in written and isinstance(outcome, Accepted)
    }


def write_again(write: Callable[[], None]) -> bool:
    """Bookkeeping after a post is live must not be lost to a database that blinks (rule 10).

    False when it stays away, or at once for what cannot be written: rows remain `sending`, and their lapse
    makes them unconfirmed.
    """
    for pause_s in WRITE_AGAIN_S:
        try:
            write()
        except (IntegrityError, DataError) as error:
            log.warning("outcome refused by the database", error=type(error).__name__)
            return False
        except SQLAlchemyError as error:
            log.warning("outcome not written, trying again", error=type(error).__name__)
            time.sleep(pause_s)
        except Exception:
            log.exception("outcome cannot be written")
            return False
        else:
            return True
    log.error("outcome not written: what was sent will be looked for")
    return False


def _publisher(runtime: Runtime, parcel: Parcel, until_s: float) -> Call[PublishResult]:
    """Sends it, unless this process stood still so long that the row may be somebody else's by now."""

    async def call(http: Http) -> PublishResult:
        if runtime.clock.elapsed_s() > until_s:
            raise NotSent(STOOD_STILL)
        session = parcel.channel.session(http)
        return await parcel.channel.connector.publish(session, parcel.outgoing, parcel.key, parcel.staged)

    return call


def _as_outcome(answer: PublishResult | Exception) -> PublishResult | ConnectorError:
    """A bug in a connector is no proof that nothing was sent; an id that is no text cannot be stored."""
    match answer:
        case Published(remote_id=str(), url=str()) | Accepted() | ConnectorError():
            return answer
    return bug(answer, "publishing", OutcomeUnknown)
