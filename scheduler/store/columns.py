"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, String, Text
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; a naive datetime is refused on the way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is UTC:
            return value
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class PlainText(TypeDecorator[str]):
    """Text of any length that every database can hold: NUL becomes U+FFFD, half a surrogate pair ?."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        return None if value is None else plain(value)


def plain(text: str) -> str:
    """The text as far as every database can hold it."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


BigKey = BigInteger().with_variant(Integer, "sqlite")

Identity = Annotated[int, mapped_column(BigKey, primary_key=True, autoincrement=True)]
Reference = Annotated[int, mapped_column(BigKey)]
At = Annotated[datetime, mapped_column(Instant)]
MaybeAt = Annotated[datetime | None, mapped_column(Instant)]
Name = Annotated[str, mapped_column(String(200))]
Code = Annotated[str, mapped_column(String(64))]
Words = Annotated[str, mapped_column(PlainText)]
Json = Annotated[dict[str, Any], mapped_column(JSON)]
