"""What is asked of one channel in one go: its calls run one after the other, channels side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from connectors.contract import Reading
from connectors.errors import (
    ConnectorError,
    NeedsReconnect,
    NeedsRefresh,
    NotSent,
    PlatformChanged,
    RateLimited,
    Rejected,
)
from connectors.http import Http
from scheduler.services.bugs import bug
from scheduler.services.channels.credentials import ReadyChannel, expire, mark_dead
from scheduler.services.channels.renewing import prepare_channels
from scheduler.services.runtime import Call, Runtime
from scheduler.store.metrics.looks import LivePublication

Outcome: TypeAlias = Reading | ConnectorError
Answers: TypeAlias = Mapping[int, Mapping[int | None, Outcome]]

CHANNEL_IS_OUT = (RateLimited, NeedsRefresh, NeedsReconnect)
ONE_SPOILS_ALL = (PlatformChanged, Rejected)
COUNTS = range(2**53)
"""What a counter can be: every reader of JSON holds so much, and the sums of a thousand fit a column."""
NO_COUNT = "the platform tells what can be no count"
NO_CONNECTOR = PlatformChanged("no connector for this platform is installed")


@dataclass(frozen=True, slots=True)
class Errand:
    """Read these publications of a channel and, when `audience`, its followers."""

    channel_id: int
    platform: str
    publications: tuple[LivePublication, ...] = ()
    audience: bool = False

    @property
    def subjects(self) -> list[int | None]:
        """Publication ids, and None for the channel itself."""
        ids: list[int | None] = [publication.id for publication in self.publications]
        return [None, *ids] if self.audience else ids


def run_errands(runtime: Runtime, errands: Sequence[Errand]) -> Answers:
    """By channel and subject what the platform said or why it did not; each subject has its answer.

    Where a platform finds a token lapsed, it is renewed and what is left is asked once more.
    """
    answers = _ask(runtime, errands)
    again = [left for errand in errands if (left := _left(errand, answers[errand.channel_id]))]
    if not again:
        return answers
    renewed = _ask(runtime, again)
    return {channel: {**told, **renewed.get(channel, {})} for channel, told in answers.items()}


def _ask(runtime: Runtime, errands: Sequence[Errand]) -> Answers:
    known = [errand for errand in errands if errand.platform in runtime.connectors]
    ready = prepare_channels(runtime, {errand.channel_id for errand in known})
    told = runtime.network.gather([_caller(errand, ready[errand.channel_id]) for errand in known])
    answers = {errand.channel_id: _all(errand, NO_CONNECTOR) for errand in errands}
    for errand, answer in zip(known, told, strict=True):
        answers[errand.channel_id] = _as_answer(errand, answer)
    _note(runtime, ready, answers)
    return answers


def _as_answer(errand: Errand, answer: dict[int | None, Outcome] | Exception) -> dict[int | None, Outcome]:
    """A bug in a connector fails its channel, never the harvest."""
    if not isinstance(answer, Exception):
        return answer
    return _all(errand, bug(answer, "reading", channel=errand.channel_id))


def _note(runtime: Runtime, ready: Mapping[int, ReadyChannel | ConnectorError], answers: Answers) -> None:
    """What the answers say about the secrets they were asked with."""
    used = [one for one in ready.values() if isinstance(one, ReadyChannel)]
    dead = [one for one in used if _any(answers[one.channel.id], NeedsReconnect)]
    lapsed = [one for one in used if _any(answers[one.channel.id], NeedsRefresh)]
    if dead or lapsed:
        with runtime.begin() as transaction:
            mark_dead(transaction, dead)
            expire(transaction, lapsed, now=runtime.clock.now())


def _any(told: Mapping[int | None, Outcome], kind: type[ConnectorError]) -> bool:
    return any(isinstance(outcome, kind) for outcome in told.values())


def _all(errand: Errand, error: ConnectorError) -> dict[int | None, Outcome]:
    return dict.fromkeys(errand.subjects, error)


def _caller(errand: Errand, ready: ReadyChannel | ConnectorError) -> Call[dict[int | None, Outcome]]:
    return lambda http: _run(errand, ready, http)


async def _run(errand: Errand, ready: ReadyChannel | ConnectorError, http: Http) -> dict[int | None, Outcome]:
    """Ask batch by batch until all is answered or the channel answers no more for now."""
    if isinstance(ready, ConnectorError):
        return _all(errand, ready)
    told: dict[int | None, Outcome] = {}
    if errand.audience:
        told[None] = await _audience(ready, http)
    size = max(1, ready.connector.capabilities.metrics_batch)
    for start in range(0, len(errand.publications), size):
        out = next((one for one in told.values() if isinstance(one, CHANNEL_IS_OUT)), None)
        batch = errand.publications[start : start + size]
        told |= {one.id: out for one in batch} if out else await _batch(ready, http, batch)
    return told


async def _audience(ready: ReadyChannel, http: Http) -> Outcome:
    try:
        return _judged(await ready.connector.fetch_audience(ready.session(http)))
    except ConnectorError as error:
        return error


async def _batch(
    ready: ReadyChannel, http: Http, publications: Sequence[LivePublication]
) -> dict[int | None, Outcome]:
    """One call; when something in it makes the platform refuse the whole, it is asked for in halves."""
    try:
        readings = await ready.connector.fetch_metrics(
            ready.session(http), [publication.remote_id for publication in publications]
        )
    except ConnectorError as error:
        half = len(publications) // 2
        if isinstance(error, ONE_SPOILS_ALL) and half:
            first = await _batch(ready, http, publications[:half])
            return first | await _batch(ready, http, publications[half:])
        return {publication.id: error for publication in publications}
    told = {reading.remote_id: _judged(reading) for reading in readings}
    unanswered = PlatformChanged("the answer leaves this publication out")
    return {publication.id: told.get(publication.remote_id, unanswered) for publication in publications}


def _judged(reading: Reading) -> Outcome:
    """A reading of what can be counts; without a single one it is a failed one, for the reasons it gives."""
    values = {name: value for name, value in reading.values.items() if type(value) is int and value in COUNTS}
    missing = {**reading.missing, **dict.fromkeys(reading.values.keys() - values.keys(), NO_COUNT)}
    if reading.gone or values:
        return replace(reading, values=values, missing=missing)
    return NotSent("; ".join(sorted(set(missing.values()))) or "the answer holds no number")


def _left(errand: Errand, told: Mapping[int | None, Outcome]) -> Errand | None:
    """What of an errand failed only because the token had lapsed."""
    lapsed = {subject for subject, outcome in told.items() if isinstance(outcome, NeedsRefresh)}
    if not lapsed:
        return None
    publications = tuple(one for one in errand.publications if one.id in lapsed)
    return replace(errand, publications=publications, audience=None in lapsed)
