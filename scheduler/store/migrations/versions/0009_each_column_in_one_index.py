"""A delivery moves through every index of its table: those that begin another one are not needed."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NEEDLESS = (
    ("delivery", "organisation_id"),
    ("delivery", "post_id"),
    ("publication", "organisation_id"),
)


def upgrade() -> None:
    """Make the change."""
    for table, column in NEEDLESS:
        op.drop_index(f"ix_{table}_{column}", table_name=table)


def downgrade() -> None:
    """Take the change back."""
    for table, column in NEEDLESS:
        op.create_index(f"ix_{table}_{column}", table, [column])
