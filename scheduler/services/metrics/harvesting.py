"""Reading counters back from the platforms: look, store, plan the next look. No transaction spans a look."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from scheduler.core.catalogue import Catalogue, definitions
from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.services.metrics.errands import Answers, Errand, run_errands
from scheduler.services.metrics.next_looks import (
    Present,
    after_look,
    followers_due,
    present_at,
    put_off,
    readable,
)
from scheduler.services.metrics.observations import observations
from scheduler.services.metrics.rationing import Rations, give_back, ration, rations
from scheduler.services.metrics.sharing import share_out, takers
from scheduler.services.metrics.tally import HarvestSummary, Tally
from scheduler.services.metrics.turns import next_turn_to_read, turn_to_read
from scheduler.services.runtime import Runtime
from scheduler.store.chunks import in_chunks
from scheduler.store.metrics.looks import (
    LivePublication,
    count_to_read,
    follows,
    make_due,
    names_of,
    plan_looks,
    publications_to_read,
)
from scheduler.store.metrics.samples import Observation, end_run, ingest, start_run
from scheduler.store.reach.stretch import zone_of

PAGE = 500
CHANNELS_AT_ONCE = 64
TO_COME = N_("nothing went live since {day}: that day is still to come")

Progress = Callable[[int, int], None]


@dataclass(slots=True, kw_only=True)
class _Run:
    """A harvest under way: `total` readings, of which `done` had their turn.

    `due_at` is None when everything live is read, `run_id` is 0 for nothing to do; `takers` store what was
    read.
    """

    runtime: Runtime
    run_id: int
    due_at: datetime | None
    centre_zone: ZoneInfo
    rations: Rations
    takers: int
    total: int
    progress: Progress | None
    done: int = 0
    tally: Tally = field(default_factory=Tally)


def harvest(
    runtime: Runtime, *, everything: bool = False, progress: Progress | None = None
) -> HarvestSummary:
    """Read what is due, or everything that is live; one that fails is kept as failed and stops no other.

    What would take more than a tenth of a request quota, or more than the month's money, is put off. Nothing
    is read while another process reads.
    """
    with turn_to_read(runtime) as ours:
        if not ours:
            return replace(Tally().summary({}), left_to_another=True)
        run, followers = _start(runtime, everything=everything, progress=progress)
        _go_round(run, followers)
    return _end(run)


def backfill(
    runtime: Runtime, *, since: date | None = None, progress: Progress | None = None
) -> HarvestSummary:
    """Read all that went live since that day of the centre and can be read still; waits for quotas and turns.

    Whoever breaks it off loses nothing: what is left is due, and the planner reads it. Refused for a day to
    come.
    """
    now = runtime.clock.now()
    with runtime.begin() as session:
        own_zone = zone_of(session, runtime.organisation_id)
        since_at = datetime.combine(since, time.min, own_zone) if since else None
        if since_at and since_at > now:
            raise refuse(TO_COME, day=since_at.date().isoformat())
        again = readable(runtime.catalogue, now)
        make_due(session, runtime.organisation_id, again, since=since_at, now=now)
    with next_turn_to_read(runtime):
        run, followers = _start(runtime, everything=False, progress=progress)
        _go_round(run, followers)
    while opens_at := run.tally.opens_at:
        runtime.clock.sleep(max(0.0, (opens_at - runtime.clock.now()).total_seconds()))
        with next_turn_to_read(runtime):
            _begin_again(run)
            _go_round(run, ())
    return _end(run)


def _start(runtime: Runtime, *, everything: bool, progress: Progress | None) -> tuple[_Run, list[Errand]]:
    """Open a run, and the channels whose followers are due."""
    now = runtime.clock.now()
    due_at = None if everything else now
    with runtime.begin() as session:
        centre_zone = zone_of(session, runtime.organisation_id)
        present = present_at(now, centre_zone, saving=not everything)
        followers = [
            Errand(one.channel_id, one.platform, audience=True)
            for one in follows(session, runtime.organisation_id)
            if followers_due(runtime.catalogue, one, present)
        ]
        total = len(followers) + count_to_read(session, runtime.organisation_id, due_at=due_at)
        run = _Run(
            runtime=runtime,
            run_id=start_run(session, runtime.organisation_id, now=now) if total else 0,
            due_at=due_at,
            centre_zone=centre_zone,
            rations=rations(session, runtime, now=now),
            takers=takers(session),
            total=total,
            progress=progress,
        )
    return run, followers


def _begin_again(run: _Run) -> None:
    """There is more of a quota: everything that is due has its turn again."""
    run.due_at, run.tally.opens_at, run.tally.waiting = run.runtime.clock.now(), None, 0
    with run.runtime.begin() as session:
        run.rations = rations(session, run.runtime, now=run.due_at)


def _go_round(run: _Run, followers: Sequence[Errand]) -> None:
    for errands in _rounds(run, followers):
        _read(run, errands)
        run.done += sum(len(errand.subjects) for errand in errands)
        if run.progress:
            run.progress(min(run.done - run.tally.waiting, run.total), run.total)


def _end(run: _Run) -> HarvestSummary:
    with run.runtime.begin() as session:
        if run.run_id:
            end_run(session, run.run_id, now=run.runtime.clock.now())
        names = names_of(session, {channel_id for channel_id, _ in run.tally.failed})
    return run.tally.summary(names)


def _rounds(run: _Run, followers: Sequence[Errand]) -> Iterator[Sequence[Errand]]:
    """The work in rounds: followers first, then pages of publications, at most 64 channels at a time."""
    yield from in_chunks(followers, CHANNELS_AT_ONCE)
    last: LivePublication | None = None
    while page := _page(run, last):
        last = page[-1]
        by_channel: dict[int, list[LivePublication]] = {}
        for publication in page:
            by_channel.setdefault(publication.channel_id, []).append(publication)
        errands = [Errand(channel, some[0].platform, tuple(some)) for channel, some in by_channel.items()]
        yield from in_chunks(errands, CHANNELS_AT_ONCE)


def _page(run: _Run, last: LivePublication | None) -> list[LivePublication]:
    with run.runtime.begin() as session:
        return publications_to_read(
            session, run.runtime.organisation_id, due_at=run.due_at, after=last, limit=PAGE
        )


def _read(run: _Run, errands: Sequence[Errand]) -> None:
    """One round: see what may be asked, ask the platforms, then store what they said and plan next looks."""
    runtime, now = run.runtime, run.runtime.clock.now()
    present = present_at(now, run.centre_zone, saving=run.due_at is not None)
    with runtime.begin() as session:
        allowed = ration(session, runtime, run.rations, errands, present)
    run.tally.hold_back(allowed)
    if allowed.put_off:
        with runtime.begin() as session:
            plan_looks(session, (put_off(one, at) for one, at in allowed.put_off.values()))
    answers = run_errands(runtime, _asked(runtime, allowed.errands))
    store = partial(_store, run, answers, present)
    for observed, samples in share_out(runtime, run.takers, allowed.errands, store):
        run.tally.add(observed, samples)


def _store(
    run: _Run, answers: Answers, present: Present, session: Session, errands: Sequence[Errand]
) -> tuple[list[Observation], int]:
    """What some channels brought, and how many samples that made."""
    runtime, asked = run.runtime, _asked(run.runtime, errands)
    observed = list(observations(runtime.catalogue, asked, answers, present.now))
    looks = [
        after_look(one, answers.get(errand.channel_id, {}).get(one.id), runtime.catalogue, present)
        for errand in errands
        for one in errand.publications
    ]
    samples = ingest(session, run.run_id, observed)
    plan_looks(session, looks)
    give_back(session, runtime, asked, answers, now=present.now)
    return observed, samples


def _asked(runtime: Runtime, errands: Sequence[Errand]) -> list[Errand]:
    """Without those on platforms that report nothing of a publication, which are never asked."""
    return [one for one in errands if one.audience or _counts(runtime.catalogue, one)]


def _counts(catalogue: Catalogue, errand: Errand) -> bool:
    return errand.platform not in catalogue or bool(definitions(catalogue, errand.platform, "publication"))
