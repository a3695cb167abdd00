"""Readings by hand from a table: all of it is stored, or none and every problem is told."""

import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.counters.manual import PLATFORM
from scheduler.core.manual import (
    OPTIONAL,
    REQUIRED,
    ManualEntry,
    ManualReading,
    Standing,
    clashes,
    read_manual_entry,
)
from scheduler.core.problems import Problem
from scheduler.core.roles import Person, Right
from scheduler.core.wording import N_
from scheduler.services.channels.matrix import channels_of
from scheduler.services.metrics.countries import COLUMN, import_splits
from scheduler.services.metrics.entering import ImportedReadings, require_sound, unknown_channel
from scheduler.services.runtime import Runtime
from scheduler.services.spreadsheets import Row, Sheet, read_sheet
from scheduler.store.chunks import in_chunks
from scheduler.store.metrics.manual import add_readings, histories_of, readings_of
from scheduler.store.reach.stretch import zone_of
from scheduler.store.tables import Channel, Post
from scheduler.store.turns import take_turn

TEMPLATE = ("channel", "metric", "value", "first_day", "last_day", "source", "post")


def import_readings(runtime: Runtime, path: Path, *, by: Person) -> ImportedReadings:
    """Enter the readings of a CSV or XLSX table, or Refused with every problem and nothing entered.

    The same value from the same source again changes nothing; another one is kept above the one before. Of
    two imports at once the second waits for the first. A table with countries holds splits: `import_splits`.
    """
    by.require(Right.ENTER)
    sheet = read_sheet(path)
    if COLUMN in sheet.headings:
        return import_splits(runtime, sheet, by=by)
    return _import(runtime, sheet, by=by)


def _import(runtime: Runtime, sheet: Sheet, *, by: Person) -> ImportedReadings:
    now = runtime.clock.now()
    with runtime.begin() as session:
        take_turn(session, runtime.organisation_id)
        today = now.astimezone(zone_of(session, runtime.organisation_id)).date()
        read = [read_manual_entry(row.number, row.cells, today=today) for row in sheet.rows]
        entries = [entry for entry, _ in read if entry]
        channels = {one.name: one for one in channels_of(session, runtime.organisation_id)}
        posts = _posts(session, runtime, {row.cells.get("post", "") for row in sheet.rows})
        standing = readings_of(session, runtime.organisation_id)
        faults = [problem for _, found in read for problem in found]
        faults += _strangers(sheet.rows, channels, posts) + clashes(entries, standing)
        require_sound(sheet, faults, required=REQUIRED, optional=OPTIONAL)
        changed = [one for one in entries if not _stands(one, standing)]
        ids = {name: channel.id for name, channel in channels.items()}
        add_readings(session, changed, channels=ids, posts=posts, by=by, entered_at=now)
    corrected = sum(one.key in standing for one in changed)
    return ImportedReadings(
        added=len(changed) - corrected, corrected=corrected, unchanged=len(entries) - len(changed)
    )


def list_readings(runtime: Runtime) -> list[ManualReading]:
    """Every reading ever entered, by channel, metric and days; corrections after what they correct."""
    with runtime.begin() as session:
        return histories_of(session, runtime.organisation_id)


def readings_template(runtime: Runtime) -> str:
    """A CSV table to fill in: its headings, and a row for each channel that takes manual readings."""
    with runtime.begin() as session:
        channels = channels_of(session, runtime.organisation_id)
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(TEMPLATE)
    blank = [""] * (len(TEMPLATE) - 1)
    writer.writerows([one.name, *blank] for one in channels if one.platform == PLATFORM)
    return text.getvalue()


def _posts(session: Session, runtime: Runtime, refs: Iterable[str]) -> dict[str, int]:
    """The ids of the posts that there are."""
    own = select(Post.ref, Post.id).where(Post.organisation_id == runtime.organisation_id)
    return {
        ref: id_
        for some in in_chunks(sorted(set(refs) - {""}))
        for ref, id_ in session.execute(own.where(Post.ref.in_(some)))
    }


def _strangers(
    rows: Iterable[Row], channels: Mapping[str, Channel], posts: Mapping[str, int]
) -> list[Problem]:
    """Names that nothing has, and channels whose figures come from their platform, in sound rows or not."""
    problems = []
    manual = [name for name, channel in channels.items() if channel.platform == PLATFORM]
    for row in rows:
        name, post = row.cells.get("channel", ""), row.cells.get("post", "")
        if name and name not in channels:
            problems.append(unknown_channel(name, manual).at(row.number, "channel"))
        elif name and name not in manual:
            message = N_("channel {channel} is on {platform}: only manual channels take manual readings")
            params = {"channel": name, "platform": channels[name].platform}
            problems.append(Problem(message=message, params=params, row=row.number, column="channel"))
        if post and post not in posts:
            message = N_("there is no post {post}")
            problems.append(Problem(message=message, params={"post": post}, row=row.number, column="post"))
    return problems


def _stands(entry: ManualEntry, standing: Standing) -> bool:
    known = standing.get(entry.key)
    return known is not None and (known.value, known.source) == (entry.value, entry.source)
