"""Logs as one JSON object a line on standard error, with secrets taken out whatever their path here."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
import structlog.typing

SECRET_NAMES = re.compile(
    r"pass(word|wd)?|secret|token|authorization|cookie|jwt|api_?key|credential", re.IGNORECASE
)
SECRET_SHAPES = re.compile(
    r"bot\d{5,}:[\w-]{20,}"
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
    r"|(?i:(?:bearer|basic)\s+)[\w+/.=-]{8,}"
)
HIDDEN = "[hidden]"


def configure_logging(level: str, *, human: bool = False) -> None:
    """Send our logs and the libraries', with what they warn of, through one redacting pipeline."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=True,
    )
    render = (
        structlog.dev.ConsoleRenderer() if human else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[_strip, redact, render])
    )
    logging.captureWarnings(capture=True)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("httpx", "httpcore", "apscheduler", "alembic", "amqp"):
        logging.getLogger(name).setLevel(logging.WARNING)


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace secret-looking values, by the name they go under or by their shape."""
    return {name: HIDDEN if SECRET_NAMES.search(name) else _clean(value) for name, value in event.items()}


def _clean(value: Any) -> Any:
    return SECRET_SHAPES.sub(HIDDEN, value) if isinstance(value, str) else value


def _strip(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop structlog's own bookkeeping."""
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    return event
