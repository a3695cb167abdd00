"""What a planner tells of a step that its database did not do."""

import psycopg
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from workers.outage import Outage


def test_a_deadlock_is_told_as_one_and_a_database_that_is_away_once_only() -> None:
    outage, away = Outage(), psycopg.OperationalError()
    with capture_logs() as told:
        for error in (psycopg.errors.DeadlockDetected(), away, away):
            with outage.told():
                raise OperationalError("", {}, error)
        outage.end()
    assert [(one["event"], one.get("error")) for one in told] == [
        ("undone for another process", "DeadlockDetected"),
        ("database away", "OperationalError"),
        ("database back", None),
    ]
