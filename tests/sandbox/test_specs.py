"""What the faces answer is what the platforms' machine-readable descriptions say, where those are at hand."""

import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.sandbox import SandboxServer
from tests.sandbox.conftest import picture

SPECS = Path(__file__).parents[3] / "shared" / "specs"
MASTODON = SPECS / "mastodon" / "mastodon-openapi-4.7.0.json.gz"
TELEGRAM = SPECS / "telegram" / "bot-api-10.1.min.json.gz"
TELEGRAM_NEWER = SPECS / "telegram" / "aiogram-3.31.0-bot-api-10.3.json"
BLUESKY = SPECS / "bluesky" / "lexicons.json"
WORDPRESS = SPECS / "wordpress" / "rest-6.1.9.json"

JSON_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def spec(path: Path) -> Any:
    """The parsed description; the test is skipped by name when it is not beside the checkout."""
    if not path.exists():
        pytest.skip(f"{path.name} is not beside this checkout")
    content = path.read_bytes()
    return json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)


def check(schema: Any, value: Any, *, root: Any, at: str = "$") -> None:
    """Hold a value against a JSON Schema: types, required and known properties, members."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        check(root[name], value, root=root, at=f"{at}<{name}>")
        return
    if options := schema.get("oneOf") or schema.get("anyOf"):
        assert any(fits(option, value, root=root) for option in options), f"{at} fits no alternative"
        return
    kinds = schema.get("type", list(JSON_TYPES))
    allowed = [kind for name in ([kinds] if isinstance(kinds, str) else kinds) for kind in JSON_TYPES[name]]
    assert isinstance(value, tuple(allowed)), f"{at} is {value!r}, not {kinds}"
    if isinstance(value, dict) and "properties" in schema:
        missing = set(schema.get("required", ())) - value.keys()
        assert not missing, f"{at} lacks {missing}"
        unknown = value.keys() - schema["properties"].keys()
        assert not unknown, f"{at} has {unknown}"
        for name, inner in value.items():
            check(schema["properties"][name], inner, root=root, at=f"{at}.{name}")
    if isinstance(value, list):
        for index, inner in enumerate(value):
            check(schema.get("items", {}), inner, root=root, at=f"{at}[{index}]")


def fits(schema: Any, value: Any, *, root: Any) -> bool:
    """Whether a value passes `check`."""
    try:
        check(schema, value, root=root)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("flavour", ["mastodon", "gotosocial"])
def test_mastodon_answers_fit_the_openapi_description(
    shared: SandboxServer, client: httpx.Client, name: str, flavour: str
) -> None:
    schemas = spec(MASTODON)["components"]["schemas"]
    account = shared.control.create_account(flavour, name)
    headers = {"authorization": f"Bearer {account.secret['access_token']}"}

    def call(method: str, path: str, **request: Any) -> Any:
        answer = client.request(method, f"{account.base_url}/api{path}", headers=headers, **request)
        return answer.json()

    media = call("POST", "/v2/media", files={"file": ("a.png", picture(), "image/png")})
    status = call(
        "POST", "/v1/statuses", json={"status": "Hi #all https://a.org", "media_ids": [media["id"]]}
    )
    place = f"/v1/statuses/{status['id']}"
    answers = {
        "MediaAttachment": media,
        "Status": status,
        "Instance": call("GET", "/v2/instance"),
        "V1Instance": call("GET", "/v1/instance"),
        "CredentialAccount": call("GET", "/v1/accounts/verify_credentials"),
        "Account": call("GET", f"/v1/accounts/{account.remote_id}"),
        "StatusSource": call("GET", f"{place}/source"),
        "Error": call("GET", "/v1/statuses/404"),
    }
    for schema, answer in answers.items():
        check(schemas[schema], answer, root=schemas, at=schema)
    check(schemas["Status"], call("PUT", place, json={"status": "Edited"}), root=schemas, at="edited")
    check(schemas["Status"], call("DELETE", place), root=schemas, at="deleted")


def telegram_check(types: Any, kind: str, value: Any, at: str) -> None:
    """Hold a value against a Bot API type: required and known fields, each of one of its types."""
    if kind.startswith("Array of "):
        assert isinstance(value, list), at
        for index, inner in enumerate(value):
            telegram_check(types, kind.removeprefix("Array of "), inner, f"{at}[{index}]")
        return
    if kind not in types:
        native = {"Integer": int, "String": str, "Boolean": bool, "True": bool, "Float": float}
        assert isinstance(value, native[kind]), f"{at} is {value!r}, not {kind}"
        return
    if subtypes := types[kind].get("subtypes"):
        assert any(telegram_fits(types, subtype, value) for subtype in subtypes), f"{at} is no {kind}"
        return
    fields = {field["name"]: field for field in types[kind].get("fields", [])}
    missing = {name for name, field in fields.items() if field["required"]} - value.keys()
    assert not missing, f"{at} lacks {missing}"
    for name, inner in value.items():
        assert name in fields, f"{at} has {name}"
        assert any(telegram_fits(types, one, inner) for one in fields[name]["types"]), (
            f"{at}.{name}: {inner!r}"
        )


def telegram_fits(types: Any, kind: str, value: Any) -> bool:
    """Whether a value passes `telegram_check`."""
    try:
        telegram_check(types, kind, value, kind)
    except (AssertionError, AttributeError):
        return False
    return True


def test_telegram_answers_fit_the_bot_api(shared: SandboxServer, client: httpx.Client) -> None:
    types = spec(TELEGRAM)["types"]
    newer = spec(TELEGRAM_NEWER)["types"]
    channel = shared.control.create_account("telegram", "spec_channel")
    url = f"{channel.base_url}/bot{channel.secret['bot_token']}"
    place = {"chat_id": channel.handle}

    def call(method: str, **request: Any) -> Any:
        return client.post(f"{url}/{method}", **request).json()["result"]

    me = call("getMe")
    member = call("getChatMember", json={**place, "user_id": me["id"]})
    bold = [{"type": "bold", "offset": 0, "length": 2}]
    message = call("sendMessage", json={**place, "text": "hi", "entities": bold})
    photo = call("sendPhoto", data=place, files={"photo": ("a.png", picture(), "image/png")})
    edited = call("editMessageText", json={**place, "message_id": message["message_id"], "text": "ho"})
    shared.control.add_reaction(f"{channel.handle}/{message['message_id']}", "reaction", 30)
    [update] = call("getUpdates", json={"allowed_updates": ["message_reaction_count"]})
    answers = {"User": me, "ChatFullInfo": call("getChat", json=place), "Update": update}
    for kind, value in answers.items():
        telegram_check(types, kind, value, kind)
    for value in (message, photo, edited):
        telegram_check(types, "Message", value, "Message")
    rights = {field["name"] for field in newer["ChatMemberAdministrator"]["fields"]}
    needed = {field["name"] for field in newer["ChatMemberAdministrator"]["fields"] if field["required"]}
    assert needed <= member.keys() <= rights


def test_telegram_parameters_are_those_of_the_bot_api(shared: SandboxServer, client: httpx.Client) -> None:
    methods = spec(TELEGRAM_NEWER)["methods"]
    channel = shared.control.create_account("telegram", "spec_parameters")
    url = f"{channel.base_url}/bot{channel.secret['bot_token']}"
    for method in ("sendMessage", "sendPhoto", "sendMediaGroup", "editMessageText", "editMessageCaption"):
        for field in methods[method]["fields"]:
            said = client.post(f"{url}/{method}", json={field["name"]: "x"}).json()["description"]
            known = "unknown parameter" not in said
            assert known or field["name"] in RETIRED | NOT_IN_CHANNELS, (
                f"{method} does not know {field['name']}"
            )


RETIRED = {"disable_web_page_preview", "reply_to_message_id", "allow_sending_without_reply"}
NOT_IN_CHANNELS = {"receiver_user_id", "callback_query_id"}


def test_bluesky_limits_are_those_of_the_lexicons() -> None:
    from connectors.sandbox.faces.bluesky import schemas  # noqa: PLC0415  # only this test looks inside
    from connectors.sandbox.faces.bluesky.lexicon import Invalid  # noqa: PLC0415

    lexicons = {lexicon["id"]: lexicon["defs"] for lexicon in spec(BLUESKY).values()}
    post = lexicons["app.bsky.feed.post"]["main"]["record"]["properties"]
    record = {"text": "x", "createdAt": "2026-11-22T08:00:00Z"}
    for name, limit in {"langs": post["langs"]["maxLength"], "tags": post["tags"]["maxLength"]}.items():
        schemas.POST({**record, name: ["en"] * limit}, "$")
        with pytest.raises(Invalid, match="too big"):
            schemas.POST({**record, name: ["en"] * (limit + 1)}, "$")
    schemas.POST({**record, "text": "a" * post["text"]["maxGraphemes"]}, "$")
    for name in ("images", "external"):
        definitions = lexicons[f"app.bsky.embed.{name}"]
        blob = (
            definitions["image"]["properties"]["image"]
            if name == "images"
            else definitions["external"]["properties"]["thumb"]
        )
        assert blob["maxSize"] == {"images": 2_000_000, "external": 1_000_000}[name]


def test_wordpress_answers_have_the_fields_of_the_schemas(
    shared: SandboxServer, client: httpx.Client, name: str
) -> None:
    schemas = spec(WORDPRESS)["schemas"]
    site = shared.control.create_account("wordpress", name)
    auth = (site.secret["username"], site.secret["application_password"])
    url = f"{site.base_url}/wp-json/wp/v2"
    headers = {"content-type": "image/png", "content-disposition": 'attachment; filename="a.png"'}
    medium = client.post(f"{url}/media", auth=auth, content=picture(), headers=headers).json()
    number = client.post(f"{url}/posts", auth=auth, json={"title": "x", "status": "publish"}).json()["id"]
    shared.control.add_reaction(str(number), "comment")
    [comment] = client.get(f"{url}/comments", params={"post": number}).json()
    post = client.get(f"{url}/posts/{number}").json()
    for kind, value in {"posts": post, "media": medium, "comments": comment}.items():
        described = schemas[kind].get("schema", schemas[kind])["properties"]
        shown = {one for one, field in described.items() if "view" in field.get("context", ["view"])}
        assert value.keys() == shown, kind
