"""Every error class, provoked; each named by what Postroad does next."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from connectors.conformance.configuration import Configured
from connectors.conformance.desk import Desk, new_key, new_mark
from connectors.conformance.faults import Answer, instead
from connectors.conformance.publishing import HTML
from connectors.conformance.relay import Relay
from connectors.errors import (
    ConnectorError,
    NeedsReconnect,
    NeedsRefresh,
    NotSent,
    OutcomeUnknown,
    PlatformChanged,
    RateLimited,
)

A_DAY = timedelta(days=1, minutes=1)


class Failures(Configured):
    """A milder name than the truth publishes twice; a harsher one costs a person's look."""

    def test_a_dead_secret_needs_a_person(self, desk: Desk) -> None:
        with pytest.raises(NeedsReconnect):
            desk.call_as(desk.account, desk.place.dead_secret, self.connector.check)

    def test_a_dead_secret_publishes_nothing(self, desk: Desk) -> None:
        mark, key = new_mark(), new_key()
        outgoing = self.post(mark)
        staged = desk.stage(outgoing, key)
        with pytest.raises((NeedsReconnect, NeedsRefresh)):
            desk.call_as(
                desk.account,
                desk.place.dead_secret,
                lambda session: self.connector.publish(session, outgoing, key, staged),
            )
        assert desk.seen(mark) == []

    @pytest.mark.parametrize("wait_s", [120, None, 10**15])
    def test_a_flood_waits_within_reason(self, desk: Desk, wait_s: int | None) -> None:
        outgoing, key = self.post(new_mark()), new_key()
        staged = desk.stage(outgoing, key)
        answer = instead(self.too_many_requests(wait_s))
        before = datetime.now(UTC)
        with desk.relay.breaking(answer), pytest.raises(RateLimited) as limited:
            desk.release(outgoing, key, staged)
        assert before < limited.value.until <= before + A_DAY
        if wait_s == 120:
            assert timedelta(seconds=100) < limited.value.until - before < timedelta(seconds=140)

    def test_a_closed_port_sends_nothing(self, desk: Desk) -> None:
        outgoing, key = self.post(new_mark()), new_key()
        staged = desk.stage(outgoing, key)
        with closed_port(desk.account.base_url) as url, pytest.raises(NotSent):
            desk.call_as(
                replace(desk.account, base_url=url),
                desk.secret,
                lambda session: self.connector.publish(session, outgoing, key, staged),
            )

    def test_a_redirect_is_not_followed(self, desk: Desk) -> None:
        outgoing, key = self.post(new_mark()), new_key()
        staged = desk.stage(outgoing, key)
        with Relay(desk.place.account.base_url) as elsewhere:
            moved = instead(Answer(status=307, headers={"Location": elsewhere.url}))
            with desk.relay.breaking(moved), pytest.raises(OutcomeUnknown):
                desk.release(outgoing, key, staged)
            assert elsewhere.requests == []

    @pytest.mark.parametrize("status", [500, 503])
    def test_a_failed_reading_can_be_tried_again(self, desk: Desk, status: int) -> None:
        answer = instead(Answer(status=status))
        with desk.relay.breaking(answer, reads=True), pytest.raises(NotSent):
            desk.call(self.connector.check)

    def test_a_reading_in_html_is_for_the_operator(self, desk: Desk) -> None:
        with desk.relay.breaking(instead(HTML), reads=True), pytest.raises(PlatformChanged):
            desk.call(self.connector.check)

    @pytest.mark.parametrize("body", [b"", b"null", b"{}", b"[]", b"[1]", b'{"id": 1, "posts": [null]}'])
    def test_any_other_shape_is_an_error_of_the_contract(self, desk: Desk, body: bytes) -> None:
        answer = instead(Answer(status=200, body=body))
        for act in self.every_act().values():
            with desk.relay.breaking(answer, reads=True), suppress(ConnectorError):
                desk.call_as(desk.account, desk.secret, act)


@contextmanager
def closed_port(url: str) -> Iterator[str]:
    """The same address at a loopback port that refuses; it stays bound, so that nobody takes it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}{urlsplit(url).path}"
