"""One transaction: commits when the block ends, rolls back when it raises. Nothing else commits."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

UnitOfWork = Callable[[], AbstractContextManager[Session]]

TRIES = 3
CONTENDED = ("40001", "40P01")
"""The SQLSTATE of a serialization failure and of a deadlock (PostgreSQL 17, appendix A)."""

P = ParamSpec("P")
T = TypeVar("T")


def units_of_work(engine: Engine) -> UnitOfWork:
    """A factory of transactions on `engine`: `with begin() as session: …`."""
    make = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def begin() -> Iterator[Session]:
        with make.begin() as session:
            yield session

    return begin


def is_contended(error: Exception) -> bool:
    """Whether the database undid a transaction for the sake of another: the same may succeed now."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) in CONTENDED


def anew(decide: Callable[P, T]) -> Callable[P, T]:
    """Do it once more, and at most twice, where the database undid it for the sake of another.

    For what is one transaction, and changes nothing outside of it that a second time would double.
    """

    @wraps(decide)
    def decided(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(TRIES - 1):
            try:
                return decide(*args, **kwargs)
            except DBAPIError as error:
                if not is_contended(error):
                    raise
        return decide(*args, **kwargs)

    return decided
