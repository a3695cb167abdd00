"""Channels from a table: all of it is stored, or none and every problem is told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from connectors.counters.manual import PLATFORM as MANUAL
from scheduler.core.entries import OPTIONAL, REQUIRED, Entry, account_key, read_entry
from scheduler.core.headings import check_headings, in_order, missing_columns, without_missing
from scheduler.core.problems import Problem, Refused
from scheduler.core.roles import Person, Right
from scheduler.core.wording import N_
from scheduler.services.channels.matrix import channels_of, find_channel
from scheduler.services.evidence.deciding import deciding
from scheduler.services.runtime import Runtime
from scheduler.services.spreadsheets import Sheet, read_sheet
from scheduler.store.tables import Channel

IDENTITY = ("platform", "base_url", "handle")
EDITABLE = ("language", "region", "time_zone", "operator")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedChannels:
    """The names of the channels an import added, changed and left as they were."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


def import_channels(runtime: Runtime, path: Path, *, by: Person) -> ImportedChannels:
    """Store the channels of a table, or Refused with every problem of every row and nothing stored."""
    by.require(Right.CONNECT)
    entries, problems = _read(read_sheet(path), runtime)
    with deciding(runtime, "channels import") as session:
        known = {channel.name: channel for channel in channels_of(session, runtime.organisation_id)}
        problems += _clashes(entries, known)
        if problems:
            raise Refused(in_order(problems))
        return _store(session, entries, known, runtime)


def set_spacing(runtime: Runtime, name: str, seconds: int, *, by: Person) -> None:
    """Let at least so many seconds pass between two posts of a channel; 0 for none."""
    by.require(Right.CONNECT)
    with deciding(runtime, "channels space") as session:
        find_channel(session, runtime.organisation_id, name).spacing_s = seconds or None


def _read(sheet: Sheet, runtime: Runtime) -> tuple[list[Entry], list[Problem]]:
    entries, faults = [], list(sheet.problems)
    for row in sheet.rows:
        entry, found = read_entry(row.number, row.cells, {*runtime.connectors, MANUAL})
        faults += found
        entries += [entry] if entry else []
    headings = check_headings(sheet.headings, required=REQUIRED, optional=OPTIONAL)
    missing = missing_columns(sheet.headings, REQUIRED)
    return entries, headings + without_missing(faults, missing) + _repeats(entries)


def _repeats(entries: Iterable[Entry]) -> list[Problem]:
    """Two rows for one channel, or two channels on one account, which would get everything twice."""
    problems = []
    rows: dict[object, int] = {}
    for entry in entries:
        for column, key in (("channel", entry.name), ("handle", entry.account)):
            if key in rows:
                message = N_("the same as in row {other}")
                problems.append(
                    Problem(message=message, params={"other": rows[key]}, row=entry.row, column=column)
                )
            rows.setdefault(key, entry.row)
    return problems


def _clashes(entries: Iterable[Entry], known: Mapping[str, Channel]) -> list[Problem]:
    """What contradicts the channels we have: an account that is taken, an identity that is settled."""
    listed = {entry.name for entry in entries}
    taken = {
        account_key(channel.platform, channel.base_url, channel.handle): name
        for name, channel in known.items()
        if name not in listed
    }
    problems = []
    for entry in entries:
        if other := taken.get(entry.account):
            message = N_("this account is channel {other} already")
            problems.append(Problem(message=message, params={"other": other}, row=entry.row, column="handle"))
        problems += _settled(entry, known.get(entry.name))
    return problems


def _settled(entry: Entry, channel: Channel | None) -> list[Problem]:
    if channel and channel.platform != entry.platform and MANUAL in (channel.platform, entry.platform):
        message = N_("channel {channel} cannot become or cease to be a manual one: add a new channel")
        params = {"channel": entry.name}
        return [Problem(message=message, params=params, row=entry.row, column="platform")]
    if channel is None or channel.connected_at is None:
        return []
    message = N_("channel {channel} is connected as {old}: add a new channel for another account")
    return [
        Problem(
            message=message,
            params={"channel": entry.name, "old": getattr(channel, column)},
            row=entry.row,
            column=column,
        )
        for column in IDENTITY
        if getattr(entry, column) != getattr(channel, column)
    ]


def _store(
    session: Session, entries: Iterable[Entry], known: Mapping[str, Channel], runtime: Runtime
) -> ImportedChannels:
    added, changed, unchanged = [], [], []
    for entry in entries:
        channel = known.get(entry.name)
        if channel is None:
            channel = Channel(
                organisation_id=runtime.organisation_id, name=entry.name, created_at=runtime.clock.now()
            )
            session.add(channel)
            added.append(entry.name)
        elif _differs(entry, channel):
            changed.append(entry.name)
        else:
            unchanged.append(entry.name)
        for column in (*IDENTITY, *EDITABLE):
            setattr(channel, column, getattr(entry, column))
        if entry.platform == MANUAL:
            channel.title = entry.handle
        channel.sets = list(entry.sets)
        channel.spacing_s = _spacing(entry, channel)
    return ImportedChannels(added=tuple(added), changed=tuple(changed), unchanged=tuple(unchanged))


def _differs(entry: Entry, channel: Channel) -> bool:
    columns = (*IDENTITY, *EDITABLE)
    return (
        list(entry.sets) != channel.sets
        or _spacing(entry, channel) != channel.spacing_s
        or any(getattr(entry, column) != getattr(channel, column) for column in columns)
    )


def _spacing(entry: Entry, channel: Channel) -> int | None:
    return channel.spacing_s if entry.spacing_s is None else entry.spacing_s or None
