"""Sessions from an app password: an access token for two hours, a refresh token for 90 days that rotates."""

import base64
import json
from datetime import datetime, timedelta
from typing import Any

from connectors.bluesky.xrpc import error_of, refuse, send
from connectors.contract import Renewed, Session
from connectors.errors import NeedsReconnect, PlatformChanged
from connectors.http import Effect, Reply
from connectors.waiting import at_epoch

ACCESS_LIFE = timedelta(hours=2)
NOT_SHOWN = "(not shown: the answer may hold tokens)"


async def log_in(session: Session) -> dict[str, Any]:
    """createSession with the stored password; at most 30 in 5 minutes and 300 a day."""
    credentials = {name: session.secret.get(name, "") for name in ("identifier", "password")}
    reply = await send(session, Effect.STAGE, "com.atproto.server.createSession", json=credentials)
    if reply.status == 400 and error_of(reply) == "InvalidRequest":
        raise NeedsReconnect("the login was refused", evidence=reply.evidence(code="InvalidRequest"))
    return _opened(session, reply)


async def renew(session: Session) -> dict[str, Any]:
    """refreshSession, or a new login when the refresh token is missing or no longer good."""
    token = session.secret.get("refresh_jwt")
    if not token:
        return await log_in(session)
    reply = await send(session, Effect.STAGE, "com.atproto.server.refreshSession", token=token)
    if reply.status in (400, 401) and error_of(reply) in {"ExpiredToken", "InvalidToken"}:
        return await log_in(session)
    return _opened(session, reply)


def renewed(session: Session, opened: dict[str, Any]) -> Renewed:
    """The secret to store from now on."""
    secret = dict(session.secret) | {"access_jwt": opened["accessJwt"], "refresh_jwt": opened["refreshJwt"]}
    return Renewed(secret=secret, expires_at=expiry(opened["accessJwt"]) or session.now() + ACCESS_LIFE)


def expiry(token: str) -> datetime | None:
    """When a JWT says it lapses (aware UTC), unverified; None when it does not say."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return at_epoch(claims["exp"])
    except (IndexError, KeyError, TypeError, ValueError):
        return None


def _opened(session: Session, reply: Reply) -> dict[str, Any]:
    if not reply.ok:
        refuse(session, reply)
    opened = reply.json_or_empty()
    if not all(isinstance(opened.get(name), str) for name in ("accessJwt", "refreshJwt", "did", "handle")):
        raise PlatformChanged("the answer holds no session", evidence=reply.evidence(words=NOT_SHOWN))
    if opened.get("active") is False:
        raise NeedsReconnect(f"the account is {opened.get('status', 'not active')}")
    return opened
