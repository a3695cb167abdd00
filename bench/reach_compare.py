"""What reach is compared with: a plain append, naive SQL on one row for each value, and DuckDB."""

import csv
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, select, text
from sqlalchemy import Table as SqlTable
from sqlalchemy.orm import Session

from bench.reach_world import NAMES, WEEK
from scheduler.services.metrics.sharing import share_out
from scheduler.services.runtime import Runtime
from scheduler.store.bulk import append
from scheduler.store.chunks import in_chunks
from scheduler.store.columns import Instant
from scheduler.store.metrics.samples import Observation
from scheduler.store.metrics.tables import READING
from scheduler.store.reach.stretch import suit_reports

VALUE = (
    Column("publication_id", BigInteger),
    Column("channel_id", BigInteger),
    Column("metric", Integer),
    Column("taken_at", Instant),
    Column("value", BigInteger),
)
NARROW = {
    sqlite: f"CREATE {kind} sample (publication_id bigint, channel_id bigint, metric int, taken_at {at},"
    " value bigint)"
    for sqlite, kind, at in ((True, "TABLE", "text"), (False, "UNLOGGED TABLE", "timestamptz"))
}
COLUMNS = {
    "publication_id": "bigint",
    "channel_id": "bigint",
    "metric": "int",
    "taken_at": "timestamptz",
    "value": "bigint",
}
NAIVE = """
    WITH stood AS (
        SELECT channel_id, publication_id, metric,
               max(value) AS high,
               coalesce(max(value) FILTER (WHERE taken_at < '{starts}'), 0) AS before
        FROM {sample} WHERE taken_at < '{ends}' GROUP BY 1, 2, 3
    )
    SELECT channel_id, metric, CAST(sum(high - before) AS bigint) FROM stood WHERE high > before GROUP BY 1, 2
"""
SUMMED, DAILY = "reach_week", "reach_day"
KEYS = "channel_id, campaign_id, form_id, carried"
SUMS = {
    SUMMED: f"SELECT {KEYS}, looks, {{counters}} FROM reach_week WHERE week_at >= '{{starts}}'"
    " AND week_at < '{ends}'",
    DAILY: f"SELECT {KEYS}, CAST(sum(looks) AS bigint), {{sums}} FROM reach_day WHERE day_at >= '{{starts}}'"
    f" AND day_at < '{{ends}}' GROUP BY {KEYS}",
}
"""The same of a week, for both databases: as it is summed up, and from its days."""
MEMORY = "1GB"
"""What one question may take, in either database."""
TIMES = 25
"""Of a question of three milliseconds, five times tell more about the machine than about the database."""

Moved = dict[tuple[int, str], int]
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Part:
    """What one appends of a batch, as if it were all of one channel."""

    channel_id: int
    rows: Rows


def append_values(runtime: Runtime, looks: Sequence[Observation], at_once: int, takers: int) -> float:
    """Looks a second when what they showed is only appended, one row for each value, by the same means.

    Each of the takers has so many looks at once.
    """
    table, names = _plain(runtime, "plain_value", VALUE), [column.name for column in VALUE]
    rows = [
        [
            (seen.publication_id, seen.channel_id, slot, seen.taken_at, seen.values[name])
            for seen in some
            for slot, name in enumerate(NAMES)
        ]
        for some in in_chunks(looks, at_once * takers)
    ]
    return len(looks) / _written(runtime, table, names, rows, takers)


def append_readings(runtime: Runtime, readings: int, at_once: int, takers: int) -> float:
    """Rows a second when the packed readings that came of looks are only appended, by the same means."""
    names = [column.name for column in READING.c]
    with runtime.begin() as session:
        rows = [tuple(row) for row in session.execute(select(READING).limit(readings))]
    table = _plain(runtime, "plain_reading", READING.c)
    return len(rows) / _written(runtime, table, names, list(in_chunks(rows, at_once * takers)), takers)


def _plain(runtime: Runtime, name: str, columns: Iterable[Column[Any]]) -> SqlTable:
    """A new table, found by channel and by time as readings are, in the place of one of this name."""
    table = SqlTable(name, MetaData(), *(Column(one.name, one.type) for one in columns))
    Index(f"ix_{name}_channel_id", table.c.channel_id)
    Index(f"ix_{name}_taken_at", table.c.taken_at, postgresql_using="brin")
    with runtime.begin() as session:
        table.drop(session.connection(), checkfirst=True)
        table.create(session.connection())
    return table


def _written(
    runtime: Runtime, table: SqlTable, names: Sequence[str], batches: Sequence[Rows], takers: int
) -> float:
    """Write each batch, as many side by side as take in readings; the seconds it took."""
    parts = [[Part(number, rows[number::takers]) for number in range(takers)] for rows in batches]
    began = time.perf_counter()
    for some in parts:
        share_out(runtime, takers, some, lambda session, own: append(session, table, names, own[0].rows))
    return time.perf_counter() - began


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """How long the same question took us, and DuckDB on its own copy of the same rows."""

    ours_s: float
    duck_s: float


def both_sums(runtime: Runtime, folder: Path, table: str, ends_at: datetime) -> Both:
    """The sums of a week from one of the roll-ups; both must come to the same."""
    file = folder / f"{table}.csv"
    with runtime.begin() as session:
        suit_reports(session)
        question = _sums_sql(table, ends_at, stored=is_sqlite(session))
        ours, ours_s = timed(lambda: _ask(session, question))
        _export(session, table, file)
    with _duck(folder) as duck:
        duck.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv('{file}', header = true)")
        theirs, duck_s = timed(lambda: duck.execute(_sums_sql(table, ends_at)).fetchall())
    assert ours
    assert sorted(ours) == sorted(theirs)
    return Both(ours_s=ours_s, duck_s=duck_s)


@contextmanager
def _duck(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of as much memory as others have; what it has no room for goes to the folder."""
    with duckdb.connect() as duck:
        duck.execute(f"SET TimeZone = 'UTC'; SET memory_limit = '{MEMORY}'; SET temp_directory = '{folder}'")
        yield duck


def naive(runtime: Runtime, samples: Path, ends_at: datetime) -> tuple[Moved, float]:
    """What a week brought, by SQL on one row for each value."""
    with runtime.begin() as session:
        if not is_sqlite(session):
            session.execute(text(f"SET LOCAL hash_mem_multiplier = 1; SET LOCAL work_mem = '{MEMORY}'"))
        session.execute(text(NARROW[is_sqlite(session)]))
        _load(session, samples)
        session.execute(text("ANALYZE sample"))
        found, seconds = timed(lambda: _ask(session, _naive_sql("sample", ends_at)), 1)
        session.execute(text("DROP TABLE sample"))
    return _by_name(found), seconds


def parquet(samples: Path, ends_at: datetime) -> tuple[Moved, float]:
    """The same by DuckDB on those rows as Parquet."""
    file = samples.with_suffix(".parquet")
    with _duck(samples.parent) as duck:
        duck.execute(f"COPY (SELECT * FROM read_csv('{samples}', columns = {COLUMNS})) TO '{file}'")
        found, seconds = timed(lambda: duck.execute(_naive_sql(f"'{file}'", ends_at)).fetchall(), 1)
    return _by_name(found), seconds


def bytes_of(runtime: Runtime, table: str) -> float:
    """Bytes of a table, its parts and all their indexes."""
    with runtime.begin() as session:
        if is_sqlite(session):
            [[found]] = _ask(session, f"select sum(pgsize) from dbstat where name in ({_parts(table)})")
            return float(found or 0)
        tree = f"select sum(pg_total_relation_size(relid)) from pg_partition_tree('{table}') where isleaf"
        whole = f"select pg_total_relation_size('{table}')"
        return float(_ask(session, tree)[0][0] or _ask(session, whole)[0][0])


def timed(work: Callable[[], Any], times: int = TIMES) -> tuple[Any, float]:
    """The last result, and the median of the seconds."""
    spent, found = [], None
    for _ in range(times):
        began = time.perf_counter()
        found = work()
        spent.append(time.perf_counter() - began)
    return found, statistics.median(spent)


def lazy(runtime: Runtime) -> bool:
    """Whether rows are worked out as they are fetched, so that queries have no time of their own: SQLite."""
    with runtime.begin() as session:
        return is_sqlite(session)


def is_sqlite(session: Session) -> bool:
    """Whether it is the embedded database."""
    return session.get_bind().dialect.name == "sqlite"


def _parts(table: str) -> str:
    return f"select name from sqlite_master where tbl_name = '{table}'"


def _ask(session: Session, question: str) -> Rows:
    """The rows as the driver gives them; of PostgreSQL in binary, as a report takes them."""
    cursor = _cursor(session, **({} if is_sqlite(session) else {"binary": True}))
    cursor.execute(question)
    found: Rows = cursor.fetchall()
    return found


def _cursor(session: Session, **how: bool) -> Any:
    return session.connection().connection.cursor(**how)


def _sums_sql(table: str, ends_at: datetime, *, stored: bool = False) -> str:
    """`stored`: with instants as SQLite stores them."""
    slots = [f"n{slot}" for slot in range(len(NAMES))]
    starts, ends = (
        f"{at:%Y-%m-%d %H:%M:%S.%f}" if stored else at.isoformat() for at in (ends_at - WEEK, ends_at)
    )
    sums = ", ".join(f"CAST(sum({slot}) AS bigint)" for slot in slots)
    return SUMS[table].format(counters=", ".join(slots), sums=sums, starts=starts, ends=ends)


def _naive_sql(sample: str, ends_at: datetime) -> str:
    return NAIVE.format(sample=sample, starts=(ends_at - WEEK).isoformat(), ends=ends_at.isoformat())


def _export(session: Session, table: str, file: Path) -> None:
    cursor = _cursor(session)
    if is_sqlite(session):
        cursor.execute(f"SELECT * FROM {table}")
        with file.open("w", newline="") as out:
            lines = csv.writer(out)
            lines.writerow(column[0] for column in cursor.description)
            lines.writerows(cursor)
        return
    with file.open("wb") as out, cursor.copy(f"COPY {table} TO STDOUT (FORMAT csv, HEADER)") as copied:
        for block in copied:
            out.write(block)


def _load(session: Session, samples: Path) -> None:
    cursor = _cursor(session)
    if is_sqlite(session):
        with samples.open(newline="") as rows:
            cursor.executemany("INSERT INTO sample VALUES (?, ?, ?, ?, ?)", csv.reader(rows))
        return
    with samples.open("rb") as rows, cursor.copy("COPY sample FROM STDIN (FORMAT csv)") as into:
        while block := rows.read(1 << 20):
            into.write(block)


def _by_name(rows: Sequence[tuple[Any, ...]]) -> Moved:
    return {(channel, NAMES[slot]): moved for channel, slot, moved in rows}
