"""`postroad recover`, as the person on duty would run it after a restore."""

import json
import re
from datetime import timedelta

import pytest

from connectors.sandbox import SandboxServer
from scheduler.cli import recover
from scheduler.core.problems import Refused
from scheduler.services.desk.recovering import require_agreement
from scheduler.services.evidence.journal import DECIDED, SENDING, Entry
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Delivery
from scheduler.testing import FakeClock, add_delivery
from tests.cli.running import Run
from tests.services.tables import ONE_DATABASE
from tests.services.working import add_person, connect_face
from workers import processes

pytestmark = ONE_DATABASE
COMMANDS = (recover, processes)


@pytest.fixture
def sent(runtime: Runtime, clock: FakeClock, sandbox: SandboxServer) -> int:
    """A delivery that the journal says was sent, and that the database believes scheduled."""
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "telegram"), "sent after the backup")
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
    (lost,) = json.loads(run("recover", "--json"))["lost"]
    assert (lost["delivery"], lost["sending"]["post"], lost["live"]) == (sent, "spring-1", None)

    shown = run("recover", stdin="n\n")
    assert "kite-fr" in shown
    assert "unconfirmed" in shown
    with pytest.raises(Refused):
        require_agreement(runtime)

    assert "unconfirmed: 1" in run("recover", "--yes")
    require_agreement(runtime)
    assert "nothing to recover" in run("recover", "--yes")


def test_what_people_decided_since_is_named(run: Run, runtime: Runtime, clock: FakeClock) -> None:
    entry = Entry(kind=DECIDED, delivery="lost", at=clock.now() + timedelta(minutes=5), what="pause")
    runtime.journal.write([entry], durable=True)
    (lost,) = json.loads(run("recover", "--json"))["decided"]
    assert lost["what"] == "pause"
    shown = run("recover", "--yes")
    assert re.search(r"16:05:00.*pause", shown)
    assert "What was paused since will be paused again" in shown
    assert "Paused again: everything." in shown
    require_agreement(runtime)


def test_a_person_is_told_of_changed_lines(run: Run, runtime: Runtime, clock: FakeClock, sent: int) -> None:
    assert "cut off or changed" not in run("recover", "--yes")
    path = runtime.journal.path(clock.now().date())
    path.write_bytes(path.read_bytes().replace(b"kite-fr", b"kite-ar"))
    assert "cut off or changed, so that nobody knows what they said: 1" in run("recover")


def test_only_who_may_approve_may_recover(run: Run, runtime: Runtime, sent: int) -> None:
    add_person(runtime, "Mei", "author")
    with pytest.raises(Refused, match="may not recover"):
        run("recover", "--yes", "--as", "Mei")
