"""On SQLite the instants of readings are microseconds in a number, which were texts."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AS_NUMBER = """
    CAST(strftime('%s', substr(taken_at, 1, 19)) AS INTEGER) * 1000000
    + CAST(substr(taken_at, 21, 6) AS INTEGER)
"""
AS_TEXT = """
    strftime('%Y-%m-%d %H:%M:%S', taken_at / 1000000, 'unixepoch') || printf('.%06d', taken_at % 1000000)
"""
OTHERS = "channel_id, publication_id, run_id, form_id, moved"


def upgrade() -> None:
    """Make the change."""
    _store(sa.BigInteger(), AS_NUMBER)


def downgrade() -> None:
    """Take the change back."""
    _store(sa.DateTime(timezone=True), AS_TEXT)


def _store(instants: sa.types.TypeEngine[Any], converted: str) -> None:
    """Store the instants of all readings as something else, in the order in which they came in."""
    if op.get_bind().dialect.name != "sqlite":
        return
    op.drop_index("ix_reading_channel_id", "reading")
    op.drop_index("ix_reading_taken_at", "reading")
    op.rename_table("reading", "old_reading")
    op.create_table(
        "reading",
        sa.Column("taken_at", instants, nullable=False),
        sa.Column("channel_id", KEY, nullable=False),
        sa.Column("publication_id", KEY, nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("moved", sa.LargeBinary(), nullable=False),
    )
    copied = f"SELECT {converted}, {OTHERS} FROM old_reading ORDER BY rowid"
    op.get_bind().exec_driver_sql(f"INSERT INTO reading (taken_at, {OTHERS}) {copied}")
    op.drop_table("old_reading")
    op.create_index("ix_reading_channel_id", "reading", ["channel_id"])
    op.create_index("ix_reading_taken_at", "reading", ["taken_at"])
