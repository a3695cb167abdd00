"""Statuses: creating under an Idempotency-Key, reading, editing, deleting, listing."""

import re
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.exchange import Answer, answer_json
from connectors.sandbox.faces.mastodon.bodies import read_body
from connectors.sandbox.faces.mastodon.counting import characters
from connectors.sandbox.faces.mastodon.entities import status_of
from connectors.sandbox.faces.mastodon.media import Attachment, Attachments
from connectors.sandbox.faces.mastodon.turn import DELETES, Turn, refuse
from connectors.sandbox.world import AccountState, Post, World

KEY_LIFE = timedelta(hours=1)
MANY = 20
FIELDS = (
    "status",
    "media_ids",
    "sensitive",
    "spoiler_text",
    "visibility",
    "language",
    "quote_approval_policy",
)
EDITS = (
    "status",
    "media_ids",
    "media_attributes",
    "sensitive",
    "spoiler_text",
    "language",
    "quote_approval_policy",
)
# The regional locales Mastodon keeps; of every other tag only the primary part stays (4.x, languages_helper)
REGIONAL = frozenset({"zh-CN", "zh-HK", "zh-TW", "zh-YUE"})
_PRIMARY = re.compile(r"([a-z]{2,3})([-_][A-Za-z0-9]+)*")


class Statuses:
    """The statuses part of the face."""

    def __init__(self, world: World, attachments: Attachments) -> None:
        self._world = world
        self._attachments = attachments
        self._keys: dict[tuple[str, str], tuple[datetime, str]] = {}

    def create(self, turn: Turn) -> Answer:
        """POST /api/v1/statuses; the same key within an hour answers with the first status again."""
        account = turn.writer()
        key = turn.call.headers.get("idempotency-key", "")
        if repeated := self._repeated(turn, account, key):
            self._world.note(repeated, "repeat", applied=False)
            return answer_json(status_of(repeated))
        body = read_body(turn, *FIELDS)
        media = self._attachments.take(turn, body.get("media_ids", []), status_id=None)
        content = _content(turn, body, media, language="")
        post = self._post(turn, {**content, "visibility": _visibility(turn, body), "key": key}, media)
        if key:
            self._keys[account.remote_id, key] = (self._world.now(), post.remote_id)
        return answer_json(status_of(post))

    def show(self, turn: Turn) -> Answer:
        """GET /api/v1/statuses/{id}, for everyone."""
        return answer_json(status_of(self._visible(turn)))

    def show_many(self, turn: Turn) -> Answer:
        """GET /api/v1/statuses?id[]=…: at most 20; those that do not exist are left out."""
        if not turn.flavour.reads_many:
            raise refuse(404, "Not Found")
        asked = turn.call.arguments
        if any(name != "id[]" for name, _ in asked) or len(asked) > MANY:
            raise turn.invalid(f"only id[] is taken, at most {MANY} times")
        found = [self._find(turn, number) for _, number in asked]
        return answer_json([status_of(post) for post in found if post])

    def source(self, turn: Turn) -> Answer:
        """GET /api/v1/statuses/{id}/source, for its author."""
        post = self._own(turn, turn.reader())
        return answer_json(_source(post))

    def edit(self, turn: Turn) -> Answer:
        """PUT /api/v1/statuses/{id}; media that the call does not name again are taken off."""
        post = self._own(turn, turn.writer())
        body = read_body(turn, *EDITS)
        media = self._attachments.take(turn, body.get("media_ids", []), status_id=post.remote_id)
        content = _content(turn, body, media, language=post.language)
        if "media_attributes" in body:
            self._attachments.change(turn, body["media_attributes"])
        _attach(post.remote_id, media)
        post.native |= _native(content, media)
        self._world.edit(post, text=content["status"], language=content["language"], alts=_alts(media))
        return answer_json(status_of(post))

    def delete(self, turn: Turn) -> Answer:
        """DELETE /api/v1/statuses/{id}: answers with the source; a second time 404."""
        account = turn.writer()
        turn.spend(DELETES)
        turn.query("delete_media")
        post = self._own(turn, account)
        account.native["statuses"].remove(post.remote_id)
        answer = {**status_of(post), **_source(post)}
        self._world.remove(post)
        return answer_json(answer)

    def page(self, turn: Turn) -> Answer:
        """GET /api/v1/accounts/{id}/statuses, newest first, with a Link header to the next page."""
        asked = turn.query(
            *("limit", "max_id", "since_id", "min_id", "exclude_replies", "exclude_reblogs", "only_media"),
            *("pinned", "tagged"),
        )
        account = self._world.known(turn.flavour.name, turn.path["id"])
        if account is None:
            raise refuse(404, "Record not found")
        posts = [self._world.posts[number] for number in reversed(account.native["statuses"])]
        shown = [post for post in posts if _between(post, asked)]
        if asked.get("only_media") == "true":
            shown = [post for post in shown if post.alts]
        limit = min(_whole(turn, asked.get("limit", "20")), 40)
        answer = answer_json([status_of(post) for post in shown[:limit]])
        if len(shown) <= limit:
            return answer
        url = f"{account.base_url}{turn.call.path}?limit={limit}&max_id={shown[limit - 1].remote_id}"
        return answer.plus({"link": f'<{url}>; rel="next"'})

    def _repeated(self, turn: Turn, account: AccountState, key: str) -> Post | None:
        """The status of an earlier call with this key; 404 when it was deleted meanwhile."""
        made_at, number = self._keys.get((account.remote_id, key), (None, ""))
        if not turn.flavour.honours_key or made_at is None or self._world.now() - made_at >= KEY_LIFE:
            return None
        post = self._world.posts[number]
        if not post.visible:
            raise refuse(404, "Record not found")
        return post

    def _post(self, turn: Turn, content: dict[str, Any], media: list[Attachment]) -> Post:
        account = turn.writer()
        number = turn.flavour.number(self._world.now(), self._world.serial("mastodon-status"))
        post = Post(
            account=account,
            remote_id=number,
            url=f"{account.base_url}/@{account.name}/{number}",
            text=content["status"],
            language=content["language"],
            alts=_alts(media),
            key=content["key"],
            at=self._world.now(),
            native={"visibility": content["visibility"], **_native(content, media)},
        )
        _attach(number, media)
        account.native["statuses"].append(number)
        self._world.publish(post)
        return post

    def _find(self, turn: Turn, number: str) -> Post | None:
        post = self._world.posts.get(number)
        return post if post and post.visible and post.platform == turn.flavour.name else None

    def _visible(self, turn: Turn) -> Post:
        post = self._find(turn, turn.path["id"])
        if post is None:
            raise refuse(404, "Record not found")
        return post

    def _own(self, turn: Turn, account: AccountState) -> Post:
        post = self._visible(turn)
        if post.account is not account:
            raise refuse(404, "Record not found")
        return post


def _content(turn: Turn, body: dict[str, Any], media: list[Attachment], *, language: str) -> dict[str, Any]:
    """The checked content of a new or edited status."""
    text, spoiler = body.get("status", ""), body.get("spoiler_text", "")
    if not isinstance(text, str) or not isinstance(spoiler, str):
        raise turn.invalid("Text must be text")
    if not text.strip() and not media:
        raise turn.invalid("Text can't be blank")
    limit = turn.flavour.max_characters
    if characters(text + spoiler, turn.flavour) > limit:
        raise turn.invalid(f"Text character limit of {limit} exceeded")
    return {
        "status": text.strip(),
        "spoiler_text": spoiler,
        "sensitive": turn.flag(body.get("sensitive", False), "sensitive"),
        "language": _language(turn, body["language"]) if "language" in body else language,
    }


def _language(turn: Turn, tag: Any) -> str:
    found = _PRIMARY.fullmatch(tag) if isinstance(tag, str) else None
    if found is None:
        raise turn.invalid(f"Language {tag!r} is not a language code")
    return str(tag) if tag in REGIONAL else found[1]


def _visibility(turn: Turn, body: dict[str, Any]) -> str:
    visibility = body.get("visibility", "public")
    if visibility not in ("public", "unlisted"):
        raise turn.invalid(f"Visibility {visibility!r} is not included in the list of this sandbox")
    return str(visibility)


def _native(content: dict[str, Any], media: list[Attachment]) -> dict[str, Any]:
    kept = ("spoiler_text", "sensitive")
    return {"media": [one.view for one in media], **{name: content[name] for name in kept}}


def _attach(number: str, media: list[Attachment]) -> None:
    for attachment in media:
        attachment.status_id = number


def _alts(media: list[Attachment]) -> tuple[str, ...]:
    return tuple(one.view["description"] or "" for one in media)


def _whole(turn: Turn, value: str) -> int:
    if not value.isdigit() or int(value) < 1:
        raise turn.invalid("limit is no positive number")
    return int(value)


def _source(post: Post) -> dict[str, Any]:
    return {"id": post.remote_id, "text": post.text, "spoiler_text": post.native["spoiler_text"]}


def _between(post: Post, asked: dict[str, str]) -> bool:
    """Ids of one server have one length, so their order as text is their order in time."""
    after = max(asked.get(name, "") for name in ("since_id", "min_id"))
    return after < post.remote_id and ("max_id" not in asked or post.remote_id < asked["max_id"])
