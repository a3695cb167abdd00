"""Calls to a site's REST API, and the reviewed list of what its refusals mean (seen on 6.1.9, 2026-11-22)."""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors.contract import Account, Session
from connectors.errors import ConnectorError, NeedsReconnect, RateLimited, Rejected
from connectors.http import Effect, Reply
from connectors.waiting import retry_after, wait_until

GONE = frozenset({"rest_post_invalid_id", "rest_already_trashed"})
_REFUSED_CONTENT = {
    "rest_invalid_param": "post",
    "empty_content": "text",
    "rest_upload_no_data": "media",
    "rest_upload_file_too_big": "media",
    "rest_upload_limited_space": "media",
}
_COLUMNS = {"post_title": "title", "post_content": "text"}
_PAGE = "a web page instead of the REST API: is this the site's address, and are its permalinks on?"


async def read(session: Session, path: str, **params: Any) -> Reply:
    """GET below /wp-json, signed in."""
    return await session.http.read(_url(session, path), params=params, **_signed(session))


async def send(session: Session, effect: Effect, path: str, *, method: str = "POST", **body: Any) -> Reply:
    """A changing call below /wp-json; `body` is what httpx takes (json, content, headers, params)."""
    return await session.http.send(effect, method, _url(session, path), **_signed(session), **body)


def code_of(reply: Reply) -> str:
    """The name WordPress gives the error, or an empty one."""
    return str(reply.json_or_empty().get("code", ""))


def is_gone(reply: Reply) -> bool:
    """True when the post is not there, or only in the trash."""
    return not reply.ok and code_of(reply) in GONE


def accepted(session: Session, reply: Reply) -> dict[str, Any]:
    """The object a successful call answers; otherwise the error that says what to do."""
    require_ok(session, reply)
    return reply.json_object()


def accepted_list(session: Session, reply: Reply) -> list[dict[str, Any]]:
    """The list of objects a successful call answers; otherwise the error that says what to do."""
    require_ok(session, reply)
    found = reply.json()
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise reply.unreadable("the answer is not a list of objects")
    return found


def whole_number(reply: Reply, found: Mapping[str, Any], name: str = "id") -> int:
    """A number the answer must hold."""
    value = found.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise reply.unreadable(f"the answer has no {name}")
    return value


def number_in(account: Account, url: str) -> str | None:
    """The post's number in an address by number on the account's own site."""
    page = urlsplit(url)
    asked = parse_qs(page.query)
    number = (asked.get("p") or asked.get("post") or [""])[0]
    ours = page.hostname == urlsplit(account.base_url).hostname
    return str(int(number)) if ours and number.isdecimal() else None


def post_path(remote_id: str) -> str:
    """Where a post lives; Rejected when that is no number of a post."""
    if not remote_id.isdecimal():
        raise Rejected("this is no number of a WordPress post", field="post")
    return f"wp/v2/posts/{int(remote_id)}"


def require_ok(session: Session, reply: Reply) -> None:
    """Raise what the answer means unless it is a 2xx in JSON."""
    if not reply.ok:
        raise _meaning(session, reply)
    if _is_page(reply):
        raise reply.unreadable(_PAGE)


def _meaning(session: Session, reply: Reply) -> ConnectorError:
    code = code_of(reply)
    evidence = reply.evidence(code=code or None)
    if reply.status == 429:
        until = wait_until(session.now(), retry_after(session.now(), reply.headers))
        return RateLimited("too many requests", until=until, scope="address", evidence=evidence)
    if reply.status == 401:
        return NeedsReconnect("WordPress does not know this application password", evidence=evidence)
    if reply.status == 403 and code.startswith("rest_"):
        return NeedsReconnect(f"the user may not do that ({code})", evidence=evidence)
    if reply.status == 413:
        return Rejected("larger than the site's server takes", field="media", evidence=evidence)
    if field := _refused_field(reply, code):
        return Rejected(f"WordPress refused the post ({code})", field=field, evidence=evidence)
    if "location" in reply.headers:
        return reply.unreadable("the site sends us to another address: give that one, without /wp-json")
    if reply.status < 500 and _is_page(reply):
        return reply.unreadable(_PAGE)
    return reply.unexpected()


def _refused_field(reply: Reply, code: str) -> str | None:
    """Our name of what WordPress refused, when it did and nothing happened."""
    if reply.effect is Effect.READ:
        return None
    if code in ("db_insert_error", "db_update_error"):
        told = str(reply.json_or_empty().get("additional_data", ""))
        return next((field for column, field in _COLUMNS.items() if column in told), None)
    if code in GONE:
        return "post"
    return _REFUSED_CONTENT.get(code) if reply.status < 500 else None


def _is_page(reply: Reply) -> bool:
    return reply.content.lstrip()[:1] == b"<"


def _url(session: Session, path: str) -> str:
    return session.account.at(f"wp-json/{path}")


def _signed(session: Session) -> dict[str, Any]:
    user, password = session.secret["username"], session.secret["application_password"]
    basic = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"auth": (user, password), "hide": (password, password.replace(" ", ""), basic)}
