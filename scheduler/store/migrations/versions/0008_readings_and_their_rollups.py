"""Readings in one row each with what moved, in parts by month, and roll-ups of them."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from scheduler.core.metrics import Movement
from scheduler.core.packing import pack, unpack
from scheduler.core.rollups import LATE, Form
from scheduler.store import columns
from scheduler.store.metrics import months
from scheduler.store.bulk import write
from scheduler.store.metrics.forms import forms, ids_of


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

AT_ONCE = 2_000
KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def columns_of(types: Mapping[str, Any]) -> Iterator[sa.ColumnClause[Any]]:
    """Columns by name and type."""
    return (sa.column(name, kind) for name, kind in types.items())


OLD_READING = sa.table(
    'old_reading',
    *columns_of(
        {
            'id': KEY,
            'run_id': KEY,
            'channel_id': KEY,
            'publication_id': KEY,
            'taken_at': columns.Instant(timezone=True),
            'status': sa.String(),
            'reason': sa.String(),
            'missing': sa.JSON(),
        }
    ),
)
RESTORED = sa.table('reading', *(sa.column(column.name, column.type) for column in OLD_READING.c))
OLD_SAMPLE = sa.table(
    'metric_sample',
    *columns_of(
        {
            'reading_id': KEY,
            'channel_id': KEY,
            'publication_id': KEY,
            'taken_at': columns.Instant(timezone=True),
            'metric': sa.String(),
            'definition': sa.String(),
            'value': sa.BigInteger(),
            'increment': sa.BigInteger(),
            'correction': sa.BigInteger(),
            'baseline': sa.Boolean(),
        }
    ),
)
READING = sa.Table(
    'reading',
    sa.MetaData(),
    sa.Column('taken_at', columns.Instant(timezone=True), nullable=False),
    sa.Column('channel_id', KEY, nullable=False),
    sa.Column('publication_id', KEY, nullable=True),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('form_id', sa.Integer(), nullable=False),
    sa.Column('moved', sa.LargeBinary(), nullable=False),
    postgresql_partition_by='RANGE (taken_at)',
)
NEW_READING = sa.table('new_reading', *(sa.column(column.name, column.type) for column in READING.c))


def upgrade() -> None:
    """Make the change. The roll-ups are made from the readings when they are first needed."""
    op.create_table('audience_day',
    sa.Column('channel_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('day_at', columns.Instant(timezone=True), nullable=False),
    sa.Column('read_at', columns.Instant(timezone=True), nullable=True),
    sa.Column('gone', sa.SmallInteger(), nullable=False),
    sa.Column('marks', columns.PlainText(), nullable=False),
    sa.PrimaryKeyConstraint('channel_id', 'day_at', name=op.f('pk_audience_day'))
    )
    op.create_table('channel_standing',
    sa.Column('channel_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('zone', sa.String(length=64), nullable=False),
    sa.Column('looked_at', columns.Instant(timezone=True), nullable=True),
    sa.Column('seen_at', columns.Instant(timezone=True), nullable=True),
    sa.Column('read_at', columns.Instant(timezone=True), nullable=True),
    sa.Column('gone', sa.SmallInteger(), nullable=False),
    sa.Column('marks', columns.PlainText(), nullable=False),
    sa.PrimaryKeyConstraint('channel_id', name=op.f('pk_channel_standing'))
    )
    op.create_table('publication_closing',
    sa.Column('publication_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('until_at', columns.Instant(timezone=True), nullable=False),
    sa.Column('read_at', columns.Instant(timezone=True), nullable=True),
    sa.Column('marks', columns.PlainText(), nullable=False),
    sa.PrimaryKeyConstraint('publication_id', 'until_at', name=op.f('pk_publication_closing'))
    )
    op.create_table('publication_standing',
    sa.Column('publication_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('channel_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seen_at', columns.Instant(timezone=True), nullable=False),
    sa.Column('read_at', columns.Instant(timezone=True), nullable=True),
    sa.Column('gone', sa.SmallInteger(), nullable=False),
    sa.Column('marks', columns.PlainText(), nullable=False),
    sa.PrimaryKeyConstraint('publication_id', name=op.f('pk_publication_standing'))
    )
    with op.batch_alter_table('publication_standing', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_publication_standing_channel_id'), ['channel_id'], unique=False)

    op.create_table('reach_correction',
    sa.Column('day_at', columns.Instant(timezone=True), nullable=False),
    sa.Column('channel_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('campaign_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('metric', sa.String(length=64), nullable=False),
    sa.Column('definition', sa.String(length=64), nullable=False),
    sa.Column('correction', sa.BigInteger(), nullable=False),
    sa.Column('baselines', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('day_at', 'channel_id', 'campaign_id', 'metric', 'definition', name=op.f('pk_reach_correction'))
    )
    with op.batch_alter_table('reach_correction', schema=None) as batch_op:
        batch_op.create_index('ix_reach_correction_channel_id', ['channel_id'], unique=False)

    op.create_table('reach_day',
    sa.Column('day_at', columns.Instant(timezone=True), nullable=False),
    sa.Column('channel_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('campaign_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('form_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('carried', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('looks', sa.Integer(), nullable=False),
    sa.Column('n0', sa.BigInteger(), nullable=True),
    sa.Column('n1', sa.BigInteger(), nullable=True),
    sa.Column('n2', sa.BigInteger(), nullable=True),
    sa.Column('n3', sa.BigInteger(), nullable=True),
    sa.Column('n4', sa.BigInteger(), nullable=True),
    sa.Column('n5', sa.BigInteger(), nullable=True),
    sa.Column('n6', sa.BigInteger(), nullable=True),
    sa.Column('n7', sa.BigInteger(), nullable=True),
    sa.Column('n8', sa.BigInteger(), nullable=True),
    sa.Column('n9', sa.BigInteger(), nullable=True),
    sa.Column('n10', sa.BigInteger(), nullable=True),
    sa.Column('n11', sa.BigInteger(), nullable=True),
    sa.Column('n12', sa.BigInteger(), nullable=True),
    sa.Column('n13', sa.BigInteger(), nullable=True),
    sa.Column('n14', sa.BigInteger(), nullable=True),
    sa.Column('n15', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('day_at', 'channel_id', 'campaign_id', 'form_id', 'carried', name=op.f('pk_reach_day'))
    )
    with op.batch_alter_table('reach_day', schema=None) as batch_op:
        batch_op.create_index('ix_reach_day_channel_id', ['channel_id'], unique=False)

    op.create_table('reading_form',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('status', sa.String(length=64), nullable=False),
    sa.Column('reason', columns.PlainText(), nullable=False),
    sa.Column('of_audience', sa.SmallInteger(), nullable=False),
    sa.Column('metrics', columns.PlainText(), nullable=False),
    sa.Column('missing', columns.PlainText(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reading_form')),
    sa.UniqueConstraint('digest', name=op.f('uq_reading_form_digest'))
    )

    connection = op.get_bind()
    op.rename_table('reading', 'old_reading')
    READING.create(connection)
    now, since = connection.execute(
        sa.select(sa.func.now(), sa.func.min(OLD_READING.c.taken_at))
    ).one()
    if connection.dialect.name == 'postgresql':
        months.prepare(connection)
        months.make_months(connection, since=since or now, now=now)
    with Session(connection) as session:
        for some in _chunks(session):
            _copy(session, some)
    op.drop_table('metric_sample')
    op.drop_table('old_reading')
    with op.batch_alter_table('reading', schema=None) as batch_op:
        batch_op.create_index('ix_reading_channel_id', ['channel_id'], unique=False)
        batch_op.create_index('ix_reading_taken_at', ['taken_at'], unique=False, postgresql_using='brin')


def downgrade() -> None:
    """Take the change back."""
    connection = op.get_bind()
    op.drop_index('ix_reading_channel_id', 'reading')
    op.drop_index('ix_reading_taken_at', 'reading')
    op.rename_table('reading', 'new_reading')
    op.create_table('reading',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('channel_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('publication_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('taken_at', columns.Instant(timezone=True), nullable=False),
    sa.Column('status', sa.String(length=64), nullable=False),
    sa.Column('reason', columns.PlainText(), nullable=False),
    sa.Column('missing', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_reading_channel_id')),
    sa.ForeignKeyConstraint(['publication_id'], ['publication.id'], name=op.f('fk_reading_publication_id')),
    sa.ForeignKeyConstraint(['run_id'], ['harvest_run.id'], name=op.f('fk_reading_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reading'))
    )
    with op.batch_alter_table('reading', schema=None) as batch_op:
        batch_op.create_index('ix_reading_audience', ['channel_id', 'taken_at'], unique=False, sqlite_where=sa.text('publication_id IS NULL'), postgresql_where=sa.text('publication_id IS NULL'))
        batch_op.create_index('ix_reading_channel_taken', ['channel_id', 'taken_at'], unique=False)
        batch_op.create_index('ix_reading_publication_taken', ['publication_id', 'taken_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_reading_run_id'), ['run_id'], unique=False)
    op.create_table('metric_sample',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('reading_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('channel_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('publication_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('metric', sa.String(length=64), nullable=False),
    sa.Column('definition', sa.String(length=64), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.Column('increment', sa.BigInteger(), nullable=False),
    sa.Column('correction', sa.BigInteger(), nullable=False),
    sa.Column('baseline', sa.Boolean(), nullable=False),
    sa.Column('taken_at', columns.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_metric_sample_channel_id')),
    sa.ForeignKeyConstraint(['publication_id'], ['publication.id'], name=op.f('fk_metric_sample_publication_id')),
    sa.ForeignKeyConstraint(['reading_id'], ['reading.id'], name=op.f('fk_metric_sample_reading_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_metric_sample'))
    )
    with op.batch_alter_table('metric_sample', schema=None) as batch_op:
        batch_op.create_index('ix_metric_sample_channel', ['channel_id', 'metric', 'taken_at'], unique=False)
        batch_op.create_index('ix_metric_sample_publication', ['publication_id', 'metric', 'taken_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_metric_sample_reading_id'), ['reading_id'], unique=False)
    with Session(connection) as session:
        known = forms(session)
        for number, row in enumerate(session.execute(sa.select(NEW_READING).order_by(NEW_READING.c.taken_at)), 1):
            _restore(session, number, row, known[row.form_id])
    op.drop_table('new_reading')
    if connection.dialect.name == 'postgresql':
        op.execute('DROP SCHEMA reading_months')
    for name in (
        'reading_form',
        'reach_day',
        'reach_correction',
        'publication_standing',
        'publication_closing',
        'channel_standing',
        'audience_day',
    ):
        op.drop_table(name)


def _restore(session: Session, number: int, row: sa.Row[Any], form: Form) -> None:
    own = {'channel_id': row.channel_id, 'publication_id': row.publication_id, 'taken_at': row.taken_at}
    status = 'read' if form.status == LATE else form.status
    reading = {'id': number, 'run_id': row.run_id, 'status': status, 'reason': form.reason}
    session.execute(sa.insert(RESTORED), {**own, **reading, 'missing': dict(form.missing)})
    for slot, movement in unpack(row.moved).items():
        metric, definition = form.metrics[slot]
        named = {'reading_id': number, 'metric': metric, 'definition': definition}
        session.execute(sa.insert(OLD_SAMPLE), {**own, **named, **movement._asdict()})


def _chunks(session: Session) -> Iterator[list[sa.Row[Any]]]:
    """The old readings in the order in which they came in."""
    last = 0
    query = sa.select(OLD_READING).order_by(OLD_READING.c.id).limit(AT_ONCE)
    while rows := session.execute(query.where(OLD_READING.c.id > last)).all():
        last = rows[-1].id
        yield list(rows)


def _copy(session: Session, rows: list[sa.Row[Any]]) -> None:
    ids = [row.id for row in rows]
    theirs = OLD_SAMPLE.c.reading_id.between(ids[0], ids[-1])
    samples = session.execute(
        sa.select(OLD_SAMPLE).where(theirs).order_by(OLD_SAMPLE.c.reading_id, OLD_SAMPLE.c.metric)
    )
    moved = {id_: list(some) for id_, some in groupby(samples, attrgetter('reading_id'))}
    found = {row.id: _form(row, moved.get(row.id, [])) for row in rows}
    form_ids = ids_of(session, set(found.values()))
    new = [
        (
            row.taken_at,
            row.channel_id,
            row.publication_id,
            row.run_id,
            form_ids[found[row.id]],
            pack({slot: _movement(sample) for slot, sample in enumerate(moved.get(row.id, []))}),
        )
        for row in rows
    ]
    write(session, READING, [column.name for column in READING.c], new)


def _form(row: sa.Row[Any], samples: list[sa.Row[Any]]) -> Form:
    return Form(
        status=row.status,
        reason=row.reason,
        of_audience=row.publication_id is None,
        metrics=tuple((sample.metric, sample.definition) for sample in samples),
        missing=tuple(sorted(row.missing.items())),
    )


def _movement(sample: sa.Row[Any]) -> Movement:
    return Movement(
        value=sample.value,
        increment=sample.increment,
        correction=sample.correction,
        baseline=sample.baseline,
    )
