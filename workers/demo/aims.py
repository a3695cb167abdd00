"""What the demo's centre wants of its year: a table of targets, set by its analyst."""

import csv

from scheduler.cli.console import show_line
from scheduler.cli.wording import _
from scheduler.core.weeks import Week
from scheduler.services.members import find_member
from scheduler.services.reach.goals import import_goals
from workers.demo.stage import ANALYST, Stage

TARGETS = (
    ("responses", "", 80_000),
    ("responses", "language=ar", 6_000),
    ("publications", "", 1_000),
)


def set_goals(present: Week, stage: Stage) -> None:
    """Set the targets of the year in which the last complete week ends, from a table like anybody's."""
    year, table = present.previous.sunday.year, stage.settings.data / "goals.csv"
    with table.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("year", "measure", "slice", "target"))
        writer.writerows((year, *target) for target in TARGETS)
    done = import_goals(stage.runtime, table, by=find_member(stage.runtime, ANALYST))
    said = _("{count} targets for {year}, set by {analyst}: {path}")
    show_line(said.format(count=done.added, year=year, analyst=ANALYST, path=table))
