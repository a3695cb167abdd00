"""Facts are of one organisation, and big numbers in them are exact, from days and from weeks summed up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connectors.capabilities import Family, MetricDefinition
from scheduler.core.facts import Facts
from scheduler.core.gains import PUBLISHED
from scheduler.core.roles import Role
from scheduler.services.runtime import Runtime
from scheduler.store.metrics.samples import Observation, ingest, start_run
from scheduler.store.metrics.weeks import sum_weeks
from scheduler.store.reach.facts import facts_over
from scheduler.store.reach.gains import gains_in
from scheduler.store.reach.stretch import Stretch
from scheduler.store.reach.sums import legend_of
from scheduler.store.tables import Member, Organisation
from tests.reports.books import Books

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
LIKES = "likeCount"
NEXT = MONDAY + timedelta(weeks=1)
MANY = 2**60 + 1
"""No float is this."""


def neighbour(runtime: Runtime) -> Runtime:
    """A second organisation in the same database; the weeks of both begin as they do in UTC."""
    with runtime.begin() as session:
        session.get_one(Organisation, runtime.organisation_id).time_zone = "UTC"
        other = Organisation(uid="other", name="Other", time_zone="UTC", created_at=MONDAY)
        session.add(other)
        session.flush()
        session.add(Member(organisation_id=other.id, name="Lin", role=Role.ADMIN, created_at=MONDAY))
        return replace(runtime, organisation_id=other.id)


def tell(runtime: Runtime, name: str, likes: int) -> int:
    """A post in a campaign of that name, read on two days of the week; its channel."""
    books = Books(runtime, MONDAY - timedelta(days=9))
    channel = books.channel("bluesky", "en", "GB")
    publication = books.publish(books.post(name, {"en": name}, campaign=name), channel, at=MONDAY)
    for days, share in ((1, likes - 2), (4, likes)):
        books.read(publication, {LIKES: share}, at=MONDAY + timedelta(days=days))
    return channel


def facts(runtime: Runtime) -> Facts:
    """Those of the week, which are the same when the weeks around it are asked for with it."""
    weeks = [
        Stretch(organisation_id=runtime.organisation_id, starts_at=start, ends_at=start + timedelta(weeks=1))
        for start in (MONDAY, MONDAY - timedelta(weeks=1), NEXT)
    ]
    followers = {"bluesky": "followers"}
    with runtime.begin() as session:
        together = facts_over(session, weeks, metrics={LIKES}, followers=followers)
        for week, found in zip(weeks, together, strict=True):
            assert facts_over(session, [week], metrics={LIKES}, followers=followers) == [found]
    return together[0]


def test_facts_are_of_one_organisation(runtime: Runtime) -> None:
    """From the days of the week, where only one has it summed up, and where both have."""
    centres = {"ours": (runtime, MANY), "theirs": (neighbour(runtime), 7)}
    channels = {name: tell(centre, name, likes) for name, (centre, likes) in centres.items()}
    for summed in (None, *centres):
        if summed:
            with runtime.begin() as session:
                assert sum_weeks(session, centres[summed][0].organisation_id, until=NEXT) == 1
        for name, (centre, likes) in centres.items():
            check(facts(centre), channels[name], name, likes)


def check(told: Facts, channel: int, campaign: str, likes: int) -> None:
    [moved] = told.movements
    assert (moved.channel_id, moved.campaign, moved.increment) == (channel, campaign, likes)
    assert [(one.channel_id, one.looks) for one in told.readings] == [(channel, 2)]
    assert [one.id for one in told.channels] == [one.channel_id for one in told.levels] == [channel]
    for theirs in (told.publications, told.deliveries, told.posts):
        assert {one.channel_id for one in theirs} == {channel}


def test_what_a_platform_counts_of_a_channel_is_nothing_that_its_posts_brought(runtime: Runtime) -> None:
    channel = tell(runtime, "one", 7)
    asked = MetricDefinition(name=LIKES, family=Family.REACTION, subject="channel")
    first = Observation(
        channel_id=channel,
        publication_id=None,
        taken_at=MONDAY + timedelta(days=2),
        status="read",
        definitions=[asked],
        values={LIKES: 100},
    )
    second = replace(first, taken_at=MONDAY + timedelta(days=3), values={LIKES: 150})
    week = Stretch(organisation_id=runtime.organisation_id, starts_at=MONDAY, ends_at=NEXT)
    with runtime.begin() as session:
        ingest(session, start_run(session, runtime.organisation_id, now=MONDAY), [first, second])
        legend = legend_of(session, runtime.organisation_id)
        gains = {(gain.metric, gain.amount) for gain in gains_in(session, [week], {LIKES}, legend)}
    assert gains == {(PUBLISHED, 1), (LIKES, 7)}
    assert [one.increment for one in facts(runtime).movements] == [7]
