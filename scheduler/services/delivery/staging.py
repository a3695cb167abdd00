"""The invisible steps before a post is shown, early or when it is due; each is stored before the next.

Early, a delivery stays scheduled: its row is leased, not claimed, and nothing done here can show it.
"""

import secrets
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from connectors.contract import Staged
from connectors.errors import ConnectorError, NeedsReconnect, PlatformChanged
from scheduler.core.outcomes import decide_staging
from scheduler.core.staging import decide_early, still_there
from scheduler.services.bugs import bug
from scheduler.services.delivery import pacing
from scheduler.services.delivery.packing import pack
from scheduler.services.delivery.parcels import (
    Parcel,
    give_up,
    note_credential,
    parcel_of,
    signed_by,
    trying_of,
)
from scheduler.services.failpoints import reach
from scheduler.services.runtime import Call, Runtime
from scheduler.store import deliveries
from scheduler.store.tables import Delivery

STAGING_STEPS_LIMIT = 20

Refusal: TypeAlias = Callable[[Parcel, ConnectorError], None]


def stage(runtime: Runtime, parcels: Collection[Parcel], token: str) -> list[Parcel]:
    """Take claimed parcels through the steps that are left; those that are complete now."""

    def give_up_staging(parcel: Parcel, error: ConnectorError) -> None:
        note_credential(runtime, parcel, error)
        pacing.learn(runtime, [(parcel, error)])
        give_up(runtime, parcel.delivery, decide_staging(error, trying_of(runtime, parcel.delivery)), token)

    return _take_steps(runtime, parcels, token, give_up_staging)


def stage_early(runtime: Runtime, delivery_ids: Collection[int]) -> int:
    """Lay out those of the deliveries that are not due yet; how many are complete. Nothing is published."""
    token = secrets.token_hex(16)
    with runtime.begin() as transaction:
        leased = deliveries.lease_stagings(
            transaction, delivery_ids, token=token, now=runtime.clock.now(), lease=runtime.lease
        )
    if not leased:
        return 0

    def put_off(parcel: Parcel, error: ConnectorError) -> None:
        note_credential(runtime, parcel, error)
        pacing.learn(runtime, [(parcel, error)])
        _put_off(runtime, parcel.delivery, error, token)

    complete = _take_steps(runtime, _approved(runtime, leased, token), token, put_off)
    with runtime.begin() as transaction:
        deliveries.end_stagings(transaction, [parcel.delivery.id for parcel in complete], token=token)
    return len(complete)


def _approved(runtime: Runtime, leased: Collection[Delivery], token: str) -> list[Parcel]:
    """Those whose bytes in hand are the approved ones; of the others a person knows while there is time."""
    packed, lacking = pack(runtime, leased)
    for delivery, error in lacking:
        _put_off(runtime, delivery, error, token)
    parcels = [parcel_of(one, Staged()) for one in packed]
    for parcel in parcels:
        if parcel.hash != parcel.delivery.approved_hash:
            _put_off(runtime, parcel.delivery, NeedsReconnect(deliveries.CHANGED), token)
    return [parcel for parcel in parcels if parcel.hash == parcel.delivery.approved_hash]


def _put_off(runtime: Runtime, delivery: Delivery, error: ConnectorError, token: str) -> None:
    signed = signed_by(runtime)
    decision = decide_early(error, due_at=delivery.due_at, now=signed.now)
    with runtime.begin() as transaction:
        deliveries.put_off(transaction, delivery, decision, token=token, signed=signed)


def _take_steps(runtime: Runtime, parcels: Collection[Parcel], token: str, refuse: Refusal) -> list[Parcel]:
    now = runtime.clock.now()
    begun = [_with_kept(parcel, now) for parcel in parcels]
    complete = [parcel for parcel in begun if parcel.staged.complete]
    open_ = [parcel for parcel in begun if not parcel.staged.complete]
    for _ in range(STAGING_STEPS_LIMIT):
        if not open_:
            return complete
        stepped = _step(runtime, open_, token, refuse)
        complete += [parcel for parcel in stepped if parcel.staged.complete]
        open_ = [parcel for parcel in stepped if not parcel.staged.complete]
    for parcel in open_:
        refuse(parcel, PlatformChanged("staging does not come to an end"))
    return complete


def _with_kept(parcel: Parcel, now: datetime) -> Parcel:
    """The parcel with what was staged of these very bytes, as long as the platform surely has it."""
    row, connector = parcel.delivery, parcel.channel.connector
    if not connector.needs_staging(parcel.outgoing):
        return replace(parcel, staged=Staged(handle=row.staged, complete=True))
    usable = row.staged_for in (None, parcel.hash) if row.staged else False
    if not usable or not still_there(row.staged_at, connector.capabilities.staged_lasts_s, now=now):
        return replace(parcel, staged=Staged())
    return replace(parcel, staged=Staged(handle=row.staged, complete=row.staged_complete))


def _step(runtime: Runtime, parcels: list[Parcel], token: str, refuse: Refusal) -> list[Parcel]:
    answers = runtime.network.gather([_stager(parcel) for parcel in parcels])
    reach("staged")
    stepped = []
    for parcel, answer in zip(parcels, answers, strict=True):
        if isinstance(answer, Staged):
            stepped.append(replace(parcel, staged=answer))
        else:
            refuse(parcel, _as_staging_error(answer))
    kept = _save(runtime, stepped, token)
    reach("handle_saved")
    return kept


def _save(runtime: Runtime, parcels: list[Parcel], token: str) -> list[Parcel]:
    """Those whose handle is stored, or was before; what became somebody else's meanwhile is dropped."""
    changed = {one.delivery.id: one for one in parcels if one.staged.handle != one.delivery.staged}
    if not changed:
        return parcels
    steps = [_step_of(parcel) for parcel in changed.values()]
    with runtime.begin() as transaction:
        saved = deliveries.save_steps(
            transaction, steps, token=token, now=runtime.clock.now(), lease=runtime.lease
        )
    return [one for one in parcels if one.delivery.id in saved or one.delivery.id not in changed]


def _step_of(parcel: Parcel) -> deliveries.Step:
    return deliveries.Step(
        delivery=parcel.delivery.id,
        key=parcel.delivery.key,
        hash=parcel.hash,
        handle=parcel.staged.handle,
        complete=parcel.staged.complete,
    )


def _stager(parcel: Parcel) -> Call[Staged]:
    return lambda http: parcel.channel.connector.stage(
        parcel.channel.session(http), parcel.outgoing, parcel.key, parcel.staged
    )


def _as_staging_error(answer: Exception) -> ConnectorError:
    if isinstance(answer, ConnectorError):
        return answer
    return bug(answer, "staging")
