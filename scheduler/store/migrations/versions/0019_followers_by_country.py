"""The followers of a channel by country, as people enter them."""

import sqlalchemy as sa
from alembic import op

from scheduler.store import columns

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "country_split",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("channel_id", KEY, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("amounts", sa.JSON(), nullable=False),
        sa.Column("source", columns.PlainText(), nullable=False),
        sa.Column("member_id", KEY, nullable=True),
        sa.Column("entered_at", columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_country_split_channel_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_country_split_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_country_split")),
    )
    op.create_index("ix_country_split_channel_id_as_of", "country_split", ["channel_id", "as_of"])


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("country_split")
