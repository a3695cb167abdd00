"""The invisible steps before a post is shown: each step's result is stored before the next (rule 7)."""

from collections.abc import Collection
from dataclasses import replace

import structlog

from connectors.contract import Staged
from connectors.errors import ConnectorError, PlatformChanged
from scheduler.core.outcomes import decide_staging
from scheduler.services.failpoints import reach
from scheduler.services.parcels import Parcel, give_up, note_credential, standing_of
from scheduler.services.runtime import Call, Runtime
from scheduler.store import deliveries

STAGING_STEPS_LIMIT = 20

log = structlog.get_logger("postroad.staging")


def stage(runtime: Runtime, parcels: Collection[Parcel], token: str) -> list[Parcel]:
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
    reach("staged")
    stepped = []
    for parcel, answer in zip(parcels, answers, strict=True):
        if isinstance(answer, Staged):
            stepped.append(replace(parcel, staged=answer))
        else:
            _give_up_staging(runtime, parcel, _as_staging_error(answer), token)
    _save_staged(runtime, stepped, token)
    reach("handle_saved")
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
    note_credential(runtime, parcel, error)
    give_up(runtime, parcel.delivery, decide_staging(error, standing_of(runtime, parcel.delivery)), token)


def _stager(parcel: Parcel) -> Call[Staged]:
    return lambda http: parcel.channel.connector.stage(
        parcel.channel.session(http), parcel.outgoing, parcel.key, parcel.staged
    )


def _as_staging_error(answer: Exception) -> ConnectorError:
    if isinstance(answer, ConnectorError):
        return answer
    log.error("connector bug while staging", exc_info=answer)
    return PlatformChanged(f"connector failure ({type(answer).__name__})")
