"""`postroad readings`: figures that people enter where no interface gives any."""

import sys
from pathlib import Path

import typer

from scheduler.cli.acting import AS, acting_member
from scheduler.cli.app import app, runtime_of, settings_of
from scheduler.cli.console import JSON, show_json, show_line, show_table
from scheduler.cli.moments import clock_in
from scheduler.cli.wording import LANGUAGE, _
from scheduler.core.manual import METRICS
from scheduler.reports.words import country_words
from scheduler.reports.words.labels import FAMILIES
from scheduler.reports.words.manual import METRIC_NAMES
from scheduler.reports.words.wording import Words
from scheduler.services.metrics.countries import list_splits, splits_template
from scheduler.services.metrics.manual import import_readings, list_readings, readings_template

readings = typer.Typer(
    no_args_is_help=True,
)
app.add_typer(readings, name="readings")


@readings.command("import", help=_("Enter the figures of a CSV or XLSX table: all of it, or nothing."))
def import_(
    ctx: typer.Context,
    path: Path = typer.Argument(
        metavar="TABLE", help=_("a CSV or XLSX file, as postroad readings template prints one")
    ),
    acting: str | None = AS,
    as_json: bool = JSON,
) -> None:
    """Another value for the same days is kept as a correction. A column `country` makes it one of splits."""
    runtime = runtime_of(ctx)
    done = import_readings(runtime, path, by=acting_member(ctx, runtime, acting))
    if as_json:
        show_json(done)
        return
    said = _("Readings: {added} added, {corrected} corrected, {unchanged} unchanged")
    if done.by_country:
        said = _("Splits by country: {added} added, {corrected} corrected, {unchanged} unchanged")
    show_line(said.format(added=done.added, corrected=done.corrected, unchanged=done.unchanged))


@readings.command("template", help=_("Print a CSV table to fill in, with a row for each manual channel."))
def template(
    ctx: typer.Context,
    countries: bool = typer.Option(
        False, "--countries", help=_("the headings of a table of followers by country, for any channel")
    ),
) -> None:
    """UTF-8, with a mark so that Excel reads it right."""
    sys.stdout.write("\ufeff" + (splits_template() if countries else readings_template(runtime_of(ctx))))


@readings.command("metrics", help=_("List what can be counted by hand, and what each figure means."))
def metrics(as_json: bool = JSON) -> None:
    """The names for the column `metric`."""
    if as_json:
        show_json(list(METRICS.values()))
        return
    columns = (_("metric"), _("What was counted"), _("Counts as"), _("Meaning"))
    rows = (
        (one.name, _(METRIC_NAMES[one.name]), _(FAMILIES[one.family]), _(one.note))
        for one in METRICS.values()
    )
    show_table(columns, rows)


@readings.command(
    "list", help=_("List every figure that was entered, each correction after what it corrects.")
)
def list_(
    ctx: typer.Context,
    countries: bool = typer.Option(False, "--countries", help=_("followers by country instead")),
    as_json: bool = JSON,
) -> None:
    """By channel, metric and days; splits by channel and day."""
    if countries:
        _list_splits(ctx, as_json=as_json)
        return
    found = list_readings(runtime_of(ctx))
    if as_json:
        show_json(found)
        return
    if not found:
        show_line(_("No figures were entered yet: postroad readings template."))
        return
    words, zone = Words(LANGUAGE), settings_of(ctx).time_zone
    columns = (
        _("channel"),
        _("metric"),
        _("Value"),
        _("Corrected from"),
        _("Days"),
        _("post"),
        _("Source"),
        _("by"),
        _("Entered"),
    )
    show_table(
        columns,
        (
            (
                one.key.channel,
                one.key.metric,
                words.number(one.value),
                "" if one.corrects is None else words.number(one.corrects),
                f"{one.key.first_day} – {one.key.last_day}",
                one.key.post,
                one.source,
                one.by,
                clock_in(one.entered_at, zone),
            )
            for one in found
        ),
    )


def _list_splits(ctx: typer.Context, *, as_json: bool) -> None:
    found = list_splits(runtime_of(ctx))
    if as_json:
        show_json(found)
        return
    if not found:
        show_line(_("No followers by country were entered yet: postroad readings template --countries."))
        return
    words, zone = Words(LANGUAGE), settings_of(ctx).time_zone
    columns = (_("channel"), _("As of"), _("Followers by country"), _("Source"), _("by"), _("Entered"), "")
    rows = (
        (
            one.key.channel,
            str(one.key.as_of),
            words.listed(country_words.amounts(one.measure, one.amounts, words)),
            one.source,
            one.by,
            clock_in(one.entered_at, zone),
            _("corrects the one before") if one.corrected else "",
        )
        for one in found
    )
    show_table(columns, rows)
