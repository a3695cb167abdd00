"""A queue in PostgreSQL, for comparison: one PgQueuer job a delivery, its `execute_after` the due instant.

As its guides advise (1.6, read 2026-11-22): asyncpg, a worker for each core with one connection for the
queue, a pool for the jobs, larger batches for short jobs, its settings of autovacuum. On psycopg, its other
driver, waiting for notifications keeps the connection up to a second from taking jobs: it made 113 a second.
The workers are started by `pgqueuer.run`: the command `pgq run` of 1.6.0 fails with typer 0.29.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import timedelta

import asyncpg
import pgqueuer
import psycopg
import uvloop
from pgqueuer import Job, PgQueuer, Queries

from bench.recorded import Drained, await_end, make_tables, plain_url, writes
from bench.stack import Stack, wait_until

DATABASE = "QUEUED_DATABASE"
WORKERS = 2
BATCH = 25
POOL = 2
JOB = "deliver"
ADD = "insert into delivery select n, 'scheduled', now() + $1 from generate_series(1, $2::int) n"
CONNECTED = """
select count(*) from pg_stat_activity
where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
"""
WRITES = writes("$1")


@asynccontextmanager
async def worker() -> AsyncIterator[PgQueuer]:
    """A queue whose jobs each cost what a delivery does without its network call."""
    url = os.environ[DATABASE]
    async with asyncpg.create_pool(url, min_size=POOL, max_size=POOL) as pool:
        queue = PgQueuer.from_asyncpg_connection(await asyncpg.connect(url))

        @queue.entrypoint(JOB)
        async def deliver(job: Job) -> None:
            async with pool.acquire() as connection, connection.transaction():
                for write in WRITES:
                    await connection.execute(write, int(job.payload or b""))

        yield queue


def drain(stack: Stack, *, count: int, lead_s: float) -> Drained:
    """Deliver so many at one instant with two worker processes."""
    with _running(stack) as database:
        asyncio.run(_enqueue(plain_url(database), count, timedelta(seconds=lead_s)))
        return await_end(database, count=count)


@contextmanager
def _running(stack: Stack) -> Iterator[str]:
    """Two workers on a database of their own; the database's address."""
    database = make_tables(stack, "queued")
    asyncio.run(_install(plain_url(database)))
    environment = {DATABASE: plain_url(database)}
    with ExitStack() as running:
        for number in range(WORKERS):
            command = (sys.executable, "-m", "bench.queued")
            running.enter_context(stack.process(f"queued-{number}", *command, **environment))
        wait_until(lambda: _connected(plain_url(database)) == WORKERS * (POOL + 1))
        yield database


def _connected(url: str) -> int:
    with psycopg.connect(url) as asked:
        (count,) = asked.execute(CONNECTED).fetchone() or (0,)
    return int(count)


async def _install(url: str) -> None:
    async with _queries(url) as (_, queries):
        await queries.install()
        await queries.optimize_autovacuum()


async def _enqueue(url: str, count: int, lead: timedelta) -> None:
    """Deliveries and their jobs in one transaction, so that both are due at one instant of its clock."""
    payloads: list[bytes | None] = [str(number).encode() for number in range(1, count + 1)]
    async with _queries(url) as (connection, queries), connection.transaction():
        await connection.execute(ADD, lead, count)
        await queries.enqueue([JOB] * count, payloads, [0] * count, [lead] * count)


@asynccontextmanager
async def _queries(url: str) -> AsyncIterator[tuple[asyncpg.Connection, Queries]]:
    connection = await asyncpg.connect(url)
    try:
        yield connection, Queries.from_asyncpg_connection(connection)
    finally:
        await connection.close()


if __name__ == "__main__":
    uvloop.run(pgqueuer.run(worker, batch_size=BATCH))
