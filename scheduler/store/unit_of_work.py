"""One transaction: commits when the block ends, rolls back when it raises. Nothing else commits."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

UnitOfWork = Callable[[], AbstractContextManager[Session]]


def units_of_work(engine: Engine) -> UnitOfWork:
    """A factory of transactions on `engine`: `with begin() as session: …`."""
    make = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def begin() -> Iterator[Session]:
        with make.begin() as session:
            yield session

    return begin
