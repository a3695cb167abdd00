"""`postroad insight languages`: the same post in its languages."""

import typer

from scheduler.cli.app import runtime_of
from scheduler.cli.console import JSON, show_json, show_line, show_table
from scheduler.cli.insight import insight
from scheduler.cli.wording import LANGUAGE, _
from scheduler.core.side_by_side import LanguageSide
from scheduler.reports.words.hour_words import decimal
from scheduler.reports.words.wording import Words
from scheduler.services.reach.side_by_side import languages_of


@insight.command("languages", help=_("Show what a post brought in each of its languages, side by side."))
def languages(
    ctx: typer.Context,
    post: str = typer.Argument(metavar="POST", help=_("its name in postroad posts list")),
    as_json: bool = JSON,
) -> None:
    """Responses at the age of 24 hours; what was not read then is a gap."""
    found = languages_of(runtime_of(ctx), post)
    if as_json:
        show_json(found)
        return
    columns = [_("Language"), _("Channels"), _("Responses"), _("Channels read"), _("Followers")]
    show_table([*columns, _("Per 1,000 followers")], [_line(one, Words(LANGUAGE)) for one in found])
    show_line(_("Responses at the age of 24 hours, and followers as last read."))


def _line(one: LanguageSide, words: Words) -> list[str]:
    read = f"{one.responses.known}/{one.responses.of}" if one.responses.of else "–"
    rate = "–" if one.per_thousand is None else decimal(one.per_thousand, words)
    figures = [words.figure(one.responses), read, words.figure(one.followers), rate]
    return [words.language_name(one.language), ", ".join(one.channels), *figures]
