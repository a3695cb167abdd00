"""`postroad rollup` and `postroad insight` as a person and as a machine use them."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from connectors.sandbox import SandboxServer
from scheduler.cli import harvest, insight_hours, insight_languages, rollup  # noqa: F401 - adds their commands
from scheduler.core.problems import Refused
from scheduler.services.metrics.turns import turn_to_read
from scheduler.services.runtime import Runtime
from scheduler.store.metrics.tables import AUDIENCE_DAY, READING
from scheduler.testing import FakeClock
from tests.cli.running import Run
from tests.reports.books import Books
from tests.services.working import connect_face


def count(runtime: Runtime, table: object) -> int:
    with runtime.begin() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def test_roll_ups_that_were_lost_are_made_anew(run: Run, runtime: Runtime, sandbox: SandboxServer) -> None:
    connect_face(runtime, sandbox, "bluesky")
    run("harvest")
    with runtime.begin() as session:
        session.execute(delete(AUDIENCE_DAY))
    assert "1 channels rebuilt" in run("rollup", "rebuild")
    assert count(runtime, AUDIENCE_DAY) == 1


def test_a_harvest_beside_another_says_so_and_succeeds(run: Run, runtime: Runtime) -> None:
    with turn_to_read(runtime):
        assert "Nothing was read: another process is reading" in run("harvest")
        assert json.loads(run("harvest", "--json"))["left_to_another"] is True


def test_later_readings_of_a_day_become_one_when_they_are_old_enough_and_the_baseline_stays(
    run: Run, runtime: Runtime, sandbox: SandboxServer, clock: FakeClock
) -> None:
    connect_face(runtime, sandbox, "bluesky")
    for _ in range(3):
        clock.advance(timedelta(hours=1))
        run("harvest", "--all")
    assert "0 readings fewer" in run("rollup", "thin")
    # Reports tell of the looks of 400 days how many are missing: none of those may be thinned.
    run("rollup", "thin", "--keep-days", "399", status=2)
    clock.advance(timedelta(days=500))
    assert "1 readings fewer" in run("rollup", "thin")
    assert count(runtime, READING) == 2


def test_hours_of_which_nothing_is_known_are_said_to_be_unknown(run: Run) -> None:
    assert "no channel or language" in run("insight", "hours")
    assert json.loads(run("insight", "hours", "--json")) == []


def test_a_post_that_did_not_go_out_has_no_languages(run: Run, runtime: Runtime, clock: FakeClock) -> None:
    Books(runtime, clock.now()).post("spring", {"en": "x"})
    with pytest.raises(Refused, match="nothing of the post spring went out"):
        run("insight", "languages", "spring")
    with pytest.raises(Refused) as refused:
        run("insight", "languages", "sprin")
    assert refused.value.problems[0].near == "spring"
