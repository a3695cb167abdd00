"""One call to the Bot API, and what its refusals mean.

An answer is `{"ok": true, "result": …}` or `{"ok": false, "error_code", "description", "parameters"?}`.
Errors have no names, only English descriptions; those listed here are refusals before anything was sent.
The token is a part of every address, so it is hidden from all evidence.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from connectors.contract import Session
from connectors.errors import ConnectorError, NeedsReconnect, RateLimited, Rejected
from connectors.http import Effect, Reply
from connectors.waiting import after_seconds, wait_until

GONE = ("message to delete not found", "message_id_invalid")
STAYS = ("message can't be deleted", "message_delete_forbidden")
NOT_MODIFIED = ("message is not modified",)
_CONTENT: Mapping[str, str] = {
    "message text is empty": "text",
    "text must be non-empty": "text",
    "message is too long": "text",
    "text is too long": "text",
    "caption is too long": "caption",
    "media_caption_too_long": "caption",
    "must be encoded in utf-8": "text",
    "photo_invalid_dimensions": "media",
    "image_process_failed": "media",
    "photo_ext_invalid": "media",
    "photo_save_file_invalid": "media",
    "file must be non-empty": "media",
    "too big for a photo": "media",
    "request entity too large": "media",
    "message to edit not found": "post",
    "message can't be edited": "post",
    "there is no text in the message to edit": "media",
    "there is no caption in the message to edit": "media",
}
_ACCESS = (
    "chat not found",
    "need administrator rights",
    "not enough rights",
    "have no rights to send",
    "chat_write_forbidden",
    "chat_admin_required",
    "user not found",
    "member list is inaccessible",
    "participant_id_invalid",
    "channel_private",
)
_ACCESS_STATUSES = (401, 403, 404)
"""Dead token, bot removed or without the right, and a token of the wrong shape (404 Not Found)."""


async def call(session: Session, effect: Effect, method: str, **request: Any) -> Reply:
    """One Bot API method: a GET when it only reads, otherwise a POST."""
    token = session.secret["bot_token"]
    url = session.account.at(f"bot{quote(token, safe=':')}/{method}")
    hide = (token, quote(token, safe=""), token.partition(":")[2])
    verb = "GET" if effect is Effect.READ else "POST"
    return await session.http.send(effect, verb, url, hide=hide, **request)


def result_of(reply: Reply, session: Session) -> Any:
    """The `result` of a call that was done; otherwise the error that says what to do next."""
    if not reply.ok:
        raise _refusal(reply, session)
    answer = reply.json_object()
    if answer.get("ok") is not True or "result" not in answer:
        raise reply.unreadable("the answer is no Bot API result")
    return answer["result"]


def object_of(reply: Reply, session: Session, *names: str) -> dict[str, Any]:
    """`result_of` where the result is an object that has these fields."""
    result = result_of(reply, session)
    if not isinstance(result, dict) or not all(name in result for name in names):
        raise reply.unreadable(f"the result has no {' and '.join(names)}")
    return result


def says(reply: Reply, sentences: tuple[str, ...]) -> bool:
    """True when the call was refused with one of these descriptions."""
    return not reply.ok and _holds(_description(reply), sentences)


def _description(reply: Reply) -> str:
    answer = reply.json_or_empty()
    return str(answer.get("description", "")) if answer.get("ok") is False else ""


def _refusal(reply: Reply, session: Session) -> ConnectorError:
    evidence = reply.evidence(code=str(reply.status), words=_description(reply))
    words = evidence.words or ""
    if not words or reply.status >= 500:
        return reply.unexpected()
    reason = f"Telegram refuses: {words}"
    parameters = reply.json_or_empty().get("parameters")
    asked = parameters if isinstance(parameters, dict) else {}
    if reply.status == 429:
        until = wait_until(session.now(), after_seconds(session.now(), asked.get("retry_after")))
        return RateLimited(reason, until=until, evidence=evidence)
    if "migrate_to_chat_id" in asked:
        return NeedsReconnect(f"the chat is now {asked['migrate_to_chat_id']}", evidence=evidence)
    if reply.status in _ACCESS_STATUSES or _holds(words, _ACCESS):
        return NeedsReconnect(reason, evidence=evidence)
    for sentence, field in _CONTENT.items():
        if _holds(words, (sentence,)):
            return Rejected(reason, field=field, evidence=evidence)
    return reply.unexpected()


def _holds(words: str, sentences: Iterable[str]) -> bool:
    return any(sentence in words.lower() for sentence in sentences)
