"""The migrations and the tables say the same."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from config.settings import Settings
from scheduler.store import migrations
from scheduler.store.engine import using_database
from scheduler.store.tables import Table


def test_migrations_lead_to_exactly_the_tables(settings: Settings) -> None:
    with using_database(settings.database) as engine:
        assert not migrations.is_current(engine)
        migrations.upgrade(engine)
        migrations.upgrade(engine)
        assert migrations.is_current(engine)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection)
            assert compare_metadata(context, Table.metadata) == []
