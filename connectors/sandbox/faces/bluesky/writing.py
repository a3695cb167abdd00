"""Writing to a repository: blobs, records under client-chosen keys, and what the public then sees.

Answers as seen on PDS 0.5, 2026-11-22: createRecord on a used key is 500, putRecord with the same content
changes nothing, deleting twice is 200 twice, a blob too big for its record is stored and refused later.
"""

from typing import Any

from connectors.sandbox.exchange import Refused, answer_json
from connectors.sandbox.faces.bluesky import schemas
from connectors.sandbox.faces.bluesky.cids import TID, blob_cid, record_cid, tid
from connectors.sandbox.faces.bluesky.lexicon import Check, Invalid
from connectors.sandbox.faces.bluesky.repos import POST, Record, Repo, Repos
from connectors.sandbox.faces.bluesky.sessions import Sessions, json_body
from connectors.sandbox.faces.bluesky.turn import POINTS, Turn, refuse
from connectors.sandbox.pictures import look_at
from connectors.sandbox.world import AccountState, Post, World

BLOB_LIMIT = 5 * 1024 * 1024
POINTS_OF = {"create": 3, "edit": 2, "delete": 1}


class Writing:
    """The part of com.atproto.repo.* that changes something."""

    def __init__(self, world: World, sessions: Sessions, repos: Repos) -> None:
        self._world = world
        self._sessions = sessions
        self._repos = repos

    def upload(self, turn: Turn) -> dict[str, Any]:
        """com.atproto.repo.uploadBlob: raw bytes; the type is sniffed, as the PDS does."""
        repo = self._repos.of(self._writer(turn).remote_id)
        content = turn.call.body
        if not turn.call.content_type:
            raise refuse("Request encoding (Content-Type) required but not provided")
        if len(content) > BLOB_LIMIT:
            raise refuse("request entity too large", error="PayloadTooLarge", status=413)
        picture = look_at(content)
        mime_type = picture.mime_type if picture else turn.call.content_type
        if picture is None and mime_type.startswith("image/"):
            raise refuse(f"the bytes are no {mime_type}", error="InvalidMimeType")
        cid = blob_cid(content)
        repo.blobs[cid] = (mime_type, len(content))
        self._world.record(repo.account, "upload", remote_id=cid)
        reference = {"$type": "blob", "ref": {"$link": cid}, "mimeType": mime_type, "size": len(content)}
        return {"blob": reference}

    def put(self, turn: Turn) -> dict[str, Any]:
        """com.atproto.repo.putRecord: create or replace under the client's key."""
        repo, body = self._write_body(turn, schemas.PUT)
        known = repo.records.get((body["collection"], body["rkey"]))
        if "swapRecord" in body and body["swapRecord"] != (known.cid if known else None):
            raise refuse("Record was at another version", error="InvalidSwap")
        return self._store(turn, repo, body, known)

    def create(self, turn: Turn) -> dict[str, Any]:
        """com.atproto.repo.createRecord; a key that is taken is a 500, as on the real server."""
        repo, body = self._write_body(turn, schemas.CREATE)
        serial = self._world.serial("bluesky-tid")
        body = {"rkey": tid(self._world.now(), serial), **body}
        if (body["collection"], body["rkey"]) in repo.records:
            broken = {"error": "InternalServerError", "message": "Internal Server Error"}
            raise Refused(answer_json(broken, status=500))
        return self._store(turn, repo, body, None)

    def delete(self, turn: Turn) -> dict[str, Any]:
        """com.atproto.repo.deleteRecord, which is content when there is nothing to delete."""
        repo, body = self._write_body(turn, schemas.DELETE)
        turn.spend(POINTS, subject=repo.account.remote_id, points=POINTS_OF["delete"])
        record = repo.records.pop((body["collection"], body["rkey"]), None)
        if record is None:
            return {}
        self._count(record.value, -1)
        if body["collection"] == POST:
            self._world.remove(self._world.posts[record.uri])
        return {"commit": self._commit(record.uri)}

    def _writer(self, turn: Turn) -> AccountState:
        account = self._sessions.account_of(turn)
        if account.standing == "read_only":
            raise refuse("Account is deactivated", error="AccountDeactivated")
        return account

    def _write_body(self, turn: Turn, shape: Check) -> tuple[Repo, dict[str, Any]]:
        account = self._writer(turn)
        body = json_body(turn)
        try:
            shape(body, "$")
        except Invalid as problem:
            raise refuse(f"Invalid input: {problem}") from None
        if body["repo"] not in (account.handle, account.remote_id):
            raise refuse("Authentication Required", error="AuthenticationRequired", status=401)
        return self._repos.of(account.remote_id), body

    def _store(self, turn: Turn, repo: Repo, body: dict[str, Any], known: Record | None) -> dict[str, Any]:
        collection, rkey, value = body["collection"], body["rkey"], body["record"]
        self._check(repo, collection, rkey, value)
        turn.spend(POINTS, subject=repo.account.remote_id, points=POINTS_OF["edit" if known else "create"])
        uri = f"at://{repo.account.remote_id}/{collection}/{rkey}"
        record = Record(
            uri=uri, cid=record_cid(value), value=value, at=known.at if known else self._world.now()
        )
        if known and known.cid == record.cid:
            if collection == POST:
                self._world.note(self._world.posts[uri], "repeat", applied=False)
            return {**record.reference(), "validationStatus": "valid"}
        repo.records[collection, rkey] = record
        self._show(repo, record, rkey, known)
        return {**record.reference(), "commit": self._commit(record.cid), "validationStatus": "valid"}

    def _check(self, repo: Repo, collection: str, rkey: str, value: dict[str, Any]) -> None:
        if not TID.fullmatch(rkey):
            raise refuse(f"Invalid record key for {collection}: {rkey!r} is not a TID")
        try:
            schemas.check_record(collection, value)
        except Invalid as problem:
            raise refuse(f"Invalid {collection} record: {problem}") from None
        for blob in schemas.blobs_in(value):
            stored = repo.blobs.get(blob["ref"]["$link"])
            if stored is None:
                raise refuse(f"Could not find blob: {blob['ref']['$link']}", error="BlobNotFound")
            if stored != (blob["mimeType"], blob["size"]):
                raise refuse("Referenced blob differs from the stored one", error="InvalidMimeType")

    def _show(self, repo: Repo, record: Record, rkey: str, known: Record | None) -> None:
        if known:
            self._count(known.value, -1)
        self._count(record.value, +1)
        if record.value["$type"] != POST:
            return
        facts = _facts(record.value)
        shown = self._world.posts.get(record.uri)
        if shown and known:
            self._world.edit(shown, **facts)
            return
        url = f"https://bsky.app/profile/{repo.account.handle}/post/{rkey}"
        self._world.publish(
            Post(account=repo.account, remote_id=record.uri, url=url, key=rkey, at=self._world.now(), **facts)
        )

    def _count(self, value: dict[str, Any], step: int) -> None:
        """Let a like, repost, reply or quote show on its subject."""
        for kind, uri in _subjects(value):
            if subject := self._world.posts.get(uri):
                subject.added[kind] += step

    def _commit(self, of: str) -> dict[str, str]:
        serial = self._world.serial("bluesky-commit")
        return {"cid": record_cid([of, serial]), "rev": tid(self._world.now(), serial)}


def _facts(value: dict[str, Any]) -> dict[str, Any]:
    embed = value.get("embed", {})
    images = embed.get("media", embed).get("images", [])
    return {
        "text": value["text"],
        "language": ",".join(value.get("langs", [])),
        "alts": tuple(image["alt"] for image in images),
    }


def _subjects(value: dict[str, Any]) -> list[tuple[str, str]]:
    """(our word for the reaction, uri) of each post that this record reacts to."""
    if value["$type"] != POST:
        return [(value["$type"].rpartition(".")[2], value["subject"]["uri"])]
    found = []
    if "reply" in value:
        found.append(("reply", value["reply"]["parent"]["uri"]))
    quoted = value.get("embed", {}).get("record", {})
    if quoted := quoted.get("record", quoted):
        found.append(("quote", quoted["uri"]))
    return found
