"""The weeks before today: posts written, approved, published at their minute, and their counters read."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from scheduler.cli.console import show_line
from scheduler.cli.states import state_word
from scheduler.cli.wording import _
from scheduler.core.states import State
from scheduler.core.weeks import Week
from scheduler.services.desk.queue import DeliveryLine, Filter, count_deliveries
from workers.demo.judging import count_responses, left_over
from workers.demo.outcome import Outcome
from workers.demo.passing import closing_of, pass_time
from workers.demo.showing import show_left_over
from workers.demo.stage import APPROVER, AUTHOR, Stage, submit_posts
from workers.demo.stories import read_stories

WEEKS = 4
SILENT = "tg-ru-ru"
"""Here one answer is lost in the last complete week. A Telegram bot cannot look: it stays unconfirmed."""

Responses = Mapping[Week, int]


def first_week(present: Week) -> Week:
    """The week in which the demo begins."""
    return Week(present.monday - timedelta(weeks=WEEKS))


def write_posts_around(present: Week, stage: Stage) -> None:
    """The posts from the stage's week on, imported and approved before the first of them is due."""
    dated = [(story, story.wall_at(present)) for story in read_stories()]
    table = stage.settings.data / "posts.csv"
    done = submit_posts(stage.runtime, table, [pair for pair in dated if pair[1].date() >= stage.week.monday])
    said = _("{posts} posts for {deliveries} deliveries, written by {author}, approved by {approver}: {path}")
    show_line(
        said.format(
            posts=len(done.added), deliveries=done.deliveries, author=AUTHOR, approver=APPROVER, path=table
        )
    )


def live_through(stage: Stage, until: datetime, *, moved: Callable[[datetime], None]) -> Responses:
    """Let it become `until`; the responses that the platforms had counted when each week closed.

    In the last complete week one answer of Telegram is lost.
    """
    reported = Week.of(until, stage.zone).previous
    counted: dict[Week, int] = {}
    while stage.clock.now() < until:
        week = stage.week
        if week == reported:
            _lose_an_answer(stage)
        for at in pass_time(stage, min(week.ends_at(stage.zone), until)):
            moved(at)
            if at == closing_of(stage):
                counted[week] = sum(count_responses(stage).values())
        _tell(stage, week)
    return counted


def look_back(stage: Stage) -> Outcome:
    """Whether everything due is published, but for the one whose answer was lost."""
    lines = left_over(stage)
    lost = [line for line in lines if line.channel == SILENT and line.state is State.UNCONFIRMED]
    unintended = [line for line in lines if line not in lost]
    wrong = []
    if len(lost) != 1:
        wrong.append(_("one answer was to be lost for good, but {count} were").format(count=len(lost)))
    if unintended:
        show_left_over(unintended)
        wrong.append(_("{count} deliveries were due and are not published").format(count=len(unintended)))
    return Outcome(wrong=tuple(wrong), remarkable={line.id: _tell_lost(line) for line in lost})


def _tell_lost(line: DeliveryLine) -> str:
    told = _(
        "{channel}: one answer was lost, on purpose. No bot can look into a Telegram channel: a person must."
    )
    show_line(f"  {told.format(channel=line.channel)}")
    return _("nobody knows whether it is live: all there is to go by")


def _lose_an_answer(stage: Stage) -> None:
    token = next(one.remote.secret["bot_token"] for one in stage.accounts if one.channel == SILENT)
    stage.control.add_fault("telegram", "drop_after", match=f"bot{token}/sendMessage")


def _tell(stage: Stage, week: Week) -> None:
    counts = count_deliveries(stage.runtime, Filter())
    said = ", ".join(f"{state_word(state)} {count}" for state, count in sorted(counts.items()))
    show_line(f"  {week}  {said}")
