"""Calls to a PDS, and the reviewed list of what its refusals mean (seen on PDS 0.5, 2026-11-22)."""

from collections.abc import Mapping
from typing import Any, NoReturn

from connectors.contract import Session
from connectors.errors import ConnectorError, NeedsReconnect, NeedsRefresh, NotSent, RateLimited, Rejected
from connectors.http import Effect, Reply
from connectors.waiting import at_epoch, retry_after, wait_until

LAPSED = frozenset({"ExpiredToken", "InvalidToken", "AuthMissing"})
DEAD = frozenset(
    {
        "AuthenticationRequired",
        "AuthFactorTokenRequired",
        "AccountTakedown",
        "AccountDeactivated",
        "AccountNotFound",
    }
)
REFUSED_CONTENT = frozenset({"InvalidRequest", "InvalidMimeType", "InvalidSize", "PayloadTooLarge"})
PER_ADDRESS = "3000;w=300"
_FIELDS = {"text": "text", "langs": "language", "embed": "media", "blob": "media", "facets": "text"}


async def read(session: Session, method: str, *, token: str | None = None, **params: Any) -> Reply:
    """A query, with the access token when one is given."""
    return await session.http.read(
        _url(session, method), hide=session.secret.values(), params=params, headers=_bearer(token)
    )


async def send(
    session: Session, effect: Effect, method: str, *, token: str | None = None, **body: Any
) -> Reply:
    """A procedure; `body` is what httpx takes (json, content, headers)."""
    headers = {**_bearer(token), **body.pop("headers", {})}
    url, hide = _url(session, method), session.secret.values()
    return await session.http.send(effect, "POST", url, hide=hide, headers=headers, **body)


def access_token(session: Session) -> str:
    """The stored access token; NeedsRefresh when nobody has logged in yet."""
    token = session.secret.get("access_jwt")
    if not token:
        raise NeedsRefresh("no session is stored yet")
    return token


def error_of(reply: Reply) -> str:
    """The name XRPC gives the error, or an empty one."""
    name = reply.json_or_empty().get("error")
    return name if isinstance(name, str) else ""


def accepted(session: Session, reply: Reply) -> dict[str, Any]:
    """The answer to a call that succeeded; otherwise the error that says what to do."""
    if not reply.ok:
        refuse(session, reply)
    return reply.json_object()


def refuse(session: Session, reply: Reply) -> NoReturn:
    """Raise what the refusal means."""
    raise _meaning(session, reply, error_of(reply))


def _meaning(session: Session, reply: Reply, code: str) -> ConnectorError:
    evidence = reply.evidence(code=code or None)
    if reply.status == 429:
        return _limited(session, reply)
    if reply.status in (400, 401) and code in LAPSED:
        return NeedsRefresh("the access token has lapsed", evidence=evidence)
    if reply.status in (400, 401, 403) and code in DEAD:
        return NeedsReconnect(f"Bluesky does not let this account in ({code})", evidence=evidence)
    if reply.status == 400 and code == "InvalidSwap":
        return NotSent("the record changed meanwhile", evidence=evidence)
    if reply.effect is not Effect.READ and reply.status in (400, 413) and code in REFUSED_CONTENT:
        message = str(reply.json_or_empty().get("message", code))
        return Rejected("Bluesky refused the post", field=_field(message), evidence=evidence)
    return reply.unexpected()


def _limited(session: Session, reply: Reply) -> RateLimited:
    now = session.now()
    stated = retry_after(now, reply.headers) or at_epoch(reply.headers.get("ratelimit-reset"))
    shared = reply.headers.get("ratelimit-policy") == PER_ADDRESS
    return RateLimited(
        "too many requests",
        until=wait_until(now, stated),
        scope="address" if shared else "channel",
        evidence=reply.evidence(code="RateLimitExceeded"),
    )


def _field(message: str) -> str:
    """The field of ours that the PDS's words point at."""
    return next((ours for theirs, ours in _FIELDS.items() if theirs in message), "post")


def _url(session: Session, method: str) -> str:
    return session.account.at(f"xrpc/{method}")


def _bearer(token: str | None) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}
