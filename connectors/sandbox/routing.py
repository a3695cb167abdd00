"""Finding the handler of a path such as /api/v1/statuses/{id}."""

import re
from collections.abc import Iterable
from typing import Generic, TypeVar

Handler = TypeVar("Handler")


class Routes(Generic[Handler]):
    """Handlers by verb and path template; `{name}` stands for one path segment."""

    def __init__(self, routes: Iterable[tuple[str, str, Handler]]) -> None:
        self._routes = [(verb, _compile(template), handler) for verb, template, handler in routes]

    def find(self, verb: str, path: str) -> tuple[Handler, dict[str, str]] | None:
        """The handler with the path's values, or None when verb and path have none."""
        for known, pattern, handler in self._routes:
            if known == verb and (found := pattern.fullmatch(path)):
                return handler, found.groupdict()
        return None


def _compile(template: str) -> "re.Pattern[str]":
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))
