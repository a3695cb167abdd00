"""Counters read out of an answer that names them as the sheet does."""

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.capabilities import MetricDefinition
from connectors.contract import Reading


def reading(
    remote_id: str, counted: Iterable[MetricDefinition], told: Mapping[str, Any], *, otherwise: str
) -> Reading:
    """The counters an answer tells; one that is absent or no number is missing for the reason `otherwise`."""
    names = [metric.name for metric in counted]
    values = {name: told[name] for name in names if type(told.get(name)) is int}
    missing = {name: otherwise for name in names if name not in values}
    return Reading(remote_id=remote_id, values=values, missing=missing)


def unread(remote_id: str, counted: Iterable[MetricDefinition], reason: str) -> Reading:
    """No counter at all, and why."""
    return reading(remote_id, counted, {}, otherwise=reason)
