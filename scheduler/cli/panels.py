"""All commands of the root in the order of the work: what each is for, and the modules that make it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from types import MappingProxyType
from typing import Any

from typer._click.core import Context
from typer._click.formatting import HelpFormatter
from typer.core import TyperGroup

from scheduler.cli.wording import _
from scheduler.core.wording import N_


@dataclass(frozen=True, slots=True)
class Entry:
    """A command or a group of commands; `meaning` is its help, `modules` put it into the tree."""

    name: str
    meaning: str
    modules: tuple[str, ...]


def _entry(name: str, meaning: str, *modules: str) -> Entry:
    return Entry(name, meaning, modules)


PANELS = {
    N_("Setting up"): (
        _entry(
            "init",
            N_("Set up the data folder and the database; safe to repeat, and how to upgrade."),
            "workers.installation",
        ),
        _entry(
            "doctor",
            N_("Check this installation and the rules its data must obey."),
            "workers.installation",
        ),
        _entry("members", N_("People of the centre."), "scheduler.cli.members"),
        _entry("platforms", N_("Show what each installed platform can do."), "scheduler.cli.platforms"),
        _entry("channels", N_("Accounts on the platforms."), "scheduler.cli.channels"),
    ),
    N_("Writing"): (
        _entry(
            "import",
            N_("Check a CSV or XLSX table of posts and store all of it, or nothing."),
            "scheduler.cli.posts",
        ),
        _entry("posts", N_("Posts, their review and approval."), "scheduler.cli.posts"),
        _entry(
            "forecast",
            N_("Say which posts will not fit into their channel's window when due."),
            "scheduler.cli.forecast",
        ),
    ),
    N_("Publishing"): (
        _entry(
            "queue",
            N_("List deliveries with their state and due time; published ones with --all."),
            "scheduler.cli.queue",
        ),
        _entry("show", N_("Show a delivery and the evidence of every attempt."), "scheduler.cli.queue"),
        _entry(
            "attention",
            N_("List what waits for a person, grouped by cause, with what to do."),
            "scheduler.cli.attention",
        ),
        _entry(
            "resolve",
            N_("Say what became of an unconfirmed delivery, after looking at the channel."),
            "scheduler.cli.attention",
        ),
        _entry(
            "release",
            N_("Let held deliveries go on, however late; what was published is never sent again."),
            "scheduler.cli.release",
        ),
    ),
    N_("Stopping"): (
        _entry(
            "pause",
            N_("Stop sending at once: everything, a platform, a channel or a campaign."),
            "scheduler.cli.pausing",
        ),
        _entry(
            "resume",
            N_("Ask for a pause to end, or confirm it as a second person."),
            "scheduler.cli.pausing",
        ),
        _entry("pauses", N_("List what is paused, by whom and why."), "scheduler.cli.pausing"),
        _entry(
            "recall",
            N_("Take posts back: delete what is live, cancel the rest, and show receipts."),
            "scheduler.cli.recall",
        ),
    ),
    N_("Reports"): (
        _entry(
            "report",
            N_("Reach reports."),
            "scheduler.cli.report",
            "scheduler.cli.mailing",
            "scheduler.cli.remarks",
        ),
        _entry("goals", N_("Yearly targets, and how far they have come."), "scheduler.cli.goals"),
        _entry(
            "insight",
            N_("What the figures say to editors."),
            "scheduler.cli.insight",
            "scheduler.cli.insight_hours",
            "scheduler.cli.insight_languages",
        ),
        _entry(
            "readings",
            N_("Figures that people enter for screens, partner media and the printed press."),
            "scheduler.cli.readings",
        ),
        _entry(
            "harvest",
            N_("Read the platforms' counters now: publications and followers that are due."),
            "scheduler.cli.harvest",
        ),
        _entry(
            "costs",
            N_("Show what billed readings cost this month, and what is left of the budget."),
            "scheduler.cli.harvest",
        ),
    ),
    N_("Running"): (
        _entry(
            "up",
            N_("Run planner and worker in this one process until it is stopped."),
            "workers.processes",
        ),
        _entry("planner", N_("Run a planner; any number may run, one leads."), "workers.processes"),
        _entry("worker", N_("Run a Celery worker; any number may run."), "workers.processes"),
        _entry(
            "run",
            N_("Publish what is due now and exit; waits for nothing that is due later."),
            "workers.processes",
        ),
        _entry(
            "status",
            N_("Show how the installation is: deliveries by state, lateness, who leads."),
            "scheduler.cli.status",
        ),
        _entry("clock", N_("Clocks that are off, and time zones."), "scheduler.cli.clock"),
        _entry("backup", N_("Copy the SQLite database, also while it is in use."), "workers.copying"),
        _entry(
            "restore",
            N_("Put a backup of the SQLite database back; nothing is sent until postroad recover."),
            "workers.copying",
        ),
        _entry(
            "recover",
            N_(
                "After a database was restored or copied: show what the journal knows more, "
                "and let sending go on."
            ),
            "scheduler.cli.recover",
        ),
        _entry("rollup", N_("What the readings add up to, and how many are kept."), "scheduler.cli.rollup"),
    ),
    N_("Trying it out"): (
        _entry(
            "demo",
            N_("Show everything on make-believe platforms: four weeks, a report, posts going out live."),
            "workers.demo",
        ),
        _entry("sandbox", N_("A network of fake platforms for trying things out."), "workers.sandbox"),
    ),
}
ENTRIES: Mapping[str, Entry] = MappingProxyType(
    {entry.name: entry for entry in chain.from_iterable(PANELS.values())}
)


def load(names: Iterable[str] = ENTRIES) -> None:
    """Put these commands into the tree, or all."""
    for name in names:
        for module in ENTRIES[name].modules:
            import_module(module)


class Desk(TyperGroup):
    """A root that knows all commands by `PANELS`, also those that are not loaded."""

    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        for name, command in self.commands.items():
            command.help = _(ENTRIES[name].meaning)

    def list_commands(self, _ctx: Context) -> list[str]:
        """Also those that are not loaded, so that a near one can be named."""
        return list(ENTRIES)

    def format_commands(self, _ctx: Context, formatter: HelpFormatter) -> None:
        """Names stand in one column through all panels."""
        width = max(map(len, ENTRIES))
        for title, entries in PANELS.items():
            with formatter.section(_(title)):
                formatter.write_dl([(f"{entry.name:<{width}}", _(entry.meaning)) for entry in entries])
