"""The composition root: from settings to a runtime, once in each process."""

import fcntl
import getpass
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from config.settings import Settings
from connectors.carriers import CarrierMissing, require
from connectors.http import Http
from connectors.registry import Installed
from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.services.channels.spool import Spool
from scheduler.services.channels.vault import Vault, make_key_file, read_keys
from scheduler.services.evidence.journal import Journal
from scheduler.services.media import MediaFolder
from scheduler.services.runtime import Clock, Runtime
from scheduler.services.setting_up import NOT_SET_UP, adopt, find_organisation, initialise
from scheduler.store import migrations
from scheduler.store.clock import DatabaseClock
from scheduler.store.engine import open_database, require_file, sqlite_file, using_database
from scheduler.store.unit_of_work import units_of_work
from workers.network import LoopNetwork

ALREADY_RUNNING = N_(
    "another Postroad process is publishing from {path}: stop it first, or use PostgreSQL for several"
)
IN_MEMORY = N_("a SQLite database has to be a file: in memory all would be gone with the process")
OLDER = N_(
    "the database is of an earlier Postroad: run postroad init, which brings it to this version and keeps "
    "all that is in it"
)
NEWER = N_("the database is of a newer Postroad (tables {version}): install that version")
NO_FAST = N_("the setting {name} asks for the fast transport, which is not installed: {command}")


def open_runtime(settings: Settings, *, clock: Clock | None = None) -> Runtime:
    """The runtime on an initialised database; Refused when `postroad init` has to run first."""
    if not settings.keys.exists():
        raise refuse(NOT_SET_UP)
    require_file(settings.database)
    engine = open_database(settings.database)
    if not migrations.is_current(engine):
        version = migrations.version_in(engine)
        engine.dispose()
        raise refuse(_missing_tables(version), version=version or "")
    begin = units_of_work(engine)
    network = _network(settings)
    worker = process_name()
    journal = Journal(settings.data / "journal", writer=worker)
    vault = Vault(read_keys(settings.keys))

    def close() -> None:
        network.close()
        journal.close()
        engine.dispose()

    return Runtime(
        begin=begin,
        clock=clock or DatabaseClock(engine),
        connectors=Installed(),
        vault=vault,
        media=MediaFolder(settings.data / "media"),
        journal=journal,
        spool=Spool(settings.data / "renewed", vault),
        network=network,
        organisation_id=find_organisation(begin),
        worker=worker,
        lease=timedelta(seconds=settings.lease_s),
        close=close,
        reading_budgets=settings.reading_budgets,
    )


def _missing_tables(version: str | None) -> str:
    """What to do about a database that has the tables of another version, or none."""
    if version is None:
        return NOT_SET_UP
    return OLDER if version in migrations.numbers() else NEWER


def _network(settings: Settings) -> LoopNetwork:
    """Connects when it is first needed, but says at once when what carries requests is missing."""
    try:
        require(settings.http_transport)
    except CarrierMissing:
        raise refuse(
            NO_FAST, name="POSTROAD_HTTP_TRANSPORT", command="pip install 'postroad[fast]'"
        ) from None
    return LoopNetwork(partial(Http, carrier=settings.http_transport))


def set_up(settings: Settings) -> None:
    """The data folder, key file, tables, organisation and first member, made where they are missing."""
    if _in_memory(settings.database):
        raise refuse(IN_MEMORY)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_key_file(settings.keys)
    with using_database(settings.database) as engine:
        migrations.upgrade(engine)
        initialise(
            units_of_work(engine),
            organisation=settings.organisation,
            time_zone=settings.time_zone,
            member=settings.member or getpass.getuser(),
            now=DatabaseClock(engine).now(),
        )
        adopt(units_of_work(engine), Journal(settings.data / "journal", writer=process_name()))


def _in_memory(url: str) -> bool:
    path = sqlite_file(url)
    return path is not None and (path == Path() or ":memory:" in str(path) or "mode=memory" in url)


def process_name() -> str:
    """Names this process in evidence and leases: host, process id and a random part."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


@contextmanager
def only_one(settings: Settings) -> Iterator[bool]:
    """Keep a SQLite database to this process (yields True); Refused at once when another one holds it.

    On PostgreSQL any number may run, and nothing is held (yields False).
    """
    path = sqlite_file(settings.database)
    if path is None:
        yield False
        return
    with path.with_suffix(".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise refuse(ALREADY_RUNNING, path=str(path)) from None
        yield True
