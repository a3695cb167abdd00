"""What the queues that we compare with record of a delivery, and what their tables show afterwards."""

from dataclasses import dataclass

import psycopg

from bench.stack import PATIENCE_S, Stack, wait_until

TABLES = """
create table delivery (
    id int primary key, state text not null, due_at timestamptz not null, done_at timestamptz
);
create table attempt (
    id bigserial primary key, delivery_id int not null, outcome text not null, at timestamptz not null
);
"""
SEEN = """
select
    count(done_at), extract(epoch from max(done_at) - max(due_at)), count(*) filter (where done_at < due_at)
from delivery
"""
SLOWEST = 200
"""Fewer deliveries a second than this are not waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """Deliveries a second from the due instant to the last recorded outcome, and how many were early."""

    rate: float
    early: int


def writes(number: str) -> tuple[str, str]:
    """The UPDATE and the INSERT of one transaction, with the driver's placeholder for the delivery's id."""
    return (
        f"update delivery set state = 'published', done_at = clock_timestamp() where id = {number}",
        f"insert into attempt (delivery_id, outcome, at) values ({number}, 'published', clock_timestamp())",
    )


def make_tables(stack: Stack, name: str) -> str:
    """A database with empty tables; its SQLAlchemy URL."""
    database = stack.postgres.create_database(name)
    with psycopg.connect(plain_url(database)) as made:
        made.execute(TABLES)
    return database


def plain_url(database: str) -> str:
    """The same address for drivers of PostgreSQL themselves."""
    return database.replace("+psycopg", "")


def await_end(database: str, *, count: int) -> Drained:
    """Return once so many outcomes are recorded."""
    within_s = PATIENCE_S + count / SLOWEST
    with psycopg.connect(plain_url(database), autocommit=True) as seen:
        wait_until(lambda: _look(seen)[0] == count, within_s=within_s, every_s=1.0)
        _, taken_s, early = _look(seen)
    return Drained(rate=count / taken_s, early=int(early))


def _look(seen: psycopg.Connection[tuple[object, ...]]) -> tuple[int, float, float]:
    done, taken_s, early = (float(str(value or 0)) for value in seen.execute(SEEN).fetchone() or (0, 0, 0))
    return int(done), taken_s, early
