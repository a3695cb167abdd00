"""Connecting a channel: the secret is tried on the platform first, then stored sealed."""

import json
from collections.abc import Sequence
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction

from connectors.contract import Account, Connector, Profile, Renewed, Session
from connectors.counters.manual import PLATFORM as MANUAL
from connectors.errors import ConnectorError, NeedsReconnect, NotSent, PlatformChanged, RateLimited
from connectors.http import Http
from scheduler.core.cells import NAME_LIMIT
from scheduler.core.problems import Problem, Refused, refuse
from scheduler.core.roles import Person, Right
from scheduler.core.wording import N_
from scheduler.services.channels.credentials import NO_CONNECTOR, store_secret
from scheduler.services.channels.matrix import find_channel
from scheduler.services.evidence.deciding import deciding
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Channel

REFUSALS = {
    NeedsReconnect: N_("{platform} does not accept this secret for {channel}: {words}"),
    NotSent: N_("{host} cannot be reached for {channel}: {words}; check base_url, then try again"),
    RateLimited: N_("{host} asks to wait before {channel} can be connected: {words}"),
    PlatformChanged: N_(
        "{host} does not answer as {platform} does: {words}; is base_url of {channel} right?"
    ),
}
WEB_PAGE = N_("{host} answers with a web page, not as {platform} does; is base_url of {channel} right?")
NOT_POSSIBLE = N_("{channel} cannot be connected to {platform}: {words}")
ANOTHER_NAME = N_("{platform} calls this account {found}; the channel's handle says {handle}")


def secret_fields(runtime: Runtime, name: str) -> tuple[str, ...]:
    """What the platform of this channel wants to be told, for asking a person."""
    channel = _connectable(runtime, name)
    return runtime.connectors[channel.platform].capabilities.secret_fields


def connect(runtime: Runtime, name: str, secret: str, *, by: Person) -> tuple[Profile, list[Problem]]:
    """Who the platform says the channel is, with advice; Refused, and nothing stored, when it says no.

    `secret` is a JSON object with the platform's fields. No message holds any part of it.
    """
    by.require(Right.CONNECT)
    channel = _connectable(runtime, name)
    connector = runtime.connectors[channel.platform]
    fields = _read_secret(secret, connector.capabilities.secret_fields)
    profile = _check(runtime, channel, connector, fields)
    with deciding(runtime, "channels connect") as session:
        channel = find_channel(session, runtime.organisation_id, name)
        _require_same_account(session, channel, profile)
        store_secret(session, runtime, channel.id, profile.renewed or Renewed(secret=fields))
        _learn(channel, profile, runtime)
    runtime.spool.forget(channel.id)
    return profile, _advice(channel, connector, profile)


def _connectable(runtime: Runtime, name: str) -> Channel:
    with runtime.begin() as session:
        channel = find_channel(session, runtime.organisation_id, name)
    if channel.platform == MANUAL:
        raise refuse(N_("{channel} takes manual readings: there is nothing to connect"), channel=name)
    if channel.platform not in runtime.connectors:
        raise refuse(NO_CONNECTOR)
    return channel


def _read_secret(text: str, wanted: Sequence[str]) -> dict[str, str]:
    try:
        given = json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise refuse(N_("the secret must be a JSON object with {fields}"), fields=", ".join(wanted))
    problems = [_field(N_("the secret lacks {field}"), name) for name in wanted if name not in given]
    problems += [
        _field(N_("the secret has the unknown field {field}"), name) for name in given if name not in wanted
    ]
    problems += [
        _field(N_("{field} of the secret must be a text that is not empty"), name)
        for name in wanted
        if name in given and not (isinstance(given[name], str) and given[name].strip())
    ]
    if problems:
        raise Refused(problems)
    return {name: given[name].strip() for name in wanted}


def _field(message: str, name: str) -> Problem:
    return Problem(message=message, params={"field": name})


def _check(runtime: Runtime, channel: Channel, connector: Connector, secret: dict[str, str]) -> Profile:
    account = Account(base_url=channel.base_url, handle=channel.handle)

    async def call(http: Http) -> Profile:
        return await connector.check(
            Session(account=account, secret=secret, http=http, now=runtime.clock.now)
        )

    (answer,) = runtime.network.gather([call])
    if isinstance(answer, ConnectorError):
        raise _refusal(answer, channel, connector) from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _refusal(error: ConnectorError, channel: Channel, connector: Connector) -> Refused:
    message = next((words for kind, words in REFUSALS.items() if isinstance(error, kind)), NOT_POSSIBLE)
    if (error.evidence.words or "").lstrip().startswith("<") and not isinstance(error, NeedsReconnect):
        message = WEB_PAGE
    return refuse(
        message,
        channel=channel.name,
        platform=connector.capabilities.title,
        host=urlsplit(channel.base_url).hostname or channel.base_url,
        words=error.reason,
    )


def _require_same_account(session: Transaction, channel: Channel, profile: Profile) -> None:
    """A channel stays the account it was, and no account is two channels."""
    if channel.remote_id and channel.remote_id != profile.remote_id:
        raise refuse(
            N_("the secret is of {found}, but {channel} is {known}: add a new channel for another account"),
            found=profile.handle,
            channel=channel.name,
            known=channel.title or channel.handle,
        )
    other = session.scalar(
        select(Channel.name).where(
            Channel.organisation_id == channel.organisation_id,
            Channel.platform == channel.platform,
            Channel.base_url == channel.base_url,
            Channel.remote_id == profile.remote_id,
            Channel.id != channel.id,
        )
    )
    if other:
        raise refuse(
            N_("the secret is of {found}, which is channel {other} already"),
            found=profile.handle,
            other=other,
        )


def _learn(channel: Channel, profile: Profile, runtime: Runtime) -> None:
    channel.remote_id = profile.remote_id
    channel.title = profile.title[:NAME_LIMIT]
    channel.url = profile.url
    channel.limits = dict(profile.limits)
    channel.application = profile.application[:64]
    channel.connected_at = channel.connected_at or runtime.clock.now()


def _advice(channel: Channel, connector: Connector, profile: Profile) -> list[Problem]:
    """A word when the platform's name for the account is not the one in the table."""
    ours = channel.handle.casefold().lstrip("@")
    theirs = [name.casefold().lstrip("@") for name in (profile.handle, profile.title)]
    if any(
        ours.partition("@")[0] in (name, name.partition("@")[0], name.partition(".")[0]) for name in theirs
    ):
        return []
    params = {"platform": connector.capabilities.title, "found": profile.handle, "handle": channel.handle}
    return [Problem(message=ANOTHER_NAME, params=params, advice=True)]
