"""The usual design, for comparison: one Celery task a delivery, its outcome recorded in one transaction.

With an ETA the broker's message is the schedule; without one the tasks are sent when they are due. Written
by us as such systems are written: prefork, late acknowledgement, an UPDATE and an INSERT a task.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache

import psycopg
from celery import Celery
from sqlalchemy import Engine, create_engine, text

from bench.recorded import Drained, await_end, make_tables, plain_url, writes
from bench.stack import Stack, listeners, wait_until

DATABASE, BROKER = "USUAL_DATABASE", "USUAL_BROKER"
PREFETCH = 64
TASK = "usual.deliver"
ADD = "insert into delivery select n, 'scheduled', %s from generate_series(1, %s) n"
WRITES = tuple(map(text, writes(":id")))

app = Celery("usual", broker=os.environ.get(BROKER, "memory://"), set_as_current=False)
app.conf.update(
    accept_content=["json"],
    task_acks_late=True,
    task_default_queue="usual",
    task_ignore_result=True,
    worker_prefetch_multiplier=PREFETCH,
)


@app.task(name=TASK)  # type: ignore[untyped-decorator]
def deliver(delivery_id: int) -> None:
    """What a delivery costs without its network call."""
    with _engine().begin() as connection:
        for write in WRITES:
            connection.execute(write, {"id": delivery_id})


def drain(stack: Stack, *, count: int, eta: bool, lead_s: float) -> Drained:
    """Deliver so many at one instant with two worker processes."""
    with _running(stack, f"usual_{'eta' if eta else 'now'}") as database:
        due_at = datetime.now(UTC) + timedelta(seconds=lead_s if eta else 0)
        with psycopg.connect(plain_url(database)) as added:
            added.execute(ADD, (due_at, count))
        for number in range(1, count + 1):
            app.send_task(TASK, (number,), eta=due_at if eta else None)
        return await_end(database, count=count)


@contextmanager
def _running(stack: Stack, name: str) -> Iterator[str]:
    """A Celery worker of two processes on a database of its own; the database's address."""
    database = make_tables(stack, name)
    app.conf.broker_url = stack.valkey.url
    celery = [sys.executable, "-m", "celery", "-A", "bench.usual", "worker", "--concurrency=2"]
    options = ["--loglevel=WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    environment = {DATABASE: database, BROKER: stack.valkey.url}
    with stack.process(name, *celery, *options, **environment):
        wait_until(lambda: listeners(stack.valkey) >= 1)
        yield database


@cache
def _engine() -> Engine:
    """Made after fork, kept for the process's life."""
    return create_engine(os.environ[DATABASE], pool_size=1)
