"""The contract on Bluesky: a record under a key of ours, so that a repeat changes nothing."""
# ruff: noqa: ARG002 - the contract says what each method is given

from collections.abc import Mapping, Sequence

from connectors.bluesky.capabilities import CAPABILITIES
from connectors.bluesky.comparing import shown, shown_as
from connectors.bluesky.preparing import is_prepared, prepare, prepare_next
from connectors.bluesky.readings import read_audience, read_posts
from connectors.bluesky.records import (
    SITE,
    body_of,
    created_at,
    kept_creation,
    post_record,
    record_key,
    rkey_of,
    uri_of_page,
    without_images,
)
from connectors.bluesky.repository import get, is_absent, published, put, remove
from connectors.bluesky.sessions import log_in, renew, renewed
from connectors.bluesky.xrpc import accepted, error_of
from connectors.contract import (
    Absent,
    Account,
    AlreadyGone,
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
from connectors.errors import Rejected
from connectors.refusals import refuse_what_would_be_lost
from connectors.text import limits_of, measure


class Bluesky:
    """See connectors.contract.Connector. The remote id is the post's at:// URI."""

    capabilities = CAPABILITIES

    def measure(self, outgoing: Outgoing, limits: Mapping[str, int]) -> Sequence[Measure]:
        """Graphemes and UTF-8 bytes of the text, with the link when it goes into the text."""
        body = body_of(outgoing)
        return tuple(measure(limit, body, limits) for limit in limits_of(CAPABILITIES, "text"))

    def needs_staging(self, outgoing: Outgoing) -> bool:
        """Images are uploaded and mentions looked up before."""
        return not is_prepared(outgoing, Staged())

    def remote_id_of(self, account: Account, outgoing: Outgoing, url: str) -> str | None:
        """From a page of bsky.app, by handle or by DID."""
        return uri_of_page(account, url)

    async def check(self, session: Session) -> Profile:
        """Log in with the stored password; the tokens come back to be stored."""
        opened = await log_in(session)
        return Profile(
            remote_id=opened["did"],
            handle=opened["handle"],
            title=opened["handle"],
            url=f"{SITE}/{opened['handle']}",
            renewed=renewed(session, opened),
        )

    async def refresh_credentials(self, session: Session) -> Renewed:
        """By the refresh token, else by the password; NeedsReconnect when both are refused."""
        return renewed(session, await renew(session))

    async def stage(self, session: Session, outgoing: Outgoing, key: Key, staged: Staged) -> Staged:
        """Look up the mentions, then upload the images, one request a step."""
        refuse_what_would_be_lost(CAPABILITIES, outgoing)
        return await prepare_next(session, outgoing, staged)

    async def publish(self, session: Session, outgoing: Outgoing, key: Key, staged: Staged) -> Published:
        """putRecord under the key's record key; a repeat writes the same bytes to the same place."""
        refuse_what_would_be_lost(CAPABILITIES, outgoing)
        rkey, created = record_key(key), created_at(key)
        reply = await put(session, rkey, post_record(outgoing, staged, created))
        if error_of(reply) == "BlobNotFound":
            staged = await prepare(session, outgoing, without_images(staged))
            reply = await put(session, rkey, post_record(outgoing, staged, created))
        return published(session, reply, rkey)

    async def find_existing(self, session: Session, probe: Probe) -> Finding:
        """getRecord under the key's record key: there, or proved not to be."""
        rkey = record_key(probe.key)
        reply = await get(session, rkey)
        if is_absent(reply):
            return Absent(proof=True, evidence=reply.evidence(code=error_of(reply)))
        return Found(published=published(session, reply, rkey))

    def shown_as(self, outgoing: Outgoing) -> Shown:
        """The record's text, images and language."""
        return shown_as(outgoing)

    async def read_back(self, session: Session, remote_id: str) -> ReadBack:
        """getRecord: the record in the repository, from which every reader is served."""
        reply = await get(session, rkey_of(remote_id))
        if is_absent(reply):
            return Absent(proof=True, evidence=reply.evidence(code=error_of(reply)))
        return shown(reply, accepted(session, reply))

    async def edit(self, session: Session, remote_id: str, outgoing: Outgoing) -> Published:
        """putRecord over the live record, keeping its creation time; Rejected when it is gone."""
        refuse_what_would_be_lost(CAPABILITIES, outgoing)
        rkey = rkey_of(remote_id)
        reply = await get(session, rkey)
        if is_absent(reply):
            raise Rejected("the post no longer exists", field="post", evidence=reply.evidence())
        live = accepted(session, reply)
        record = post_record(outgoing, await prepare(session, outgoing, Staged()), kept_creation(live))
        return published(session, await put(session, rkey, record, over=live), rkey)

    async def delete(self, session: Session, remote_id: str) -> Deletion:
        """deleteRecord; since that succeeds for nothing too, look first."""
        rkey = rkey_of(remote_id)
        reply = await get(session, rkey)
        if is_absent(reply):
            return AlreadyGone()
        accepted(session, reply)
        await remove(session, rkey)
        return Deleted()

    async def fetch_metrics(self, session: Session, remote_ids: Sequence[str]) -> Sequence[Reading]:
        """Counters of at most 25 posts, as the AppView behind the PDS knows them."""
        return await read_posts(session, remote_ids)

    async def fetch_audience(self, session: Session) -> Reading:
        """The account's followers."""
        return await read_audience(session)
