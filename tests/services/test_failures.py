"""A failing machine is named in words, and what was half done is not kept."""

import errno
import os
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from scheduler.core.problems import Problem
from scheduler.i18n import say, translator
from scheduler.services.channels.vault import NoKey, Vault
from scheduler.services.failures import (
    DATABASE_AWAY,
    DATABASE_BROKEN,
    DATABASE_CLOSED,
    DATABASE_CONTENDED,
    DATABASE_LOCKED,
    DISK_FULL,
    NO_ROOM,
    NO_TEXT,
    explain,
)
from scheduler.store import migrations
from scheduler.store.engine import open_database, using_database
from tests.servers.ports import free_port


def message(problem: Problem | None) -> str:
    assert problem is not None
    return problem.message


def test_a_full_disk_is_named_and_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'small.db'}")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count=20"))
    with pytest.raises(SQLAlchemyError) as failed:
        migrations.upgrade(engine)
    assert message(explain(failed.value)) == DISK_FULL
    assert not migrations.is_current(engine)
    engine.dispose()


def test_a_database_that_is_away_is_named_without_its_password() -> None:
    url = f"postgresql+psycopg://desk:hunter2@127.0.0.1:{free_port()}/postroad"
    with using_database(url) as engine, pytest.raises(SQLAlchemyError) as failed:
        engine.connect()
    assert message(explain(failed.value)) == DATABASE_AWAY
    assert "hunter2" not in str(failed.value)


@pytest.mark.parametrize("keys", [[], ["not a key"], ["鍵"], ["c2hvcnQ="]])
def test_what_is_no_key_is_named_and_not_shown(keys: list[str]) -> None:
    with pytest.raises(NoKey) as failed:
        Vault(keys)
    said = say(explain(failed.value) or Problem(message=""), translator("zh-CN"))
    assert "32 字节" in said
    assert not any(key in said for key in keys)


def test_a_locked_database_is_named(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'one.db'}"
    with using_database(url) as holder, using_database(url) as other, holder.begin():
        event.listen(other, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=1"))
        with pytest.raises(SQLAlchemyError) as failed, other.begin():
            pass
    assert message(explain(failed.value)) == DATABASE_LOCKED


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OperationalError("", {}, psycopg.errors.DeadlockDetected()), DATABASE_CONTENDED),
        (OperationalError("", {}, psycopg.errors.SerializationFailure()), DATABASE_CONTENDED),
        (OSError(errno.ENOSPC, "x"), NO_ROOM),
        (PermissionError(errno.EACCES, "x", "/a"), "no permission for {path}"),
        (FileNotFoundError(errno.ENOENT, "x", "/a"), "cannot use {path}: {words}"),
        (FileExistsError(errno.EEXIST, "x", "/a"), "cannot use {path}: {words}"),
    ],
)
def test_the_machine_s_errors_are_named(error: Exception, words: str) -> None:
    assert message(explain(error)) == words


def test_a_damaged_file_is_named_with_the_way_back(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"no database" * 1000)
    with (
        using_database(f"sqlite:///{tmp_path / 'broken.db'}") as engine,
        pytest.raises(SQLAlchemyError) as failed,
    ):
        engine.connect()
    assert message(explain(failed.value)) == DATABASE_BROKEN


def test_a_file_that_cannot_be_opened_is_told_from_a_server_that_is_away(tmp_path: Path) -> None:
    with (
        using_database(f"sqlite:///{tmp_path / 'no such folder' / 'x.db'}") as engine,
        pytest.raises(SQLAlchemyError) as failed,
    ):
        engine.connect()
    assert message(explain(failed.value)) == DATABASE_CLOSED


def test_what_a_terminal_in_another_encoding_sends_is_named() -> None:
    with pytest.raises(UnicodeEncodeError) as failed:
        os.fsdecode("博物馆".encode("gbk")).encode()
    assert message(explain(failed.value)) == NO_TEXT


def test_a_bug_of_ours_is_not_explained_away() -> None:
    assert explain(KeyError("x")) is None
    assert explain(OSError(errno.EPIPE, "x")) is None
