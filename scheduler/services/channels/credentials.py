"""Secrets as they are stored: opened for a call, replaced by a renewed one, noted as lapsed or dead.

What is noted of a secret holds for that very secret: somebody else may have renewed it meanwhile (rule 14).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Select, select, tuple_, update
from sqlalchemy.orm import Session as Transaction

from connectors.contract import Account, Connector, Renewed, Session
from connectors.errors import ConnectorError, NeedsReconnect
from connectors.http import Http
from scheduler.core.wording import N_
from scheduler.services.channels.spool import Renewal
from scheduler.services.channels.vault import LostKey
from scheduler.services.runtime import Clock, Runtime
from scheduler.store.sets import IDS, among
from scheduler.store.tables import Channel, Credential

NO_CONNECTOR = N_("no connector for the channel's platform is installed")
NOT_CONNECTED = N_("the channel is not connected")
WELL = "ok"
DEAD = "needs_reconnect"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyChannel:
    """A channel with all a call to its platform needs; `secret` never shows in its repr.

    `sealed` is the stored form of the secret: it tells whether the row still holds this one.
    """

    channel: Channel
    connector: Connector
    secret: Renewed
    sealed: str
    clock: Clock

    def session(self, http: Http) -> Session:
        """What the connector gets for one call."""
        account = account_of(self.channel)
        return Session(account=account, secret=self.secret.secret, http=http, now=self.clock.now)


def account_of(channel: Channel) -> Account:
    """The channel as its connector knows it."""
    return Account(
        base_url=channel.base_url, handle=channel.handle, remote_id=channel.remote_id, limits=channel.limits
    )


def open_channels(runtime: Runtime, channel_ids: Collection[int]) -> dict[int, ReadyChannel | ConnectorError]:
    """Each channel with its secret as stored now, or the error that says why it cannot be called."""
    with runtime.begin() as transaction:
        rows = transaction.execute(_stored(), {IDS: channel_ids}).all()
    return {channel.id: _open(runtime, channel, sealed, expires_at) for channel, sealed, expires_at in rows}


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
    credential.health = WELL
    credential.lease_token = credential.lease_until = None
    credential.updated_at = runtime.clock.now()


def store_renewed(transaction: Transaction, runtime: Runtime, renewal: Renewal) -> None:
    """Store a renewed secret, unless the row has a younger one: from a later renewal, or from a person."""
    transaction.execute(
        update(Credential)
        .where(Credential.channel_id == renewal.channel_id, Credential.updated_at <= renewal.at)
        .values(
            ciphertext=runtime.vault.seal(renewal.renewed.secret),
            expires_at=renewal.renewed.expires_at,
            health=WELL,
            lease_token=None,
            lease_until=None,
            updated_at=renewal.at,
        )
    )


def expire(transaction: Transaction, channels: Collection[ReadyChannel], *, now: datetime) -> None:
    """Note that the platform no longer takes these tokens, so that the next use renews them."""
    _note(transaction, channels, expires_at=now)


def mark_dead(transaction: Transaction, channels: Collection[ReadyChannel]) -> int:
    """Note that only a person can make these channels work again; how many of them."""
    return _note(transaction, channels, health=DEAD)


def _note(transaction: Transaction, channels: Collection[ReadyChannel], **values: object) -> int:
    """Write it where the secret that was used is still the stored one."""
    if not channels:
        return 0
    used = [(one.channel.id, one.sealed) for one in channels]
    still = tuple_(Credential.channel_id, Credential.ciphertext).in_(used)
    written = update(Credential).where(still).values(**values).returning(Credential.id)
    return len(transaction.scalars(written).all())


@cache
def _stored() -> Select[Channel, str | None, datetime | None]:
    return (
        select(Channel, Credential.ciphertext, Credential.expires_at)
        .outerjoin(Credential, Credential.channel_id == Channel.id)
        .where(among(Channel.id))
    )


def _open(
    runtime: Runtime, channel: Channel, sealed: str | None, expires_at: datetime | None
) -> ReadyChannel | ConnectorError:
    if channel.platform not in runtime.connectors:
        return NeedsReconnect(NO_CONNECTOR)
    if sealed is None:
        return NeedsReconnect(NOT_CONNECTED)
    try:
        secret = runtime.vault.open(sealed)
    except LostKey as error:
        return NeedsReconnect(str(error))
    return ReadyChannel(
        channel=channel,
        connector=runtime.connectors[channel.platform],
        secret=Renewed(secret=secret, expires_at=expires_at),
        sealed=sealed,
        clock=runtime.clock,
    )
