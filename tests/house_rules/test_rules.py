"""Each rule finds what it is for, and leaves the honest neighbours of it alone."""

import pytest

from tests.house_rules import rules
from tests.house_rules.__main__ import find_breaches
from tests.house_rules.rules import Rule
from tests.house_rules.sources import Source

SERVICE = "scheduler/services/example.py"
CORE = "scheduler/core/example.py"


def lines_of(rule: Rule, text: str, *, path: str = SERVICE) -> list[int]:
    return [breach.line for breach in rule(Source(path, text))]


@pytest.mark.parametrize(
    "text",
    [
        "delivery.state = State.READY",
        "delivery.state: str = 'ready'",
        "for delivery.state in states: pass",
        "setattr(delivery, 'state', 'ready')",
        "Delivery(uid=uid, state='scheduled')",
        "update(Delivery).where(Delivery.id == 1).values(state='ready')",
        "update(Delivery).values({'state': 'ready'})",
        "update(Delivery).values(**moved)",
        "update(tables.Delivery).values(state='ready')",
        "text('UPDATE delivery SET state = :state')",
    ],
)
def test_a_second_writer_of_the_state_is_found(text: str) -> None:
    assert lines_of(rules.state_has_one_writer, text) == [1]


@pytest.mark.parametrize(
    "text",
    [
        "ready = delivery.state == State.READY",
        "select(Delivery.state).where(Delivery.state == 'ready')",
        "update(Channel).values(state='ready')",
        "update(Delivery).where(Delivery.id == 1).values(staged={})",
        "decision = Decision(state=State.READY)",
    ],
)
def test_reading_the_state_is_free(text: str) -> None:
    assert lines_of(rules.state_has_one_writer, text) == []


def test_the_store_may_write_the_state() -> None:
    assert lines_of(rules.state_has_one_writer, "delivery.state = 'ready'", path=rules.STATE_WRITER) == []


def test_what_a_person_decides_in_a_plain_transaction_is_found() -> None:
    text = "def pause(runtime: Runtime, *, by: Person | None) -> None:\n    with {}() as session: ..."
    plain, marked = text.format("runtime.begin"), text.format("deciding")
    assert lines_of(rules.what_people_decide_is_marked, plain) == [1]
    assert lines_of(rules.what_people_decide_is_marked, marked) == []
    assert lines_of(rules.what_people_decide_is_marked, plain.replace("Person", "str")) == []
    assert lines_of(rules.what_people_decide_is_marked, plain, path=f"{rules.READERS[0]}goals.py") == []


def test_a_row_written_back_is_found_in_the_store_too() -> None:
    text, path = "row.state, row.reason = State.HELD, reason", f"{rules.STATE_WRITER}timing.py"
    assert lines_of(rules.state_moves_by_guarded_update, text, path=path) == [1]
    assert lines_of(rules.state_moves_by_guarded_update, text, path=rules.NEW_ROWS) == []


@pytest.mark.parametrize(
    "text",
    [
        "session.commit()",
        "with engine.begin() as connection: pass",
        "with self._engine.begin(): pass",
        "make = sessionmaker(engine)",
        "engine.execution_options(isolation_level='AUTOCOMMIT')",
    ],
)
def test_a_commit_of_ones_own_is_found(text: str) -> None:
    assert lines_of(rules.only_the_unit_of_work_commits, text) == [1]


def test_a_unit_of_work_is_the_way_to_commit() -> None:
    rule = rules.only_the_unit_of_work_commits
    assert lines_of(rule, "with runtime.begin() as session: session.begin_nested()") == []
    for path in ("scheduler/store/unit_of_work.py", "scheduler/store/migrations/__init__.py"):
        assert lines_of(rule, "with engine.begin(): pass", path=path) == []


@pytest.mark.parametrize(
    "text",
    [
        "at = datetime.now(UTC)",
        "day = date.today()",
        "seen = datetime.datetime.utcnow()",
        "made_at = field(default_factory=datetime.now)",
        "started = time.time()",
        "started = clock.monotonic()",
        "import time",
        "from time import time",
        "later = clock.now()",
    ],
)
def test_a_clock_in_core_is_found(text: str) -> None:
    assert lines_of(rules.core_has_no_clock, text, path=CORE) == [1]
    assert lines_of(rules.core_has_no_clock, text, path=SERVICE) == []


def test_a_given_instant_is_no_clock() -> None:
    text = "from scheduler.core.time import zone\nlate = standing.now - due_at\nhour = at.time()"
    assert lines_of(rules.core_has_no_clock, text, path=CORE) == []


@pytest.mark.parametrize(
    "text",
    [
        "import random",
        "import secrets",
        "from random import shuffle",
        "from uuid import uuid4",
        "uid = uuid.uuid4()",
        "salt = os.urandom(8)",
    ],
)
def test_chance_in_core_is_found(text: str) -> None:
    assert lines_of(rules.core_has_no_chance, text, path=CORE) == [1]
    assert lines_of(rules.core_has_no_chance, text, path=SERVICE) == []


@pytest.mark.parametrize("text", ["import httpx", "import httpx as h", "from httpx import Client"])
def test_a_second_importer_of_httpx_is_found(text: str) -> None:
    rule = rules.httpx_has_one_importer
    assert lines_of(rule, text, path="connectors/mastodon/connector.py") == [1]
    assert [lines_of(rule, text, path=path) for path in rules.HTTP] == [[]] * len(rules.HTTP)


def test_our_own_code_keeps_every_rule() -> None:
    assert [str(breach) for breach in find_breaches()] == []
