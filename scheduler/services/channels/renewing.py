"""Channels made ready to be called: their secrets renewed in time, by one process at a time (rule 14).

The planner renews what lapses soon, so that publishing finds fresh secrets; what it has not got to is renewed
at its use. A renewed secret is in the spool before it is in the database: the platform may have spent the
old one the moment it answered.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

import structlog
from sqlalchemy import case, literal, or_, select, update
from sqlalchemy.orm import Session

from connectors.contract import Renewed
from connectors.errors import ConnectorError, NeedsReconnect, NotSent, RateLimited
from connectors.http import Http
from scheduler.core.clocks import ODD
from scheduler.core.wording import N_
from scheduler.services.bugs import bug
from scheduler.services.channels.credentials import (
    WELL,
    ReadyChannel,
    mark_dead,
    open_channels,
    store_renewed,
)
from scheduler.services.channels.spool import Renewal
from scheduler.services.failpoints import reach
from scheduler.services.runtime import Call, Runtime
from scheduler.store.columns import Instant
from scheduler.store.tables import Credential

EARLY = timedelta(minutes=15)
AT_USE = timedelta(minutes=2)
LEASE = timedelta(minutes=2)
FAILED_AGAIN = timedelta(seconds=10)
LOOK_AGAIN = timedelta(seconds=2)
BEING_RENEWED = N_("the channel's token has lapsed and is being renewed")

log = structlog.get_logger("postroad.renewing")


def prepare_channels(
    runtime: Runtime, channel_ids: Collection[int]
) -> dict[int, ReadyChannel | ConnectorError]:
    """Each channel ready to be called, or the error that says why it cannot be. Opens short transactions."""
    store_spooled(runtime)
    ready = open_channels(runtime, channel_ids)
    soon = runtime.clock.now() + AT_USE
    lapsing = [channel_id for channel_id, one in ready.items() if _lapses(one, soon)]
    return ready | _renew(runtime, lapsing, within=AT_USE) if lapsing else ready


def renew_early(runtime: Runtime) -> int:
    """Renew what lapses within a quarter of an hour, and is past the half of its life; how many were due."""
    store_spooled(runtime)
    now = runtime.clock.now()
    soon = select(Credential).where(Credential.health == WELL, Credential.expires_at <= now + EARLY)
    with runtime.begin() as transaction:
        lapsing = transaction.scalars(soon).all()
    due = [
        one.channel_id for one in lapsing if one.expires_at and one.expires_at - now <= now - one.updated_at
    ]
    if due:
        _renew(runtime, due, within=EARLY)
    return len(due)


def shift_leases(session: Session, *, by: timedelta, now: datetime) -> None:
    """Let turns to renew last as long by a clock that stepped ahead `by` to `now`, so that no two have one.

    After a step back none moves: one that lasts longer than anybody may ask for has lapsed.
    """
    held = select(Credential).where(Credential.lease_until >= now - by, Credential.lease_until < now)
    for credential in session.scalars(held):
        credential.lease_until = (credential.lease_until or now) + by


def store_spooled(runtime: Runtime) -> None:
    """Bring into the database what a death, or a database that was away, kept out of it."""
    for renewal in runtime.spool.read():
        _store(runtime, renewal)


def _store(runtime: Runtime, renewal: Renewal) -> None:
    with runtime.begin() as transaction:
        store_renewed(transaction, runtime, renewal)
    runtime.spool.clear(renewal)


def _lapses(one: ReadyChannel | ConnectorError, before: datetime) -> bool:
    if isinstance(one, ConnectorError) or one.secret.expires_at is None:
        return False
    return one.secret.expires_at <= before


def _renew(
    runtime: Runtime, channel_ids: Collection[int], *, within: timedelta
) -> dict[int, ReadyChannel | ConnectorError]:
    """The channels as they are after the renewal, whoever it fell to.

    What was renewed just now is used even where the platform's clock is so far behind that it looks lapsed.
    """
    now = runtime.clock.now()
    token = secrets.token_hex(8)
    mine = _lease(runtime, channel_ids, token=token, now=now, before=now + within)
    failed = _ask(runtime, mine, token=token, at=now) if mine else {}
    fresh = set(mine) - failed.keys()
    return {
        channel_id: one if channel_id in fresh else _as_it_is(one, failed.get(channel_id), now)
        for channel_id, one in open_channels(runtime, channel_ids).items()
    }


def _as_it_is(
    one: ReadyChannel | ConnectorError, failure: ConnectorError | None, now: datetime
) -> ReadyChannel | ConnectorError:
    """A token that has not lapsed yet goes on being used, unless it is known to be dead."""
    if isinstance(failure, NeedsReconnect):
        return failure
    if not _lapses(one, now):
        return one
    return failure or RateLimited(BEING_RENEWED, until=now + LOOK_AGAIN)


def _lease(
    runtime: Runtime, channel_ids: Collection[int], *, token: str, now: datetime, before: datetime
) -> list[int]:
    """Those of the channels that still lapse before then, and whose renewal fell to this process.

    After a clock went back, what was stored by the time before may not outlive what the platform gives now.
    """
    lapsed = or_(Credential.lease_until < now, Credential.lease_until > now + LEASE + ODD)
    stored_at = case((Credential.updated_at > now, literal(now, Instant())), else_=Credential.updated_at)
    free = (
        select(Credential.channel_id)
        .where(
            Credential.channel_id.in_(channel_ids),
            Credential.expires_at <= before,
            or_(Credential.lease_until.is_(None), lapsed),
        )
        .order_by(Credential.id)
        .with_for_update(skip_locked=True)
    )
    with runtime.begin() as transaction:
        won = list(transaction.scalars(free))
        transaction.execute(
            update(Credential)
            .where(Credential.channel_id.in_(won))
            .values(lease_token=token, lease_until=now + LEASE, updated_at=stored_at)
        )
    return won


def _ask(
    runtime: Runtime, channel_ids: Collection[int], *, token: str, at: datetime
) -> dict[int, ConnectorError]:
    """Renew these and store what comes; what went wrong, by channel."""
    ready = [one for one in open_channels(runtime, channel_ids).values() if isinstance(one, ReadyChannel)]
    reach("renewal_leased")
    answers = runtime.network.gather([_renewer(runtime, one, at) for one in ready])
    reach("renewal_spooled")
    failed = {}
    for one, answer in zip(ready, answers, strict=True):
        if isinstance(answer, Renewal):
            _store(runtime, answer)
            reach("renewal_stored")
        elif error := _settle(runtime, one, answer, token):
            failed[one.channel.id] = error
    return failed


def _renewer(runtime: Runtime, ready: ReadyChannel, at: datetime) -> Call[Renewal]:
    """The new secret goes to the disk within the call; what the platform left out stays as it was."""

    async def call(http: Http) -> Renewal:
        renewed = await ready.connector.refresh_credentials(ready.session(http))
        reach("renewed")
        given = {name: value for name, value in renewed.secret.items() if value}
        kept = Renewed(secret={**ready.secret.secret, **given}, expires_at=renewed.expires_at)
        renewal = Renewal(channel_id=ready.channel.id, at=at, renewed=kept)
        try:
            runtime.spool.keep(renewal)
        except OSError as error:
            log.warning("renewed secret not spooled", error=str(error))
        return renewal

    return call


def _settle(runtime: Runtime, ready: ReadyChannel, error: Exception, token: str) -> ConnectorError | None:
    """What to do about a failure; None when somebody else had renewed the secret that was refused."""
    if isinstance(error, NeedsReconnect):
        store_spooled(runtime)
        with runtime.begin() as transaction:
            return error if mark_dead(transaction, [ready]) else None
    _try_again_soon(runtime, ready.channel.id, token)
    if isinstance(error, RateLimited):
        return error
    if isinstance(error, ConnectorError):
        return NotSent(error.reason, evidence=error.evidence)
    return bug(error, "renewing", NotSent)


def _try_again_soon(runtime: Runtime, channel_id: int, token: str) -> None:
    with runtime.begin() as transaction:
        transaction.execute(
            update(Credential)
            .where(Credential.channel_id == channel_id, Credential.lease_token == token)
            .values(lease_until=runtime.clock.now() + FAILED_AGAIN)
        )
