"""From which countries the followers of some channels come: a table, entered by the demo's analyst."""

import csv
from collections.abc import Iterator

from scheduler.cli.console import show_line
from scheduler.cli.wording import _
from scheduler.core.countries import OTHER, TEMPLATE
from scheduler.services.members import find_member
from scheduler.services.metrics.manual import import_readings
from workers.demo.matrix import Account
from workers.demo.stage import ANALYST, Stage

IN_NUMBERS = {
    "masto-fr-sn": {"SN": 44, "CI": 14, "FR": 13, "ML": 8, OTHER: 21},
    "tg-es-ar": {"AR": 57, "UY": 9, "ES": 6, OTHER: 28},
    "bsky-fr-fr": {"FR": 58, "BE": 9, "SN": 7},
}
IN_SHARES = {"masto-es-es": {"ES": 61.5, "MX": 12, "AR": 9.5}}
"""Both in percent of the followers; the platforms leave out what is not here."""


def enter_countries(stage: Stage) -> None:
    """Enter how the followers of these channels are split today, as from the platforms' own pages."""
    table, source = stage.settings.data / "countries.csv", _("statistics page of a make-believe platform")
    with table.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(TEMPLATE)
        today = stage.clock.now().astimezone(stage.zone).date()
        for channel, country, *told in (line for one in stage.accounts for line in _lines(stage, one)):
            writer.writerow((channel, today, country, *told, source))
    done = import_readings(stage.runtime, table, by=find_member(stage.runtime, ANALYST))
    said = _("the countries of the followers of {count} channels, entered by {analyst}: {path}")
    show_line(said.format(count=done.added, analyst=ANALYST, path=table))


def _lines(stage: Stage, account: Account) -> Iterator[tuple[object, ...]]:
    followers = stage.control.followers(account.face, account.remote.handle)
    for country, percent in IN_NUMBERS.get(account.channel, {}).items():
        yield account.channel, country, followers * percent // 100, ""
    for country, share in IN_SHARES.get(account.channel, {}).items():
        yield account.channel, country, "", share
