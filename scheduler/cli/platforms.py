"""`postroad platforms`: what each platform can do, from the connectors' own sheets."""

from collections.abc import Sequence
from dataclasses import asdict

from connectors.capabilities import FEATURES, Capabilities, Idempotency, Support, TextUnit
from connectors.registry import connectors
from scheduler.cli.app import app
from scheduler.cli.console import JSON, show_json, show_table
from scheduler.cli.wording import _
from scheduler.core.wording import N_

MARKS = {
    Support.FULL: N_("yes"),
    Support.PARTIAL: N_("partly"),
    Support.UNSUPPORTED: N_("no"),
    Support.NOT_IMPLEMENTED: N_("not yet"),
    Support.UNKNOWN: "?",
}
UNITS = {
    TextUnit.GRAPHEMES: N_("graphemes"),
    TextUnit.CODE_POINTS: N_("code points"),
    TextUnit.UTF16_UNITS: N_("UTF-16 units"),
    TextUnit.UTF8_BYTES: N_("bytes"),
}
REPEATS = {
    Idempotency.KEY: N_("a key of ours"),
    Idempotency.CONTAINER: N_("a draft made first"),
    Idempotency.LISTING: N_("reading the account"),
    Idempotency.NOTHING: N_("nothing: a person looks"),
}
FIELDS = {"text": N_("text"), "caption": N_("caption"), "title": N_("title"), "alt": N_("alt text")}
FEATURE_WORDS = {
    "text": N_("text"),
    "link": N_("link"),
    "link_card": N_("link card"),
    "images": N_("images"),
    "alt_text": N_("alt text"),
    "language": N_("language"),
    "mentions": N_("mentions"),
    "hashtags": N_("hashtags"),
    "edit": N_("edit"),
    "delete": N_("delete"),
    "find_existing": N_("find after a lost answer"),
    "read_back": N_("read back after publishing"),
    "publication_metrics": N_("metrics of posts"),
    "audience_metrics": N_("followers"),
    "ai_label": N_("AI label"),
    "paid_label": N_("paid label"),
}


@app.command("platforms")
def platforms(as_json: bool = JSON) -> None:
    """The capability matrix: features down, platforms across."""
    sheets = [connector.capabilities for connector in connectors().values()]
    if as_json:
        show_json([asdict(sheet) for sheet in sheets])
        return
    rows = [(_(FEATURE_WORDS[feature]), *(_mark(sheet, feature) for sheet in sheets)) for feature in FEATURES]
    show_table([_("feature"), *(sheet.title for sheet in sheets)], [*_limits(sheets), *rows])


def _limits(sheets: Sequence[Capabilities]) -> list[tuple[str, ...]]:
    return [
        (_("text limit"), *(_text_limit(sheet) for sheet in sheets)),
        (_("images in a post"), *(str(sheet.media.max_count) for sheet in sheets)),
        (_("largest image"), *(f"{sheet.media.max_bytes / 1_000_000:.3g} MB" for sheet in sheets)),
        (_("a repeat is safe by"), *(_(REPEATS[sheet.idempotency]) for sheet in sheets)),
        (_("secret"), *(", ".join(sheet.secret_fields) for sheet in sheets)),
        (_("reviewed on"), *(sheet.reviewed_on.isoformat() for sheet in sheets)),
    ]


def _text_limit(sheet: Capabilities) -> str:
    told = N_("{head}: {text}")
    lines = [
        _(told).format(head=_(FIELDS[limit.field]), text=f"{limit.limit} {_(UNITS[limit.unit])}")
        for limit in sheet.text_limits
    ]
    return "\n".join(lines)


def _mark(sheet: Capabilities, feature: str) -> str:
    known = sheet.features.get(feature)
    return _(MARKS[known.support]) if known else "?"
