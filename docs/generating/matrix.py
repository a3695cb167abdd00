"""The capability matrix: every platform side by side."""

from collections.abc import Callable, Mapping

from connectors.capabilities import FEATURES, Capabilities
from connectors.registry import connectors
from docs.generating.markdown import code, page, table
from docs.generating.words import FINDING, IDEMPOTENCY, LEGEND, SUPPORT, UNITS

INTRODUCTION = """\
What each connector says of itself. The same data decides what is refused before anything is sent, and the
shipped conformance suite tries every claim."""


def matrix_page() -> str:
    """Features, then limits, one column a platform."""
    sheets = {name: connector.capabilities for name, connector in connectors().items()}
    headings = ["", *(f"[{sheet.title}](../connectors/{name}.md)" for name, sheet in sheets.items())]
    features = [[code(name), *(_support(sheet, name) for sheet in sheets.values())] for name in FEATURES]
    return page(
        "What each platform can do",
        "`connectors/*/capabilities.py`",
        INTRODUCTION,
        table(headings, features),
        LEGEND,
        "## Limits and certainty",
        table(headings, _facts(sheets)),
    )


def _support(sheet: Capabilities, feature: str) -> str:
    known = sheet.features.get(feature)
    return SUPPORT[known.support] if known else "unknown"


def _facts(sheets: Mapping[str, Capabilities]) -> list[list[str]]:
    rows: dict[str, Callable[[Capabilities], str]] = {
        "text": _text,
        "images": lambda sheet: f"{sheet.media.max_count}, {sheet.media.max_bytes / 1_000_000:.3g} MB each",
        "against a second post": lambda sheet: f"{sheet.idempotency}: {IDEMPOTENCY[sheet.idempotency]}",
        "finding a doubtful post": lambda sheet: FINDING[sheet.find_existing],
        "counters of a post": lambda sheet: _metrics(sheet, "publication"),
        "counters of a channel": lambda sheet: _metrics(sheet, "channel"),
        "reviewed": lambda sheet: f"{sheet.reviewed_on}, {sheet.api_version}",
    }
    return [[name, *(say(sheet) for sheet in sheets.values())] for name, say in rows.items()]


def _text(sheet: Capabilities) -> str:
    return "; ".join(f"{limit.field} {limit.limit} {UNITS[limit.unit]}" for limit in sheet.text_limits)


def _metrics(sheet: Capabilities, subject: str) -> str:
    return ", ".join(code(metric.name) for metric in sheet.metrics if metric.subject == subject) or "none"
