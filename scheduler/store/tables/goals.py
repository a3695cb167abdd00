"""What a centre aims at in a year, and what was frozen of it."""

from sqlalchemy import JSON, BigInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.store.columns import At, Code, Identity, Name, Words
from scheduler.store.tables.declaring import GoalId, MemberId, OrganisationId, Table


class Goal(Table):
    """What a centre aims at in a calendar year (see scheduler.core.goals.Aim); GoalTarget says how high."""

    __tablename__ = "goal"
    __table_args__ = (UniqueConstraint("organisation_id", "year", "measure", "dimension", "key"),)
    id: Mapped[Identity]
    organisation_id: Mapped[OrganisationId]
    year: Mapped[int]
    measure: Mapped[Name]
    dimension: Mapped[Code]
    key: Mapped[Name] = mapped_column(default="")


class GoalTarget(Table):
    """What a goal's target was set to, by whom and why. Append-only: the last one holds; None withdrew it.

    `phases` are the shares of the quarters or months in ten-thousandths, none for an even year.
    """

    __tablename__ = "goal_target"
    id: Mapped[Identity]
    goal_id: Mapped[GoalId]
    target: Mapped[int | None] = mapped_column(BigInteger)
    phases: Mapped[list[int]] = mapped_column(JSON, default=list)
    reason: Mapped[Words] = mapped_column(default="")
    member_id: Mapped[MemberId]
    set_at: Mapped[At]


class GoalFreeze(Table):
    """What had been reached of a goal at a moment of its year. Written once, never changed.

    `value` is what was counted before `as_of`, None for the reason `missing`; it covers `known` of the `of`
    channels that could report it. `definitions` name each metric and its version.
    """

    __tablename__ = "goal_freeze"
    __table_args__ = (UniqueConstraint("goal_id", "moment"),)
    id: Mapped[Identity]
    goal_id: Mapped[GoalId]
    moment: Mapped[Code]
    as_of: Mapped[At]
    target: Mapped[int] = mapped_column(BigInteger)
    plan: Mapped[int | None] = mapped_column(BigInteger)
    value: Mapped[int | None] = mapped_column(BigInteger)
    missing: Mapped[Code] = mapped_column(default="")
    known: Mapped[int]
    of: Mapped[int]
    definitions: Mapped[list[str]] = mapped_column(JSON, default=list)
    member_id: Mapped[MemberId]
    frozen_at: Mapped[At]
