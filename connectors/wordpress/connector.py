"""The contract on WordPress: stage a draft under a slug made from the key, then release it."""
# ruff: noqa: ARG002 - the contract says what each method is given

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.contract import (
    Absent,
    Account,
    AlreadyGone,
    CannotDelete,
    CannotTell,
    Deleted,
    Deletion,
    Finding,
    Found,
    Key,
    Measure,
    Outgoing,
    Probe,
    Profile,
    Published,
    ReadBack,
    Reading,
    Renewed,
    Session,
    Shown,
    Staged,
)
from connectors.errors import NeedsReconnect, Rejected, Unsupported
from connectors.http import Effect, Reply
from connectors.refusals import refuse_what_would_be_lost
from connectors.text import measure
from connectors.wordpress.capabilities import CAPABILITIES, NO_AUDIENCE, TITLE
from connectors.wordpress.comparing import shown, shown_as
from connectors.wordpress.content import mark_of, post_fields, slug_of, title_of
from connectors.wordpress.drafts import (
    POST,
    find_own,
    place_images,
    raw_content,
    stage_next,
    staged_images,
    stored,
)
from connectors.wordpress.readings import read_comments
from connectors.wordpress.rest import (
    accepted,
    code_of,
    is_gone,
    number_in,
    post_path,
    read,
    send,
    whole_number,
)

THROWN_AWAY = "the post was thrown away in WordPress: look there, then decide"
NOWHERE = (None, "trash")
NEEDED = ("publish_posts", "upload_files", "edit_published_posts", "delete_published_posts")


class WordPress:
    """See connectors.contract.Connector. The remote id is the post's number."""

    capabilities = CAPABILITIES

    def measure(self, outgoing: Outgoing, limits: Mapping[str, int]) -> Sequence[Measure]:
        """The stored title in UTF-8 bytes; the text has no limit of its own."""
        return (measure(TITLE, title_of(outgoing), limits),)

    def needs_staging(self, outgoing: Outgoing) -> bool:
        """Always: a draft is laid out."""
        return True

    def remote_id_of(self, account: Account, outgoing: Outgoing, url: str) -> str | None:
        """From an address by number (`?p=`) or the editor's; None for a permalink, which holds no number."""
        return number_in(account, url)

    async def check(self, session: Session) -> Profile:
        """The site and the user; NeedsReconnect when the user may not do what publishing needs."""
        site = accepted(session, await read(session, "", _fields="name,home"))
        reply = await read(session, "wp/v2/users/me", context="edit")
        user = accepted(session, reply)
        rights = user.get("capabilities") or {}
        if missing := [right for right in NEEDED if not rights.get(right)]:
            raise NeedsReconnect(f"the user lacks {', '.join(missing)}", evidence=reply.evidence(words=""))
        home = str(site.get("home", session.account.base_url))
        return Profile(
            remote_id=f"{home.partition('://')[2]}#{whole_number(reply, user)}",
            handle=str(user.get("username") or user.get("slug", "")),
            title=str(site.get("name", "")),
            url=home,
        )

    async def refresh_credentials(self, session: Session) -> Renewed:
        """Always NeedsReconnect: an application password lives until it is revoked in the user's profile."""
        raise NeedsReconnect("an application password cannot be renewed: enter a new one")

    async def stage(self, session: Session, outgoing: Outgoing, key: Key, staged: Staged) -> Staged:
        """One image into the media library a step, then the draft."""
        refuse_what_would_be_lost(CAPABILITIES, outgoing)
        return await stage_next(session, outgoing, slug_of(key), staged)

    async def publish(self, session: Session, outgoing: Outgoing, key: Key, staged: Staged) -> Published:
        """Release the draft with what was approved; a post that is live already is left as it is."""
        path = post_path(staged.handle.get(POST, ""))
        post, reply = await stored(session, path)
        if post.get("status") in NOWHERE:
            raise Rejected(THROWN_AWAY, field="post", evidence=reply.evidence(words=""))
        if post["status"] == "publish":
            return _published(reply, post)
        fields = post_fields(outgoing, slug_of(key), staged_images(outgoing, staged))
        reply = await send(session, Effect.WRITE, path, json={**fields, "status": "publish"})
        released = accepted(session, reply)
        if released.get("status") != "publish":
            raise reply.unreadable(f"WordPress kept the post as {released.get('status')!r}")
        return _published(reply, released)

    async def find_existing(self, session: Session, probe: Probe) -> Finding:
        """By the draft's number, else by the slug made from the key."""
        if post_id := probe.staged.handle.get(POST):
            post, reply = await stored(session, post_path(post_id))
            if post.get("status") in NOWHERE:
                return CannotTell(reason=THROWN_AWAY, evidence=reply.evidence(words=""))
        else:
            found, reply = await find_own(session, slug_of(probe.key))
            post = found or {}
        if post.get("status") == "publish":
            return Found(published=_published(reply, post))
        return Absent(proof=False, evidence=reply.evidence(words="a draft" if post else "nothing"))

    def shown_as(self, outgoing: Outgoing) -> Shown:
        """Title and text as stored, every image, and the language on the text."""
        return shown_as(outgoing)

    async def read_back(self, session: Session, remote_id: str) -> ReadBack:
        """The stored post; Absent unless it is published."""
        post, reply = await stored(session, post_path(remote_id))
        if post.get("status") != "publish":
            status = str(post.get("status", "gone"))
            return Absent(proof=True, evidence=reply.evidence(words=status))
        return shown(post)

    async def edit(self, session: Session, remote_id: str, outgoing: Outgoing) -> Published:
        """Replace title, text and images of a live post; Rejected when it is gone."""
        refuse_what_would_be_lost(CAPABILITIES, outgoing)
        path = post_path(remote_id)
        post, reply = await stored(session, path)
        if post.get("status") in NOWHERE:
            raise Rejected("the post no longer exists", field="post", evidence=reply.evidence(words=""))
        slug = mark_of(raw_content(post)) or str(post.get("slug", ""))
        fields = post_fields(outgoing, slug, await place_images(session, outgoing, slug))
        reply = await send(session, Effect.WRITE, path, json=fields)
        return _published(reply, accepted(session, reply))

    async def delete(self, session: Session, remote_id: str) -> Deletion:
        """Into the trash, or for good where the site has none."""
        path = post_path(remote_id)
        reply = await send(session, Effect.WRITE, path, method="DELETE")
        if code_of(reply) == "rest_trash_not_supported":
            reply = await send(session, Effect.WRITE, path, method="DELETE", params={"force": "true"})
        if is_gone(reply):
            return AlreadyGone()
        if code_of(reply) == "rest_cannot_delete" and reply.status == 403:
            return CannotDelete(reason="the user may not delete this post")
        accepted(session, reply)
        return Deleted()

    async def fetch_metrics(self, session: Session, remote_ids: Sequence[str]) -> Sequence[Reading]:
        """Approved comments of each post, one request a post."""
        return await read_comments(session, remote_ids)

    async def fetch_audience(self, session: Session) -> Reading:
        """Always Unsupported."""
        raise Unsupported(NO_AUDIENCE)


def _published(reply: Reply, post: Mapping[str, Any]) -> Published:
    url = post.get("link")
    if not isinstance(url, str):
        raise reply.unreadable("the answer has no link")
    return Published(remote_id=str(whole_number(reply, post)), url=url, evidence=reply.evidence(words=""))
