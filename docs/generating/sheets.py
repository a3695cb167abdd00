"""One platform's page: the sheet from its capabilities, then what people learnt about it."""

from pathlib import Path

from connectors.capabilities import FEATURES, Capabilities, MetricDefinition, Quota
from docs.generating.markdown import bullets, code, duration, page, table
from docs.generating.words import CHECKED, FINDING, IDEMPOTENCY, SUPPORT, UNITS

QUIRKS = Path(__file__).resolve().parents[1] / "connectors" / "quirks"


def sheet_page(sheet: Capabilities) -> str:
    """The whole sheet and the hand-written quirks."""
    return page(
        sheet.title,
        f"the capabilities of {code(sheet.platform)} and `docs/connectors/quirks/{sheet.platform}.md`",
        _summary(sheet),
        "## Features",
        table(["feature", "works", "within these limits"], _features(sheet)),
        "## Limits",
        table(["field", "at most", "counted in"], _limits(sheet)),
        "## Quotas",
        _quotas(sheet),
        "## Counters",
        table(["counter", "of a", "kind", "lag", "meaning"], map(_metric, sheet.metrics)),
        "Exposure (views, impressions) is not among them: this platform does not report it."
        if not any(metric.family == "exposure" for metric in sheet.metrics)
        else "",
        "## Sources",
        table(["source", "read on", "how"], _sources(sheet)),
        "## Worth knowing",
        bullets(sheet.quirks),
        _written_by_hand(sheet.platform),
    )


def _summary(sheet: Capabilities) -> str:
    window = duration(sheet.idempotency_window_s) if sheet.idempotency_window_s else "no end"
    facts = {
        "platform key": code(sheet.platform),
        "interface": sheet.api_version,
        "reviewed on": sheet.reviewed_on,
        "secret": ", ".join(map(code, sheet.secret_fields)),
        "against a second post": f"class {sheet.idempotency}: {IDEMPOTENCY[sheet.idempotency]}",
        "that holds for": window if sheet.idempotency in ("K", "C") else "-",
        "what is staged is kept for": _staged(sheet.staged_lasts_s),
        "finding a doubtful post": FINDING[sheet.find_existing],
        "the same text twice": {"allow": "taken", "warn": "taken; a warning is due", "block": "refused"}[
            sheet.same_text
        ],
    }
    return table(["", ""], facts.items())


def _staged(lasts_s: int | None) -> str:
    if lasts_s is None:
        return "no end"
    return duration(lasts_s) if lasts_s else "-"


def _features(sheet: Capabilities) -> list[list[str]]:
    rows = []
    for name in FEATURES:
        known = sheet.features.get(name)
        rows.append([name, SUPPORT[known.support] if known else "unknown", known.note if known else ""])
    return rows


def _limits(sheet: Capabilities) -> list[list[object]]:
    texts: list[list[object]] = [
        [limit.field, f"{limit.limit:,}", UNITS[limit.unit] + _own_limit(limit.key)]
        for limit in sheet.text_limits
    ]
    kinds = ", ".join(sorted(kind.partition("/")[2].upper() for kind in sheet.media.mime_types))
    return [
        *texts,
        ["images", sheet.media.max_count, kinds],
        ["one image", f"{sheet.media.max_bytes:,}", "bytes"],
    ]


def _own_limit(key: str | None) -> str:
    return f"; the account's own `{key}` holds where its server names one" if key else ""


def _quotas(sheet: Capabilities) -> str:
    if not sheet.quotas:
        return "None are published."
    return table(
        ["what", "at most", "in", "per", "a post takes"],
        (
            [quota.name, f"{quota.limit:,} {quota.unit}", duration(quota.window_s), quota.scope, _cost(quota)]
            for quota in sheet.quotas
        ),
    )


def _cost(quota: Quota) -> str:
    parts = [f"{quota.per_post}"] if quota.per_post else []
    parts += [f"{quota.per_image} for each image"] if quota.per_image else []
    return " and ".join(parts) or "-"


def _metric(metric: MetricDefinition) -> list[str]:
    kind = f"{metric.family}, a level" if metric.level else f"{metric.family}, adds up"
    return [code(metric.name), metric.subject, kind, duration(metric.lag_s), metric.note]


def _sources(sheet: Capabilities) -> list[list[object]]:
    return [[source.title, source.read_on, CHECKED[source.checked]] for source in sheet.sources]


def _written_by_hand(platform: str) -> str:
    file = QUIRKS / f"{platform}.md"
    return file.read_text(encoding="utf-8").strip() if file.exists() else ""
