"""Reach at scale: readings taken in by the product's own path, and the weekly facts from their roll-ups.

Beside it in the same run: a plain append of the same readings, the same sums by DuckDB on the same roll-ups,
by naive SQL on one row for each value, and by DuckDB on those rows as Parquet. All must agree.
"""

import os
import resource
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from subprocess import DEVNULL
from tempfile import TemporaryDirectory
from typing import Any, TextIO

import psutil
from sqlalchemy import delete, event, text
from sqlalchemy.orm import Session

from bench.figures import (
    MIB,
    Figure,
    Result,
    at_least,
    at_most,
    parser,
    plain,
    progress,
    report,
)
from bench.image import POSTROAD
from bench.reach_compare import (
    DAILY,
    SUMMED,
    Moved,
    append_readings,
    append_values,
    both_sums,
    bytes_of,
    is_sqlite,
    lazy,
    naive,
    parquet,
    timed,
)
from bench.reach_rich import SPREAD, live_rich_weeks
from bench.reach_world import NAMES, ORIGIN, WEEK, Size, World, add_books
from bench.stack import Stack, stack, tuning
from scheduler.core.facts import Facts
from scheduler.services.metrics.sharing import share_out, takers
from scheduler.services.runtime import Runtime
from scheduler.store.metrics.samples import Observation, ingest, start_run
from scheduler.store.metrics.tables import ROLLUPS
from scheduler.store.metrics.weeks import sum_weeks
from scheduler.store.reach.facts import facts_over
from scheduler.store.reach.stretch import Stretch
from scheduler.store.tables import ReachReport
from workers.waiting import collect_seldom

BATCH, COMPARED = 5_000, 100_000
WEEK_H, REPORTS, RICH_REPORTS = 7 * 24, 5, 3


@dataclass(slots=True)
class Taken:
    """What so many took in so far, and how long that took; `summing_s` of it for weeks that were over."""

    takers: int
    readings: int = 0
    seconds: float = 0
    summing_s: float = 0
    own_cpu_s: float = 0

    @property
    def rate(self) -> float:
        """Readings a second."""
        return self.readings / self.seconds


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


def main(arguments: Sequence[str]) -> int:
    """Fill, measure at a tenth and at the whole, compare; on PostgreSQL, or on SQLite with --sqlite."""
    options = parser(__doc__, samples=0, channels=2_000, seed=1)
    options.add_argument("--sqlite", action="store_true")
    chosen = options.parse_args(arguments)
    samples = chosen.samples or (6_000_000 if chosen.sqlite else 50_000_000)
    size = Size(samples=samples, channels=chosen.channels, seed=chosen.seed)
    with (
        TemporaryDirectory(prefix="postroad-bench-") as name,
        _installed(Path(name), chosen.sqlite) as installed,
    ):
        figures = _measure(installed, Path(name), size)
    parameters = {
        "database": "SQLite" if chosen.sqlite else "PostgreSQL",
        **({} if chosen.sqlite else tuning()),
        "samples": size.samples,
        "publications": size.publications,
        "channels": size.channels,
        "weeks": size.weeks,
        "seed": size.seed,
    }
    result = Result(title="reach: readings in, weekly facts out", parameters=parameters, figures=figures)
    return report(result, as_json=chosen.json)


@contextmanager
def _installed(folder: Path, sqlite: bool) -> Iterator[Stack]:  # noqa: FBT001 - as the option was given
    other = {"database_url": f"sqlite:///{folder}/postroad.db"} if sqlite else {}
    with stack(durable=False, time_zone="UTC", **other) as installed:
        yield installed


def _measure(installed: Stack, folder: Path, size: Size) -> list[Figure]:
    runtime, world = installed.runtime, World(size)
    world.fill()
    collect_seldom()  # as a worker does; nor is the world a part of the product
    progress(f"{size.publications} publications on {size.channels} channels")
    add_books(runtime, size)
    samples = folder / "samples.csv"
    taken, alone = Taken(_takers(runtime)), Taken(1)
    tenth_h = size.hours // 10
    tenth_h -= tenth_h % WEEK_H
    last_h = size.hours - tenth_h
    with samples.open("w") as out:
        _take_in(runtime, world, range(0, tenth_h, WEEK_H), taken, out)
        early = _weekly(runtime, ORIGIN + timedelta(hours=tenth_h))
        servers_s = _servers_cpu_s()
        so_far = replace(taken)
        _take_in(runtime, world, range(tenth_h, last_h, WEEK_H), taken, out)
        servers_s = _servers_cpu_s() - servers_s
        _take_in(runtime, world, range(last_h, size.hours, WEEK_H), alone, out)
    ends_at = ORIGIN + timedelta(hours=size.hours)
    progress("comparisons")
    late = _weekly(runtime, ends_at)
    readings = taken.readings - so_far.readings
    summing_s = taken.summing_s + alone.summing_s
    return [
        *_weekly_figures(runtime, samples, ends_at, (early, late)),
        *_rate_figures(runtime, world, taken, alone),
        *_report_figures(installed, ends_at),
        plain("  CPU of one in Python", (taken.own_cpu_s - so_far.own_cpu_s) / readings * 1e6, "µs"),
        plain("  CPU of one in the database server", servers_s / readings * 1e6, "µs"),
        plain("summing up a week that is over, once", summing_s / size.weeks * 1000, "ms"),
        plain("peak memory of this process, its world in it", _peak_mib(), "MiB"),
        *_size_figures(runtime, (taken.readings + alone.readings) * len(NAMES)),
        *([] if lazy(runtime) or size.channels < SPREAD else _rich_figures(installed, size)),
    ]


def _weekly_figures(
    runtime: Runtime, samples: Path, ends_at: datetime, at: tuple["Weekly", "Weekly"]
) -> list[Figure]:
    early, late = at
    weeks, days = (both_sums(runtime, samples.parent, table, ends_at) for table in (SUMMED, DAILY))
    progress("naive SQL, then DuckDB over Parquet: each once")
    raw, raw_s = naive(runtime, samples, ends_at)
    columns, columns_s = parquet(samples, ends_at)
    assert raw == columns == late.moved
    own = [
        at_most("weekly facts, query time", late.query_s * 1000, "ms", 50, 25),
        at_most("against a tenth of the samples", late.query_s / early.query_s, "x", 1.5),
        at_most("sums of a week, against DuckDB on the same roll-ups", weeks.ours_s / weeks.duck_s, "x", 2),
    ]
    return [
        *([] if lazy(runtime) else own),
        plain("weekly facts with their objects in Python", late.whole_s * 1000, "ms"),
        plain("sums of a week from roll-ups", weeks.ours_s * 1000, "ms"),
        plain("  DuckDB on the same roll-ups", weeks.duck_s * 1000, "ms"),
        plain("  from those of its days, as of a week that is not over", days.ours_s * 1000, "ms"),
        plain("  DuckDB on those", days.duck_s * 1000, "ms"),
        plain("  naive SQL on one row for each value", raw_s * 1000, "ms"),
        plain("  DuckDB on those rows as Parquet", columns_s * 1000, "ms"),
    ]


def _rate_figures(runtime: Runtime, world: World, taken: Taken, alone: Taken) -> list[Figure]:
    rate, some = taken.rate, min(taken.readings, COMPARED)
    looks = list(islice(world.looks(0, world.size.hours), some))
    values, by_one = (append_values(runtime, looks, BATCH, count) for count in (taken.takers, alone.takers))
    readings = append_readings(runtime, some, BATCH, taken.takers)
    return [
        at_least(f"readings taken in, {taken.takers} side by side", rate, "1/s", 20_000),
        plain("  by one alone", alone.rate, "1/s"),
        plain("metric samples taken in", rate * len(NAMES), "1/s"),
        at_least("against a plain append of the same values by as many", rate / values, "x", 0.4, 0.6),
        plain("  one alone against one", alone.rate / by_one, "x"),
        plain("  and of the readings as they are packed", rate / readings, "x"),
    ]


def _report_figures(installed: Stack, ends_at: datetime) -> list[Figure]:
    """What a person waits for who asks for the report of a week: built, frozen and written."""
    progress(f"the reports of {REPORTS + 2} weeks")
    first, *weeks, last = (ends_at - back * WEEK for back in range(REPORTS + 2, 0, -1))
    _write_report(installed, first)  # what is loaded is compiled by then
    each = iter(weeks)
    _, seconds = timed(lambda: _write_report(installed, next(each)), REPORTS)
    peak = _write_report(installed, last, weighed=True)
    return [
        at_most(f"full report with PDF and XLSX, median of {REPORTS}", seconds, "s", 5),
        at_most("memory of that of the next week", peak / MIB, "MiB", 400),
    ]


def _rich_figures(installed: Stack, size: Size) -> list[Figure]:
    """The same of the second of two weeks as of a real centre: more is written then, and more is told."""
    progress("two rich weeks")
    with installed.runtime.begin() as session:
        session.execute(delete(ReachReport))  # their books will be others, and each change would be told
    ends_at = live_rich_weeks(installed.runtime, size)
    _tidy(installed.runtime)
    _write_report(installed, ends_at - 2 * WEEK)
    progress("the report of a rich week")
    _, seconds = timed(lambda: _write_anew(installed, ends_at - WEEK), RICH_REPORTS)
    peak = _write_anew(installed, ends_at - WEEK, weighed=True)
    return [
        plain("full report of a rich week: followers, goals, languages", seconds, "s"),
        plain("  publications in it", size.channels * SPREAD, ""),
        at_most("  memory of it", peak / MIB, "MiB", 400),
    ]


def _write_anew(installed: Stack, starts_at: datetime, *, weighed: bool = False) -> int:
    """As if it had not been frozen."""
    with installed.runtime.begin() as session:
        session.execute(delete(ReachReport).where(ReachReport.period == f"{starts_at:%G-W%V}"))
    return _write_report(installed, starts_at, weighed=weighed)


def _write_report(installed: Stack, starts_at: datetime, *, weighed: bool = False) -> int:
    """By the command. `weighed`, the most bytes that it and its processes had, which slows it down.

    What they share counts once, as PSS does.
    """
    command = [str(POSTROAD), "report", "weekly", f"--week={starts_at:%G-W%V}", "--format=pdf,xlsx"]
    peak = 0
    with psutil.Popen(command, env={**os.environ, **installed.environment}, stdout=DEVNULL) as process:
        while weighed and process.poll() is None:
            with suppress(psutil.NoSuchProcess):  # one of them ended meanwhile
                every = (process, *process.children(recursive=True))
                peak = max(peak, sum(one.memory_full_info().pss for one in every))
            time.sleep(0.05)
    assert process.returncode == 0
    return peak


def _size_figures(runtime: Runtime, samples: int) -> list[Figure]:
    rollups = sum(bytes_of(runtime, table.name) for table in ROLLUPS)
    return [
        at_most("bytes for each metric sample", bytes_of(runtime, "reading") / samples, "B", 12, 7),
        plain("bytes of roll-ups for each metric sample", rollups / samples, "B"),
        plain("metric samples", samples, ""),
    ]


def _takers(runtime: Runtime) -> int:
    """As many as a harvest has."""
    with runtime.begin() as session:
        return takers(session)


def _servers_cpu_s() -> float:
    """CPU time of the database's processes so far, those that are over included."""
    children = psutil.Process().children(recursive=True)
    return sum(sum(one.cpu_times()[:4]) for one in children if "postgres" in one.name())


def _peak_mib() -> float:
    """Linux counts it in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """The facts of a week and of the one before: how long they took, and what moved in the week."""

    query_s: float
    whole_s: float
    moved: Moved


def _weekly(runtime: Runtime, ends_at: datetime) -> Weekly:
    queries, wholes = [], []
    moved: Moved = {}
    _tidy(runtime)
    for _ in range(5):
        ledger, began = Ledger(), time.perf_counter()
        with runtime.begin() as session:
            ledger.watch(session)
            now, _before = _facts(session, runtime, ends_at)
        wholes.append(time.perf_counter() - began)
        queries.append(ledger.seconds)
        moved = {}
        for fact in now.movements:
            key = (fact.channel_id, fact.metric)
            moved[key] = moved.get(key, 0) + fact.increment
    return Weekly(query_s=statistics.median(queries), whole_s=statistics.median(wholes), moved=moved)


def _tidy(runtime: Runtime) -> None:
    """What autovacuum does within a minute: it must not do it while we measure."""
    with runtime.begin() as session:
        if is_sqlite(session):
            session.execute(text("analyze"))
            return
        session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        session.execute(text("vacuum analyze"))


def _facts(session: Session, runtime: Runtime, ends_at: datetime) -> Sequence[Facts]:
    """Of the week that ends then and of the one before, asked together as a report asks."""
    ends = (ends_at, ends_at - WEEK)
    stretches = [
        Stretch(organisation_id=runtime.organisation_id, starts_at=end - WEEK, ends_at=end) for end in ends
    ]
    return facts_over(session, stretches, metrics=NAMES, followers={"mastodon": "followers_count"})


def _take_in(runtime: Runtime, world: World, weeks: range, taken: Taken, out: TextIO) -> None:
    """Week by week; one that is over is summed up, as it is for the first report of it."""
    for number, first_h in enumerate(weeks, 1):
        looks = world.looks(first_h, first_h + WEEK_H)
        while batch := list(islice(looks, BATCH * taken.takers)):
            _store(runtime, batch, taken)
            out.writelines(map(_lines, batch))
        _sum_up(runtime, ORIGIN + timedelta(hours=first_h + WEEK_H), taken)
        if number % 10 == 0:
            progress(f"{taken.readings * len(NAMES)} samples, {taken.rate:.0f} readings/s")


def _sum_up(runtime: Runtime, ends_at: datetime, taken: Taken) -> None:
    began = time.perf_counter()
    with runtime.begin() as session:
        sum_weeks(session, runtime.organisation_id, until=ends_at)
    spent = time.perf_counter() - began
    taken.seconds += spent
    taken.summing_s += spent


def _store(runtime: Runtime, batch: Sequence[Observation], taken: Taken) -> None:
    began, cpu = time.perf_counter(), time.process_time()
    with runtime.begin() as session:
        run = start_run(session, runtime.organisation_id, now=batch[0].taken_at)
    share_out(runtime, taken.takers, batch, lambda session, share: ingest(session, run, share))
    taken.seconds += time.perf_counter() - began
    taken.own_cpu_s += time.process_time() - cpu
    taken.readings += len(batch)


def _lines(seen: Observation) -> str:
    """One row for each value, as CSV."""
    place, at = f"{seen.publication_id},{seen.channel_id}", seen.taken_at.isoformat()
    return "".join([f"{place},{slot},{at},{seen.values[name]}\n" for slot, name in enumerate(NAMES)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
