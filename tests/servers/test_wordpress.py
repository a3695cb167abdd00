"""WordPress for tests: an application password signs in, posts and files are kept and shown."""

from pathlib import Path

import httpx
import pytest

from tests.servers.wordpress import WordPress, site_on

pytestmark = pytest.mark.wordpress


def client_of(site: WordPress) -> httpx.Client:
    return httpx.Client(
        base_url=f"{site.url}/wp-json/wp/v2/", auth=(site.username, site.application_password), timeout=30
    )


def test_the_application_password_signs_the_administrator_in(wordpress_site: WordPress) -> None:
    with client_of(wordpress_site) as client:
        me = client.get("users/me", params={"context": "edit"}).raise_for_status().json()
    assert me["username"] == wordpress_site.username
    assert "administrator" in me["roles"]


def test_a_published_post_can_be_read_by_anyone(wordpress_site: WordPress) -> None:
    with client_of(wordpress_site) as client:
        draft = {"title": "新闻", "content": "خبر 🛰️", "status": "publish", "slug": "smoke"}
        created = client.post("posts", json=draft).raise_for_status().json()
    read = httpx.get(f"{wordpress_site.url}/wp-json/wp/v2/posts/{created['id']}").raise_for_status().json()
    assert read["title"]["rendered"] == "新闻"
    assert "خبر 🛰️" in httpx.get(created["link"]).raise_for_status().text


def test_an_uploaded_file_is_served(wordpress_site: WordPress) -> None:
    with client_of(wordpress_site) as client:
        named = {"Content-Disposition": 'attachment; filename="note.txt"', "Content-Type": "text/plain"}
        media = client.post("media", content=b"a note", headers=named).raise_for_status().json()
    assert httpx.get(media["source_url"]).raise_for_status().content == b"a note"


def test_a_site_of_another_language_stands_beside_the_first(
    wordpress_site: WordPress, tmp_path: Path
) -> None:
    with site_on(wordpress_site.database, tmp_path / "zh", language="zh_CN") as chinese:
        assert settings(chinese)["language"] == "zh_CN"
        assert settings(wordpress_site)["language"] == "en_US"


def settings(site: WordPress) -> dict[str, str]:
    with client_of(site) as client:
        answer: dict[str, str] = client.get("settings").raise_for_status().json()
        return answer
