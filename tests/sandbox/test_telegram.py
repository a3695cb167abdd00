"""The Telegram face answers as the Bot API does (10.3): UTF-16 everywhere, no key, no history."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors.sandbox import SandboxAccount, SandboxServer
from tests.sandbox.conftest import heavy_picture, picture


@dataclass(frozen=True)
class Bot:
    """A bot that posts to its channel."""

    client: httpx.Client
    account: SandboxAccount

    def call(self, method: str, **parameters: Any) -> httpx.Response:
        """One method with a JSON body."""
        return self.client.post(self.url(method), json=parameters)

    def post(self, text: str, **parameters: Any) -> httpx.Response:
        """sendMessage to the channel."""
        return self.call("sendMessage", chat_id=self.account.handle, text=text, **parameters)

    def send(self, method: str, files: dict[str, bytes], **fields: str) -> httpx.Response:
        """One method with attached files."""
        attached = {name: (f"{name}.png", content, "image/png") for name, content in files.items()}
        data = {"chat_id": self.account.handle, **fields}
        return self.client.post(self.url(method), data=data, files=attached)

    def url(self, method: str) -> str:
        """The address of a method."""
        return f"{self.account.base_url}/bot{self.account.secret['bot_token']}/{method}"


@pytest.fixture
def bot(shared: SandboxServer, client: httpx.Client, name: str) -> Bot:
    return Bot(client, shared.control.create_account("telegram", name[:40] + str(abs(hash(name)))))


def refusal(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert body["ok"] is False
    assert body["error_code"] == answer.status_code
    return answer.status_code, body["description"]


def test_a_message_is_sent_and_seen(shared: SandboxServer, bot: Bot) -> None:
    entities = [{"type": "hashtag", "offset": 3, "length": 5}]
    preview = {"url": "https://example.org/", "prefer_large_media": True}
    message = bot.post("😀 #news", entities=entities, link_preview_options=preview).json()["result"]

    assert message["chat"]["id"] == int(bot.account.remote_id)
    assert (message["text"], message["entities"]) == ("😀 #news", entities)
    [seen] = [one for one in shared.control.posts("telegram") if one.account == bot.account.handle]
    assert seen.remote_id == f"{bot.account.remote_id}/{message['message_id']}"
    assert seen.url == f"https://t.me/{bot.account.handle[1:]}/{message['message_id']}"


def test_the_same_message_twice_is_two_messages(shared: SandboxServer, bot: Bot) -> None:
    bot.post("again")
    bot.post("again")

    seen = [one for one in shared.control.posts("telegram") if one.account == bot.account.handle]
    assert [one.text for one in seen] == ["again", "again"]


@pytest.mark.parametrize("text", ["a" * 4096, "文" * 4096, "😀" * 2048])
def test_text_is_counted_in_utf16(bot: Bot, text: str) -> None:
    assert bot.post(text).status_code == 200
    assert refusal(bot.post(text + "a")) == (400, "Bad Request: message is too long")


@pytest.mark.parametrize(
    ("entity", "words"),
    [
        ({"type": "hashtag", "offset": 2, "length": 5}, "covers"),
        ({"type": "bold", "offset": 1, "length": 3}, "middle of a UTF-16 symbol"),
        ({"type": "bold", "offset": 3, "length": 6}, "after the end of the text"),
        ({"type": "text_link", "offset": 3, "length": 5}, 'field "url" not found'),
        ({"type": "bold", "offset": 3, "length": 5, "url": "https://example.org"}, "unknown field url"),
        ({"type": "loud", "offset": 3, "length": 5}, "unsupported type"),
    ],
)
def test_a_wrong_entity_is_refused(bot: Bot, entity: dict[str, Any], words: str) -> None:
    status, said = refusal(bot.post("😀 #news", entities=[entity]))

    assert status == 400
    assert words in said


@pytest.mark.parametrize(
    ("method", "parameters", "status", "words"),
    [
        ("sendMessage", {"text": " \n"}, 400, "message text is empty"),
        ("sendMessage", {"text": "x", "chat_id": "@nobody"}, 400, "chat not found"),
        ("sendMessage", {"text": "x", "colour": "red"}, 400, "unknown parameter colour"),
        ("sendMessage", {"text": "x", "parse_mode": "HTML"}, 400, "does not simulate"),
        ("sendMessage", {"text": "x", "link_preview_options": {"big": True}}, 400, "unknown field big"),
        ("sendPhoto", {"photo": "https://example.org/a.jpg"}, 400, "wrong file identifier"),
        ("sendMediaGroup", {"media": []}, 400, "2-10"),
        ("deleteMessage", {"message_id": 99}, 400, "message to delete not found"),
        ("editMessageText", {"message_id": 99, "text": "x"}, 400, "message to edit not found"),
        ("sendRocket", {}, 404, "Not Found"),
    ],
)
def test_a_wrong_call_is_refused(
    bot: Bot, method: str, parameters: dict[str, Any], status: int, words: str
) -> None:
    code, said = refusal(bot.call(method, **{"chat_id": bot.account.handle, **parameters}))

    assert code == status
    assert words in said


def test_rights_are_checked(shared: SandboxServer, bot: Bot, name: str) -> None:
    other = shared.control.create_account("telegram", f"other{abs(hash(name))}")
    stranger = bot.call("sendMessage", chat_id=other.handle, text="x")
    assert refusal(stranger) == (403, "Forbidden: bot is not a member of the channel chat")

    me = bot.call("getMe").json()["result"]
    member = bot.call("getChatMember", chat_id=bot.account.handle, user_id=me["id"]).json()["result"]
    assert (member["status"], member["can_post_messages"]) == ("administrator", True)
    shared.control.set_standing("telegram", bot.account.handle, "read_only")
    member = bot.call("getChatMember", chat_id=bot.account.handle, user_id=me["id"]).json()["result"]
    assert member["can_post_messages"] is False
    assert "need administrator rights" in refusal(bot.post("x"))[1]
    shared.control.set_standing("telegram", bot.account.handle, "revoked")
    assert refusal(bot.post("x")) == (401, "Unauthorized")


def test_a_photo_comes_as_a_file_with_a_caption(shared: SandboxServer, bot: Bot) -> None:
    entities = json.dumps([{"type": "bold", "offset": 0, "length": 2}])
    sent = bot.send("sendPhoto", {"photo": picture(40)}, caption="红色", caption_entities=entities)
    message = sent.json()["result"]

    assert message["photo"][0]["width"] == 40
    assert message["caption"] == "红色"
    [seen] = [one for one in shared.control.posts("telegram") if one.account == bot.account.handle]
    assert (seen.text, seen.media_count) == ("红色", 1)
    repeated = bot.call(
        "sendPhoto", chat_id=bot.account.handle, photo=message["photo"][0]["file_id"], caption="again"
    )
    assert repeated.status_code == 200


@pytest.mark.parametrize(
    ("content", "caption", "words"),
    [
        (b"no picture", "", "IMAGE_PROCESS_FAILED"),
        (heavy_picture(10 * 1024 * 1024), "", "too big for a photo"),
        (picture(), "😀" * 513, "message caption is too long"),
    ],
    ids=["bytes", "size", "caption"],
)
def test_a_photo_has_limits(bot: Bot, content: bytes, caption: str, words: str) -> None:
    status, said = refusal(bot.send("sendPhoto", {"photo": content}, caption=caption))

    assert status == 400
    assert words in said


def album(*names: str, **first: str) -> str:
    parts: list[dict[str, str]] = [{"type": "photo", "media": f"attach://{name}"} for name in names]
    return json.dumps([{**parts[0], **first}, *parts[1:]])


def test_an_album_is_one_post_of_several_messages(shared: SandboxServer, bot: Bot) -> None:
    files = {"a": picture(), "b": picture(33), "c": picture(34)}
    messages = bot.send("sendMediaGroup", files, media=album(*files, caption="three")).json()["result"]

    assert len({message["media_group_id"] for message in messages}) == 1
    numbers = [message["message_id"] for message in messages]
    [seen] = [one for one in shared.control.posts("telegram") if one.account == bot.account.handle]
    assert (seen.text, seen.media_count) == ("three", 3)
    assert seen.remote_id == f"{bot.account.remote_id}/{','.join(map(str, numbers))}"
    for number in numbers:
        assert (
            bot.call("deleteMessage", chat_id=bot.account.handle, message_id=number).json()["result"] is True
        )
    effects = [entry.effect for entry in shared.control.log() if entry.remote_id == seen.remote_id]
    assert effects == ["create", "edit", "edit", "delete"]


def test_an_album_names_each_file_it_brings(bot: Bot) -> None:
    spare = bot.send(
        "sendMediaGroup", {"a": picture(), "b": picture(), "c": picture()}, media=album("a", "b")
    )
    assert "attached file c is not used" in refusal(spare)[1]
    missing = bot.send("sendMediaGroup", {"a": picture()}, media=album("a", "b"))
    assert "wrong file identifier" in refusal(missing)[1]


def test_edits_and_deletions_happen_once(shared: SandboxServer, bot: Bot) -> None:
    number = bot.post("before").json()["result"]["message_id"]
    place = {"chat_id": bot.account.handle, "message_id": number}
    assert bot.call("editMessageText", **place, text="after").json()["result"]["edit_date"]
    assert "message is not modified" in refusal(bot.call("editMessageText", **place, text="after"))[1]
    assert "no caption" in refusal(bot.call("editMessageCaption", **place, caption="after"))[1]
    assert bot.call("deleteMessage", **place).status_code == 200
    assert "message to delete not found" in refusal(bot.call("deleteMessage", **place))[1]

    effects = [entry.effect for entry in shared.control.log() if entry.account == bot.account.handle]
    assert effects == ["create", "edit", "delete"]


def test_reactions_come_as_updates_to_those_who_ask(shared: SandboxServer, bot: Bot) -> None:
    bot.post("react!")
    [seen] = [one for one in shared.control.posts("telegram") if one.account == bot.account.handle]
    shared.control.add_reaction(seen.remote_id, "reaction", 20)

    assert bot.call("getUpdates").json()["result"] == []
    [update] = bot.call("getUpdates", allowed_updates=["message_reaction_count"]).json()["result"]
    counted = update["message_reaction_count"]["reactions"]
    assert sum(reaction["total_count"] for reaction in counted) == 20
    confirmed = {"offset": update["update_id"] + 1, "allowed_updates": ["message_reaction_count"]}
    assert bot.call("getUpdates", **confirmed).json()["result"] == []


def test_too_many_messages_are_stopped_in_the_body(sandbox: SandboxServer, client: httpx.Client) -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    sandbox.control.set_clock(start)
    bot = Bot(client, sandbox.control.create_account("telegram", "centre"))
    answers = [bot.post(f"message {number}") for number in range(31)]

    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert answers[30].json()["parameters"] == {"retry_after": 1}
    assert "retry-after" not in answers[30].headers
    sandbox.control.set_clock(start + timedelta(seconds=1))
    assert bot.post("later").status_code == 200


def test_the_members_are_the_followers(shared: SandboxServer, bot: Bot) -> None:
    members = bot.call("getChatMemberCount", chat_id=bot.account.handle).json()["result"]

    assert members == shared.control.followers("telegram", bot.account.handle)
    assert bot.call("getChat", chat_id=bot.account.remote_id).json()["result"]["type"] == "channel"
