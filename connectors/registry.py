"""Connectors by platform name, ours and third parties' alike, found by the entry-point group."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from connectors.contract import Connector

GROUP = "postroad.connectors"


class BrokenConnector(Exception):
    """An installed connector could not be loaded; the message names its distribution."""


class Installed(Mapping[str, Connector]):
    """Every installed connector by platform name, in alphabetical order, loaded when it is first asked for.

    So a command that needs none waits for none, and a broken one keeps nobody from pausing.
    """

    def __init__(self) -> None:
        found = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
        self._found = {entry.name: entry for entry in found}
        self._loaded: dict[str, Connector] = {}

    def __getitem__(self, platform: str) -> Connector:
        """The connector, or BrokenConnector."""
        if platform not in self._loaded:
            self._loaded[platform] = _load(self._found[platform])
        return self._loaded[platform]

    def __contains__(self, platform: object) -> bool:
        return platform in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


@cache
def connectors() -> Mapping[str, Connector]:
    """Every installed connector by platform name, in alphabetical order; all loaded once a process."""
    return MappingProxyType(dict(Installed()))


def _load(entry: EntryPoint) -> Connector:
    origin = entry.dist.name if entry.dist else "an unknown distribution"
    try:
        connector = entry.load()
    except Exception as error:
        raise BrokenConnector(f"connector {entry.name!r} of {origin} does not load: {error}") from error
    if not isinstance(connector, Connector) or connector.capabilities.platform != entry.name:
        raise BrokenConnector(f"connector {entry.name!r} of {origin} does not meet the contract")
    return connector
