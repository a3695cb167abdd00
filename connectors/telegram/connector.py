"""The contract on Telegram channels: a message is one request, and a lost answer stays unknown."""
# ruff: noqa: ARG002 - the contract says what each method is given

from collections.abc import Mapping, Sequence

from connectors.contract import (
    Account,
    AlreadyGone,
    CannotDelete,
    CannotTell,
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
from connectors.errors import NeedsReconnect, Unsupported
from connectors.http import Effect, Reply
from connectors.refusals import refuse_what_would_be_lost
from connectors.telegram.bot_api import GONE, NOT_MODIFIED, STAYS, call, object_of, result_of, says
from connectors.telegram.capabilities import CAPABILITIES, CAPTION, NO_METRICS, TEXT
from connectors.telegram.membership import require_posting_right
from connectors.telegram.messages import (
    Address,
    address_of,
    chat_of,
    id_of_link,
    message_request,
    parse_remote_id,
    text_fields,
    words_of,
)
from connectors.text import measure, one_form

UNREADABLE = "a Telegram bot cannot read the channel: look there, then decide"
_TELLING = (AlreadyGone, Deleted, CannotDelete)
"""Of several deletions, the last of these speaks for all."""


class Telegram:
    """See connectors.contract.Connector. A remote id is `chat id/message id[,message id…]`."""

    capabilities = CAPABILITIES

    def measure(self, outgoing: Outgoing, limits: Mapping[str, int]) -> Sequence[Measure]:
        """The text, or the caption when there are images; the link counts in full."""
        return (measure(CAPTION if outgoing.media else TEXT, words_of(outgoing), limits),)

    def needs_staging(self, outgoing: Outgoing) -> bool:
        """Never: Telegram keeps nothing that is not sent."""
        return False

    def remote_id_of(self, account: Account, outgoing: Outgoing, url: str) -> str | None:
        """From the link of a message; None for an album, whose link names only its first part."""
        return None if len(outgoing.media) > 1 else id_of_link(account, url)

    async def check(self, session: Session) -> Profile:
        """The channel; NeedsReconnect when the token is dead or the bot may not post there."""
        place = {"chat_id": session.account.handle}
        bot = object_of(await call(session, Effect.READ, "getMe"), session, "id")
        chat = object_of(await call(session, Effect.READ, "getChat", params=place), session, "id", "type")
        member = await call(session, Effect.READ, "getChatMember", params=place | {"user_id": bot["id"]})
        require_posting_right(chat, object_of(member, session, "status"))
        name = chat.get("username")
        return Profile(
            remote_id=str(chat["id"]),
            handle=f"@{name}" if name else str(chat["id"]),
            title=str(chat.get("title", "")),
            url=f"https://t.me/{name}" if name else "",
            application=str(bot["id"]),
        )

    async def refresh_credentials(self, session: Session) -> Renewed:
        """Always NeedsReconnect: a bot token lives until its owner revokes it at @BotFather."""
        raise NeedsReconnect("a bot token cannot be renewed: enter a new one from @BotFather")

    async def stage(self, session: Session, outgoing: Outgoing, key: Key, staged: Staged) -> Staged:
        """Complete at once: Telegram keeps nothing that is not sent."""
        return Staged(complete=True)

    async def publish(self, session: Session, outgoing: Outgoing, key: Key, staged: Staged) -> Published:
        """Send the message or album in one request; a repeat would send it again."""
        refuse_what_would_be_lost(CAPABILITIES, outgoing)
        method, request = message_request(chat_of(session.account), outgoing)
        reply = await call(session, Effect.WRITE, method, **request)
        address = address_of(result_of(reply, session))
        if address is None or len(address.message_ids) != max(1, len(outgoing.media)):
            raise reply.unreadable("the answer does not name each message that was sent")
        return self._published(session, address, reply)

    async def find_existing(self, session: Session, probe: Probe) -> Finding:
        """Always CannotTell."""
        return CannotTell(reason=UNREADABLE)

    def shown_as(self, outgoing: Outgoing) -> Shown:
        """The text or caption, and the images."""
        return Shown(text=one_form(words_of(outgoing)), media_count=len(outgoing.media))

    async def read_back(self, session: Session, remote_id: str) -> ReadBack:
        """Always CannotTell."""
        return CannotTell(reason=UNREADABLE)

    async def edit(self, session: Session, remote_id: str, outgoing: Outgoing) -> Published:
        """Replace the text or caption; Unsupported when the number of images differs."""
        refuse_what_would_be_lost(CAPABILITIES, outgoing)
        address = parse_remote_id(remote_id)
        if len(address.message_ids) != max(1, len(outgoing.media)):
            raise Unsupported("Telegram cannot add images to a message or take them away")
        target = {"chat_id": address.chat_id, "message_id": address.message_ids[0]}
        if outgoing.media:
            request = "editMessageCaption", target | {"caption": words_of(outgoing)}
        else:
            request = "editMessageText", target | text_fields(outgoing)
        reply = await call(session, Effect.WRITE, request[0], json=request[1])
        if not says(reply, NOT_MODIFIED):
            result_of(reply, session)
        return self._published(session, address, reply)

    async def delete(self, session: Session, remote_id: str) -> Deletion:
        """Delete each message of it: CannotDelete when one stays, AlreadyGone when none was there."""
        address = parse_remote_id(remote_id)
        deletions = [await self._delete(session, address.chat_id, part) for part in address.message_ids]
        return max(deletions, key=lambda deletion: _TELLING.index(type(deletion)))

    async def _delete(self, session: Session, chat_id: str, message_id: int) -> Deletion:
        target = {"chat_id": chat_id, "message_id": message_id}
        reply = await call(session, Effect.WRITE, "deleteMessage", json=target)
        if says(reply, GONE):
            return AlreadyGone()
        if says(reply, STAYS):
            return CannotDelete(reason="Telegram lets this bot delete its messages for 48 hours only")
        result_of(reply, session)
        return Deleted()

    async def fetch_metrics(self, session: Session, remote_ids: Sequence[str]) -> Sequence[Reading]:
        """Always Unsupported."""
        raise Unsupported(NO_METRICS)

    async def fetch_audience(self, session: Session) -> Reading:
        """The number of members."""
        place = {"chat_id": chat_of(session.account)}
        reply = await call(session, Effect.READ, "getChatMemberCount", params=place)
        members = result_of(reply, session)
        if not isinstance(members, int):
            raise reply.unreadable("the number of members is no number")
        return Reading(remote_id=session.account.remote_id, values={"members": members})

    def _published(self, session: Session, address: Address, reply: Reply) -> Published:
        url = address.url(session.account)
        return Published(remote_id=address.remote_id, url=url, evidence=reply.evidence())
