"""Alembic's hook: migrations run on the connection that `upgrade` hands over."""

from alembic import context

from scheduler.store.metrics import tables  # noqa: F401 - its tables belong to the metadata
from scheduler.store.tables import Table

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Table.metadata,
    render_as_batch=True,
    user_module_prefix="columns.",
)
with context.begin_transaction():
    context.run_migrations()
