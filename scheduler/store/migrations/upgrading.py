"""Migrating by Alembic, which takes 8 MB: loaded by whoever migrates, not by what waits for work."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from scheduler.store.migrations import FOLDER


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest version's tables."""
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
