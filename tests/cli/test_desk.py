"""The commands from a table of channels to the evidence of a delivery, as a shell would run them."""

import json
from pathlib import Path

import pytest

from connectors.sandbox import SandboxServer
from scheduler.cli import channels, members, platforms, posts, queue
from scheduler.core.problems import Refused
from scheduler.services.runtime import Runtime
from tests.cli.running import Run
from tests.services.tables import ONE_DATABASE, POST, channel_rows, write_table
from tests.services.working import work

MODULES = (channels, members, platforms, posts, queue)
pytestmark = ONE_DATABASE


@pytest.fixture
def table(tmp_path: Path, run: Run, sandbox: SandboxServer) -> Path:
    """A table of one post for one connected channel, cairo."""
    account = sandbox.control.create_account("bluesky", "cairo")
    row = channel_rows(account.base_url)[0] | {"handle": account.handle}
    run("channels", "import", str(write_table(tmp_path / "channels.csv", [row])))
    run("channels", "connect", "cairo", stdin=json.dumps(dict(account.secret)))
    run("members", "add", "Mei", "--role", "reviewer")
    cells = {key: POST[key] for key in ("post", "zone", "channels", "text.ar")}
    return write_table(tmp_path / "posts.csv", [cells | {"at": "2026-11-16 10:00"}])


def test_from_a_table_to_the_evidence(table: Path, run: Run, runtime: Runtime) -> None:
    assert json.loads(run("import", str(table), "--dry-run", "--json"))["stored"] is False
    assert json.loads(run("posts", "list", "--json")) == []
    assert json.loads(run("import", str(table), "--json"))["added"] == ["museum"]
    run("posts", "submit", "museum")
    assert "museum" in run("posts", "approve", "museum", "--as", "Mei")
    (post,) = json.loads(run("posts", "list", "--json"))
    assert (post["post"], post["status"]) == ("museum", "approved")
    work(runtime)
    (line,) = json.loads(run("queue", "--json"))
    assert (line["state"], line["channel"]) == ("published", "cairo")
    detail = json.loads(run("show", str(line["id"]), "--json"))
    assert [attempt["kind"] for attempt in detail["attempts"]] == ["sending", "outcome"]
    assert detail["text"] == POST["text.ar"]


def test_people_see_both_times_and_what_is_missing(table: Path, run: Run) -> None:
    run("import", str(table))
    shown = run("posts", "show", "museum")
    assert "2026-11-16 10:00" in shown
    assert "Cairo" in shown
    assert "Shanghai" in shown
    waiting = run("queue")
    assert "16:00" in waiting
    assert "scheduled 1" in waiting


def test_the_queue_is_filtered(table: Path, run: Run) -> None:
    run("import", str(table), "--approve-as", "Mei")
    assert len(json.loads(run("queue", "--state", "scheduled", "--channel", "cairo", "--json"))) == 1
    assert json.loads(run("queue", "--state", "published", "--json")) == []
    assert json.loads(run("queue", "--platform", "mastodon", "--json")) == []
    assert json.loads(run("queue", "--limit", "0", "--json")) == []


def test_secrets_are_never_echoed(table: Path, run: Run) -> None:
    with pytest.raises(Refused) as refused:
        run("channels", "connect", "cairo", stdin='{"identifier": "cairo", "password": "open sesame"}')
    assert "sesame" not in str(refused.value)
    listed = json.loads(run("channels", "list", "--json"))
    assert [line["health"] for line in listed] == ["ok"]


def test_a_stranger_is_told_how_to_become_a_member(table: Path, run: Run) -> None:
    with pytest.raises(Refused, match="postroad members add Stranger"):
        run("import", str(table), "--as", "Stranger")


def test_members_have_roles(table: Path, run: Run) -> None:
    roles = {member["name"]: member["role"] for member in json.loads(run("members", "list", "--json"))}
    assert roles == {"Lin": "admin", "Mei": "reviewer"}
    with pytest.raises(Refused, match="may not change members"):
        run("members", "add", "Bo", "--as", "Mei")
    with pytest.raises(Refused, match="did you mean “editor”"):
        run("members", "add", "Bo", "--role", "editr")
    assert "own posts" in run("members", "self-approval", "--allow")
    run("import", str(table), "--approve-as", "Lin")


def test_platforms_are_shown_from_their_sheets(run: Run) -> None:
    sheets = {sheet["platform"]: sheet for sheet in json.loads(run("platforms", "--json"))}
    assert {"bluesky", "mastodon", "telegram", "wordpress"} <= set(sheets)
    assert "image/png" in sheets["bluesky"]["media"]["mime_types"]
    assert sheets["bluesky"]["secret_fields"] == ["identifier", "password"]
    assert "Bluesky" in run("platforms")


def test_an_unknown_delivery_is_refused(table: Path, run: Run) -> None:
    with pytest.raises(Refused, match="there is no delivery 4711"):
        run("show", "4711")
