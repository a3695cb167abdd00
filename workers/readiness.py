"""Whether a process can do its work now: each thing it needs is looked at and named."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import redis

from config.settings import Settings
from scheduler.core.problems import Problem, Refused
from scheduler.core.wording import N_
from scheduler.services.channels.vault import Vault, read_keys
from scheduler.services.delivery.stepping import ASIDE, JUMPED, read_clocks
from scheduler.services.evidence.comparing import NEWEST, compare
from scheduler.services.failures import explain
from scheduler.services.runtime import Runtime
from scheduler.services.vitals import Vitals
from scheduler.store import migrations
from scheduler.store.vitals import newest_secret
from workers.liveness import Check
from workers.probing import NoAnswer, Probe

Look: TypeAlias = tuple[Vitals | None, list[Check]]
"""How the installation is, None when the database is away, and the checks of one process."""

NO_BROKER = N_("the broker does not answer: check POSTROAD_REDIS_URL and that it is running")
OLD_TABLES = "the tables are of another version: run postroad init"


class Readiness:
    """The checks of one process, each kept for some seconds."""

    def __init__(self, settings: Settings, runtime: Runtime) -> None:
        self._probes = {
            "database": Probe(lambda: look_at_database(runtime), keep_s=2),
            "keys": Probe(lambda: look_at_keys(settings, runtime), keep_s=10),
            "journal": Probe(lambda: compare(runtime, newest=NEWEST).reason, keep_s=15),
            "clock": Probe(lambda: look_at_clock(runtime), keep_s=2),
        }
        if broker := settings.broker:
            self._probes["broker"] = Probe(lambda: look_at_broker(broker), keep_s=5)

    def checks(self) -> list[Check]:
        """Every check, all made at the same time."""
        for probe in self._probes.values():
            probe.start()
        return [Check(name=name, reason=_reason(probe.ask)) for name, probe in self._probes.items()]


def look_at_database(runtime: Runtime) -> str:
    """It answers and has this version's tables."""
    with runtime.begin() as session:
        return "" if migrations.has_current_tables(session.connection()) else OLD_TABLES


def look_at_keys(settings: Settings, runtime: Runtime) -> str:
    """The key file can be read, and opens the secret that was sealed last."""
    vault = Vault(read_keys(settings.keys))
    with runtime.begin() as session:
        secret = newest_secret(session)
    if secret:
        vault.open(secret)
    return ""


def look_at_clock(runtime: Runtime) -> str:
    """No jump holds everything, and this machine's own clock is near the database's."""
    clocks = read_clocks(runtime)
    if clocks.jump:
        return JUMPED
    return ASIDE if clocks.skew else ""


def look_at_broker(url: str) -> str:
    """It takes connections."""
    with redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as client:
        try:
            client.ping()
        except redis.RedisError:
            return NO_BROKER
    return ""


def _reason(ask: Callable[[], str]) -> str:
    """In words without secrets: what a library says of a failure may hold an address with a password."""
    try:
        return ask()
    except Refused as error:
        return "; ".join(_words(error.problems))
    except NoAnswer as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - a check that fails is an answer
        known = explain(error)
        return next(_words([known])) if known else type(error).__name__


def _words(problems: Iterable[Problem]) -> Iterator[str]:
    return (problem.message.format(**problem.params) for problem in problems)
