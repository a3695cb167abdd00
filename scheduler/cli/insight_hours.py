"""`postroad insight hours`: when publications bring more."""

import typer

from scheduler.cli.app import runtime_of
from scheduler.cli.console import JSON, show_json, show_line, show_table
from scheduler.cli.insight import insight
from scheduler.cli.wording import LANGUAGE, _
from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.reports.words import hour_words
from scheduler.reports.words.wording import Words
from scheduler.services.reach.hours import best_hours


@insight.command("hours", help=_("Say at which hours and on which weekdays publications bring more."))
def hours(
    ctx: typer.Context,
    channel: str = typer.Option("", help=_("only this channel, with every figure")),
    language: str = typer.Option("", help=_("only this language, with every figure")),
    as_json: bool = JSON,
) -> None:
    """From the readings of 26 weeks; where they are too few it says so."""
    if channel and language:
        raise refuse(N_("name either a channel or a language"))
    found, words = best_hours(runtime_of(ctx), channel=channel, language=language), Words(LANGUAGE)
    if as_json:
        show_json(found)
        return
    for one in found:
        for line in hour_words.sentences(one, words):
            show_line(line)
        if channel or language:
            show_table([_(column) for column in hour_words.COLUMNS], hour_words.table(one, words))
    show_line(_(hour_words.BASIS) if found else _(hour_words.NONE_KNOWN))
