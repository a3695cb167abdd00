"""`postroad goals` as a person and as a machine use it."""

import json

import pytest

from scheduler.cli import goals  # noqa: F401 - importing it adds its commands
from scheduler.core.problems import Refused
from tests.cli.running import Run


def test_a_goal_is_set_changed_followed_and_frozen(run: Run) -> None:
    run("goals", "set", "2026", "responses", "1,200,000", "--slice", "language=ar")
    run("goals", "set", "2026", "responses", "1300000", "--slice", "language=ar", "--reason", "more staff")
    [goal] = json.loads(run("goals", "list", "--json"))
    assert (goal["target"], goal["actual"]["value"], goal["actual"]["reason"]) == (
        1_300_000,
        None,
        "nothing_to_read",
    )
    told = run("goals", "list")
    assert "1,300,000" in told
    assert "not known" in told
    assert "more staff" in run("goals", "list", "--history")
    assert "1,300,000" in run("goals", "freeze", "2026", "mid-year")
    [frozen] = json.loads(run("goals", "freeze", "2026", "mid-year", "--json"))
    assert [one["moment"] for one in frozen["closed"]] == ["mid-year"]


def test_a_goal_that_cannot_be_is_refused_with_every_reason(run: Run) -> None:
    with pytest.raises(Refused) as refused:
        run("goals", "set", "26", "likes", "many", "--slice", "language", "--phases", "1,2,3")
    assert {problem.column for problem in refused.value.problems} == {
        "year",
        "measure",
        "slice",
        "target",
        "phases",
    }
