"""On its way out a delivery moves through three states: indexes know them as one, and are left alone."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

PHASE = "CASE WHEN state IN ('claimed', 'sending') THEN 'ready' ELSE state END"
LEASED = sa.text("lease_until IS NOT NULL")


def upgrade() -> None:
    """Make the change."""
    phase = sa.Computed(PHASE, persisted=op.get_bind().dialect.name == "postgresql")
    op.add_column("delivery", sa.Column("phase", sa.String(64), phase, nullable=False))
    op.create_index("ix_delivery_phase_next_at", "delivery", ["phase", "next_at"])
    op.drop_index("ix_delivery_state_next_at", table_name="delivery")
    op.drop_index("ix_delivery_lease", table_name="delivery")
    _leave_room("SET (fillfactor = 50)")


def downgrade() -> None:
    """Take the change back."""
    _leave_room("RESET (fillfactor)")
    op.create_index(
        "ix_delivery_lease", "delivery", ["lease_until"], sqlite_where=LEASED, postgresql_where=LEASED
    )
    op.create_index("ix_delivery_state_next_at", "delivery", ["state", "next_at"])
    op.drop_index("ix_delivery_phase_next_at", table_name="delivery")
    op.drop_column("delivery", "phase")


def _leave_room(how: str) -> None:
    """PostgreSQL leaves the indexes alone where the new version of a row has room on its page."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE delivery {how}")
