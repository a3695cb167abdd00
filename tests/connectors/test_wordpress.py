"""WordPress: the suite and its special cases on the sandbox, and answers no site gives on demand."""

from typing import Any

import httpx
import pytest

from connectors.conformance import Desk, Place, new_key, new_mark
from connectors.contract import Account, CannotDelete, Deleted, Outgoing, Staged
from connectors.errors import (
    ConnectorError,
    NeedsReconnect,
    NotSent,
    OutcomeUnknown,
    PlatformChanged,
    RateLimited,
    Rejected,
)
from connectors.sandbox import SandboxServer
from connectors.wordpress import connector
from connectors.wordpress.content import slug_of
from tests.connectors.places import sandbox_place
from tests.connectors.wire import Wire
from tests.connectors.wordpress_cases import WordPressCases

SECRET = {"username": "editor", "application_password": "AAAA BBBB CCCC DDDD"}
ACCOUNT = Account(base_url="https://example.org/ar/", handle="editor", remote_id="example.org/ar#1")
POST = Outgoing(text="خبر", language="ar")
DRAFT = {"id": 7, "status": "draft", "slug": "x", "link": "https://example.org/?p=7"}
LIVE = {**DRAFT, "status": "publish", "link": "https://example.org/ar/x/"}


class TestWordPress(WordPressCases):
    """On the sandbox."""

    @pytest.fixture(scope="class")
    @classmethod
    def place(cls, sandbox: SandboxServer) -> Place:
        return sandbox_place(sandbox, "wordpress", "suite", dead={"application_password": "nope nope"})

    def test_comments_are_counted(self, desk: Desk, sandbox: SandboxServer) -> None:
        first, second = (desk.publish(self.post(new_mark()), new_key()).remote_id for _ in range(2))
        sandbox.control.add_reaction(first, "comment", 3)
        readings = desk.call(lambda session: connector.fetch_metrics(session, [first, second]))
        assert [reading.values for reading in readings] == [{"comments": 3}, {"comments": 0}]


def wire(*answers: httpx.Response) -> Wire:
    return Wire(ACCOUNT, SECRET, *answers)


def ok(body: object, **headers: str) -> httpx.Response:
    return httpx.Response(200, json=body, headers=headers)


def refused(status: int, code: str, **more: Any) -> httpx.Response:
    body = {"code": code, "message": "…", "data": {"status": status}, **more}
    return httpx.Response(status, json=body)


def release(on: Wire) -> Any:
    staged = Staged(handle={"post": "7"}, complete=True)
    return on.call(lambda session: connector.publish(session, POST, new_key(), staged))


def stage(on: Wire) -> Staged:
    return on.call(lambda session: connector.stage(session, POST, new_key(), Staged()))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refused(401, "rest_cannot_edit"), NeedsReconnect),
        (refused(403, "rest_cannot_publish"), NeedsReconnect),
        (httpx.Response(403, text="<html>firewall</html>"), OutcomeUnknown),
        (refused(404, "rest_post_invalid_id"), Rejected),
        (refused(404, "rest_no_route"), OutcomeUnknown),
        (refused(400, "rest_invalid_param"), Rejected),
        (refused(400, "something_new"), OutcomeUnknown),
        (httpx.Response(413, text="<html>too large</html>"), Rejected),
        (httpx.Response(429, text="<html>slow down</html>", headers={"Retry-After": "30"}), RateLimited),
        (refused(500, "internal_server_error"), OutcomeUnknown),
        (refused(500, "db_update_error", additional_data=["… failed: post_title."]), Rejected),
        (refused(500, "db_update_error", additional_data=["the table is full"]), OutcomeUnknown),
        (ok({**LIVE, "status": "pending"}), OutcomeUnknown),
        (ok({"status": "publish"}), OutcomeUnknown),
    ],
)
def test_each_reviewed_answer_to_a_release_has_its_meaning_and_the_rest_is_unknown(
    answer: httpx.Response, expected: type[ConnectorError]
) -> None:
    with pytest.raises(expected) as refusal:
        release(wire(ok(DRAFT), answer))
    assert refusal.value.evidence.status == answer.status_code


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refused(401, "rest_cannot_create"), NeedsReconnect),
        (refused(403, "rest_cannot_create"), NeedsReconnect),
        (httpx.Response(403, text="<html>firewall</html>"), PlatformChanged),
        (httpx.Response(503, text="<html>maintenance</html>"), NotSent),
        (httpx.Response(200, text="\n<!doctype html>"), PlatformChanged),
        (ok({"a": 1}), PlatformChanged),
        (ok(["a"]), PlatformChanged),
    ],
)
def test_a_failed_staging_is_never_unknown(answer: httpx.Response, expected: type[ConnectorError]) -> None:
    with pytest.raises(expected):
        stage(wire(answer))


def test_two_stagings_at_once_end_with_one_draft() -> None:
    key = new_key()
    slug = slug_of(key)
    theirs = {**DRAFT, "id": 8, "slug": slug, "content": {"raw": f'<div id="text-{slug}" lang="ar">'}}
    on = wire(ok([]), ok({**DRAFT, "slug": f"{slug}-2"}), ok({"deleted": True}), ok([theirs]), ok(theirs))
    staged = on.call(lambda session: connector.stage(session, POST, key, Staged()))
    assert staged == Staged(handle={"post": "8"}, complete=True)
    assert [request.method for request in on.requests] == ["GET", "POST", "DELETE", "GET", "POST"]
    assert on.requests[2].url.path.endswith("/posts/7")


def test_a_site_in_a_folder_and_its_password_are_addressed_as_given() -> None:
    on = wire(ok(DRAFT), ok(LIVE))
    assert release(on).url == "https://example.org/ar/x/"
    assert str(on.requests[1].url) == "https://example.org/ar/wp-json/wp/v2/posts/7"
    assert on.requests[1].headers["Authorization"] == "Basic ZWRpdG9yOkFBQUEgQkJCQiBDQ0NDIEREREQ="


def test_a_user_who_may_not_publish_is_told_which_right_is_missing() -> None:
    rights = {"edit_posts": True, "upload_files": True, "publish_posts": False}
    on = wire(ok({"name": "Centre", "home": "https://example.org/ar"}), ok({"id": 1, "capabilities": rights}))
    with pytest.raises(NeedsReconnect, match="publish_posts, edit_published_posts, delete_published_posts"):
        on.call(connector.check)


def test_a_site_without_a_trash_deletes_for_good() -> None:
    on = wire(refused(501, "rest_trash_not_supported"), ok({"deleted": True}))
    assert on.call(lambda session: connector.delete(session, "7")) == Deleted()
    assert on.requests[1].url.params["force"] == "true"


def test_a_post_of_somebody_else_cannot_be_deleted() -> None:
    on = wire(refused(403, "rest_cannot_delete"))
    deletion = on.call(lambda session: connector.delete(session, "7"))
    assert deletion == CannotDelete(reason="the user may not delete this post")


@pytest.mark.parametrize("remote_id", ["", "abc", "7/revisions", "../users/1", "-1"])
def test_an_id_that_is_no_number_is_refused(remote_id: str) -> None:
    on = wire(ok(LIVE))
    with pytest.raises(Rejected):
        on.call(lambda session: connector.delete(session, remote_id))
    assert on.requests == []


@pytest.mark.parametrize(
    "answer",
    [refused(404, "rest_no_route"), ok([]), refused(500, "internal_server_error")],
    ids=["comments are off", "no total", "broken"],
)
def test_a_counter_that_is_not_there_is_missing_and_not_zero(answer: httpx.Response) -> None:
    on = wire(ok([LIVE]), answer)
    (reading,) = on.call(lambda session: connector.fetch_metrics(session, ["7"]))
    assert reading.values == {}
    assert reading.missing["comments"]


def test_the_title_is_counted_as_it_is_stored() -> None:
    (measure,) = connector.measure(Outgoing(text="汉 & 字\n\nbody", language="zh"), {})
    assert (measure.field, measure.count, measure.limit) == ("title", len("汉 &amp; 字".encode()), 65_535)
