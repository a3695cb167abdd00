"""The commands from a table of channels to the evidence of a delivery, as a shell would run them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from config.settings import Settings
from connectors.sandbox import SandboxServer
from scheduler.cli import channels, members, platforms, posts, queue
from scheduler.cli.app import Invocation, app
from scheduler.core.problems import Refused
from scheduler.services import planning
from scheduler.services.runtime import Runtime
from scheduler.testing import RecordingDispatcher
from tests.services.tables import ONE_DATABASE, POST, channel_rows, write_table

MODULES = (channels, members, platforms, posts, queue)
pytestmark = ONE_DATABASE

Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings, runtime: Runtime) -> Run:
    """Run one command; a refusal is raised as it is."""
    invocation = Invocation(settings=settings, open_runtime=lambda _: runtime)

    def run(*arguments: str, stdin: str = "") -> Result:
        result = CliRunner().invoke(app, arguments, input=stdin, obj=invocation)
        if isinstance(result.exception, Refused):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result

    return run


def parsed(result: Result) -> Any:
    return json.loads(result.stdout)


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
    assert parsed(run("import", str(table), "--dry-run", "--json"))["stored"] is False
    assert parsed(run("posts", "list", "--json")) == []
    assert parsed(run("import", str(table), "--json"))["added"] == ["museum"]
    run("posts", "submit", "museum")
    assert "museum" in run("posts", "approve", "museum", "--as", "Mei").stdout
    (post,) = parsed(run("posts", "list", "--json"))
    assert (post["post"], post["status"]) == ("museum", "approved")
    dispatcher = RecordingDispatcher()
    planning.tick(runtime, dispatcher, chunk=100)
    planning.attend(runtime, dispatcher.hints[0])
    (line,) = parsed(run("queue", "--json"))
    assert (line["state"], line["channel"]) == ("published", "cairo")
    detail = parsed(run("show", str(line["id"]), "--json"))
    assert [attempt["kind"] for attempt in detail["attempts"]] == ["sending", "outcome"]
    assert detail["text"] == POST["text.ar"]


def test_people_see_both_times_and_what_is_missing(table: Path, run: Run) -> None:
    run("import", str(table))
    shown = run("posts", "show", "museum").stdout
    assert "2026-11-16 10:00" in shown
    assert "Cairo" in shown
    assert "Shanghai" in shown
    waiting = run("queue").stdout
    assert "16:00" in waiting
    assert "scheduled 1" in waiting


def test_the_queue_is_filtered(table: Path, run: Run) -> None:
    run("import", str(table), "--approve-as", "Mei")
    assert len(parsed(run("queue", "--state", "scheduled", "--channel", "cairo", "--json"))) == 1
    assert parsed(run("queue", "--state", "published", "--json")) == []
    assert parsed(run("queue", "--platform", "mastodon", "--json")) == []
    assert parsed(run("queue", "--limit", "0", "--json")) == []


def test_secrets_are_never_echoed(table: Path, run: Run) -> None:
    with pytest.raises(Refused) as refused:
        run("channels", "connect", "cairo", stdin='{"identifier": "cairo", "password": "open sesame"}')
    assert "sesame" not in str(refused.value)
    listed = parsed(run("channels", "list", "--json"))
    assert [line["health"] for line in listed] == ["ok"]


def test_a_stranger_is_told_how_to_become_a_member(table: Path, run: Run) -> None:
    with pytest.raises(Refused, match="postroad members add Stranger"):
        run("import", str(table), "--as", "Stranger")


def test_members_have_roles(table: Path, run: Run) -> None:
    roles = {member["name"]: member["role"] for member in parsed(run("members", "list", "--json"))}
    assert roles == {"Lin": "admin", "Mei": "reviewer"}
    with pytest.raises(Refused, match="may not change members"):
        run("members", "add", "Bo", "--as", "Mei")
    with pytest.raises(Refused, match="did you mean “editor”"):
        run("members", "add", "Bo", "--role", "editr")
    assert "own posts" in run("members", "self-approval", "--allow").stdout
    run("import", str(table), "--approve-as", "Lin")


def test_platforms_are_shown_from_their_sheets(run: Run) -> None:
    sheets = {sheet["platform"]: sheet for sheet in parsed(run("platforms", "--json"))}
    assert {"bluesky", "mastodon", "telegram", "wordpress"} <= set(sheets)
    assert "image/png" in sheets["bluesky"]["media"]["mime_types"]
    assert sheets["bluesky"]["secret_fields"] == ["identifier", "password"]
    assert "Bluesky" in run("platforms").stdout


def test_an_unknown_delivery_is_refused(table: Path, run: Run) -> None:
    with pytest.raises(Refused, match="there is no delivery 4711"):
        run("show", "4711")
