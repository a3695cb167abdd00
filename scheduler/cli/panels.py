"""The commands of the root in the order of the work, each under a heading."""

from typer._click.core import Context
from typer._click.formatting import HelpFormatter
from typer.core import TyperGroup

from scheduler.cli.wording import _
from scheduler.core.wording import N_

PANELS = {
    N_("Setting up"): ("init", "doctor", "members", "platforms", "channels"),
    N_("Writing"): ("import", "posts", "forecast"),
    N_("Publishing"): ("queue", "show", "attention", "resolve", "release"),
    N_("Stopping"): ("pause", "resume", "pauses", "recall"),
    N_("Reports"): ("report", "goals", "insight", "readings", "harvest", "costs"),
    N_("Running"): ("up", "planner", "worker", "run", "status", "clock", "recover", "rollup"),
    N_("Trying it out"): ("demo", "sandbox"),
}


class Desk(TyperGroup):
    """A root that lists its commands by `PANELS`."""

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Names stand in one column through all panels."""
        width = max(map(len, self.commands))
        for title, names in PANELS.items():
            rows = [
                (f"{name:<{width}}", self._short(ctx, name, formatter.width - width - 6)) for name in names
            ]
            with formatter.section(_(title)):
                formatter.write_dl(rows)

    def _short(self, ctx: Context, name: str, limit: int) -> str:
        command = self.get_command(ctx, name)
        return command.get_short_help_str(limit) if command else ""
