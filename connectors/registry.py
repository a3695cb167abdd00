"""Connectors by platform name, ours and third parties' alike, found by the entry-point group."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from connectors.contract import Connector

GROUP = "postroad.connectors"


class BrokenConnector(Exception):
    """An installed connector could not be loaded; the message names its distribution."""


@cache
def connectors() -> Mapping[str, Connector]:
    """Every installed connector by platform name, in alphabetical order; loaded once a process."""
    found = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    return MappingProxyType({entry.name: _load(entry) for entry in found})


def _load(entry: EntryPoint) -> Connector:
    origin = entry.dist.name if entry.dist else "an unknown distribution"
    try:
        connector = entry.load()
    except Exception as error:
        raise BrokenConnector(f"connector {entry.name!r} of {origin} does not load: {error}") from error
    if not isinstance(connector, Connector) or connector.capabilities.platform != entry.name:
        raise BrokenConnector(f"connector {entry.name!r} of {origin} does not meet the contract")
    return connector
