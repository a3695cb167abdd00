"""Drives a connector the way Postroad's services do, one synchronous call at a time."""

import asyncio
import hashlib
import itertools
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

import pytest

from connectors.conformance.place import Place, Seen
from connectors.conformance.relay import Relay
from connectors.contract import (
    Account,
    Connector,
    Finding,
    Found,
    Key,
    Outgoing,
    Probe,
    Profile,
    Published,
    Session,
    Staged,
    StillProcessing,
)
from connectors.errors import NeedsRefresh
from connectors.http import Http

T = TypeVar("T")
Act: TypeAlias = Callable[[Session], Coroutine[Any, Any, T]]
LONGEST_STAGING = 50
_marks = itertools.count(1)


class Desk:
    """One connected channel: the account and secret as `check` left them, renewed when a call asks for it."""

    def __init__(self, connector: Connector, place: Place, relay: Relay) -> None:
        self.connector = connector
        self.place = place
        self.relay = relay
        self.account: Account = replace(place.account, base_url=relay.url)
        self.secret: Mapping[str, str] = place.secret
        self.profile: Profile = self.call(connector.check)
        self.account = replace(
            self.account,
            handle=self.profile.handle,
            remote_id=self.profile.remote_id,
            limits=self.profile.limits,
        )
        self.secret = self.profile.renewed.secret if self.profile.renewed else self.secret

    def call(self, act: Act[T]) -> T:
        """Do it; when the token has lapsed, renew it and do it once more."""
        try:
            return self.call_as(self.account, self.secret, act)
        except NeedsRefresh:
            self.secret = self.call_as(self.account, self.secret, self.connector.refresh_credentials).secret
        return self.call_as(self.account, self.secret, act)

    def call_as(self, account: Account, secret: Mapping[str, str], act: Act[T]) -> T:
        """Do it as this account with this secret, whatever comes of it."""

        async def run() -> T:
            async with Http() as http:
                return await act(
                    Session(account=account, secret=secret, http=http, now=lambda: datetime.now(UTC))
                )

        return asyncio.run(run())

    def stage(self, outgoing: Outgoing, key: Key) -> Staged:
        """Every invisible step, each from the stored result of the one before."""
        staged = Staged()
        for _ in range(LONGEST_STAGING):
            staged = self._stage_once(outgoing, key, staged)
            if staged.complete:
                return staged
            time.sleep(0.1)
        pytest.fail(f"staging is not complete after {LONGEST_STAGING} steps")

    def _stage_once(self, outgoing: Outgoing, key: Key, staged: Staged) -> Staged:
        return self.call(lambda session: self.connector.stage(session, outgoing, key, staged))

    def release(self, outgoing: Outgoing, key: Key, staged: Staged) -> Published:
        """Publish what was staged; when the platform only accepts it, wait until it can be found."""
        since = datetime.now(UTC)
        result = self.call(lambda session: self.connector.publish(session, outgoing, key, staged))
        if isinstance(result, Published):
            return result
        finding = self.find(Probe(outgoing=outgoing, key=key, staged=staged, since=since))
        if not isinstance(finding, Found):
            pytest.fail(f"accepted, and then {finding}")
        return finding.published

    def publish(self, outgoing: Outgoing, key: Key) -> Published:
        """Stage and publish."""
        return self.release(outgoing, key, self.stage(outgoing, key))

    def find(self, probe: Probe) -> Finding:
        """What the connector finds, once the platform has stopped processing and made posts visible."""
        probe = replace(probe, outgoing=outline(probe.outgoing))
        wait_s: float = self.connector.capabilities.visibility_delay_s
        for _ in range(10):
            time.sleep(wait_s)
            finding = self.call(lambda session: self.connector.find_existing(session, probe))
            if not isinstance(finding, StillProcessing):
                return finding
            wait_s = min(finding.again_s, 2)
        return finding

    def seen(self, mark: str) -> list[Seen]:
        """What the public sees of the publications that hold the mark."""
        return list(self.place.look(mark))


def outline(outgoing: Outgoing) -> Outgoing:
    """As whoever looks has it: its images without their bytes."""
    return replace(outgoing, media=tuple(replace(file, content=b"") for file in outgoing.media))


def new_mark() -> str:
    """A word no other text of this run holds."""
    return f"mark{time.time_ns():x}x{next(_marks)}"


def new_key() -> Key:
    """A key like the scheduler's, due now."""
    value = hashlib.sha256(new_mark().encode()).hexdigest()
    return Key(value=value, at=datetime.now(UTC).replace(microsecond=0))
