"""How the demo talks: headings, a bar while weeks pass, and deliveries as they move."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from scheduler.cli.console import show_line, show_table
from scheduler.cli.moments import clock_in
from scheduler.cli.states import kind_word, reason_words, state_word
from scheduler.cli.terminal import err, out
from scheduler.cli.wording import _
from scheduler.core.states import State
from scheduler.core.time import zone
from scheduler.services.desk.queue import AttemptLine, DeliveryLine

Board = Callable[[Sequence[DeliveryLine]], None]

COLOURS = {State.PUBLISHED: "green", State.UNCONFIRMED: "yellow", State.SCHEDULED: "dim"}


def show_heading(text: str) -> None:
    """Begin an act."""
    out.print()
    out.print(Text(text, style="bold"))


@contextmanager
def passing_bar(starts_at: datetime, until: datetime) -> Iterator[Callable[[datetime], None]]:
    """A bar over a stretch of time, on a terminal only; call what is given with how far it has come."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        bar = progress.add_task("", total=(until - starts_at).total_seconds())

        def move(at: datetime) -> None:
            done = (at - starts_at).total_seconds()
            progress.update(bar, completed=done, description=f"{at:%Y-%m-%d}")

        yield move


@contextmanager
def board() -> Iterator[Board]:
    """Shows deliveries whenever it is called: a table that changes in place, or a line for each move."""
    if not out.is_terminal:
        yield _line_writer()
        return
    with Live(console=out, auto_refresh=False) as live:
        yield lambda lines: live.update(_table(lines), refresh=True)


def show_attempts(attempts: Sequence[AttemptLine], time_zone: str) -> None:
    """The evidence of one delivery, a line a step."""
    for one in attempts:
        at = clock_in(one.at, time_zone, seconds=True)
        words = (at, kind_word(one.kind), state_word(one.state), reason_words(one.reason))
        show_line("  " + "  ".join(word for word in words if word))


def show_left_over(lines: Sequence[DeliveryLine]) -> None:
    """Deliveries that are not what they should be."""
    columns = (_("delivery"), _("post"), _("channel"), _("state"), _("due there"), _("reason"))
    rows = [
        (
            line.id,
            line.post,
            line.channel,
            state_word(line.state),
            clock_in(line.due_at, line.time_zone),
            reason_words(line.reason),
        )
        for line in lines
    ]
    show_table(columns, rows)


def _line_writer() -> Board:
    seen: dict[int, State] = {}

    def write(lines: Sequence[DeliveryLine]) -> None:
        for line in lines:
            if seen.get(line.id) is not line.state:
                seen[line.id] = line.state
                show_line(f"  {line.channel:<11} {state_word(line.state):<11} {_when(line)}  {line.url}")

    return write


def _table(lines: Sequence[DeliveryLine]) -> Table:
    table = Table(header_style="bold", box=None, pad_edge=False)
    for column in (_("channel"), _("state"), _("due there"), _("address")):
        table.add_column(column, no_wrap=True, overflow="ellipsis")
    for line in lines:
        state = Text(state_word(line.state), style=COLOURS.get(line.state, ""))
        table.add_row(line.channel, state, _when(line), Text(line.url))
    return table


def _when(line: DeliveryLine) -> str:
    return _second(line.due_at, line.time_zone)


def _second(at: datetime, time_zone: str) -> str:
    city = time_zone.rpartition("/")[2].replace("_", " ")
    return f"{at.astimezone(zone(time_zone)):%H:%M:%S} {city}"
