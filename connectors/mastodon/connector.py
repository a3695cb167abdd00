"""The contract on Mastodon: one POST under an Idempotency-Key, which most servers honour for an hour."""
# ruff: noqa: ARG002 - the contract says what each method is given

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from connectors.contract import (
    Absent,
    Account,
    AlreadyGone,
    Deleted,
    Deletion,
    Finding,
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
from connectors.errors import ConnectorError, NeedsReconnect, RateLimited, Rejected
from connectors.http import Effect
from connectors.mastodon.api import accepted, is_missing, read, send
from connectors.mastodon.attachments import attach, attach_next, attached
from connectors.mastodon.capabilities import CAPABILITIES
from connectors.mastodon.counting import measures
from connectors.mastodon.instance import describe, limits_of
from connectors.mastodon.listing import find
from connectors.mastodon.statuses import fields_of, id_of_page, published, shown, shown_as
from connectors.readings import reading, unread
from connectors.refusals import refuse_what_would_be_lost

STATUSES = "/api/v1/statuses"
NOT_COUNTED = "this server does not count it"


class Mastodon:
    """See connectors.contract.Connector. The remote id is the status's id on the account's server."""

    capabilities = CAPABILITIES

    def measure(self, outgoing: Outgoing, limits: Mapping[str, int]) -> Sequence[Measure]:
        """The text with its link, as this account's server counts, and the longest alt text."""
        return measures(outgoing, limits)

    def needs_staging(self, outgoing: Outgoing) -> bool:
        """Images are uploaded before."""
        return bool(outgoing.media)

    def remote_id_of(self, account: Account, outgoing: Outgoing, url: str) -> str | None:
        """The id at the end of a status's page on the account's own server."""
        return id_of_page(account, url)

    async def check(self, session: Session) -> Profile:
        """The account of the token, and what its server allows."""
        reply = await read(session, "/api/v1/accounts/verify_credentials")
        account = accepted(session, reply)
        if not account.get("id") or not account.get("username"):
            raise reply.unreadable("the answer holds no account")
        return _profile(session, account, await describe(session))

    async def refresh_credentials(self, session: Session) -> Renewed:
        """NeedsReconnect: tokens do not lapse, and one that is refused only a person can replace."""
        raise NeedsReconnect("a Mastodon token cannot be renewed: authorise the account again")

    async def stage(self, session: Session, outgoing: Outgoing, key: Key, staged: Staged) -> Staged:
        """Upload the images and wait until the server has processed them."""
        refuse_what_would_be_lost(CAPABILITIES, outgoing)
        return await attach_next(session, outgoing, staged)

    async def publish(self, session: Session, outgoing: Outgoing, key: Key, staged: Staged) -> Published:
        """POST the status under the key; a repeat within the hour answers with the first one."""
        refuse_what_would_be_lost(CAPABILITIES, outgoing)
        fields = fields_of(outgoing, attached(outgoing, staged)) | {"visibility": "public"}
        reply = await send(
            session, Effect.WRITE, "POST", STATUSES, json=fields, headers={"Idempotency-Key": key.value}
        )
        return published(reply, accepted(session, reply))

    async def find_existing(self, session: Session, probe: Probe) -> Finding:
        """By words and number of images in the account's listing."""
        return await find(session, probe)

    def shown_as(self, outgoing: Outgoing) -> Shown:
        """The words of the status, its images and language."""
        return shown_as(outgoing)

    async def read_back(self, session: Session, remote_id: str) -> ReadBack:
        """The status as people see it, its HTML read as words."""
        reply = await read(session, f"{STATUSES}/{remote_id}")
        if is_missing(reply):
            return Absent(proof=True, evidence=reply.evidence())
        return shown(reply, accepted(session, reply))

    async def edit(self, session: Session, remote_id: str, outgoing: Outgoing) -> Published:
        """PUT the new content; Rejected when the status is gone."""
        refuse_what_would_be_lost(CAPABILITIES, outgoing)
        fields = fields_of(outgoing, attached(outgoing, await attach(session, outgoing, Staged())))
        reply = await send(session, Effect.WRITE, "PUT", f"{STATUSES}/{remote_id}", json=fields)
        if is_missing(reply):
            raise Rejected("the status no longer exists", field="post", evidence=reply.evidence())
        return published(reply, accepted(session, reply))

    async def delete(self, session: Session, remote_id: str) -> Deletion:
        """DELETE; a 404 of the server's own means that it was gone already."""
        reply = await send(session, Effect.WRITE, "DELETE", f"{STATUSES}/{remote_id}")
        if is_missing(reply):
            return AlreadyGone()
        accepted(session, reply)
        return Deleted()

    async def fetch_metrics(self, session: Session, remote_ids: Sequence[str]) -> Sequence[Reading]:
        """The counters of each status, one request each."""
        return await asyncio.gather(*(_read_status(session, remote_id) for remote_id in remote_ids))

    async def fetch_audience(self, session: Session) -> Reading:
        """The account's followers."""
        account = session.account.remote_id
        reply = await read(session, f"/api/v1/accounts/{account}")
        counted = CAPABILITIES.counted("channel")
        return reading(account, counted, accepted(session, reply), otherwise=NOT_COUNTED)


async def _read_status(session: Session, remote_id: str) -> Reading:
    counted = CAPABILITIES.counted("publication")
    try:
        reply = await read(session, f"{STATUSES}/{remote_id}")
        if is_missing(reply):
            return Reading(remote_id=remote_id, gone=True)
        return reading(remote_id, counted, accepted(session, reply), otherwise=NOT_COUNTED)
    except (NeedsReconnect, RateLimited):
        raise
    except ConnectorError as error:
        return unread(remote_id, counted, error.reason)


def _profile(session: Session, account: Mapping[str, Any], instance: Mapping[str, Any]) -> Profile:
    host = instance.get("domain") or instance.get("uri") or urlsplit(session.account.base_url).hostname
    username = str(account["username"])
    return Profile(
        remote_id=str(account["id"]),
        handle=f"@{username}@{host}",
        title=str(account.get("display_name") or username),
        url=str(account.get("url") or session.account.base_url),
        limits=limits_of(instance),
    )
