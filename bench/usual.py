"""The usual design, for comparison: one Celery task a delivery, its outcome recorded in one transaction.

With an ETA the broker's message is the schedule; without one the tasks are sent when they are due. Written
by us as such systems are written: prefork, late acknowledgement, an UPDATE and an INSERT a task.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import psycopg
from celery import Celery
from sqlalchemy import Engine, create_engine, text

from bench.stack import Stack, listeners, wait_until

DATABASE, BROKER = "USUAL_DATABASE", "USUAL_BROKER"
PREFETCH = 64
TASK = "usual.deliver"
TABLES = """
create table delivery (
    id int primary key, state text not null, due_at timestamptz not null, done_at timestamptz
);
create table attempt (
    id bigserial primary key, delivery_id int not null, outcome text not null, at timestamptz not null
);
"""
WRITE = text("update delivery set state = 'published', done_at = clock_timestamp() where id = :id")
NOTE = text("insert into attempt (delivery_id, outcome, at) values (:id, 'published', clock_timestamp())")
SEEN = """
select count(done_at), extract(epoch from max(done_at)), count(*) filter (where done_at < due_at)
from delivery
"""

app = Celery("usual", broker=os.environ.get(BROKER, "memory://"), set_as_current=False)
app.conf.update(
    accept_content=["json"],
    task_acks_late=True,
    task_default_queue="usual",
    task_ignore_result=True,
    worker_prefetch_multiplier=PREFETCH,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """Deliveries a second from the due instant to the last recorded outcome, and how many were early."""

    rate: float
    early: int


@app.task(name=TASK)  # type: ignore[untyped-decorator]
def deliver(delivery_id: int) -> None:
    """What a delivery costs without its network call."""
    with _engine().begin() as connection:
        connection.execute(WRITE, {"id": delivery_id})
        connection.execute(NOTE, {"id": delivery_id})


def drain(stack: Stack, *, count: int, eta: bool, lead_s: float) -> Drained:
    """Deliver so many at one instant with two worker processes."""
    with (
        _running(stack, f"usual_{'eta' if eta else 'now'}") as url,
        psycopg.connect(url, autocommit=True) as seen,
    ):
        due_at = datetime.now(UTC) + timedelta(seconds=lead_s if eta else 0)
        seen.execute(
            "insert into delivery select n, 'scheduled', %s from generate_series(1, %s) n", (due_at, count)
        )
        for number in range(1, count + 1):
            app.send_task(TASK, (number,), eta=due_at if eta else None)
        wait_until(lambda: _look(seen)[0] == count)
        _, last, early = _look(seen)
    return Drained(rate=count / (last - due_at.timestamp()), early=int(early))


@contextmanager
def _running(stack: Stack, name: str) -> Iterator[str]:
    """A Celery worker of two processes on a database of its own; the database's address."""
    database = stack.postgres.create_database(name)
    url = database.replace("+psycopg", "")
    with psycopg.connect(url) as made:
        made.execute(TABLES)
    app.conf.broker_url = stack.valkey.url
    celery = [sys.executable, "-m", "celery", "-A", "bench.usual", "worker", "--concurrency=2"]
    options = ["--loglevel=WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    environment = {DATABASE: database, BROKER: stack.valkey.url}
    with stack.process(name, *celery, *options, **environment):
        wait_until(lambda: listeners(stack.valkey) >= 1)
        yield url


def _look(connection: psycopg.Connection[tuple[object, ...]]) -> tuple[int, float, int]:
    row = connection.execute(SEEN).fetchone() or (0, 0, 0)
    done, last, early = (float(str(value or 0)) for value in row)
    return int(done), last, int(early)


@cache
def _engine() -> Engine:
    """Made after fork, kept for the process's life."""
    return create_engine(os.environ[DATABASE], pool_size=1)
