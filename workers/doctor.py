"""What `postroad doctor` looks at: the installation first, then the rules its data must obey."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

import redis

from config.settings import Settings, misspelt
from connectors.counters.manual import PLATFORM as MANUAL
from connectors.registry import connectors
from scheduler.core.problems import Problem, Refused, refuse
from scheduler.core.wording import N_
from scheduler.services.channels.matrix import list_channels
from scheduler.services.delivery.rezoning import rules_version
from scheduler.services.delivery.stepping import read_clocks
from scheduler.services.evidence.comparing import NEWEST, compare
from scheduler.services.failures import explain
from scheduler.services.runtime import Runtime
from scheduler.store import migrations
from scheduler.store.engine import require_file, using_database
from scheduler.store.invariants import broken
from scheduler.store.metrics.moved_days import moved_days
from scheduler.store.zone_rules import newest_rules
from workers.bootstrap import open_runtime
from workers.readiness import NO_BROKER, look_at_clock

FREE_LIMIT = 200 * 1024 * 1024
DAYS_MOVED = N_("the rules of {zones} changed for days that are rolled up: run `postroad rollup rebuild`")
NO_CONNECTOR = N_(
    "no connector for {platforms} is installed, and nothing is sent to {channels}: install it again"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check: whether it is well, what was seen, and what to mend when it is known."""

    title: str
    well: bool
    seen: str = ""
    problem: Problem | None = None


def examine(settings: Settings) -> list[Finding]:
    """Every check; those on the data are left out when the installation itself is not well."""
    installation = [_try(title, check, settings) for title, check in CHECKS]
    if not all(finding.well for finding in installation):
        return installation
    return installation + list(_examine_data(settings))


def _try(title: str, check: Callable[[Settings], tuple[bool, str]], settings: Settings) -> Finding:
    try:
        well, seen = check(settings)
    except Exception as error:  # noqa: BLE001 - a check that fails is a finding
        known = error.problems[0] if isinstance(error, Refused) else explain(error)
        return Finding(title=title, well=False, problem=known, seen=type(error).__name__)
    return Finding(title=title, well=well, seen=seen)


def _examine_data(settings: Settings) -> Iterator[Finding]:
    with closing(open_runtime(settings)) as runtime:
        yield _try(N_("every channel has its connector"), lambda _: _channels(runtime), settings)
        yield _try(N_("journal and database agree"), lambda _: _journal(runtime), settings)
        yield _try(N_("the clock did not jump, and is this machine's"), lambda _: _clock(runtime), settings)
        yield _try(N_("time zone rules are the newest used here"), lambda _: _zones(runtime), settings)
        yield _try(
            N_("days of roll-ups begin where their zones' rules say"), lambda _: _days(runtime), settings
        )
        with runtime.begin() as session:
            counts = broken(session, now=runtime.clock.now())
    for title, number in counts.items():
        yield Finding(title=title, well=number == 0, seen=str(number))


def _channels(runtime: Runtime) -> tuple[bool, str]:
    """How many channels there are; or which are of platforms that are not installed any more."""
    found, installed = list_channels(runtime), {MANUAL, *runtime.connectors}
    left = [one for one in found if one.platform not in installed]
    if left:
        platforms, names = sorted({one.platform for one in left}), [one.channel for one in left]
        raise refuse(NO_CONNECTOR, platforms=", ".join(platforms), channels=", ".join(names))
    return True, str(len(found))


def _journal(runtime: Runtime) -> tuple[bool, str]:
    """How many lines were compared, and how many could not be read."""
    found = compare(runtime, newest=NEWEST)
    if found.reason:
        raise refuse(found.reason)
    return True, f"{found.entries}, ✂ {found.damaged}" if found.damaged else str(found.entries)


def _clock(runtime: Runtime) -> tuple[bool, str]:
    """The time; or what is wrong, with the processes that stand aside."""
    if reason := look_at_clock(runtime):
        raise refuse(reason)
    clocks = read_clocks(runtime)
    return not clocks.aside, ", ".join(clocks.aside) or clocks.now.isoformat(timespec="seconds")


def _zones(runtime: Runtime) -> tuple[bool, str]:
    """This machine's rules, and the newest by which due times were derived."""
    version = rules_version()
    with runtime.begin() as session:
        newest = newest_rules(session)
    return version >= newest, version if version >= newest else f"{version} < {newest}"


def _days(runtime: Runtime) -> tuple[bool, str]:
    """Nothing; or in which zones days that are rolled up begin elsewhere now."""
    with runtime.begin() as session:
        moved = moved_days(session)
    if moved:
        raise refuse(DAYS_MOVED, zones=", ".join(sorted(moved)))
    return True, "0"


def _variables(_settings: Settings) -> tuple[bool, str]:
    """Which have a name that nothing reads: a typing error would else go unseen."""
    unknown = misspelt()
    return not unknown, ", ".join(unknown)


def _folder(settings: Settings) -> tuple[bool, str]:
    return os.access(settings.data, os.W_OK), str(settings.data)


def _space(settings: Settings) -> tuple[bool, str]:
    free = shutil.disk_usage(settings.data).free
    return free > FREE_LIMIT, f"{free // 1024 // 1024} MiB"


def _keys(settings: Settings) -> tuple[bool, str]:
    mode = stat.S_IMODE(settings.keys.stat().st_mode)
    return mode & 0o077 == 0, f"{settings.keys} {mode:o}"


def _database(settings: Settings) -> tuple[bool, str]:
    require_file(settings.database)
    with using_database(settings.database) as engine:
        return migrations.is_current(engine), engine.url.render_as_string(hide_password=True)


def _broker(settings: Settings) -> tuple[bool, str]:
    if settings.broker is None:
        return True, "-"
    try:
        with redis.Redis.from_url(settings.broker, socket_connect_timeout=2) as client:
            version = client.info("server")["redis_version"]
    except redis.RedisError:
        raise refuse(NO_BROKER) from None
    return True, str(version)


def _connectors(_settings: Settings) -> tuple[bool, str]:
    return bool(connectors()), ", ".join(connectors())


def _runtime(settings: Settings) -> tuple[bool, str]:
    with closing(open_runtime(settings)) as runtime:
        return True, runtime.clock.now().isoformat(timespec="seconds")


CHECKS = (
    (N_("every POSTROAD_ variable is a setting"), _variables),
    (N_("the data folder can be written"), _folder),
    (N_("there is room on the disk"), _space),
    (N_("only the owner can read the key file"), _keys),
    (N_("the database answers and has this version's tables"), _database),
    (N_("the broker answers"), _broker),
    (N_("the connectors load"), _connectors),
    (N_("the organisation is set up"), _runtime),
)
