"""Sums are found by day alone: their index by channel was written at each look, and read at a rebuild."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TABLES = ("reach_day", "reach_week")


def upgrade() -> None:
    """Make the change."""
    for table in TABLES:
        op.drop_index(f"ix_{table}_channel_id", table_name=table)


def downgrade() -> None:
    """Take the change back."""
    for table in TABLES:
        op.create_index(f"ix_{table}_channel_id", table, ["channel_id"])
