"""Reading counters back from the platforms: look, store, plan the next look. No transaction spans a look."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connectors.capabilities import MetricDefinition
from connectors.contract import Reading
from connectors.errors import ConnectorError, RateLimited
from scheduler.core.cadence import Life, audience_due, fingerprint, next_look, next_try, rule_of
from scheduler.core.catalogue import Catalogue, definitions, definitions_at
from scheduler.core.weeks import Week
from scheduler.services.errands import CHANNEL_IS_OUT, Answers, Errand, Outcome, run_errands
from scheduler.services.rationing import Allowed, Moment, Rations, ration, rations
from scheduler.services.runtime import Runtime
from scheduler.services.spending import refund
from scheduler.store.chunks import in_chunks
from scheduler.store.looks import (
    Again,
    Follow,
    LivePublication,
    NextLook,
    count_to_read,
    follows,
    make_due,
    names_of,
    plan_looks,
    publications_to_read,
)
from scheduler.store.samples import Observation, end_run, ingest, start_run
from scheduler.store.stretch import zone_of

PAGE = 500
CHANNELS_AT_ONCE = 64
AT_LEAST = timedelta(minutes=1)
WINDOW_CLOSED = "the platform tells it no more of so old a publication"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """How many readings of a channel failed for one reason."""

    channel: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestSummary:
    """What a harvest brought in: readings by how they ended, and the samples they made.

    `waiting` publications are read later, to keep to a platform's quota; `unpaid` ones wait for money.
    """

    publications: int
    audiences: int
    samples: int
    gone: int
    waiting: int
    unpaid: int
    failures: tuple[Failure, ...]

    @property
    def failed(self) -> int:
        """How many readings failed."""
        return sum(failure.count for failure in self.failures)


@dataclass(slots=True, kw_only=True)
class _Tally:
    """A harvest under way; `due_at` is None when everything live is read, `run_id` is 0 for nothing to do.

    `opens_at` is when the first that waits for a quota may be read.
    """

    started_at: datetime
    due_at: datetime | None
    centre_zone: ZoneInfo
    catalogue: Catalogue
    rations: Rations
    run_id: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    failed: Counter[tuple[int, str]] = field(default_factory=Counter)
    samples: int = 0
    done: int = 0
    waiting: int = 0
    unpaid: int = 0
    opens_at: datetime | None = None

    def week_end_at(self, now: datetime) -> datetime:
        return Week.of(now, self.centre_zone).ends_at(self.centre_zone)

    def moment(self, now: datetime) -> Moment:
        return Moment(now=now, week_end_at=self.week_end_at(now), saving=self.due_at is not None)

    def hold_back(self, allowed: Allowed) -> None:
        self.unpaid += allowed.unpaid
        if allowed.opens_at:
            self.waiting += sum(at == allowed.opens_at for _, at in allowed.put_off.values())
            self.opens_at = min(self.opens_at or allowed.opens_at, allowed.opens_at)

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
            waiting=self.waiting,
            unpaid=self.unpaid,
            failures=tuple(
                Failure(channel=names[channel_id], reason=reason, count=count)
                for (channel_id, reason), count in sorted(self.failed.items())
            ),
        )


def harvest(
    runtime: Runtime, *, everything: bool = False, progress: Progress | None = None
) -> HarvestSummary:
    """Read what is due, or everything that is live; one that fails is kept as failed and stops no other.

    What would take more than a tenth of a request quota, or more than the month's money, is put off.
    """
    tally, audiences, total = _start(runtime, everything=everything)
    _go_round(runtime, tally, audiences, total, progress)
    return _end(runtime, tally)


def backfill(
    runtime: Runtime, *, since: date | None = None, progress: Progress | None = None
) -> HarvestSummary:
    """Read all that went live since that day of the centre and can be read still; waits for quotas.

    Whoever breaks it off loses nothing: what is left is due, and the planner reads it.
    """
    now = runtime.clock.now()
    with runtime.begin() as session:
        own_zone = zone_of(session, runtime.organisation_id)
        since_at = datetime.combine(since, time.min, own_zone) if since else None
        make_due(session, runtime.organisation_id, _readable(runtime, now), since=since_at, now=now)
    tally, audiences, total = _start(runtime, everything=False)
    _go_round(runtime, tally, audiences, total, progress)
    while tally.opens_at:
        runtime.clock.sleep(max(0.0, (tally.opens_at - runtime.clock.now()).total_seconds()))
        now = runtime.clock.now()
        with runtime.begin() as session:
            tally.rations = rations(session, runtime, now=now)
        tally.due_at, tally.opens_at, tally.waiting = now, None, 0
        _go_round(runtime, tally, (), total, progress)
    return _end(runtime, tally)


def _readable(runtime: Runtime, now: datetime) -> list[Again]:
    """The platforms that tell something of publications, and how old these may be."""
    sheets = [connector.capabilities for connector in runtime.connectors.values()]
    counting = [sheet for sheet in sheets if any(one.subject == "publication" for one in sheet.metrics)]
    rules = {sheet.platform: rule_of(sheet) for sheet in counting}
    return [
        Again(platform=name, after=now - max(rule.windows) if rule.ends else None)
        for name, rule in rules.items()
    ]


def _start(runtime: Runtime, *, everything: bool) -> tuple[_Tally, list[Follow], int]:
    """Open a run; the channels whose followers are due, and how many readings there will be in all."""
    now = runtime.clock.now()
    catalogue = runtime.catalogue
    due_at = None if everything else now
    with runtime.begin() as session:
        tally = _Tally(
            started_at=now,
            due_at=due_at,
            centre_zone=zone_of(session, runtime.organisation_id),
            catalogue=catalogue,
            rations=rations(session, runtime, now=now),
        )
        audiences = [
            follow
            for follow in follows(session, runtime.organisation_id)
            if definitions(catalogue, follow.platform, "channel") and _is_due(tally, follow, now)
        ]
        total = len(audiences) + count_to_read(session, runtime.organisation_id, due_at=due_at)
        if total:
            tally.run_id = start_run(session, runtime.organisation_id, now=now)
    return tally, audiences, total


def _is_due(tally: _Tally, follow: Follow, now: datetime) -> bool:
    billed = tally.catalogue[follow.platform].price is not None
    if tally.due_at is None and not billed:
        return True
    return audience_due(follow.looked_at, now=now, week_end_at=tally.week_end_at(now), billed=billed)


def _go_round(
    runtime: Runtime,
    tally: _Tally,
    audiences: Sequence[Follow],
    total: int,
    progress: Progress | None,
) -> None:
    for errands in _rounds(runtime, tally, audiences):
        _read(runtime, tally, errands)
        tally.done += sum(len(errand.publications) + errand.audience for errand in errands)
        if progress:
            progress(min(tally.done - tally.waiting, total), total)


def _end(runtime: Runtime, tally: _Tally) -> HarvestSummary:
    with runtime.begin() as session:
        if tally.run_id:
            end_run(session, tally.run_id, now=runtime.clock.now())
        names = names_of(session, {channel_id for channel_id, _ in tally.failed})
    return tally.summary(names)


def _rounds(runtime: Runtime, tally: _Tally, audiences: Sequence[Follow]) -> Iterator[list[Errand]]:
    """The work in rounds: followers first, then pages of publications, at most 64 channels at a time."""
    followers = [Errand(follow.channel_id, follow.platform, audience=True) for follow in audiences]
    yield from in_chunks(followers, CHANNELS_AT_ONCE)
    last: LivePublication | None = None
    while page := _page(runtime, tally, last):
        last = page[-1]
        by_channel: dict[int, list[LivePublication]] = {}
        for publication in page:
            by_channel.setdefault(publication.channel_id, []).append(publication)
        errands = [Errand(channel, some[0].platform, tuple(some)) for channel, some in by_channel.items()]
        yield from in_chunks(errands, CHANNELS_AT_ONCE)


def _page(runtime: Runtime, tally: _Tally, last: LivePublication | None) -> list[LivePublication]:
    with runtime.begin() as session:
        return publications_to_read(
            session, runtime.organisation_id, due_at=tally.due_at, after=last, limit=PAGE
        )


def _read(runtime: Runtime, tally: _Tally, errands: Sequence[Errand]) -> None:
    """One round: see what may be asked, ask the platforms, then store what they said and plan next looks."""
    now = runtime.clock.now()
    with runtime.begin() as session:
        allowed = ration(session, runtime, tally.rations, errands, tally.moment(now))
    tally.hold_back(allowed)
    counted = [errand for errand in allowed.errands if errand.audience or _counts(tally.catalogue, errand)]
    answers = run_errands(runtime, counted)
    observations = list(_observations(tally.catalogue, counted, answers, now))
    looks = [
        _planned(tally, publication, answers.get(errand.channel_id, {}).get(publication.id), now=now)
        for errand in allowed.errands
        for publication in errand.publications
    ]
    with runtime.begin() as session:
        tally.add(observations, ingest(session, tally.run_id, observations))
        plan_looks(session, [*looks, *(_later(one, at) for one, at in allowed.put_off.values())])
        for errand in counted:
            _refund(session, runtime, errand, answers[errand.channel_id], now)


def _counts(catalogue: Catalogue, errand: Errand) -> bool:
    """False where a platform reports nothing of a publication: it is never asked."""
    return errand.platform not in catalogue or bool(definitions(catalogue, errand.platform, "publication"))


def _refund(
    session: Session, runtime: Runtime, errand: Errand, told: Mapping[int | None, Outcome], now: datetime
) -> None:
    """Give back what a platform that did not answer at all will not bill."""
    out = {subject for subject, outcome in told.items() if isinstance(outcome, CHANNEL_IS_OUT)}
    looks = len(out - {None})
    refund(session, runtime, errand.platform, looks=looks, now=now)
    refund(session, runtime, errand.platform, looks=int(None in out), audience=True, now=now)


def _observations(
    catalogue: Catalogue, errands: Sequence[Errand], answers: Answers, now: datetime
) -> Iterator[Observation]:
    platforms = {errand.platform for errand in errands}
    posts = {name: definitions_at(catalogue, name, "publication", now) for name in platforms}
    accounts = {name: definitions_at(catalogue, name, "channel", now) for name in platforms}
    for errand in errands:
        answered = answers[errand.channel_id]
        if errand.audience:
            yield _observation(errand.channel_id, None, accounts[errand.platform], answered[None], now=now)
        for publication in errand.publications:
            asked = posts[errand.platform]
            told = _in_window(publication, asked, answered[publication.id], now)
            yield _observation(errand.channel_id, publication, asked, told, now=now)


def _in_window(
    publication: LivePublication, asked: Sequence[MetricDefinition], outcome: Outcome, now: datetime
) -> Outcome:
    """The outcome without what a platform tells no more of so old a publication, which is said of it."""
    if isinstance(outcome, ConnectorError) or publication.published_at is None:
        return outcome
    age = now - publication.published_at
    closed = {one.name for one in asked if one.window_s and age >= timedelta(seconds=one.window_s)}
    if not closed:
        return outcome
    values = {name: value for name, value in outcome.values.items() if name not in closed}
    missing = {**outcome.missing, **dict.fromkeys(closed, WINDOW_CLOSED)}
    return replace(outcome, values=values, missing=missing)


def _observation(
    channel_id: int,
    publication: LivePublication | None,
    asked: Sequence[MetricDefinition],
    outcome: Outcome,
    *,
    now: datetime,
) -> Observation:
    failed = isinstance(outcome, ConnectorError)
    reading = Reading(remote_id="") if isinstance(outcome, ConnectorError) else outcome
    return Observation(
        channel_id=channel_id,
        publication_id=publication.id if publication else None,
        taken_at=now,
        status="failed" if failed else "gone" if reading.gone else "read",
        definitions=asked,
        reason=outcome.reason if isinstance(outcome, ConnectorError) else "",
        values=reading.values,
        missing=reading.missing,
        from_zero=publication is not None and publication.published_at is not None,
    )


def _later(publication: LivePublication, at: datetime | None) -> NextLook:
    """As it was, to be read at another time."""
    return NextLook(
        id=publication.id,
        harvest_at=at,
        looked_at=publication.looked_at,
        shown=publication.shown,
        still=publication.still,
    )


def _planned(
    tally: _Tally, publication: LivePublication, outcome: Outcome | None, *, now: datetime
) -> NextLook:
    """What a look leaves, and the next one: never at what vanished or is not counted."""
    if not isinstance(outcome, Reading):
        return _later(publication, _another_try(tally, publication, outcome, now))
    shown = fingerprint(outcome.values)
    still = publication.still + 1 if shown == publication.shown else 0
    life = Life(origin_at=publication.published_at or tally.started_at, still=still)
    rule = rule_of(tally.catalogue[publication.platform])
    following = next_look(life, rule, now=now, week_end_at=tally.week_end_at(now))
    at = None if outcome.gone else following
    return NextLook(id=publication.id, harvest_at=at, looked_at=now, shown=shown, still=still)


def _another_try(
    tally: _Tally, publication: LivePublication, failure: ConnectorError | None, now: datetime
) -> datetime | None:
    """After a failed look: when allowed after a limit, otherwise soon; never where nothing is counted."""
    if failure is None:
        return None
    if isinstance(failure, RateLimited):
        return max(failure.until, now + AT_LEAST)
    return next_try(publication.published_at or tally.started_at, now=now)
