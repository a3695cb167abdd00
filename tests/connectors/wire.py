"""A platform of prepared answers, for what no sandbox says on demand."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx

from connectors.contract import Account, Session
from connectors.http import Http

T = TypeVar("T")
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


class Wire:
    """Gives the answers in turn, the last one for ever, and remembers the requests; it is always NOW."""

    def __init__(self, account: Account, secret: Mapping[str, str], *answers: httpx.Response) -> None:
        self.requests: list[httpx.Request] = []
        self._account = account
        self._secret = secret
        self._answers = answers

    def call(self, act: Callable[[Session], Coroutine[Any, Any, T]]) -> T:
        """Do it on a loop of its own."""

        async def run() -> T:
            async with Http(transport=httpx.MockTransport(self._answer)) as http:
                return await act(
                    Session(account=self._account, secret=self._secret, http=http, now=lambda: NOW)
                )

        return asyncio.run(run())

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers[min(len(self.requests), len(self._answers)) - 1]
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
