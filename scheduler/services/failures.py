"""Failures of the surroundings in words a person can act on; anything else is a bug and stays one."""

import errno
import sqlite3

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from connectors.registry import BrokenConnector
from scheduler.core.problems import Problem
from scheduler.core.wording import N_
from scheduler.services.channels.vault import LostKey, NoKey
from scheduler.store.same_file import Missing, PutByHand
from scheduler.store.unit_of_work import is_contended

DISK_FULL = N_("the disk is full: nothing was stored; free some space and run the command again")
NO_ROOM = N_("there is no room left to write: free some space, see what was done, and run the command again")
DATABASE_BROKEN = N_("the database file is damaged: put back a copy of it, then run postroad recover")
DATABASE_LOCKED = N_("the database is busy with another process: try again, or use PostgreSQL for several")
DATABASE_CONTENDED = N_("two processes wanted the same rows: the database undid what this one did; try again")
NO_TEXT = N_("a word that was typed is no UTF-8 text: set the terminal to UTF-8")
DATABASE_CLOSED = N_(
    "the database file cannot be opened or written: is its folder there, and may you write to it?"
)
PUT_BY_HAND = N_(
    "a backup was put in the database's place by hand: stop all processes and run postroad restore with it"
)
DATABASE_GONE = N_(
    "there is no database file: put it back, run postroad restore with a backup, "
    "or postroad init for a new one"
)
DATABASE_AWAY = N_("the database cannot be reached: check POSTROAD_DATABASE_URL and that it is running")


def explain(error: BaseException) -> Problem | None:
    """What to tell the person, or None when this is a bug of ours."""
    if isinstance(error, OSError):
        return _explain_os(error)
    if isinstance(error, SQLAlchemyError | sqlite3.Error):
        return _explain_database(error)
    if isinstance(error, PutByHand):
        return Problem(message=PUT_BY_HAND)
    if isinstance(error, Missing):
        return Problem(message=DATABASE_GONE)
    if isinstance(error, UnicodeEncodeError) and error.reason == "surrogates not allowed":
        return Problem(message=NO_TEXT)
    if isinstance(error, LostKey | NoKey):
        return Problem(message=str(error))
    if isinstance(error, BrokenConnector):
        return Problem(message=N_("{words}"), params={"words": str(error)})
    return None


def _explain_os(error: OSError) -> Problem | None:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Problem(message=NO_ROOM)
    if error.filename is None:
        return None
    path = str(error.filename)
    if isinstance(error, PermissionError):
        return Problem(message=N_("no permission for {path}"), params={"path": path})
    return Problem(
        message=N_("cannot use {path}: {words}"), params={"path": path, "words": error.strerror or ""}
    )


def _explain_database(error: SQLAlchemyError | sqlite3.Error) -> Problem | None:
    words = str(getattr(error, "orig", error)).lower()
    if "disk is full" in words or "no space left" in words:
        return Problem(message=DISK_FULL)
    if "not a database" in words or "malformed" in words:
        return Problem(message=DATABASE_BROKEN)
    if "locked" in words:
        return Problem(message=DATABASE_LOCKED)
    if "unable to open database file" in words or "readonly database" in words:
        return Problem(message=DATABASE_CLOSED)
    if is_contended(error):
        return Problem(message=DATABASE_CONTENDED)
    return (
        Problem(message=DATABASE_AWAY)
        if isinstance(error, OperationalError | sqlite3.OperationalError)
        else None
    )
