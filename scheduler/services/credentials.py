"""Channels made ready to be called: secret opened, and renewed beforehand when it is about to lapse.

One process at a time renews a credential (a lease on its row); the others use the old secret while it lasts.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session as Transaction

from connectors.contract import Account, Connector, Renewed, Session
from connectors.errors import ConnectorError, NeedsReconnect
from connectors.http import Http
from scheduler.core.wording import N_
from scheduler.services.runtime import Call, Clock, Runtime
from scheduler.services.vault import LostKey
from scheduler.store.tables import Channel, Credential

RENEW_BEFORE = timedelta(minutes=5)
RENEW_LEASE = timedelta(minutes=2)
NO_CONNECTOR = N_("no connector for the channel's platform is installed")
NOT_CONNECTED = N_("the channel is not connected")

log = structlog.get_logger("postroad.credentials")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyChannel:
    """A channel with all a call to its platform needs; `secret` never shows in its repr."""

    channel: Channel
    connector: Connector
    secret: Renewed
    clock: Clock

    def session(self, http: Http) -> Session:
        """What the connector gets for one call."""
        account = Account(
            base_url=self.channel.base_url,
            handle=self.channel.handle,
            remote_id=self.channel.remote_id,
            limits=self.channel.limits,
        )
        return Session(account=account, secret=self.secret.secret, http=http, now=self.clock.now)


def prepare_channels(
    runtime: Runtime, channel_ids: Collection[int]
) -> dict[int, ReadyChannel | ConnectorError]:
    """Each channel ready to be called, or the error that says why it cannot be. Opens short transactions."""
    with runtime.begin() as transaction:
        channels = transaction.scalars(select(Channel).where(Channel.id.in_(channel_ids))).all()
        credentials = _credentials(transaction, channel_ids)
    ready = {channel.id: _open(runtime, channel, credentials.get(channel.id)) for channel in channels}
    return ready | _renew_lapsing(runtime, ready)


def store_secret(transaction: Transaction, runtime: Runtime, channel_id: int, renewed: Renewed) -> None:
    """Put a sealed secret in place of the channel's old one; an empty secret never replaces a stored one."""
    if not all(renewed.secret.values()):
        raise ValueError("an empty secret is not stored")
    credential = transaction.scalar(select(Credential).where(Credential.channel_id == channel_id))
    if credential is None:
        credential = Credential(channel_id=channel_id)
        transaction.add(credential)
    credential.ciphertext = runtime.vault.seal(renewed.secret)
    credential.expires_at = renewed.expires_at
    credential.health = "ok"
    credential.lease_token = credential.lease_until = None
    credential.updated_at = runtime.clock.now()


def expire(transaction: Transaction, channel_ids: Collection[int], *, now: datetime) -> None:
    """Note that the platform no longer takes these channels' tokens, so that the next use renews them."""
    transaction.execute(
        update(Credential).where(Credential.channel_id.in_(channel_ids)).values(expires_at=now)
    )


def mark_dead(transaction: Transaction, channel_ids: Collection[int], *, reason: str) -> None:
    """Note that only a person can make these channels work again."""
    transaction.execute(
        update(Credential).where(Credential.channel_id.in_(channel_ids)).values(health=reason[:64])
    )


def _credentials(transaction: Transaction, channel_ids: Collection[int]) -> dict[int, Credential]:
    rows = transaction.scalars(select(Credential).where(Credential.channel_id.in_(channel_ids)))
    return {row.channel_id: row for row in rows}


def _open(runtime: Runtime, channel: Channel, credential: Credential | None) -> ReadyChannel | ConnectorError:
    if channel.platform not in runtime.connectors:
        return NeedsReconnect(NO_CONNECTOR)
    if credential is None:
        return NeedsReconnect(NOT_CONNECTED)
    try:
        secret = runtime.vault.open(credential.ciphertext)
    except LostKey as error:
        return NeedsReconnect(str(error))
    return ReadyChannel(
        channel=channel,
        connector=runtime.connectors[channel.platform],
        secret=Renewed(secret=secret, expires_at=credential.expires_at),
        clock=runtime.clock,
    )


def _renew_lapsing(
    runtime: Runtime, ready: Mapping[int, ReadyChannel | ConnectorError]
) -> dict[int, ReadyChannel | ConnectorError]:
    """The channels whose secret was renewed, or could not be, in place of their old entries."""
    soon = runtime.clock.now() + RENEW_BEFORE
    lapsing = [
        one
        for one in ready.values()
        if isinstance(one, ReadyChannel) and one.secret.expires_at and one.secret.expires_at < soon
    ]
    leased = _lease(runtime, [one.channel.id for one in lapsing]) if lapsing else set()
    mine = [one for one in lapsing if one.channel.id in leased]
    answers = runtime.network.gather([_refresher(one) for one in mine])
    return {one.channel.id: _settle(runtime, one, answer) for one, answer in zip(mine, answers, strict=True)}


def _refresher(ready: ReadyChannel) -> Call[Renewed]:
    return lambda http: ready.connector.refresh_credentials(ready.session(http))


def _settle(
    runtime: Runtime, ready: ReadyChannel, answer: Renewed | Exception
) -> ReadyChannel | ConnectorError:
    """Store a renewed secret; a failure leaves the old one in place and says what to do."""
    if isinstance(answer, Renewed):
        with runtime.begin() as transaction:
            store_secret(transaction, runtime, ready.channel.id, answer)
        return ReadyChannel(
            channel=ready.channel, connector=ready.connector, secret=answer, clock=ready.clock
        )
    if not isinstance(answer, ConnectorError):
        log.error("connector bug while renewing", exc_info=answer)
    if isinstance(answer, NeedsReconnect):
        with runtime.begin() as transaction:
            mark_dead(transaction, [ready.channel.id], reason="needs_reconnect")
        return answer
    return ready


def _lease(runtime: Runtime, channel_ids: Collection[int]) -> set[int]:
    """Those of the channels whose renewal fell to this process."""
    now = runtime.clock.now()
    taken = (
        update(Credential)
        .where(
            Credential.channel_id.in_(channel_ids),
            or_(Credential.lease_until.is_(None), Credential.lease_until < now),
        )
        .values(lease_token=secrets.token_hex(8), lease_until=now + RENEW_LEASE)
        .returning(Credential.channel_id)
    )
    with runtime.begin() as transaction:
        return set(transaction.scalars(taken))
