"""Column types that mean the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, String, Text
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; a naive datetime is refused on the way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        return _as_text if dialect.name == "sqlite" else _in_utc

    def result_processor(self, dialect: Dialect, _coltype: object) -> Callable[[Any], datetime | None]:
        return _of_text if dialect.name == "sqlite" else _in_utc


class ShortInstant(Instant):
    """As Instant; on SQLite the microseconds since 1970 as a number, in a third of the bytes of a text."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return BigInteger() if dialect.name == "sqlite" else super().load_dialect_impl(dialect)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        return _as_number if dialect.name == "sqlite" else _in_utc

    def result_processor(self, dialect: Dialect, _coltype: object) -> Callable[[Any], datetime | None]:
        return _of_number if dialect.name == "sqlite" else _in_utc


class PlainText(TypeDecorator[str]):
    """Text of any length that every database can hold: NUL becomes U+FFFD, half a surrogate pair ?."""

    impl = Text
    cache_ok = True

    def bind_processor(self, _dialect: Dialect) -> Callable[[str | None], str | None]:
        return lambda value: None if value is None else plain(value)


def _in_utc(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return value.astimezone(UTC)


@lru_cache(maxsize=16_384)
def _as_text(value: datetime | None) -> str | None:
    """Kept, as are numbers: of the thousands of rows of a batch many have the same."""
    moment = _in_utc(value)
    return None if moment is None else moment.isoformat(" ", "microseconds").removesuffix("+00:00")


def _of_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text + "+00:00")


@lru_cache(maxsize=16_384)
def _as_number(value: datetime | None) -> int | None:
    moment = _in_utc(value)
    return None if moment is None else (moment - EPOCH) // MICROSECOND


def _of_number(number: int | None) -> datetime | None:
    return None if number is None else EPOCH + number * MICROSECOND


def plain(text: str) -> str:
    """The text as far as every database can hold it."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


BigKey = BigInteger().with_variant(Integer, "sqlite")

Identity = Annotated[int, mapped_column(BigKey, primary_key=True, autoincrement=True)]
Reference = Annotated[int, mapped_column(BigKey)]
At = Annotated[datetime, mapped_column(Instant)]
ShortAt = Annotated[datetime, mapped_column(ShortInstant)]
MaybeAt = Annotated[datetime | None, mapped_column(Instant)]
Name = Annotated[str, mapped_column(String(200))]
Code = Annotated[str, mapped_column(String(64))]
Words = Annotated[str, mapped_column(PlainText)]
Json = Annotated[dict[str, Any], mapped_column(JSON)]
