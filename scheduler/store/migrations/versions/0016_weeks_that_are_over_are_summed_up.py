"""Weeks that are over are summed up once."""

import sqlalchemy as sa
from alembic import op

from scheduler.store import columns

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEYS = ("week_at", "channel_id", "campaign_id", "form_id", "carried")
SLOTS = 16


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "reach_week",
        sa.Column("week_at", columns.Instant(), nullable=False),
        sa.Column("channel_id", KEY, autoincrement=False, nullable=False),
        sa.Column("campaign_id", KEY, autoincrement=False, nullable=False),
        sa.Column("form_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("carried", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        *(sa.Column(f"n{slot}", sa.BigInteger(), nullable=True) for slot in range(SLOTS)),
        sa.PrimaryKeyConstraint(*KEYS, name=op.f("pk_reach_week")),
    )
    op.create_index("ix_reach_week_channel_id", "reach_week", ["channel_id"])
    op.add_column("channel_standing", sa.Column("weeks_until", columns.Instant(), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("channel_standing", "weeks_until")
    op.drop_table("reach_week")
