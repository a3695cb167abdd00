"""What billed looks cost and may cost: a month's budget a platform, and none without one."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.capabilities import Capabilities, Price
from scheduler.services.runtime import Runtime
from scheduler.store.metrics.costs import Ledger, give_back, reserve, spent_in_month
from scheduler.store.tables import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """A billed platform's looks in this UTC month, in millionths of `currency`.

    `stopped` says that not even one more publication is covered: nothing is read until the budget is raised
    or the next month begins.
    """

    platform: str
    title: str
    currency: str
    month: date
    looks: int
    spent_micros: int
    budget_micros: int
    each_micros: int

    @property
    def left_micros(self) -> int:
        """What is left of the budget, never below 0."""
        return max(0, self.budget_micros - self.spent_micros)

    @property
    def stopped(self) -> bool:
        """True while the guard keeps the platform from being read."""
        return self.left_micros < self.each_micros


def costs(runtime: Runtime) -> list[Cost]:
    """Every billed platform that has a connected channel."""
    with runtime.begin() as session:
        return costs_now(session, runtime, now=runtime.clock.now())


def costs_now(session: Session, runtime: Runtime, *, now: datetime) -> list[Cost]:
    """The same within a transaction."""
    billed = {name: one.capabilities for name, one in runtime.connectors.items() if one.capabilities.price}
    if not billed:
        return []
    ours = Channel.organisation_id == runtime.organisation_id, Channel.connected_at.is_not(None)
    connected = set(session.scalars(select(Channel.platform).where(*ours).distinct()))
    return [
        _cost(session, runtime, sheet, now) for name, sheet in sorted(billed.items()) if name in connected
    ]


def afford(
    session: Session, runtime: Runtime, platform: str, *, wanted: int, audience: bool = False, now: datetime
) -> int:
    """Reserve as many of `wanted` looks as the budget covers; all of them where looking is free."""
    price = _price(runtime, platform)
    if price is None or not wanted:
        return wanted
    return reserve(
        session,
        _ledger(runtime, platform, now),
        wanted=wanted,
        each_micros=price.audience_micros if audience else price.publication_micros,
        budget_micros=runtime.reading_budgets.get(platform, 0),
    )


def refund(
    session: Session, runtime: Runtime, platform: str, *, looks: int, audience: bool = False, now: datetime
) -> None:
    """Give back what was reserved at `now` for looks that the platform never answered."""
    price = _price(runtime, platform)
    if price and looks:
        each = price.audience_micros if audience else price.publication_micros
        give_back(session, _ledger(runtime, platform, now), looks=looks, each_micros=each)


def _cost(session: Session, runtime: Runtime, sheet: Capabilities, now: datetime) -> Cost:
    ledger = _ledger(runtime, sheet.platform, now)
    looks, micros = spent_in_month(session, ledger)
    price = sheet.price
    return Cost(
        platform=sheet.platform,
        title=sheet.title,
        currency=price.currency if price else "",
        month=ledger.day.replace(day=1),
        looks=looks,
        spent_micros=micros,
        budget_micros=runtime.reading_budgets.get(sheet.platform, 0),
        each_micros=price.publication_micros if price else 0,
    )


def _ledger(runtime: Runtime, platform: str, now: datetime) -> Ledger:
    return Ledger(organisation_id=runtime.organisation_id, platform=platform, day=now.date())


def _price(runtime: Runtime, platform: str) -> Price | None:
    connector = runtime.connectors.get(platform)
    return connector.capabilities.price if connector else None
