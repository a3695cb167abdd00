"""Reach at scale: readings taken in by the product's own path, and the weekly facts from their roll-ups.

Beside it in the same run: a plain append of the same readings, the same sums by DuckDB on the same roll-ups,
by naive SQL on one row for each value, and by DuckDB on those rows as Parquet. All must agree.
"""

import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

import duckdb
import psycopg
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from bench.figures import Figure, Result, at_least, at_most, parser, plain, progress, report
from bench.instant import INSTANT
from bench.rows import copy_rows
from bench.stack import Stack, stack
from connectors.capabilities import Family, MetricDefinition
from scheduler.services.rollups import make_room
from scheduler.services.runtime import Runtime
from scheduler.store.bulk import append
from scheduler.store.facts import facts_of
from scheduler.store.months import make_months
from scheduler.store.reach_tables import READING, ROLLUPS
from scheduler.store.samples import Observation, ingest, start_run
from scheduler.store.stretch import Stretch
from scheduler.store.tables import Channel, Delivery, Post, Publication
from scheduler.testing import add_channel, add_delivery

ORIGIN = datetime(2024, 1, 1, tzinfo=UTC)
"""A Monday; the centre's zone is UTC."""
AGES_H = (1, 3, 6, 12, *range(24, 24 * 8, 24), *range(24 * 9, 24 * 29, 24))
"""At what ages, in hours, a publication is read: 31 times."""
NAMES = ("bookmarks", "clicks", "comments", "likes", "quotes", "reposts", "saves", "views")
DEFINITIONS = tuple(
    MetricDefinition(name=name, family=Family.REACTION, subject="publication") for name in NAMES
)
CAMPAIGNS = 24
BATCH = 5_000
WEEK = timedelta(weeks=1)
NARROW = """
    CREATE TABLE sample (publication_id bigint, channel_id bigint, metric smallint, taken_at timestamptz,
                         value bigint)
"""
NAIVE = """
    WITH stood AS (
        SELECT channel_id, publication_id, metric,
               max(value) AS high,
               coalesce(max(value) FILTER (WHERE taken_at < '{starts}'), 0) AS before
        FROM {sample} WHERE taken_at < '{ends}' GROUP BY 1, 2, 3
    )
    SELECT channel_id, metric, sum(high - before)::bigint FROM stood WHERE high > before GROUP BY 1, 2
"""
SUMS = """
    SELECT channel_id, campaign_id, form_id, sum(looks), {sums} FROM {days}
    WHERE day_at >= '{starts}' AND day_at < '{ends}' GROUP BY 1, 2, 3
"""

Moved = dict[tuple[int, str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much there is: `weeks` follow from the samples, so that a week holds about as much at any size."""

    samples: int
    channels: int
    seed: int

    @property
    def weeks(self) -> int:
        return max(20, self.samples // 500_000)

    @property
    def publications(self) -> int:
        return self.samples // len(NAMES) // len(AGES_H)


@dataclass(slots=True)
class Taken:
    """What was taken in so far, and how long that took."""

    readings: int = 0
    moved: int = 0
    seconds: float = 0


@dataclass(slots=True)
class Ledger:
    """Time spent in the database by statements, fetched rows included."""

    seconds: float = 0
    _since: float = 0

    def watch(self, session: Session) -> None:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", self._begin)
        event.listen(connection, "after_cursor_execute", self._end)

    def _begin(self, *_: Any) -> None:
        self._since = time.perf_counter()

    def _end(self, *_: Any) -> None:
        self.seconds += time.perf_counter() - self._since


@dataclass(frozen=True, slots=True)
class World:
    """The seeded life of every publication: when it went live, on which channel, and how far it gets."""

    size: Size
    born: Mapping[int, Sequence[int]] = field(default_factory=lambda: defaultdict(list))

    def fill(self) -> None:
        hours = self.size.weeks * 7 * 24 - 48
        for number in range(self.size.publications):
            self.born[number * hours // self.size.publications].append(number + 1)  # type: ignore[attr-defined]

    def looks(self, first_h: int, last_h: int) -> Iterator[Observation]:
        """Every look from the first to before the last hour, in the order of time."""
        for hour in range(first_h, last_h):
            for age in AGES_H:
                for publication in self.born.get(hour - age, ()):
                    yield self._look(publication, hour, age)

    def _look(self, publication: int, hour: int, age: int) -> Observation:
        fate = random.Random(self.size.seed * 1_000_003 + publication)  # noqa: S311 - a seeded generator
        reach = fate.lognormvariate(4, 1.5)
        grown = 1 - 0.5 ** (age / 18)
        values = {name: int(reach * grown * fate.random()) for name in NAMES[:-1]}
        values["views"] = int(reach * 40 * grown)
        return Observation(
            channel_id=1 + publication % self.size.channels,
            publication_id=publication,
            taken_at=ORIGIN + timedelta(hours=hour, seconds=publication % 3600),
            status="read",
            definitions=DEFINITIONS,
            values=values,
            from_zero=True,
        )


def main(arguments: Sequence[str]) -> int:
    """Fill, measure at a tenth and at the whole, compare."""
    options = parser(__doc__, samples=50_000_000, channels=2_000, seed=1).parse_args(arguments)
    size = Size(samples=options.samples, channels=options.channels, seed=options.seed)
    with stack(time_zone="UTC") as installed:
        figures = _measure(installed, size)
    parameters = {
        "samples": size.samples,
        "publications": size.publications,
        "channels": size.channels,
        "weeks": size.weeks,
        "seed": size.seed,
    }
    result = Result(title="reach: readings in, weekly facts out", parameters=parameters, figures=figures)
    return report(result, as_json=options.json)


def _measure(installed: Stack, size: Size) -> list[Figure]:
    runtime, world = installed.runtime, World(size)
    world.fill()
    progress(f"{size.publications} publications on {size.channels} channels")
    _add_books(runtime, size)
    csv = installed.folder / "samples.csv"
    taken, tenth_h, last_h = Taken(), size.weeks * 7 * 24 // 10, size.weeks * 7 * 24
    tenth_h -= tenth_h % (7 * 24)
    with csv.open("w") as out:
        _take_in(runtime, world.looks(0, tenth_h), taken, out)
        early = _weekly(runtime, ORIGIN + timedelta(hours=tenth_h))
        _take_in(runtime, world.looks(tenth_h, last_h), taken, out)
    ends_at = ORIGIN + timedelta(hours=last_h)
    late = _weekly(runtime, ends_at)
    samples = taken.readings * len(NAMES)
    progress("comparisons")
    plainly = _append(runtime, taken.readings)
    ours, sums_s = _timed(lambda: _sums(installed, ends_at))
    rolled, duck_s = _duck_rollups(installed, ends_at)
    assert sorted(ours) == sorted(rolled)
    naive, naive_s = _naive(installed, csv, ends_at)
    parquet, parquet_s = _parquet(csv, ends_at)
    assert naive == parquet == late.moved
    stored = _bytes(installed, "reading")
    rollups = sum(_bytes(installed, table.name) for table in ROLLUPS)
    rate = taken.readings / taken.seconds
    return [
        at_most("weekly facts, query time", late.query_s * 1000, "ms", 50, 25),
        plain("weekly facts with their objects in Python", late.whole_s * 1000, "ms"),
        at_most("against a tenth of the samples", late.query_s / early.query_s, "x", 1.5),
        at_most("sums of a week, against DuckDB on the same roll-ups", sums_s / duck_s, "x", 2),
        plain("sums of a week from roll-ups", sums_s * 1000, "ms"),
        plain("  DuckDB on the same roll-ups", duck_s * 1000, "ms"),
        plain("  naive SQL on one row for each value", naive_s * 1000, "ms"),
        plain("  DuckDB on those rows as Parquet", parquet_s * 1000, "ms"),
        at_least("readings taken in", rate, "1/s", 20_000),
        plain("metric samples taken in", rate * len(NAMES), "1/s"),
        at_least("against a plain append of the same rows", rate / plainly, "x", 0.4, 0.6),
        at_most("bytes for each metric sample", stored / samples, "B", 12, 7),
        plain("bytes of roll-ups for each metric sample", rollups / samples, "B"),
        plain("metric samples", samples, ""),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """The facts of a week and of the one before: how long they took, and what moved in the week."""

    query_s: float
    whole_s: float
    moved: Moved


def _weekly(runtime: Runtime, ends_at: datetime) -> Weekly:
    queries, wholes = [], []
    moved: Moved = {}
    with runtime.begin() as session:
        session.execute(text("analyze"))
    for _ in range(5):
        ledger, began = Ledger(), time.perf_counter()
        with runtime.begin() as session:
            ledger.watch(session)
            now, _before = (_facts(session, runtime, ends_at - weeks * WEEK) for weeks in (0, 1))
        wholes.append(time.perf_counter() - began)
        queries.append(ledger.seconds)
        moved = {}
        for fact in now.movements:
            key = (fact.channel_id, fact.metric)
            moved[key] = moved.get(key, 0) + fact.increment
    return Weekly(query_s=statistics.median(queries), whole_s=statistics.median(wholes), moved=moved)


def _facts(session: Session, runtime: Runtime, ends_at: datetime) -> Any:
    stretch = Stretch(organisation_id=runtime.organisation_id, starts_at=ends_at - WEEK, ends_at=ends_at)
    return facts_of(session, stretch, metrics=NAMES, followers={"mastodon": "followers_count"})


def _take_in(runtime: Runtime, looks: Iterator[Observation], taken: Taken, out: TextIO) -> None:
    batch: list[Observation] = []
    for seen in looks:
        batch.append(seen)
        if len(batch) == BATCH:
            _store(runtime, batch, taken, out)
            batch = []
    if batch:
        _store(runtime, batch, taken, out)


def _store(runtime: Runtime, batch: Sequence[Observation], taken: Taken, out: TextIO) -> None:
    began = time.perf_counter()
    with runtime.begin() as session:
        run = start_run(session, runtime.organisation_id, now=batch[0].taken_at)
        taken.moved += ingest(session, run, batch)
    taken.seconds += time.perf_counter() - began
    taken.readings += len(batch)
    for seen in batch:
        place = f"{seen.publication_id},{seen.channel_id}"
        out.writelines(
            f"{place},{slot},{seen.taken_at.isoformat()},{seen.values[name]}\n"
            for slot, name in enumerate(NAMES)
        )


def _append(runtime: Runtime, readings: int) -> float:
    """Rows a second when readings are only appended, in batches of the same size."""
    names = [column.name for column in READING.c]
    with runtime.begin() as session:
        rows = [tuple(row) for row in session.execute(select(READING).limit(min(readings, 200_000)))]
        session.execute(text("create table plain (like reading including all)"))
    copy = READING.to_metadata(type(READING.metadata)(), name="plain")
    began = time.perf_counter()
    for start in range(0, len(rows), BATCH):
        with runtime.begin() as session:
            append(session, copy, names, rows[start : start + BATCH])
    return len(rows) / (time.perf_counter() - began)


def _sums(installed: Stack, ends_at: datetime) -> list[tuple[Any, ...]]:
    with psycopg.connect(installed.runtime_url.replace("+psycopg", "")) as connection:
        connection.execute("SET LOCAL work_mem = '64MB'")
        return connection.execute(_sums_sql("reach_day", ends_at).encode()).fetchall()


def _sums_sql(days: str, ends_at: datetime) -> str:
    sums = ", ".join(f"sum(n{slot})::bigint" for slot in range(len(NAMES)))
    return SUMS.format(days=days, sums=sums, starts=ends_at - WEEK, ends=ends_at)


def _duck_rollups(installed: Stack, ends_at: datetime) -> tuple[list[tuple[Any, ...]], float]:
    file = installed.folder / "reach_day.csv"
    with (
        psycopg.connect(installed.runtime_url.replace("+psycopg", "")) as connection,
        file.open("wb") as out,
        connection.cursor().copy("COPY reach_day TO STDOUT (FORMAT csv, HEADER)") as copied,
    ):
        for block in copied:
            out.write(block)
    duck = duckdb.connect()
    duck.execute(f"CREATE TABLE reach_day AS SELECT * FROM read_csv('{file}', header = true)")
    return _timed(lambda: duck.execute(_sums_sql("reach_day", ends_at)).fetchall())


def _naive(installed: Stack, csv: Path, ends_at: datetime) -> tuple[Moved, float]:
    with psycopg.connect(installed.runtime_url.replace("+psycopg", "")) as connection:
        connection.execute(NARROW.encode())
        with csv.open("rb") as rows, connection.cursor().copy("COPY sample FROM STDIN (FORMAT csv)") as into:
            while block := rows.read(1 << 20):
                into.write(block)
        connection.execute("ANALYZE sample")
        found, seconds = _timed(
            lambda: connection.execute(_naive_sql("sample", ends_at).encode()).fetchall(), 1
        )
    return _by_name(found), seconds


def _parquet(csv: Path, ends_at: datetime) -> tuple[Moved, float]:
    file, duck = csv.with_suffix(".parquet"), duckdb.connect()
    kinds = "publication_id: 'bigint', channel_id: 'bigint', metric: 'smallint', taken_at: 'timestamptz'"
    columns = "{" + kinds + ", value: 'bigint'}"
    duck.execute(f"COPY (SELECT * FROM read_csv('{csv}', columns = {columns})) TO '{file}'")
    found, seconds = _timed(lambda: duck.execute(_naive_sql(f"'{file}'", ends_at)).fetchall(), 1)
    return _by_name(found), seconds


def _naive_sql(sample: str, ends_at: datetime) -> str:
    return NAIVE.format(sample=sample, starts=ends_at - WEEK, ends=ends_at)


def _by_name(rows: Sequence[tuple[Any, ...]]) -> Moved:
    return {(channel, NAMES[slot]): moved for channel, slot, moved in rows}


def _timed(work: Callable[[], Any], times: int = 5) -> tuple[Any, float]:
    """The last result, and the median of the seconds."""
    spent, found = [], None
    for _ in range(times):
        began = time.perf_counter()
        found = work()
        spent.append(time.perf_counter() - began)
    return found, statistics.median(spent)


def _bytes(installed: Stack, table: str) -> float:
    """Bytes of a table, its parts and all their indexes."""
    parts = "select sum(pg_total_relation_size(relid)) from pg_partition_tree(%s) where isleaf"
    return installed.ask(parts, table)[0] or installed.ask("select pg_total_relation_size(%s)", table)[0]


def _add_books(runtime: Runtime, size: Size) -> None:
    channel = add_channel(
        runtime, INSTANT, base_url="http://127.0.0.1", handle="@bench", secret={"access_token": "x"}, name="1"
    )
    delivery = add_delivery(runtime, channel, "text", due_at=ORIGIN)
    hours, count = size.weeks * 7 * 24 - 48, size.publications
    live = f"timestamptz '{ORIGIN}' + ((n - 1)::bigint * {hours} / {count}) * interval '1 hour'"
    place = f"1 + n % {size.channels}"
    with runtime.begin() as session:
        session.execute(
            text(
                "insert into campaign (organisation_id, name, created_at) "
                f"select {runtime.organisation_id}, 'c' || n, now() from generate_series(1, {CAMPAIGNS}) n"
            )
        )
        post = session.scalars(select(Post.id)).one()
        session.add(
            Publication(
                organisation_id=runtime.organisation_id,
                delivery_id=delivery,
                post_id=post,
                channel_id=channel,
                remote_id="",
                url="",
                confirmed_by="answer",
                published_at=ORIGIN,
            )
        )
        session.flush()
        session.execute(text(f"update channel set created_at = timestamptz '{ORIGIN}'"))
        copy_rows(session, Channel, size.channels, {"name": "n::text"})
        campaign = f"case n % 4 when 0 then 1 + n / 50 % {CAMPAIGNS} end"
        copy_rows(session, Post, count, {"ref": "n::text", "campaign_id": campaign})
        both = {"post_id": "n", "channel_id": place}
        copy_rows(session, Delivery, count, {**both, "uid": "n::text", "key": "n::text", "due_at": live})
        copy_rows(session, Publication, count, {**both, "delivery_id": "n", "published_at": live})
        session.execute(
            text("update publication set channel_id = 1 + id % :channels"), {"channels": size.channels}
        )
        now = ORIGIN + size.weeks * WEEK
        make_months(session.connection(), since=ORIGIN, now=now)
    make_room(runtime)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
