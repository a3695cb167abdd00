"""What the product imports is in the lock file that installations use, not only in the developers'."""

import subprocess
import sys
from importlib.metadata import packages_distributions

from tests.house_rules.sources import HOME

# kombu finds its transport by name at run time, SQLAlchemy its driver by the URL: import both.
EVERYTHING = """
import sys
import workers.program, workers.bootstrap, workers.planner, scheduler.cli.panels
scheduler.cli.panels.load()
import kombu.transport.redis, psycopg, celery.bin.worker, celery.concurrency.thread
print(*{name.partition(".")[0] for name in sys.modules})
"""

# Ourselves; kombu and uvicorn take YAML where there is one; setuptools hooks itself into every start; redis
# takes OpenTelemetry where there is one, and the fast transport brings it; rich looks for attrs, which the
# mail server of the tests brings; openpyxl takes lxml where there is one, and slides bring it.
DONE_WITHOUT = {"postroad", "pyyaml", "setuptools", "opentelemetry-api", "attrs", "lxml"}


def test_no_run_time_import_relies_on_the_developers_lock() -> None:
    command = [sys.executable, "-c", EVERYTHING]
    imported = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=True).stdout.split()
    owners = packages_distributions()
    used = {_plain(owner) for name in imported for owner in owners.get(name, ())}
    lock = (HOME / "requirements.lock").read_text(encoding="utf-8")
    locked = {_plain(line.partition("==")[0]) for line in lock.splitlines() if "==" in line}
    assert used - locked - DONE_WITHOUT == set()


def _plain(distribution: str) -> str:
    return distribution.lower().replace("_", "-").replace(".", "-")
