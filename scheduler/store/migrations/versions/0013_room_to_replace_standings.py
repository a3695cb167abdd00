"""Room to replace standings."""
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A standing is replaced at each look: with room on its page, PostgreSQL leaves the indexes alone."""
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('ALTER TABLE publication_standing SET (fillfactor = 60)')


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('ALTER TABLE publication_standing RESET (fillfactor)')
