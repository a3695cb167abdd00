"""Rows written in bulk come back as they were given, on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, StatementError

from scheduler.core.states import State
from scheduler.services.runtime import Runtime
from scheduler.store.bulk import append, as_array, change, replaced, write
from scheduler.store.metrics.tables import CLOSING, READING

AT = datetime(2026, 11, 16, 8, 0, 0, 123456, tzinfo=UTC)
CLOSED = ("publication_id", "until_at", "read_at", "marks")


@pytest.mark.parametrize("put", [write, append])
@pytest.mark.parametrize("words", ["", "NULL", '{"a": [1, "\\"]}', "a\\b, {c}\t\r\n'\\.", "驿道 🐎"])
def test_words_and_gaps_come_back(runtime: Runtime, words: str, put: Callable[..., None]) -> None:
    rows = [(1, AT, AT, words), (2, AT, None, "x")]
    with runtime.begin() as session:
        put(session, CLOSING, CLOSED, rows)
        assert list(map(tuple, session.execute(select(CLOSING).order_by(CLOSING.c.publication_id)))) == rows


def test_what_no_database_holds_becomes_a_mark(runtime: Runtime) -> None:
    with runtime.begin() as session:
        write(session, CLOSING, CLOSED, [(1, AT, None, "a\0b")])
        assert session.scalar(select(CLOSING.c.marks)) == "a\ufffdb"


def test_a_row_that_is_there_is_replaced(runtime: Runtime) -> None:
    with runtime.begin() as session:
        for words in ("old", "new"):
            write(session, CLOSING, CLOSED, [(1, AT, None, words)], replaced("marks"))
        assert session.scalars(select(CLOSING.c.marks)).all() == ["new"]


def test_what_is_there_is_changed_and_what_is_not_is_not_made(runtime: Runtime) -> None:
    with runtime.begin() as session:
        write(session, CLOSING, CLOSED, [(1, AT, AT, "one"), (2, AT, AT, "two")])
        change(
            session, CLOSING, ("publication_id", "read_at", "marks"), [(1, None, "changed"), (3, AT, "new")]
        )
        found = session.execute(select(CLOSING).order_by(CLOSING.c.publication_id))
        assert list(map(tuple, found)) == [(1, AT, None, "changed"), (2, AT, AT, "two")]


@pytest.mark.parametrize("moved", [b"", b"\0", bytes(range(256))])
def test_bytes_come_back(runtime: Runtime, moved: bytes) -> None:
    rows = [(AT, 1, None, 1, 1, moved)]
    with runtime.begin() as session:
        append(session, READING, [column.name for column in READING.c], rows)
        assert list(map(tuple, session.execute(select(READING)))) == rows


def test_an_instant_without_a_zone_is_refused(runtime: Runtime) -> None:
    with pytest.raises((ValueError, StatementError), match="needs a zone"), runtime.begin() as session:
        write(session, CLOSING, CLOSED, [(1, AT.replace(tzinfo=None), None, "")])


def test_what_the_database_refuses_is_its_refusal(runtime: Runtime) -> None:
    """As from any other statement: what catches the database's errors catches this one."""
    with pytest.raises(DBAPIError), runtime.begin() as session:
        append(session, CLOSING, CLOSED, [(1, AT, None, "twice")] * 2)


def test_an_array_holds_words_of_a_kind_that_is_known() -> None:
    assert as_array([None, State.READY]) == '{NULL,"ready"}'
    for strange in (True, 1.5):
        with pytest.raises(TypeError, match="no words for a"):
            as_array([strange])
