"""Backups of a SQLite database, made while it is in use, and put back without damage to what was there.

What is put back is an older copy: nothing is sent from it until a person has recovered it (rule 13).
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.services.evidence.journal import sync
from scheduler.store import copies, migrations
from scheduler.store.clock import wall_time
from scheduler.store.copies import Told
from scheduler.store.engine import using_database
from scheduler.store.holding import stops
from scheduler.store.migrations.upgrading import BrokenReferences
from scheduler.store.same_file import Missing, PutByHand
from scheduler.store.unit_of_work import units_of_work

PUT_BACK = N_("nothing is sent: this database was put back from a backup. Run postroad recover")
TAKEN = N_("{path} is there already: name a file that does not exist yet")
NO_FOLDER = N_("there is no folder {path}")
NO_BACKUP = N_("there is no file {path}")
DAMAGED = N_("{path} is damaged ({words}): it was left as it is, and nothing else was changed")
FOREIGN = N_("{path} is no database of Postroad: nothing was changed")
TOO_NEW = N_(
    "{path} was made by a newer Postroad (tables {version}): nothing was changed; install that version"
)
ITSELF = N_("{path} is the database itself, not a copy of it")
IN_USE = N_("a Postroad process has {path} open: stop it, and run the command again")

COPYING, RESTORING = "copying-", "restoring-"


def back_up(database: Path, backup: Path, *, told: Told) -> None:
    """Copy the database, which may be in use, into a new file; Refused when it or the copy is not sound."""
    if backup.exists():
        raise refuse(TAKEN, path=str(backup))
    if not database.exists():
        raise Missing
    if copies.is_copy(database):
        raise PutByHand
    with _workshop(backup, COPYING) as made:
        with _blaming(database):
            copies.copy(database, made, told=told, in_use=True)
        _require_sound(made, database)
        copies.mark(made)
        sync(made)
        made.rename(backup)
        sync(backup.parent.resolve())


def put_back(backup: Path, database: Path, *, told: Told) -> Path | None:
    """Let a copy of the backup take the database's place; the folder to which what was there went, if any.

    Refused, with nothing changed, when the backup is damaged, of another program or of a newer version, or
    when the database is in use. Whoever dies in between leaves the one or the other, or a copy that nobody
    opens until this is done again.
    """
    backup, database = backup.resolve(), database.resolve()
    _require_backup(backup, database)
    with _workshop(database, RESTORING) as made:
        with _blaming(backup):
            copies.copy(backup, made, told=told, in_use=False)
        _require_sound(made, backup)
        copies.mark(made, 0)
        _bring_up_to_date(made, backup)
        copies.mark(made)
        sync(made)
        return _put_in_place(made, database)


def _require_backup(backup: Path, database: Path) -> None:
    if not backup.is_file():
        raise refuse(NO_BACKUP, path=str(backup))
    if not copies.is_sqlite(backup):
        raise refuse(FOREIGN, path=str(backup))
    if backup == database and not copies.is_copy(backup):
        raise refuse(ITSELF, path=str(backup))


def _require_sound(made: Path, source: Path) -> None:
    """An index that misses a row, as a foreign log leaves behind, is a fault as well."""
    with _blaming(source):
        if words := copies.unsound(made):
            raise refuse(DAMAGED, path=str(source), words=words)


def _bring_up_to_date(made: Path, backup: Path) -> None:
    """This version's tables, and nothing is sent."""
    with using_database(f"sqlite:///{made}") as engine:
        with engine.connect() as connection:
            version = migrations.version_of(connection)
        if version not in migrations.numbers():
            newer = version and version.isdecimal() and version > migrations.newest()
            raise refuse(TOO_NEW if newer else FOREIGN, path=str(backup), version=version or "")
        try:
            migrations.upgrade(engine)
        except BrokenReferences as error:
            raise refuse(DAMAGED, path=str(backup), words=str(error)) from None
        with units_of_work(engine)() as session:
            stops.stop(session, PUT_BACK, now=wall_time())


def _put_in_place(made: Path, database: Path) -> Path | None:
    """The copy is marked until the old log is away: nobody opens it with that beside it."""
    with _unused(database):
        _own_as(database if database.exists() else database.parent, made)
        room = _keep(database)
        made.replace(database)
        if room:
            _move(copies.beside(database), room)
        sync(database.parent)
    copies.mark(database, 0)
    return room


def _keep(database: Path) -> Path | None:
    """A folder with another name of what is there now, None where nothing is."""
    if not (database.exists() or copies.beside(database)):
        return None
    room = copies.room_beside(database)
    if database.exists():
        os.link(database, room / database.name)
    return room


def _own_as(model: Path, made: Path) -> None:
    """Who restores as root restores for whoever runs Postroad."""
    owner = model.stat()
    with suppress(PermissionError):
        os.chown(made, owner.st_uid, owner.st_gid)


def _move(files: Iterable[Path], room: Path) -> None:
    for one in files:
        one.replace(room / one.name)


@contextmanager
def _unused(database: Path) -> Iterator[None]:
    if not database.exists():
        yield
        return
    try:
        with copies.nobody_using(database):
            yield
    except copies.InUse:
        raise refuse(IN_USE, path=str(database)) from None


@contextmanager
def _workshop(target: Path, prefix: str) -> Iterator[Path]:
    """Where a file of this name is made, on the same disk; what stays in there is gone at the end.

    Who was killed could not clear away: the next one does.
    """
    if not target.parent.is_dir():
        raise refuse(NO_FOLDER, path=str(target.parent))
    for left in target.parent.glob(f"{prefix}*"):
        with suppress(copies.InUse), copies.at_work_in(left):
            rmtree(left)
    with TemporaryDirectory(prefix=prefix, dir=target.parent) as folder, copies.at_work_in(Path(folder)):
        yield Path(folder) / target.name


@contextmanager
def _blaming(source: Path) -> Iterator[None]:
    """What SQLite cannot read is this file's fault; what it cannot write is the disk's."""
    try:
        yield
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise refuse(DAMAGED, path=str(source), words=str(error)) from None
