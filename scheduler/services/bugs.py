"""What a connector does that none may: its bug fails its own work, and ends nothing else."""

from collections.abc import Callable
from typing import Any

import structlog

from connectors.errors import ConnectorError, PlatformChanged

log = structlog.get_logger("postroad.connectors")


def bug(
    found: object, doing: str, kind: Callable[[str], ConnectorError] = PlatformChanged, **where: Any
) -> ConnectorError:
    """The error to go on with after `found`, an exception or an answer of no kind; the log tells all."""
    log.error("connector bug", doing=doing, exc_info=found, **where)
    return kind(f"connector failure ({type(found).__name__})")
