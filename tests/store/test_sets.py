"""Many values in one parameter mean the same on both databases."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import BigInteger, literal, select, text

from connectors.sandbox import SandboxServer
from scheduler.core.states import State
from scheduler.services.runtime import Runtime
from scheduler.store.engine import using_database
from scheduler.store.evidence.ledger import Line, Signed, lines_of, note_each
from scheduler.store.metrics.rollups import MANY, of_many
from scheduler.store.sets import looked_up, one_of
from scheduler.store.tables import Post
from scheduler.testing import add_delivery
from tests.services.working import connect_face


@pytest.mark.parametrize(("numbers", "found"), [([3, 7, 2**40], True), ([3], False), ([], False)])
def test_a_number_is_one_of_many(runtime: Runtime, numbers: Sequence[int], *, found: bool) -> None:
    with runtime.begin() as session:
        assert session.scalar(select(literal(1)).where(one_of(literal(2**40), numbers))) == (
            1 if found else None
        )


@pytest.mark.parametrize("others", [0, MANY])
def test_a_number_is_one_however_many_there_are(runtime: Runtime, others: int) -> None:
    with runtime.begin() as session:
        for number, found in ((2**40, 1), (-1, None)):
            chosen = of_many(session, literal(number, BigInteger()), [2**40, *range(others)])
            assert session.scalar(select(literal(1)).where(chosen)) == found


def test_one_of_many_is_found_by_index_on_sqlite(sqlite_tables: Path) -> None:
    asked = select(Post.id).where(one_of(Post.id, [1, 2]))
    with using_database(f"sqlite:///{sqlite_tables}") as engine, engine.begin() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked.compile(engine)}", ("[1, 2]",)).all()
    assert "SEARCH post USING INTEGER PRIMARY KEY" in str(plan)


@pytest.mark.parametrize(("number", "word"), [(1, "one"), (2**40, "' \" 驿道 %s :x"), (3, ""), (4, None)])
def test_a_number_is_looked_up(runtime: Runtime, number: int, word: str | None) -> None:
    words = {1: "one", 2**40: "' \" 驿道 %s :x", 3: ""}
    with runtime.begin() as session:
        asked = select(looked_up(literal(number, BigInteger()), "words"))
        assert session.scalar(asked, {"words": words}) == word


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_words_are_read_once_for_all_rows(runtime: Runtime) -> None:
    """A plan for any words read the list of all deliveries' hashes again for each delivery."""
    asked = select(Post.id).where(looked_up(Post.id, "words") == Post.ref)
    with runtime.begin() as session:
        session.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
        words = str(asked.compile(session.connection())).replace("%(words)s", "$1")
        session.execute(text(f"PREPARE asked (VARCHAR) AS {words.replace(':', chr(92) + ':')}"))
        plan = session.scalars(text("EXPLAIN EXECUTE asked ('{}')")).all()
    [row_by_row] = [line for line in plan if "Filter:" in line]
    assert "->>" in row_by_row
    assert "jsonb" not in row_by_row


def test_a_line_of_the_ledger_keeps_what_was_seen(runtime: Runtime, sandbox: SandboxServer) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "mastodon"), "words")
    seen = {"status": 500, "words": "NUL \0, half \ud800, “quoted” \\u0000"}
    line = Line(kind="outcome", state=State.UNCONFIRMED, reason="NUL \0", evidence=seen)
    with runtime.begin() as session:
        note_each(session, {delivery: line}, Signed(worker="w", now=runtime.clock.now()))
        [told] = lines_of(session, delivery)
    assert (told.kind, told.state, told.reason, told.worker) == ("outcome", "unconfirmed", "NUL \ufffd", "w")
    assert told.evidence == seen
    assert told.at == runtime.clock.now()
