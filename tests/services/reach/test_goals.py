"""Goals over real books: set with a reason, followed by hand-made figures, frozen for good."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from scheduler.core.figures import Figure, Reason
from scheduler.core.goals import Moment
from scheduler.core.problems import Refused
from scheduler.core.progress import Progress
from scheduler.core.weeks import Week
from scheduler.services.reach.goals import (
    Stored,
    freeze_goals,
    histories,
    import_goals,
    set_goal,
    withdraw_goal,
)
from scheduler.services.reach.progress import list_goals
from scheduler.services.reach.reporting import open_report, weekly_report
from scheduler.services.reach.wanting import want_campaign
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Channel
from scheduler.testing import FakeClock
from tests.reports.books import Books
from tests.services.tables import admin, blocking, write_table
from tests.services.working import add_person

# The organisation is in Asia/Shanghai: its year begins at 16:00 UTC on New Year's Eve.
YEAR = datetime(2025, 12, 31, 16, tzinfo=UTC)
HALF = datetime(2026, 6, 30, 16, tzinfo=UTC)
DAY = timedelta(days=1)


def aim(runtime: Runtime, measure: str, target: str, where: str = "", **more: str) -> Stored:
    cells = {"year": "2026", "measure": measure, "target": target, "slice": where, **more}
    return set_goal(runtime, cells, by=admin(runtime))


def followed(runtime: Runtime) -> dict[tuple[str, str], Progress]:
    return {(one.aim.measure, one.aim.slice): one for one in list_goals(runtime, year=2026)}


@pytest.fixture
def books(runtime: Runtime) -> Books:
    """Two channels; the Arabic one brought 30 likes in March and 12 in August, and went from 100 to 160."""
    books = Books(runtime, YEAR - 60 * DAY)
    arabic = books.channel("bluesky", "ar", "EG")
    russian = books.channel("telegram", "ru", "RU")
    post = books.post("fair", {"ar": "معرض"}, campaign="Fair")
    publication = books.publish(post, arabic, at=YEAR + 60 * DAY)
    books.publish(post, russian, at=YEAR + 60 * DAY)
    rest = {"repostCount": 0, "replyCount": 0, "quoteCount": 0, "bookmarkCount": 0}
    books.read(publication, {"likeCount": 30, **rest}, at=YEAR + 61 * DAY)
    books.read(publication, {"likeCount": 42, **rest}, at=HALF + 40 * DAY)
    books.follow(arabic, at=YEAR - DAY, followers=100)
    books.follow(arabic, at=HALF - DAY, followers=160)
    return books


def test_progress_is_told_against_the_plan_by_slice(books: Books, runtime: Runtime, clock: FakeClock) -> None:
    aim(runtime, "publications", "4")
    aim(runtime, "responses", "365", "language=ar")
    aim(runtime, "responses", "100", "platform=telegram")
    aim(runtime, "responses", "1000", "campaign=Fair", phases="10,20,30,40")
    aim(runtime, "followers", "200", "channel=bluesky-ar")
    aim(runtime, "followers", "500", "language=ru")
    clock.set(HALF)
    found = followed(runtime)

    # 181 of 365 days are over.
    publications = found["publications", ""]
    assert (publications.plan.value, publications.actual.value) == (2, 2)
    arabic = found["responses", "language=ar"]
    assert (arabic.plan.value, arabic.actual.value, arabic.way) == (181, 30, (30, 365))
    # Telegram counts nothing: not known, and not 0.
    telegram = found["responses", "platform=telegram"]
    assert telegram.actual == Figure(value=None, reason=Reason.NO_DEFINITION)
    assert telegram.way is None
    fair = found["responses", "campaign=Fair"]
    assert (fair.plan.value, fair.actual.value) == (300, 30)
    # A level is on its way from 100 to 200: 60 of 100 steps, where 49.6 were planned.
    level = found["followers", "channel=bluesky-ar"]
    assert (level.start.value, level.plan.value, level.actual.value, level.way) == (100, 150, 160, (60, 100))
    unread = found["followers", "language=ru"]
    assert (unread.plan.reason, unread.actual.value) == (Reason.NOT_READ, None)


def test_a_target_changes_with_a_reason_and_its_history_stays(
    books: Books, runtime: Runtime, clock: FakeClock
) -> None:
    assert aim(runtime, "responses", "1000") == Stored(added=1, changed=0, unchanged=0)
    assert aim(runtime, "responses", "1,000") == Stored(added=0, changed=0, unchanged=1)
    with pytest.raises(Refused, match="1000 so far"):
        aim(runtime, "responses", "1200")
    clock.advance(DAY)
    aim(runtime, "responses", "1200", reason="two more channels")
    [goal] = histories(runtime)
    told = [(one.target, one.by, one.reason, one.set_at) for one in goal.changes]
    now = clock.now()
    assert told == [(1000, "Lin", "", now - DAY), (1200, "Lin", "two more channels", now)]
    assert followed(runtime)["responses", ""].target == 1200


def test_a_withdrawn_goal_leaves_the_list_and_not_the_history(books: Books, runtime: Runtime) -> None:
    aim(runtime, "responses", "1000")
    cells = {"year": "2026", "measure": "responses", "reason": "set by mistake"}
    withdraw_goal(runtime, cells, by=admin(runtime))
    assert list_goals(runtime, year=2026) == []
    assert [one.target for one in histories(runtime)[0].changes] == [1000, None]
    with pytest.raises(Refused, match="no such goal"):
        withdraw_goal(runtime, cells, by=admin(runtime))
    assert aim(runtime, "responses", "900", reason="again").changed == 1


def test_what_is_frozen_stays_whatever_moves_later(books: Books, runtime: Runtime, clock: FakeClock) -> None:
    aim(runtime, "responses", "365", "language=ar")
    clock.set(HALF - timedelta(seconds=1))
    with pytest.raises(Refused, match="mid-year of 2026"):
        freeze_goals(runtime, 2026, Moment.MID_YEAR, by=admin(runtime))
    clock.set(HALF + 60 * DAY)
    [goal] = freeze_goals(runtime, 2026, Moment.MID_YEAR, by=admin(runtime))
    [closed] = goal.closed
    # The 12 of August came after mid-year.
    assert (closed.value.value, closed.target, closed.plan, closed.as_of) == (30, 365, 181, HALF)
    assert "bluesky/likeCount 1" in closed.definitions
    with runtime.begin() as session:
        session.scalars(select(Channel).where(Channel.language == "ar")).one().language = "fr"
    aim(runtime, "responses", "400", "language=ar", reason="more")
    aim(runtime, "publications", "10")
    clock.advance(DAY)
    again = freeze_goals(runtime, 2026, Moment.MID_YEAR, by=admin(runtime))
    assert next(one for one in again if one.aim == goal.aim).closed == (closed,)
    assert [one.closed[0].value.value for one in again if one.aim.measure == "publications"] == [2]
    assert followed(runtime)["responses", "language=ar"].closed == (closed,)


def test_nobody_knows_what_was_published_before_the_books(runtime: Runtime, clock: FakeClock) -> None:
    """Until 2026-11-23 a 0 was frozen by mid-year for a centre that was set up in October."""
    Books(runtime, HALF + DAY).channel("bluesky", "ar", "EG")
    aim(runtime, "publications", "4")
    clock.set(HALF + 40 * DAY)
    [goal] = freeze_goals(runtime, 2026, Moment.MID_YEAR, by=admin(runtime))
    assert [one.value.reason for one in goal.closed] == [Reason.NOTHING_TO_READ]
    assert followed(runtime)["publications", ""].actual.value == 0


def test_a_year_has_a_band_once_it_has_8_weeks(books: Books, runtime: Runtime, clock: FakeClock) -> None:
    aim(runtime, "publications", "100")
    channel = books.channel("mastodon", "fr", "FR")
    for week in range(10):
        books.publish(books.post(f"w{week}", {"fr": "x"}), channel, at=YEAR + 70 * DAY + week * 7 * DAY)
    clock.set(YEAR + 98 * DAY)
    assert followed(runtime)["publications", ""].band is None
    clock.set(YEAR + 140 * DAY)
    progress = followed(runtime)["publications", ""]
    assert progress.actual.value == 12
    assert progress.band is not None
    assert progress.band.weeks >= 8
    assert 12 <= progress.band.low < progress.band.high < 100
    clock.set(YEAR + 400 * DAY)
    assert followed(runtime)["publications", ""].band is None


def test_a_band_is_made_of_the_weeks_of_its_own_slice(runtime: Runtime, clock: FakeClock) -> None:
    """Ten weeks alike have no spread: the band is what there is and as much for each of 295/7 weeks left."""
    books = Books(runtime, YEAR - 60 * DAY)
    first = books.channel("mastodon", "fr", "FR")
    with runtime.begin() as session:
        session.get_one(Channel, first).name = "first"
    second = books.channel("mastodon", "fr", "FR")
    books.follow(first, at=YEAR - DAY, followers=100)
    for week in range(10):
        at = YEAR + week * 7 * DAY + 3 * DAY
        books.follow(first, at=at, followers=105 + 5 * week)
        for channel, likes in ((first, 10), (second, 3)):
            post = books.post(f"{channel}-{week}", {"fr": "x"})
            books.read(books.publish(post, channel, at=at), {"favourites_count": likes}, at=at + DAY)
    aim(runtime, "responses", "1000", "language=fr")
    aim(runtime, "responses", "1000", "channel=first")
    aim(runtime, "responses", "1000", "platform=bluesky")
    aim(runtime, "publications", "100", "region=FR")
    aim(runtime, "followers", "500", "channel=first")
    clock.set(YEAR + 70 * DAY)
    bands = {place: (one.band.low, one.band.high) for place, one in followed(runtime).items() if one.band}
    assert bands == {
        ("responses", "language=fr"): (677, 678),  # 130 + 13 * 42.14
        ("responses", "channel=first"): (521, 522),  # 100 + 10 * 42.14
        ("publications", "region=FR"): (104, 105),  # 20 + 2 * 42.14
        ("followers", "channel=first"): (360, 361),  # 150 + 5 * 42.14
    }


def test_a_table_of_goals_is_stored_whole_or_not_at_all(
    books: Books, runtime: Runtime, tmp_path: Path
) -> None:
    good = {"year": "2026", "measure": "responses", "slice": "language=ar", "target": "5000", "phases": ""}
    rows = [
        good,
        {**good, "measure": "likes"},
        {**good, "slice": "channel=nowhere", "target": "0"},
        {**good, "slice": "campaign=Fair", "measure": "followers"},
        {**good, "target": "6000"},
    ]
    with pytest.raises(Refused) as refused:
        import_goals(runtime, write_table(tmp_path / "goals.csv", rows), by=admin(runtime))
    assert [(row, column) for row, column, _ in blocking(refused.value)] == [
        (3, "measure"),
        (4, "target"),
        (5, "slice"),
        (6, None),
    ]
    assert histories(runtime) == []
    done = import_goals(runtime, write_table(tmp_path / "goals.csv", rows[:1]), by=admin(runtime))
    assert done == Stored(added=1, changed=0, unchanged=0)


def test_goals_for_what_is_not_there_are_refused(books: Books, runtime: Runtime) -> None:
    for where in ("channel=nowhere", "platform=friendster"):
        with pytest.raises(Refused, match="there is no"):
            aim(runtime, "responses", "10", where)
    with pytest.raises(Refused, match="no connector reports"):
        aim(runtime, "exposure:bluesky/views", "10")


def test_only_those_who_may_set_goals_do(runtime: Runtime) -> None:
    cells = {"year": "2026", "measure": "responses", "target": "10"}
    with pytest.raises(Refused, match="may not set goals"):
        set_goal(runtime, cells, by=add_person(runtime, "Wu", "author"))
    assert set_goal(runtime, cells, by=add_person(runtime, "Ana", "analyst")).added == 1


def test_a_report_shows_the_goals_as_they_stood_at_its_end(
    books: Books, runtime: Runtime, clock: FakeClock
) -> None:
    aim(runtime, "responses", "365", "language=ar")
    aim(runtime, "responses", "1000", "campaign=Fair")
    clock.set(HALF + 60 * DAY)
    # 2026-W26 ends on 28 June: the 12 responses of August are not in it.
    [fair, arabic] = weekly_report(runtime, Week.parse("2026-W26")).dataset.goals
    assert (fair.aim.key, fair.actual.value) == ("Fair", 30)
    assert (arabic.aim.key, arabic.actual.value, arabic.plan.value) == ("ar", 30, 179)
    [own] = open_report(runtime, want_campaign(runtime, "Fair")).dataset.goals
    assert own.aim.key == "Fair"
