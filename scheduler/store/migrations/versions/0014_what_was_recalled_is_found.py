"""What was recalled in a week is found without reading every publication."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_index(
        "ix_publication_recalled_at",
        "publication",
        ["recalled_at"],
        sqlite_where=sa.text("recalled_at IS NOT NULL"),
        postgresql_where=sa.text("recalled_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_publication_recalled_at", table_name="publication")
