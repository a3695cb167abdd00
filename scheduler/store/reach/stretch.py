"""Whose facts, and of what time: the conditions and joins that every query for a report shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, select, text, true
from sqlalchemy.orm import Session

from scheduler.core.facts import ChannelFact
from scheduler.core.time import zone
from scheduler.store.engine import IN_BINARY
from scheduler.store.tables import Channel, Organisation

T = TypeVar("T")
SUITING = {
    "work_mem": "64MB",
    "parallel_setup_cost": "10000",
    "plan_cache_mode": "force_custom_plan",
}
Statement: TypeAlias = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The matrix of an organisation from `starts_at` to just before `ends_at` (aware UTC)."""

    organisation_id: int
    starts_at: datetime
    ends_at: datetime

    def holds(self, at: Any) -> ColumnElement[bool]:
        """The condition that an instant column lies in the stretch."""
        return and_(at >= self.starts_at, at < self.ends_at)

    def matrix(self) -> ColumnElement[bool]:
        """The condition that a channel belonged to the matrix before the stretch ended."""
        return and_(Channel.organisation_id == self.organisation_id, Channel.created_at < self.ends_at)


def hold_still(session: Session) -> None:
    """Make every query of this transaction see the same state; call it first. SQLite does so by itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def suit_reports(session: Session) -> None:
    """Let PostgreSQL sum a large week in memory, to the end of the transaction.

    It is also not to start processes for statements of a few milliseconds, which takes ten, nor to plan for a
    stretch of any length. Rows come in binary.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execution_options(**{IN_BINARY: True})
        session.execute(select(*(func.set_config(name, value, true()) for name, value in SUITING.items())))


def zone_of(session: Session, organisation_id: int) -> ZoneInfo:
    """The zone of an organisation, in which its days, weeks and years begin."""
    return zone(session.get_one(Organisation, organisation_id).time_zone)


def began_at(session: Session, organisation_id: int) -> datetime | None:
    """When the matrix of an organisation began; what ends before it has no facts. None without a channel."""
    return session.scalar(
        select(func.min(Channel.created_at)).where(Channel.organisation_id == organisation_id)
    )


def rows(session: Session, kind: type[T], statement: Statement) -> tuple[T, ...]:
    """The rows of a statement whose labels are the fields of `kind`."""
    return tuple(kind(**row) for row in session.execute(statement).mappings())


def channels_in(session: Session, stretch: Stretch) -> tuple[ChannelFact, ...]:
    """The channels that belonged to the matrix before the stretch ended, by name."""
    [found] = channels_over(session, [stretch])
    return found


def channels_over(session: Session, stretches: Sequence[Stretch]) -> list[tuple[ChannelFact, ...]]:
    """As `channels_in` for each of an organisation's stretches, asked once."""
    latest = max(stretches, key=lambda one: one.ends_at)
    columns = (Channel.id, Channel.name, Channel.title, Channel.platform, Channel.language, Channel.region)
    query = select(Channel.created_at, *columns).where(latest.matrix()).order_by(Channel.name)
    found = [
        (
            created_at,
            ChannelFact(
                id=id_,
                name=name,
                title=title,
                platform=platform,
                language=language,
                region=region,
                begun_at=created_at,
            ),
        )
        for created_at, id_, name, title, platform, language, region in session.execute(query)
    ]
    return [tuple(fact for at, fact in found if at < stretch.ends_at) for stretch in stretches]
