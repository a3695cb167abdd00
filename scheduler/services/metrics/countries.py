"""Followers by country from a table: all of it is stored, or none and every problem is told."""

from collections.abc import Iterable, Mapping

from scheduler.core.countries import (
    OPTIONAL,
    REQUIRED,
    TEMPLATE,
    CountryRow,
    CountrySplit,
    EnteredSplit,
    SplitKey,
    read_country_row,
    splits_of,
)
from scheduler.core.problems import Problem
from scheduler.core.roles import Person, Right
from scheduler.services.channels.matrix import channels_of
from scheduler.services.metrics.entering import ImportedReadings, require_sound, unknown_channel
from scheduler.services.runtime import Runtime
from scheduler.services.spreadsheets import Sheet
from scheduler.store.metrics.countries import add_splits, split_histories, splits_on
from scheduler.store.reach.stretch import zone_of
from scheduler.store.turns import take_turn

COLUMN = "country"
"""What makes a table of readings one of followers by country."""


def import_splits(runtime: Runtime, sheet: Sheet, *, by: Person) -> ImportedReadings:
    """Enter the splits of a table, or Refused with every problem and nothing entered.

    The same split from the same source again changes nothing; another one of the same channel and day is kept
    above the one before. Of two imports at once the second waits for the first.
    """
    by.require(Right.ENTER)
    now = runtime.clock.now()
    with runtime.begin() as session:
        take_turn(session, runtime.organisation_id)
        today = now.astimezone(zone_of(session, runtime.organisation_id)).date()
        read = [read_country_row(row.number, row.cells, today=today) for row in sheet.rows]
        rows = [row for row, _ in read if row]
        splits, contradictions = splits_of(rows)
        channels = {one.name: one.id for one in channels_of(session, runtime.organisation_id)}
        faults = [problem for _, found in read for problem in found]
        faults += [*contradictions, *_strangers(rows, channels)]
        require_sound(sheet, faults, required=REQUIRED, optional=OPTIONAL)
        standing = splits_on(session, runtime.organisation_id, {one.key.as_of for one in splits})
        changed = [one for one in splits if not _stands(one, standing)]
        add_splits(session, changed, channels=channels, by=by, entered_at=now)
    corrected = sum(one.key in standing for one in changed)
    return ImportedReadings(
        added=len(changed) - corrected,
        corrected=corrected,
        unchanged=len(splits) - len(changed),
        by_country=True,
    )


def list_splits(runtime: Runtime) -> list[CountrySplit]:
    """Every split ever entered, by channel and day; corrections after what they correct."""
    with runtime.begin() as session:
        return split_histories(session, runtime.organisation_id)


def splits_template() -> str:
    """The headings of a CSV table to fill in."""
    return ",".join(TEMPLATE) + "\r\n"


def _strangers(rows: Iterable[CountryRow], channels: Mapping[str, int]) -> list[Problem]:
    """Channels that there are not, each told once."""
    unknown: dict[str, CountryRow] = {}
    for row in rows:
        if row.key.channel not in channels:
            unknown.setdefault(row.key.channel, row)
    return [unknown_channel(name, channels).at(row.row, "channel") for name, row in unknown.items()]


def _stands(split: EnteredSplit, standing: Mapping[SplitKey, CountrySplit]) -> bool:
    known = standing.get(split.key)
    told = (split.measure, dict(split.amounts), split.source)
    return known is not None and (known.measure, dict(known.amounts), known.source) == told
