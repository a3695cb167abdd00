"""The WordPress face answers as WordPress 6.1.9 was seen to answer (2026-11-22)."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from connectors.sandbox import SandboxAccount, SandboxServer
from tests.sandbox.conftest import picture


@dataclass(frozen=True)
class Site:
    """A site's editor."""

    client: httpx.Client
    account: SandboxAccount

    def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        """One call with the application password."""
        secret = self.account.secret
        auth = (secret["username"], secret["application_password"])
        return self.client.request(method, self.url(path), **{"auth": auth, **request})

    def post(self, **fields: Any) -> httpx.Response:
        """A new post."""
        return self.call("POST", "/posts", json={"title": "Title", "content": "Words", **fields})

    def upload(self, content: bytes, name: str = "a.png", **headers: str) -> httpx.Response:
        """A new file in the library."""
        given = {
            "content-type": "image/png",
            "content-disposition": f'attachment; filename="{name}"',
            **headers,
        }
        return self.call("POST", "/media", content=content, headers=given)

    def url(self, path: str) -> str:
        """An address of the REST API."""
        return f"{self.account.base_url}/wp-json/wp/v2{path}"


@pytest.fixture
def site(shared: SandboxServer, client: httpx.Client, name: str) -> Site:
    return Site(client, shared.control.create_account("wordpress", name))


def code_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.json()["data"]["status"] == answer.status_code
    return answer.status_code, answer.json()["code"]


def effects(shared: SandboxServer, site: Site) -> list[str]:
    return [entry.effect for entry in shared.control.log() if entry.account == site.account.handle]


def test_a_draft_is_seen_by_nobody_until_it_is_published(shared: SandboxServer, site: Site) -> None:
    draft = site.post(slug="job-01", content="One.\n\nTwo & three.")
    number = draft.json()["id"]
    assert (draft.status_code, draft.json()["status"]) == (201, "draft")
    assert draft.headers["location"].endswith(f"/posts/{number}")
    stranger = site.client.get(site.url(f"/posts/{number}"))
    assert code_of(stranger) == (401, "rest_forbidden")
    assert not [one for one in shared.control.posts("wordpress") if one.account == site.account.handle]

    published = site.call("POST", f"/posts/{number}", json={"status": "publish"}).json()
    assert published["link"] == f"{site.account.base_url}/job-01/"
    assert published["content"]["rendered"] == "<p>One.</p>\n<p>Two & three.</p>\n"
    [seen] = [one for one in shared.control.posts("wordpress") if one.account == site.account.handle]
    assert (seen.remote_id, seen.text, seen.key) == (str(number), "Title\n\nOne.\n\nTwo & three.", "job-01")
    assert effects(shared, site) == ["draft", "create"]


def test_publishing_again_changes_nothing(shared: SandboxServer, site: Site) -> None:
    number = site.post(status="publish").json()["id"]
    site.call("POST", f"/posts/{number}", json={"status": "publish"})
    site.call("POST", f"/posts/{number}", json={"title": "Other title"})
    site.call("POST", f"/posts/{number}", json={"status": "draft"})

    assert effects(shared, site) == ["create", "edit", "delete", "draft"]


def test_a_taken_slug_is_changed_in_silence(site: Site) -> None:
    slugs = [site.post(slug="Job 01").json()["slug"] for _ in range(3)]
    assert slugs == ["job-01", "job-01-2", "job-01-3"]

    found = site.call("GET", "/posts", params={"slug": "job-01", "status": "any", "context": "edit"}).json()
    assert [one["title"]["raw"] for one in found] == ["Title"]
    assert site.call("GET", "/posts", params={"slug": "job-01"}).json() == []
    anonymous = site.client.get(site.url("/posts"), params={"status": "any"})
    assert code_of(anonymous) == (400, "rest_invalid_param")


def test_a_title_in_any_script_becomes_a_slug(site: Site) -> None:
    made = site.post(title="新闻 Today!", status="publish").json()

    assert made["slug"] == "%e6%96%b0%e9%97%bb-today"


def test_trash_comes_before_the_end(shared: SandboxServer, site: Site) -> None:
    number = site.post(slug="job-01", status="publish").json()["id"]
    trashed = site.call("DELETE", f"/posts/{number}").json()
    assert (trashed["status"], trashed["slug"]) == ("trash", "job-01__trashed")
    assert site.call("GET", "/posts", params={"slug": "job-01", "status": "any"}).json() == []
    assert code_of(site.call("DELETE", f"/posts/{number}")) == (410, "rest_already_trashed")
    assert site.call("DELETE", f"/posts/{number}?force=true").json()["deleted"] is True
    assert code_of(site.call("DELETE", f"/posts/{number}?force=true")) == (404, "rest_post_invalid_id")

    assert effects(shared, site) == ["create", "delete"]


def test_a_wrong_password_makes_nobody_and_nothing_says_so(shared: SandboxServer, site: Site) -> None:
    wrong = {"auth": ("editor", "aaaa bbbb cccc dddd eeee ffff")}
    assert code_of(site.call("GET", "/users/me", **wrong)) == (401, "rest_not_logged_in")
    assert code_of(site.call("POST", "/posts", json={"title": "x"}, **wrong)) == (401, "rest_cannot_create")
    packed = (site.account.secret["username"], site.account.secret["application_password"].replace(" ", ""))
    assert site.call("GET", "/users/me?context=edit", auth=packed).json()["roles"] == ["editor"]

    shared.control.set_standing("wordpress", site.account.handle, "read_only")
    assert site.call("GET", "/users/me?context=edit").json()["roles"] == ["subscriber"]
    assert code_of(site.post()) == (403, "rest_cannot_create")
    shared.control.set_standing("wordpress", site.account.handle, "revoked")
    assert code_of(site.call("GET", "/users/me")) == (401, "rest_not_logged_in")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"colour": "red"}, "rest_invalid_param"),
        ({"status": "live"}, "rest_invalid_param"),
        ({"title": 7}, "rest_invalid_param"),
        ({"featured_media": 99_999}, "rest_invalid_featured_media"),
        ({"tags": [3]}, "rest_invalid_param"),
        ({"date_gmt": "2999-01-01T00:00:00", "status": "publish"}, "rest_invalid_param"),
        ({"title": "", "content": ""}, "empty_content"),
    ],
)
def test_a_wrong_post_is_refused(site: Site, fields: dict[str, Any], code: str) -> None:
    assert code_of(site.post(**fields)) == (400, code)


def test_calls_outside_the_table_are_refused(site: Site) -> None:
    assert code_of(site.call("GET", "/posts?per_page=101")) == (400, "rest_invalid_param")
    assert code_of(site.call("GET", "/posts?page=2")) == (400, "rest_post_invalid_page_number")
    assert code_of(site.call("PUT", "/posts")) == (404, "rest_no_route")
    assert code_of(
        site.call("POST", "/posts", content=b"{", headers={"content-type": "application/json"})
    ) == (400, "rest_invalid_json")
    elsewhere = site.client.get(site.account.base_url.replace("/wordpress/", "/wordpress/x"))
    assert (elsewhere.status_code, elsewhere.headers["content-type"]) == (404, "text/html")


def test_a_picture_is_uploaded_described_and_shown(shared: SandboxServer, site: Site) -> None:
    uploaded = site.upload(picture(48))
    medium = uploaded.json()
    assert (uploaded.status_code, medium["media_details"]["width"], medium["alt_text"]) == (201, 48, "")
    described = site.call("POST", f"/media/{medium['id']}", json={"alt_text": "a red square"})
    assert described.json()["alt_text"] == "a red square"
    inside = site.upload(picture(), "b.png").json()["source_url"]
    content = f'<p>Look</p><figure><img src="{inside}" alt="another"></figure>'
    site.post(status="publish", featured_media=medium["id"], content=content)

    [seen] = [one for one in shared.control.posts("wordpress") if one.account == site.account.handle]
    assert (seen.text, seen.alts) == ("Title\n\nLook", ("a red square", "another"))
    assert code_of(site.call("DELETE", f"/media/{medium['id']}")) == (501, "rest_trash_not_supported")
    assert site.call("DELETE", f"/media/{medium['id']}?force=true").json()["deleted"] is True


def test_an_upload_must_be_what_its_name_says(site: Site) -> None:
    assert code_of(site.upload(b"no picture")) == (500, "rest_upload_sideload_error")
    assert code_of(site.upload(picture(), "a.jpg")) == (500, "rest_upload_sideload_error")
    nameless = site.upload(picture(), **{"content-disposition": ""})
    assert code_of(nameless) == (400, "rest_upload_no_content_disposition")
    unsigned = site.client.post(site.url("/media"), content=picture())
    assert code_of(unsigned) == (401, "rest_cannot_create")


def test_comments_are_counted_in_a_header(shared: SandboxServer, site: Site) -> None:
    number = site.post(status="publish").json()["id"]
    shared.control.add_reaction(str(number), "comment", 12)
    page = site.call("GET", "/comments", params={"post": number, "per_page": 5, "page": 3})

    assert (page.headers["x-wp-total"], page.headers["x-wp-totalpages"]) == ("12", "3")
    assert len(page.json()) == 2
    assert shared.control.truth(str(number)) == {"comments": 12}


def test_an_answer_is_cut_to_the_fields_wanted(site: Site) -> None:
    number = site.post(status="publish").json()["id"]

    assert site.call("GET", f"/posts/{number}?_fields=id,status").json() == {
        "id": number,
        "status": "publish",
    }
    assert site.client.get(f"{site.account.base_url}/wp-json?_fields=name").json() == {
        "name": site.account.handle
    }
