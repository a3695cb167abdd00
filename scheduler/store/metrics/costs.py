"""What billed looks cost: reserved before they are made, so that no month's budget is overdrawn."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from scheduler.store.bulk import insert_into
from scheduler.store.tables import ReadingCost


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Whose looks at which platform are counted, and on which UTC day."""

    organisation_id: int
    platform: str
    day: date


def reserve(session: Session, ledger: Ledger, *, wanted: int, each_micros: int, budget_micros: int) -> int:
    """How many of `wanted` looks the month's budget still covers; they count as spent from now on.

    The row of the day is locked first: of two processes the second sees what the first reserved.
    """
    opened = insert_into(session, ReadingCost).values(
        organisation_id=ledger.organisation_id, platform=ledger.platform, day=ledger.day, looks=0, micros=0
    )
    key = [ReadingCost.organisation_id, ReadingCost.platform, ReadingCost.day]
    session.execute(opened.on_conflict_do_update(index_elements=key, set_={"looks": ReadingCost.looks}))
    left = budget_micros - spent_in_month(session, ledger)[1]
    granted = max(0, min(wanted, left // each_micros))
    _count(session, ledger, granted, each_micros)
    return granted


def give_back(session: Session, ledger: Ledger, *, looks: int, each_micros: int) -> None:
    """Count looks no more that were reserved and never answered."""
    _count(session, ledger, -looks, each_micros)


def spent_in_month(session: Session, ledger: Ledger) -> tuple[int, int]:
    """Looks and their cost from the first day of the month up to the ledger's day."""
    sums = select(func.sum(ReadingCost.looks), func.sum(ReadingCost.micros)).where(
        ReadingCost.organisation_id == ledger.organisation_id,
        ReadingCost.platform == ledger.platform,
        ReadingCost.day.between(ledger.day.replace(day=1), ledger.day),
    )
    looks, micros = session.execute(sums).one()
    return int(looks or 0), int(micros or 0)


def _count(session: Session, ledger: Ledger, looks: int, each_micros: int) -> None:
    if looks:
        session.execute(
            update(ReadingCost)
            .where(
                ReadingCost.organisation_id == ledger.organisation_id,
                ReadingCost.platform == ledger.platform,
                ReadingCost.day == ledger.day,
            )
            .values(looks=ReadingCost.looks + looks, micros=ReadingCost.micros + looks * each_micros)
        )
