"""Calls to a Mastodon API, and what its refusals mean (reviewed: OpenAPI 4.7.0, GoToSocial 0.20)."""

from collections.abc import Mapping
from typing import Any

from connectors.contract import Session
from connectors.errors import ConnectorError, NeedsReconnect, RateLimited, Rejected
from connectors.http import Effect, Reply
from connectors.waiting import at_iso, retry_after, wait_until

_FIELDS = {
    "media": ("media", "file", "attach", "image", "description"),
    "language": ("language",),
    "text": ("text", "status", "character", "too long"),
}


async def read(session: Session, path: str, **params: Any) -> Reply:
    """GET with the access token."""
    return await session.http.read(
        session.account.at(path), hide=session.secret.values(), params=params, headers=_bearer(session)
    )


async def send(session: Session, effect: Effect, method: str, path: str, **body: Any) -> Reply:
    """Anything else; `body` is what httpx takes (json, files, data, headers)."""
    headers = {**_bearer(session), **body.pop("headers", {})}
    url, hide = session.account.at(path), session.secret.values()
    return await session.http.send(effect, method, url, hide=hide, headers=headers, **body)


def accepted(session: Session, reply: Reply) -> dict[str, Any]:
    """The object a call that succeeded answers with; otherwise the error that says what to do."""
    require(session, reply)
    return reply.json_object()


def is_missing(reply: Reply) -> bool:
    """True when the server itself says that there is no such thing: a proxy's page says nothing of it."""
    return reply.status == 404 and isinstance(reply.json_or_empty().get("error"), str)


def require(session: Session, reply: Reply) -> None:
    """Raise what the refusal means, if it is one."""
    if not reply.ok:
        raise _meaning(session, reply)


def _meaning(session: Session, reply: Reply) -> ConnectorError:
    words = reply.json_or_empty().get("error")
    said = words if isinstance(words, str) else None
    if reply.status == 429:
        return _limited(session, reply)
    if reply.status in (401, 403) and said is not None:
        reason = "the token is not accepted" if reply.status == 401 else "the token lacks a right"
        return NeedsReconnect(reason, evidence=reply.evidence(words=said))
    if reply.effect is not Effect.READ and reply.status in (400, 422) and said is not None:
        field = _field(reply, said)
        return Rejected("the server refused the post", field=field, evidence=reply.evidence(words=said))
    return reply.unexpected()


def _limited(session: Session, reply: Reply) -> RateLimited:
    now = session.now()
    stated = retry_after(now, reply.headers) or at_iso(reply.headers.get("x-ratelimit-reset"))
    return RateLimited("too many requests", until=wait_until(now, stated), evidence=reply.evidence())


def _field(reply: Reply, said: str) -> str:
    """The field of ours that the details name, else the one the words point at."""
    details = reply.json_or_empty().get("details")
    named = " ".join(details) if isinstance(details, dict) else said
    return next(
        (field for field, hints in _FIELDS.items() if any(hint in named.lower() for hint in hints)), "post"
    )


def _bearer(session: Session) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {session.secret.get('access_token', '')}"}
