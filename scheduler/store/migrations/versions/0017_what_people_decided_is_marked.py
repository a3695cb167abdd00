"""What people decided is marked, so that an older copy of the database is found out."""

import sqlalchemy as sa
from alembic import op

from scheduler.store import columns

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "decided",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("uid", sa.String(64), nullable=False),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("at", columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decided")),
        sa.UniqueConstraint("uid", name=op.f("uq_decided_uid")),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("decided")
