"""No secret in any repr, message, evidence or log, whatever the platform echoes."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from connectors.conformance.configuration import Configured
from connectors.conformance.desk import Act, Desk
from connectors.conformance.faults import Answer, Fault, cut, instead, malformed, rewritten
from connectors.errors import ConnectorError

_SECRET_NAME = re.compile(r"jwt|token|password|secret", re.IGNORECASE)


class Secrecy(Configured):
    """A log file or an error report may be shown to anyone."""

    def test_no_secret_in_any_repr(self, desk: Desk) -> None:
        for thing in (desk.place, desk.profile, self.connector):
            assert not leaks(desk.secret, repr(thing))

    @pytest.mark.parametrize("status", [200, 400, 401, 429, 500])
    def test_an_echoed_secret_goes_no_further(
        self, desk: Desk, status: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        told = dict(desk.secret) | {"error": " ".join(desk.secret.values())}
        answer = Answer(status=status, body=json.dumps(told).encode())
        for act in self.every_act().values():
            assert not leaks(desk.secret, words_of_failure(desk, act, instead(answer)))
        assert not leaks(desk.secret, caplog.text)

    @pytest.mark.parametrize("damage", [cut, malformed])
    def test_a_damaged_credential_is_not_quoted(
        self, desk: Desk, damage: Callable[[Answer], Answer], caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        issued: dict[str, str] = {}

        def spoil(answer: Answer) -> Answer:
            issued.update(secrets_in(answer))
            return damage(answer)

        for act in (self.connector.check, self.connector.refresh_credentials):
            assert not leaks(issued, words_of_failure(desk, act, rewritten(spoil)))
        assert not leaks(issued, caplog.text)


def leaks(secret: Mapping[str, str], words: str) -> list[str]:
    """Names of the secret fields whose values stand in the words; names of accounts are no secrets."""
    return [name for name, value in secret.items() if _SECRET_NAME.search(name) and value and value in words]


def words_of_failure(desk: Desk, act: Act[Any], fault: Fault) -> str:
    """Everything the failure of one call would show a person, or nothing when it succeeds."""
    try:
        with desk.relay.breaking(fault, reads=True):
            desk.call_as(desk.account, desk.secret, act)
    except ConnectorError as error:
        return f"{error} {error!r} {error.evidence} {error.__cause__} {error.__context__}"
    return ""


def secrets_in(answer: Answer) -> Mapping[str, str]:
    """The credentials a whole answer hands out, by field name."""
    try:
        told = json.loads(answer.body)
    except ValueError:
        return {}
    if not isinstance(told, dict):
        return {}
    return {
        name: value for name, value in told.items() if isinstance(value, str) and _SECRET_NAME.search(name)
    }
