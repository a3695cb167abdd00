"""How a process begins that then waits for work: a planner or a worker."""

import gc
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from config.logging import configure_logging
from config.settings import Settings, load_settings
from connectors.registry import connectors
from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.services.delivery.stepping import resume_clock
from scheduler.services.desk.recovering import require_agreement
from scheduler.services.runtime import Runtime
from workers.bootstrap import open_runtime
from workers.failing import told

COLLECT_AFTER = 10_000
"""Objects made before cycles are looked for. A batch in hand makes thousands, and none of them is in a cycle:
to look each 700, as Python does, took a quarter of a delivery's processor time (2026-11-22).
"""
NO_BROKER = N_("this needs a broker: set POSTROAD_REDIS_URL, or use `postroad up`, which needs none")


def begin(work: Callable[[Settings, Runtime], None]) -> None:
    """Do this work on the settings of the environment, until it ends; a failure ends the process."""
    with told():
        settings = load_settings()
        configure_logging(settings.log_level)
        with closing(open_runtime(settings)) as runtime:
            agreed = agreeing(runtime)
            collect_seldom()
            work(settings, agreed)


def agreeing(runtime: Runtime) -> Runtime:
    """The same, all that sends loaded, when journal and database agree; else nobody sends (rule 13)."""
    resume_clock(runtime)
    require_agreement(runtime)
    return replace(runtime, connectors=connectors())


def collect_seldom() -> None:
    """Leave out what is loaded once and stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)


def broker_of(settings: Settings) -> str:
    """The Redis URL; Refused where none is set."""
    if settings.broker is None:
        raise refuse(NO_BROKER)
    return settings.broker
