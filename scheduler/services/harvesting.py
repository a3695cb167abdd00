"""Reading counters back from the platforms: look, store, plan the next look. No transaction spans a look."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.contract import Reading
from connectors.errors import ConnectorError, RateLimited
from scheduler.core.cadence import Life, audience_due, fingerprint, next_look, next_try, rule_of
from scheduler.core.catalogue import Catalogue, definitions
from scheduler.core.time import zone
from scheduler.core.weeks import Week
from scheduler.services.errands import Answers, Errand, Outcome, run_errands
from scheduler.services.runtime import Runtime
from scheduler.store.looks import (
    Follow,
    LivePublication,
    NextLook,
    count_to_read,
    follows,
    names_of,
    plan_looks,
    publications_to_read,
)
from scheduler.store.samples import Observation, end_run, ingest, start_run
from scheduler.store.tables import Organisation

PAGE = 500
CHANNELS_AT_ONCE = 64

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """How many readings of a channel failed for one reason."""

    channel: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestSummary:
    """What a harvest brought in: readings by how they ended, and the samples they made."""

    publications: int
    audiences: int
    samples: int
    gone: int
    failures: tuple[Failure, ...]

    @property
    def failed(self) -> int:
        """How many readings failed."""
        return sum(failure.count for failure in self.failures)


@dataclass(slots=True, kw_only=True)
class _Tally:
    """A harvest under way; `due_at` is None when everything live is read."""

    run_id: int
    started_at: datetime
    due_at: datetime | None
    week_end_at: datetime
    seen: Counter[str] = field(default_factory=Counter)
    failed: Counter[tuple[int, str]] = field(default_factory=Counter)
    samples: int = 0

    def add(self, observations: Sequence[Observation], samples: int) -> None:
        self.samples += samples
        for seen in observations:
            subject = "audiences" if seen.publication_id is None else "publications"
            self.seen[subject if seen.status == "read" else seen.status] += 1
            if seen.status == "failed":
                self.failed[seen.channel_id, seen.reason] += 1

    def summary(self, names: Mapping[int, str]) -> HarvestSummary:
        return HarvestSummary(
            publications=self.seen["publications"],
            audiences=self.seen["audiences"],
            samples=self.samples,
            gone=self.seen["gone"],
            failures=tuple(
                Failure(channel=names[channel_id], reason=reason, count=count)
                for (channel_id, reason), count in sorted(self.failed.items())
            ),
        )


def harvest(
    runtime: Runtime, *, everything: bool = False, progress: Progress | None = None
) -> HarvestSummary:
    """Read what is due, or everything that is live; one that fails is kept as failed and stops no other."""
    catalogue = {name: connector.capabilities for name, connector in runtime.connectors.items()}
    tally, audiences, total = _start(runtime, catalogue, everything=everything)
    done = 0
    for errands in _rounds(runtime, tally, audiences):
        _read(runtime, catalogue, tally, errands)
        done += sum(len(errand.publications) + errand.audience for errand in errands)
        if progress:
            progress(done, total)
    with runtime.begin() as session:
        end_run(session, tally.run_id, now=runtime.clock.now())
        names = names_of(session, {channel_id for channel_id, _ in tally.failed})
    return tally.summary(names)


def _start(runtime: Runtime, catalogue: Catalogue, *, everything: bool) -> tuple[_Tally, list[Follow], int]:
    """Open a run; the channels whose followers are due, and how many readings there will be in all."""
    now = runtime.clock.now()
    due_at = None if everything else now
    with runtime.begin() as session:
        centre_zone = zone(session.get_one(Organisation, runtime.organisation_id).time_zone)
        week_end_at = Week.of(now, centre_zone).ends_at(centre_zone)
        run_id = start_run(session, runtime.organisation_id, now=now)
        audiences = [
            follow
            for follow in follows(session, runtime.organisation_id)
            if definitions(catalogue, follow.platform, "channel")
            and (everything or audience_due(follow.looked_at, now=now, week_end_at=week_end_at))
        ]
        total = len(audiences) + count_to_read(session, runtime.organisation_id, due_at=due_at)
    tally = _Tally(run_id=run_id, started_at=now, due_at=due_at, week_end_at=week_end_at)
    return tally, audiences, total


def _rounds(runtime: Runtime, tally: _Tally, audiences: Sequence[Follow]) -> Iterator[list[Errand]]:
    """The work in rounds: followers first, then pages of publications, at most 64 channels at a time."""
    yield from _shares([Errand(follow.channel_id, follow.platform, audience=True) for follow in audiences])
    last = 0
    while page := _page(runtime, tally, last):
        last = page[-1].id
        by_channel: dict[int, list[LivePublication]] = {}
        for publication in page:
            by_channel.setdefault(publication.channel_id, []).append(publication)
        yield from _shares(
            [Errand(channel, some[0].platform, tuple(some)) for channel, some in by_channel.items()]
        )


def _page(runtime: Runtime, tally: _Tally, last: int) -> list[LivePublication]:
    with runtime.begin() as session:
        return publications_to_read(
            session, runtime.organisation_id, due_at=tally.due_at, after=last, limit=PAGE
        )


def _shares(errands: list[Errand]) -> Iterator[list[Errand]]:
    for start in range(0, len(errands), CHANNELS_AT_ONCE):
        yield errands[start : start + CHANNELS_AT_ONCE]


def _read(runtime: Runtime, catalogue: Catalogue, tally: _Tally, errands: list[Errand]) -> None:
    """One round: ask the platforms, then store what they said and plan the next looks in one transaction."""
    now = runtime.clock.now()
    counted = [errand for errand in errands if errand.audience or _counts(catalogue, errand)]
    answers = run_errands(runtime, counted)
    observations = list(_observations(catalogue, counted, answers, now))
    next_looks = [
        _planned(
            tally, catalogue, publication, answers.get(errand.channel_id, {}).get(publication.id), now=now
        )
        for errand in errands
        for publication in errand.publications
    ]
    with runtime.begin() as session:
        tally.add(observations, ingest(session, tally.run_id, observations))
        plan_looks(session, next_looks)


def _counts(catalogue: Catalogue, errand: Errand) -> bool:
    """False where a platform reports nothing of a publication: it is never asked."""
    return errand.platform not in catalogue or bool(definitions(catalogue, errand.platform, "publication"))


def _observations(
    catalogue: Catalogue, errands: Sequence[Errand], answers: Answers, now: datetime
) -> Iterator[Observation]:
    for errand in errands:
        answered = answers[errand.channel_id]
        if errand.audience:
            yield _observation(catalogue, errand, None, answered[None], now)
        for publication in errand.publications:
            yield _observation(catalogue, errand, publication, answered[publication.id], now)


def _observation(
    catalogue: Catalogue,
    errand: Errand,
    publication: LivePublication | None,
    outcome: Outcome,
    now: datetime,
) -> Observation:
    failed = isinstance(outcome, ConnectorError)
    reading = Reading(remote_id="") if isinstance(outcome, ConnectorError) else outcome
    return Observation(
        channel_id=errand.channel_id,
        publication_id=publication.id if publication else None,
        taken_at=now,
        status="failed" if failed else "gone" if reading.gone else "read",
        definitions=definitions(catalogue, errand.platform, "publication" if publication else "channel"),
        reason=outcome.reason if isinstance(outcome, ConnectorError) else "",
        values=reading.values,
        missing=reading.missing,
        from_zero=publication is not None and publication.published_at is not None,
    )


def _planned(
    tally: _Tally,
    catalogue: Catalogue,
    publication: LivePublication,
    outcome: Outcome | None,
    *,
    now: datetime,
) -> NextLook:
    """What a look leaves, and the next one: never at what vanished or is not counted."""
    told = isinstance(outcome, Reading)
    shown = fingerprint(outcome.values) if isinstance(outcome, Reading) else publication.shown
    still = publication.still + told if shown == publication.shown else 0
    life = Life(origin_at=publication.published_at or tally.started_at, still=still)
    return NextLook(
        id=publication.id,
        harvest_at=_next(tally, catalogue, publication.platform, life, outcome, now=now),
        looked_at=now if told else publication.looked_at,
        shown=shown,
        still=still,
    )


def _next(
    tally: _Tally,
    catalogue: Catalogue,
    platform: str,
    life: Life,
    outcome: Outcome | None,
    *,
    now: datetime,
) -> datetime | None:
    """When to look again; when allowed after a limit, and sooner after a failure."""
    if outcome is None or (isinstance(outcome, Reading) and outcome.gone):
        return None
    if isinstance(outcome, RateLimited):
        return max(outcome.until, now)
    if isinstance(outcome, ConnectorError):
        return next_try(life.origin_at, now=now)
    return next_look(life, rule_of(catalogue[platform]), now=now, week_end_at=tally.week_end_at)
