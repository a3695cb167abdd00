"""What suits a report to PostgreSQL ends with its transaction, and changes nothing that is read."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from scheduler.store.engine import using_database
from scheduler.store.reach.stretch import suit_reports
from tests.servers.postgres import Postgres

EVERY_KIND = text("""
    SELECT cast(9007199254740993 AS bigint), sum(cast(3 AS bigint)), avg(3), 'é', cast(NULL AS text), true,
        cast('[1, null]' AS json), cast('2026-10-25 01:30:00.000001+05:45' AS timestamptz),
        extract(epoch FROM cast('2026-10-25' AS date)), cast('x' AS varchar(64)), decode('00ff', 'hex')
""")
SETTINGS = text("SELECT current_setting('work_mem'), current_setting('plan_cache_mode')")


def test_a_transaction_that_suits_reports_reads_the_same_and_leaves_nothing_behind(
    postgres_server: Postgres,
) -> None:
    with using_database(postgres_server.create_database("suited")) as engine, Session(engine) as session:
        before = _told(session)
        for end in (session.commit, session.rollback):
            suit_reports(session)
            kinds, settings, options = _told(session)
            assert (kinds, bool(options)) == (before[0], True)
            assert settings == ("64MB", "force_custom_plan")
            end()
            assert _told(session) == before
    postgres_server.drop_database("suited")


def _told(session: Session) -> tuple[Any, Any, dict[str, Any]]:
    options = dict(session.connection().get_execution_options())
    return session.execute(EVERY_KIND).one(), session.execute(SETTINGS).one(), options
