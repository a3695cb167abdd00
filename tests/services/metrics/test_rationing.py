"""What a harvest does not ask at once: for its day, for a request quota, for a wait, or for money."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.orm import Session

from connectors.capabilities import MetricDefinition, Quota
from connectors.counters.x import COUNTERS as X
from connectors.sandbox import SandboxServer
from scheduler.core.quotas import Spent
from scheduler.services.desk.attention import attention
from scheduler.services.desk.causes import Remedy
from scheduler.services.metrics.errands import Errand
from scheduler.services.metrics.harvesting import backfill, harvest
from scheduler.services.metrics.next_looks import present_at
from scheduler.services.metrics.rationing import Rations, ration
from scheduler.services.metrics.spending import costs
from scheduler.services.runtime import Runtime
from scheduler.services.vitals import read_vitals
from scheduler.store.holding import quotas
from scheduler.store.holding.quotas import WAIT, Saying, subject_of
from scheduler.store.metrics.looks import LivePublication, publications_to_read
from scheduler.store.metrics.samples import looks_at
from scheduler.store.tables import HarvestRun, Publication, Reading
from scheduler.testing import FakeClock, add_delivery
from tests.conftest import START
from tests.services.working import connect_face, wait_until_somebody_waits, work

EACH = X.price.publication_micros if X.price else 0


def publish(runtime: Runtime, channel: int, count: int) -> list[int]:
    """The ids of so many new publications on the channel."""
    made = [add_delivery(runtime, channel, f"post {number} of {channel}") for number in range(count)]
    work(runtime)
    with runtime.begin() as session:
        return list(session.scalars(select(Publication.id).where(Publication.delivery_id.in_(made))))


def with_sheet(runtime: Runtime, platform: str, **changes: object) -> Runtime:
    """The same installation, its connector saying something else of the platform."""
    connector = copy(runtime.connectors[platform])
    connector.capabilities = replace(connector.capabilities, **changes)  # type: ignore[arg-type]
    return replace(runtime, connectors={**runtime.connectors, platform: connector})


def billed(runtime: Runtime, *, looks: int) -> Runtime:
    """Bluesky at X's price, followers left out, with money for so many looks a month."""
    sheet = runtime.connectors["bluesky"].capabilities
    free = tuple(metric for metric in sheet.metrics if metric.subject == "publication")
    sold = with_sheet(runtime, "bluesky", price=X.price, metrics=free)
    return replace(sold, reading_budgets={"bluesky": looks * EACH})


def windowed(runtime: Runtime, window_s: int, *names: str) -> Runtime:
    """Bluesky, some of whose counters can be read only so long."""

    def narrowed(metric: MetricDefinition) -> MetricDefinition:
        return replace(metric, window_s=window_s) if metric.name in names else metric

    metrics = runtime.connectors["bluesky"].capabilities.metrics
    return with_sheet(runtime, "bluesky", metrics=tuple(map(narrowed, metrics)))


def times_read(runtime: Runtime, publications: Sequence[int]) -> list[datetime]:
    with runtime.begin() as session:
        read = select(Reading.taken_at).where(Reading.publication_id.in_(publications))
        return list(session.scalars(read.order_by(Reading.taken_at)))


def next_look(runtime: Runtime, publication: int) -> datetime | None:
    with runtime.begin() as session:
        return session.get_one(Publication, publication).harvest_at


def live_through(runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, *, days: int) -> None:
    """Harvest every hour for so many days."""
    for _ in range(24 * days):
        clock.advance(timedelta(hours=1))
        sandbox.control.set_clock(clock.now())
        harvest(runtime)


def test_a_billed_post_is_read_once_a_utc_day_at_most_whoever_asks(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    sold = billed(runtime, looks=100)
    posts = publish(sold, connect_face(runtime, sandbox, "bluesky"), 1)
    harvest(sold)
    assert times_read(sold, posts) == []
    assert next_look(sold, posts[0]) == clock.now() + timedelta(hours=6)
    live_through(sold, clock, sandbox, days=2)
    harvest(sold, everything=True)
    backfill(sold)
    read = times_read(sold, posts)
    assert [at.date() for at in read] == [date(2026, 11, 16 + day) for day in range(3)]
    [cost] = costs(sold)
    assert (cost.looks, cost.spent_micros, cost.left_micros) == (3, 3 * EACH, 97 * EACH)


def test_the_month_s_money_is_never_overdrawn_and_a_person_is_told(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    sold = billed(runtime, looks=2)
    posts = publish(sold, connect_face(runtime, sandbox, "bluesky"), 3)
    other = publish(sold, connect_face(runtime, sandbox, "mastodon"), 1)
    summary = harvest(sold, everything=True)
    assert (summary.publications, summary.unpaid) == (3, 1)
    assert len(times_read(sold, posts)) == 2
    assert len(times_read(sold, other)) == 1
    [cost] = costs(sold)
    assert (cost.spent_micros, cost.left_micros, cost.stopped) == (2 * EACH, 0, True)
    [cause] = attention(sold)
    assert (cause.remedy, cause.platform, cause.command) == (Remedy.RAISE_BUDGET, "bluesky", "postroad costs")
    assert [one.remedy for one in read_vitals(sold).attention] == [Remedy.RAISE_BUDGET]
    richer = replace(sold, reading_budgets={"bluesky": 3 * EACH})
    assert attention(richer) == []
    clock.advance(timedelta(hours=7))
    assert harvest(richer).publications == 2
    assert len(set(times_read(richer, posts))) == 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_who_reserve_looks_at_two_platforms_wait_for_each_other(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    """Who asks first is whoever was due first: each held what the other waited for, and one failed."""
    errands = [
        Errand(connect_face(runtime, sandbox, platform), platform, audience=True)
        for platform in ("bluesky", "mastodon")
    ]
    sold = replace(with_sheet(billed(runtime, looks=100), "mastodon", price=X.price), reading_budgets={})
    present = present_at(clock.now(), ZoneInfo("UTC"), saving=False)

    def reserve(session: Session, some: Sequence[Errand]) -> None:
        ration(session, sold, Rations(), some, present)

    def reserve_apart() -> None:
        with runtime.begin() as session:
            reserve(session, errands[::-1])

    with ThreadPoolExecutor(1) as pool:
        with runtime.begin() as session:
            reserve(session, errands[:1])
            other = pool.submit(reserve_apart)
            wait_until_somebody_waits(runtime)
            reserve(session, errands[1:])
        other.result(timeout=30)


def test_without_a_budget_nothing_is_bought_and_a_new_month_has_new_money(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    sold = billed(runtime, looks=1)
    posts = publish(sold, connect_face(runtime, sandbox, "bluesky"), 1)
    assert harvest(replace(sold, reading_budgets={}), everything=True).unpaid == 1
    assert times_read(sold, posts) == []
    assert harvest(sold, everything=True).publications == 1
    clock.set(clock.now() + timedelta(days=5))
    assert harvest(sold, everything=True).publications == 0
    clock.set(datetime(2026, 12, 1, 9, tzinfo=clock.now().tzinfo))
    assert costs(sold)[0].spent_micros == 0
    assert harvest(sold, everything=True).publications == 1


def test_what_a_platform_did_not_answer_is_not_paid(runtime: Runtime, sandbox: SandboxServer) -> None:
    sold = billed(runtime, looks=5)
    publish(sold, connect_face(runtime, sandbox, "bluesky"), 2)
    sandbox.control.add_fault("bluesky", "rate_limit", match="getPosts", retry_after=1800)
    assert harvest(sold, everything=True).failed == 2
    assert costs(sold)[0].spent_micros == 0


def test_what_can_be_read_no_more_is_unavailable_and_the_rest_goes_on(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    narrow = windowed(runtime, 86_400, "likeCount")
    [post] = publish(narrow, connect_face(runtime, sandbox, "bluesky"), 1)
    live_through(narrow, clock, sandbox, days=1)
    with runtime.begin() as session:
        remote_id = session.get_one(Publication, post).remote_id
    sandbox.control.add_reaction(remote_id, "like", 5)
    sandbox.control.add_reaction(remote_id, "repost", 2)
    clock.advance(timedelta(hours=2))
    harvest(narrow, everything=True)
    with runtime.begin() as session:
        looks = looks_at(session, session.get_one(Publication, post).channel_id, post)
    missing = dict(looks[-1].form.missing)
    assert "no more" in missing["likeCount"]
    assert "replyCount" not in missing  # 0 is a value, not a gap
    moved = {metric for look in looks for metric in look.moved}
    assert moved == {"repostCount"}


def test_the_last_reading_comes_before_everything_closes(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    names = [metric.name for metric in runtime.connectors["bluesky"].capabilities.metrics]
    story = windowed(runtime, 86_400, *names)
    start = clock.now()
    [post] = publish(story, connect_face(runtime, sandbox, "bluesky"), 1)
    harvest(story)
    live_through(story, clock, sandbox, days=2)
    ages = [at - start for at in times_read(story, [post])]
    assert ages == [timedelta(hours=hours) for hours in (0, 1, 6, 22)]
    assert next_look(story, post) is None
    assert backfill(story).publications == 0


def test_reading_takes_a_tenth_of_a_request_quota_and_the_rest_comes_later(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    quota = Quota(name="requests", limit=30, window_s=300, scope="channel", per_post=1)
    tight = with_sheet(runtime, "mastodon", quotas=(quota,))
    channel = connect_face(runtime, sandbox, "mastodon")
    posts = publish(tight, channel, 5)
    first = harvest(tight)  # of three requests one goes to the followers
    assert (first.audiences, first.publications, first.waiting) == (1, 2, 3)
    assert harvest(tight).publications == 0
    clock.advance(timedelta(seconds=301))
    assert harvest(tight).publications == 3
    assert len(times_read(tight, posts)) == 5


def test_a_backfill_waits_for_the_quota_until_all_is_read(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    quota = Quota(name="requests", limit=20, window_s=300, scope="channel", per_post=1)
    tight = with_sheet(runtime, "mastodon", quotas=(quota,))
    posts = publish(tight, connect_face(runtime, sandbox, "mastodon"), 5)
    steps: list[tuple[int, int]] = []
    began = clock.now()
    summary = backfill(tight, progress=lambda done, total: steps.append((done, total)))
    assert (summary.publications, summary.waiting) == (5, 0)
    assert timedelta(minutes=10) <= clock.now() - began <= timedelta(minutes=20)
    assert steps[-1] == (6, 6)
    assert all(done <= total for done, total in steps)
    assert len(times_read(tight, posts)) == 5


def test_nothing_is_asked_while_a_platform_wants_a_wait(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    channel = connect_face(runtime, sandbox, "mastodon")
    posts = publish(runtime, channel, 1)
    until = clock.now() + timedelta(minutes=40)
    said = Saying(subject=subject_of(channel), name=WAIT, remaining=0, seen_at=clock.now(), resets_at=until)
    with runtime.begin() as session:
        quotas.keep(session, [said])
    assert (harvest(runtime).publications, times_read(runtime, posts)) == (0, [])
    assert next_look(runtime, posts[0]) == until
    clock.set(until)
    assert harvest(runtime).publications == 1


def test_what_was_published_does_not_count_against_reading(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    channel = connect_face(runtime, sandbox, "mastodon")
    posts = publish(runtime, channel, 2)
    with runtime.begin() as session:
        quotas.record_spending(session, {channel: Spent(at=clock.now(), posts=260, images=0)})
    assert harvest(runtime).publications == len(posts)


def test_a_backfill_reads_what_lives_since_a_day_and_nothing_that_is_gone_or_recalled(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    channel = connect_face(runtime, sandbox, "bluesky")
    old, vanished, recalled = publish(runtime, channel, 3)
    with runtime.begin() as session:
        session.get_one(Publication, vanished).remote_id += "x"
        session.get_one(Publication, recalled).recalled_at = clock.now()
    harvest(runtime)
    clock.advance(timedelta(days=3))
    sandbox.control.set_clock(clock.now())
    [new] = publish(runtime, channel, 1)
    with runtime.begin() as session:
        session.get_one(Publication, old).harvest_at = None
    assert backfill(runtime, since=date(2026, 11, 18)).publications == 1
    assert len(times_read(runtime, [new])) == 1
    assert backfill(runtime).publications == 2
    assert len(times_read(runtime, [old])) == 2
    assert len(times_read(runtime, [vanished])) == 1
    assert times_read(runtime, [recalled]) == []
    assert next_look(runtime, old) is not None


def test_a_harvest_with_nothing_to_do_leaves_no_run(runtime: Runtime) -> None:
    harvest(runtime)
    with runtime.begin() as session:
        assert session.scalars(select(HarvestRun)).all() == []


def explained(session: Session, runtime: Runtime, due_at: datetime | None) -> str:
    """How the database would find the next page of what is to be read."""
    asked: list[tuple[str, Any]] = []
    connection = session.connection()

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    with_place = LivePublication(
        id=1, channel_id=1, platform="", remote_id="", published_at=None, harvest_at=due_at or START
    )
    publications_to_read(session, runtime.organisation_id, due_at=due_at, after=with_place, limit=500)
    event.remove(connection, "before_cursor_execute", note)
    explain = "EXPLAIN" if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    statement, parameters = asked[-1]
    return str(connection.exec_driver_sql(f"{explain} {statement}", parameters).all())


@pytest.mark.parametrize("everything", [False, True])
def test_a_page_is_found_by_an_index_not_by_looking_at_all(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, everything: bool
) -> None:
    [post] = publish(runtime, connect_face(runtime, sandbox, "bluesky"), 1)
    now = clock.now()
    with runtime.begin() as session:
        table = Publication.__table__
        model = dict(session.execute(select(table).where(table.c.id == post)).mappings().one())
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            session.execute(text("PRAGMA defer_foreign_keys = 1"))
        rows = []
        for n in range(1, 3001):
            own = {"id": post + n, "delivery_id": 10**6 + n, "remote_id": f"r{n}"}
            rows.append({**model, **own, "harvest_at": now + timedelta(days=n)})
        session.execute(insert(Publication), rows)
        session.execute(text("ANALYZE publication"))
        plan = explained(session, runtime, None if everything else now)
        session.rollback()
    by_id = ("pk_publication", "PRIMARY KEY", "ix_publication_organisation_id")
    found_by = by_id if everything else ("ix_publication_harvest_at",)
    assert any(name in plan for name in found_by), plan
