"""A post proves one delivery of its channel only; what shared a proof is given to a person."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TWINS = """
UPDATE publication
SET remote_id = '', harvest_at = NULL, verify_at = NULL, verdict = 'differs', verdict_reason = :reason
WHERE remote_id <> '' AND EXISTS (
    SELECT 1 FROM publication AS earlier
    WHERE earlier.channel_id = publication.channel_id
    AND earlier.remote_id = publication.remote_id
    AND earlier.id < publication.id
)
"""
REASON = "its proof was another delivery's as well: look which of them is live"


def upgrade() -> None:
    """Make the change: of those that share a proof the earliest keeps it, the others keep their link."""
    op.get_bind().execute(sa.text(TWINS), {"reason": REASON})
    op.create_index(
        "uq_publication_channel_id_remote_id",
        "publication",
        ["channel_id", "remote_id"],
        unique=True,
        sqlite_where=sa.text("remote_id <> ''"),
        postgresql_where=sa.text("remote_id <> ''"),
    )


def downgrade() -> None:
    """Take the change back; who shared a proof is not known any more."""
    op.drop_index("uq_publication_channel_id_remote_id", table_name="publication")
