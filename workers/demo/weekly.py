"""The report of the last complete week: on the screen, as files, held against the platforms' own books."""

from collections.abc import Iterator
from pathlib import Path

from scheduler.cli.console import show_line
from scheduler.cli.terminal import show
from scheduler.cli.wording import LANGUAGE, _
from scheduler.i18n import LANGUAGES
from scheduler.reports.dataset import ReachDataset, Section
from scheduler.reports.freezing import FrozenReport
from scheduler.reports.rendering import file_name, makeable, render
from scheduler.reports.terminal import render_terminal
from scheduler.services.reach.reporting import weekly_report
from workers.demo.history import Responses
from workers.demo.outcome import Outcome
from workers.demo.stage import Stage


def report_last_week(stage: Stage, counted: Responses) -> Outcome:
    """Build the report, show it, write it in every format and language, and check its sum."""
    made = weekly_report(stage.runtime)
    show(render_terminal(made.dataset, LANGUAGE))
    for path in write_files(made, stage.settings.data / "reports"):
        show_line(str(path))
    return _check(made.dataset, stage, counted)


def write_files(made: FrozenReport, folder: Path) -> Iterator[Path]:
    """Write and name one file after the other; what is in no language is written once."""
    folder.mkdir(parents=True, exist_ok=True)
    formats = makeable()
    names = {file_name(made, name, language): (name, language) for language in LANGUAGES for name in formats}
    for file, (name, language) in names.items():
        (folder / file).write_bytes(render(made, name, language))
        yield folder / file


def _check(data: ReachDataset, stage: Stage, counted: Responses) -> Outcome:
    """The report's sum against what the platforms counted between the closing of two weeks."""
    reported = stage.week.previous
    truth = counted[reported] - counted.get(reported.previous, 0)
    said = data.total(Section.RESPONSES)["responses"].now.value
    told = _(
        "{week}: the report says {said} responses, and the platforms themselves counted {truth}."
    ).format(week=reported, said=said, truth=truth)
    show_line(told)
    return Outcome() if said == truth else Outcome(wrong=(told,))
