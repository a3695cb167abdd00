"""`postroad recover`, as the person on duty would run it after a restore."""

import json
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from config.settings import Settings
from connectors.sandbox import SandboxServer
from scheduler.cli import recover
from scheduler.cli.app import Invocation, app
from scheduler.core.problems import Refused
from scheduler.services.journal import SENDING, Entry
from scheduler.services.members import add_member, find_member
from scheduler.services.recovering import require_agreement
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Delivery
from scheduler.testing import FakeClock, add_channel, add_delivery
from tests.services.tables import ONE_DATABASE
from workers import processes

pytestmark = ONE_DATABASE
COMMANDS = (recover, processes)

Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings, runtime: Runtime) -> Run:
    """Run one command; a refusal is raised as it is."""
    invocation = Invocation(settings=settings, open_runtime=lambda _: runtime)

    def run(*arguments: str, stdin: str = "") -> Result:
        result = CliRunner().invoke(app, arguments, input=stdin, obj=invocation)
        if isinstance(result.exception, Refused):
            raise result.exception
        return result

    return run


@pytest.fixture
def sent(runtime: Runtime, clock: FakeClock, sandbox: SandboxServer) -> int:
    """A delivery that the journal says was sent, and that the database believes scheduled."""
    account = sandbox.control.create_account("telegram", "centre")
    channel = add_channel(
        runtime,
        account.platform,
        base_url=account.base_url,
        handle=account.handle,
        secret=account.secret,
    )
    delivery = add_delivery(runtime, channel, "sent after the backup")
    with runtime.begin() as session:
        row = session.get_one(Delivery, delivery)
    entry = Entry(
        kind=SENDING,
        delivery=row.uid,
        attempt=1,
        at=clock.now(),
        key=row.key,
        due_at=row.due_at,
        post="spring-1",
        channel="kite-fr",
    )
    runtime.journal.write([entry], durable=True)
    return delivery


def test_nothing_runs_until_a_person_recovered(run: Run, runtime: Runtime, sent: int) -> None:
    with pytest.raises(Refused, match="postroad recover"):
        run("run")
    (lost,) = json.loads(run("recover", "--json").stdout)["lost"]
    assert (lost["delivery"], lost["sending"]["post"], lost["live"]) == (sent, "spring-1", None)

    shown = run("recover", stdin="n\n")
    assert "kite-fr" in shown.stdout
    assert "unconfirmed" in shown.stdout
    with pytest.raises(Refused):
        require_agreement(runtime)

    assert "unconfirmed: 1" in run("recover", "--yes").stdout
    require_agreement(runtime)
    assert "nothing to recover" in run("recover", "--yes").stdout


def test_a_person_is_told_of_changed_lines(run: Run, runtime: Runtime, clock: FakeClock, sent: int) -> None:
    assert "cut off or changed" not in run("recover", "--yes").stdout
    path = runtime.journal.path(clock.now().date())
    path.write_bytes(path.read_bytes().replace(b"kite-fr", b"kite-ar"))
    assert "cut off or changed, so that nobody knows what they said: 1" in run("recover").stdout


def test_only_who_may_approve_may_recover(run: Run, runtime: Runtime, sent: int) -> None:
    add_member(runtime, "Mei", "author", by=find_member(runtime, "Lin"))
    with pytest.raises(Refused, match="may not approve"):
        run("recover", "--yes", "--as", "Mei")
