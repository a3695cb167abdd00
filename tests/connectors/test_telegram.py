"""Telegram: the conformance suite on the sandbox's Bot API, and what is special there."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

import httpx
import pytest

from connectors.conformance import Answer, ConnectorConformance, Desk, Place, Relay, new_key, new_mark
from connectors.contract import (
    Account,
    AlreadyGone,
    CannotDelete,
    Connector,
    Deleted,
    Deletion,
    MediaFile,
    Outgoing,
    Published,
    Staged,
)
from connectors.errors import (
    ConnectorError,
    NeedsReconnect,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unsupported,
)
from connectors.sandbox import SandboxServer
from connectors.telegram import connector
from tests.connectors.places import sandbox_place
from tests.connectors.wire import NOW, Wire

TOKEN = "7123456789:AAEhBOweik6ad6PsWmRDLyGnQyvCcQVvVvs"
ACCOUNT = Account(base_url="https://api.telegram.org", handle="@centre", remote_id="-1001234567890")
SENT = {"message_id": 12, "chat": {"id": -1001234567890, "type": "channel"}, "date": 1}
POST = Outgoing(text="نص", language="ar")


class TestTelegram(ConnectorConformance):
    """The inherited suite."""

    connector: ClassVar[Connector] = connector

    @pytest.fixture(scope="class")
    @classmethod
    def place(cls, sandbox: SandboxServer) -> Place:
        return sandbox_place(sandbox, "telegram", "suite", dead={"bot_token": TOKEN})

    def too_many_requests(self, wait_s: int | None) -> Answer:
        asked = {} if wait_s is None else {"parameters": {"retry_after": wait_s}}
        refusal = refused(429, "Too Many Requests", **asked)
        return Answer(status=429, body=refusal.content)


@pytest.fixture(scope="module")
def desk(sandbox: SandboxServer) -> Iterator[Desk]:
    place = sandbox_place(sandbox, "telegram", "specifics", dead={"bot_token": TOKEN})
    with Relay(place.account.base_url) as relay:
        yield Desk(connector, place, relay)


def refused(status: int, description: str, **more: Any) -> httpx.Response:
    body = {"ok": False, "error_code": status, "description": description, **more}
    return httpx.Response(status, json=body)


def done(result: Any) -> httpx.Response:
    return httpx.Response(200, json={"ok": True, "result": result})


def wire(*answers: httpx.Response, account: Account = ACCOUNT) -> Wire:
    return Wire(account, {"bot_token": TOKEN}, *answers)


def publish(on: Wire, outgoing: Outgoing = POST) -> Published:
    result = on.call(lambda session: connector.publish(session, outgoing, new_key(), Staged(complete=True)))
    assert isinstance(result, Published)
    return result


def sent_json(on: Wire) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(on.requests[-1].content)
    return told


def photo(width: int = 64, height: int = 48) -> MediaFile:
    return MediaFile(
        name="flag", mime_type="image/png", content=b"PIXELS", alt="علم", width=width, height=height
    )


def test_a_link_has_its_own_line_and_its_card() -> None:
    on = wire(done(SENT))
    publish(on, Outgoing(text="Новости", language="ru", link="https://example.org/a?b=1"))
    told = sent_json(on)
    assert told["text"] == "Новости\n\nhttps://example.org/a?b=1"
    assert told["link_preview_options"] == {"url": "https://example.org/a?b=1"}
    assert "entities" not in told
    assert "parse_mode" not in told


def test_text_that_looks_like_markup_arrives_as_it_is(desk: Desk) -> None:
    text = f"{new_mark()} <b>5 > 3 & 2</b> *не* _курсив_ [x](https://example.org)"
    desk.publish(Outgoing(text=text, language="ru"), new_key())
    assert [seen.text for seen in desk.seen(text)] == [text]


def test_a_caption_has_a_quarter_of_the_room_and_counts_the_link() -> None:
    link = "https://example.org/" + "a" * 80
    plain = Outgoing(text="汉" * 900, language="zh", link=link)
    pictured = Outgoing(text="汉" * 923, language="zh", link=link, media=(photo(),))
    (text,), (caption,) = (connector.measure(outgoing, {}) for outgoing in (plain, pictured))
    assert (text.field, text.count, text.limit) == ("text", 1002, 4096)
    assert (caption.field, caption.count, caption.limit) == ("caption", 1025, 1024)
    assert not caption.fits


def test_white_space_that_telegram_cuts_off_is_neither_counted_nor_sent() -> None:
    on = wire(done(SENT))
    outgoing = Outgoing(text="\n  新闻 \n", language="zh")
    publish(on, outgoing)
    assert sent_json(on)["text"] == "新闻"
    assert connector.measure(outgoing, {})[0].count == 2


def test_an_album_carries_its_caption_once_and_is_recalled_whole(desk: Desk) -> None:
    mark = new_mark()
    images = tuple(TestTelegram().image("", shade) for shade in range(3))
    outgoing = Outgoing(text=mark, language="ar", media=images)
    published = desk.publish(outgoing, new_key())
    assert [(seen.text, seen.media_count) for seen in desk.seen(mark)] == [(mark, 3)]
    assert published.remote_id.count(",") == 2
    edited = Outgoing(text=f"{mark} mended", language="ar", media=images)
    desk.call(lambda session: connector.edit(session, published.remote_id, edited))
    assert [seen.text for seen in desk.seen(mark)] == [f"{mark} mended"]
    assert desk.call(lambda session: connector.delete(session, published.remote_id)) == Deleted()
    assert desk.seen(mark) == []


def test_an_edit_that_changes_nothing_is_a_success(desk: Desk) -> None:
    outgoing = Outgoing(text=new_mark(), language="ar")
    remote_id = desk.publish(outgoing, new_key()).remote_id
    edited = desk.call(lambda session: connector.edit(session, remote_id, outgoing))
    assert edited.remote_id == remote_id


def test_images_of_a_live_message_cannot_be_added_or_taken_away(desk: Desk) -> None:
    mark = new_mark()
    images = tuple(TestTelegram().image("", shade) for shade in range(2))
    album = desk.publish(Outgoing(text=mark, language="ar", media=images), new_key()).remote_id
    plain = desk.publish(Outgoing(text=mark, language="ar"), new_key()).remote_id
    one = Outgoing(text=mark, language="ar", media=images[:1])
    with pytest.raises(Unsupported):
        desk.call(lambda session: connector.edit(session, album, one))
    with pytest.raises(Rejected) as refusal:
        desk.call(lambda session: connector.edit(session, plain, one))
    assert refusal.value.field == "media"


def test_eleven_images_or_a_strip_are_refused_before_anything_is_sent() -> None:
    on = wire(done(SENT))
    for media in ((photo(),) * 11, (photo(2100, 100),), (photo(9000, 1001),)):
        with pytest.raises(Rejected) as refusal:
            publish(on, Outgoing(text="x", language="en", media=media))
        assert refusal.value.field == "media"
    assert on.requests == []


def test_a_private_channel_is_named_by_its_number() -> None:
    account = Account(base_url="https://api.telegram.org", handle="-1001234567890")
    assert publish(wire(done(SENT), account=account)).url == "https://t.me/c/1234567890/12"
    assert publish(wire(done(SENT))).url == "https://t.me/centre/12"


@pytest.mark.parametrize(
    ("status", "description", "expected"),
    [
        (400, "Bad Request: message text is empty", Rejected),
        (400, "Bad Request: message is too long", Rejected),
        (400, "Bad Request: message caption is too long", Rejected),
        (400, "Bad Request: PHOTO_INVALID_DIMENSIONS", Rejected),
        (400, "Bad Request: IMAGE_PROCESS_FAILED", Rejected),
        (413, "Request Entity Too Large", Rejected),
        (400, "Bad Request: chat not found", NeedsReconnect),
        (400, "Bad Request: need administrator rights in the channel chat", NeedsReconnect),
        (400, "Bad Request: not enough rights to send photos to the chat", NeedsReconnect),
        (401, "Unauthorized", NeedsReconnect),
        (403, "Forbidden: bot was kicked from the channel chat", NeedsReconnect),
        (404, "Not Found", NeedsReconnect),
        (400, "Bad Request: something new", OutcomeUnknown),
        (409, "Conflict", OutcomeUnknown),
        (500, "Internal Server Error", OutcomeUnknown),
        (502, "Bad Gateway", OutcomeUnknown),
    ],
)
def test_each_reviewed_refusal_has_its_meaning_and_the_rest_is_unknown(
    status: int, description: str, expected: type[ConnectorError]
) -> None:
    with pytest.raises(expected) as refusal:
        publish(wire(refused(status, description)))
    assert refusal.value.evidence.status == status
    assert description in str(refusal.value.evidence.words)


@pytest.mark.parametrize("asked_s", [1, 35, "35", 10**12, -5, "soon", None])
def test_a_flood_names_its_end_in_the_body(asked_s: object) -> None:
    with pytest.raises(RateLimited) as limited:
        publish(wire(refused(429, "Too Many Requests", parameters={"retry_after": asked_s})))
    wait = limited.value.until - NOW
    assert timedelta(0) < wait <= timedelta(days=1)
    if asked_s in (35, "35"):
        assert wait == timedelta(seconds=35)


def test_a_chat_that_moved_says_where_to() -> None:
    moved = refused(400, "Bad Request: group chat was upgraded", parameters={"migrate_to_chat_id": -1009})
    with pytest.raises(NeedsReconnect, match="-1009"):
        publish(wire(moved))


@pytest.mark.parametrize(
    "result",
    [True, {}, [], {**SENT, "message_id": 0}, {"message_id": 12}, [SENT, {**SENT, "message_id": 13}]],
)
def test_an_answer_that_does_not_name_the_message_is_unknown(result: object) -> None:
    with pytest.raises(OutcomeUnknown):
        publish(wire(done(result)))


def test_an_album_of_which_a_part_is_not_named_is_unknown() -> None:
    with pytest.raises(OutcomeUnknown):
        publish(wire(done([SENT])), Outgoing(text="x", language="en", media=(photo(), photo())))


@pytest.mark.parametrize(
    ("chat", "member", "told"),
    [
        ({"type": "channel"}, {"status": "left"}, "make it an administrator"),
        ({"type": "channel"}, {"status": "kicked"}, "make it an administrator"),
        ({"type": "channel"}, {"status": "administrator", "can_post_messages": False}, "right to post"),
        ({"type": "supergroup"}, {"status": "administrator"}, "not a channel"),
    ],
)
def test_a_bot_that_may_not_post_is_told_what_to_change(
    chat: dict[str, Any], member: dict[str, Any], told: str
) -> None:
    on = wire(done({"id": 7, "is_bot": True}), done({"id": -1001, **chat}), done(member))
    with pytest.raises(NeedsReconnect, match=told):
        on.call(connector.check)


def test_a_bot_without_the_right_is_found_at_connect(desk: Desk, sandbox: SandboxServer) -> None:
    sandbox.control.set_standing("telegram", desk.account.handle, "read_only")
    try:
        with pytest.raises(NeedsReconnect, match="right to post"):
            desk.call(connector.check)
    finally:
        sandbox.control.set_standing("telegram", desk.account.handle, "ok")
    assert desk.call(connector.check).url == f"https://t.me/{desk.account.handle[1:]}"


def test_words_of_a_server_that_failed_refuse_nothing() -> None:
    with pytest.raises(OutcomeUnknown):
        publish(wire(refused(502, "Bad Gateway: message text is empty")))


GONE = refused(400, "Bad Request: message to delete not found")
STAYS = refused(400, "Bad Request: message can't be deleted for everyone")
OLD = CannotDelete(reason="Telegram lets this bot delete its messages for 48 hours only")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([done(True), done(True)], Deleted()),
        ([GONE, done(True)], Deleted()),
        ([GONE, GONE], AlreadyGone()),
        ([done(True), STAYS], OLD),
        ([STAYS, GONE], OLD),
    ],
)
def test_an_album_is_only_gone_when_each_part_is(answers: list[httpx.Response], expected: Deletion) -> None:
    on = wire(*answers)
    assert on.call(lambda session: connector.delete(session, "-1001/4,5")) == expected
    assert [json.loads(request.content)["message_id"] for request in on.requests] == [4, 5]


@pytest.mark.parametrize("remote_id", ["", "17", "-1001/", "-1001/x", "-1001/1,,2"])
def test_an_id_that_is_not_ours_is_refused(remote_id: str) -> None:
    on = wire(done(True))
    with pytest.raises(Rejected):
        on.call(lambda session: connector.delete(session, remote_id))
    assert on.requests == []


def test_the_audience_is_the_member_count(desk: Desk, sandbox: SandboxServer) -> None:
    sandbox.control.add_followers("telegram", desk.account.handle, 7)
    members = sandbox.control.followers("telegram", desk.account.handle)
    assert desk.call(connector.fetch_audience).values == {"members": members}


def test_a_token_can_not_be_renewed_by_machine() -> None:
    with pytest.raises(NeedsReconnect, match="BotFather"):
        wire(done(True)).call(connector.refresh_credentials)


def test_a_proxy_that_quotes_the_address_does_not_betray_the_token() -> None:
    page = f"<html>The URL /bot{TOKEN}/sendMessage was not found</html>"
    with pytest.raises(OutcomeUnknown) as unknown:
        publish(wire(httpx.Response(404, text=page)))
    assert TOKEN.partition(":")[2] not in f"{unknown.value!r}{unknown.value.evidence}"
    assert "was not found" in str(unknown.value.evidence.words)
