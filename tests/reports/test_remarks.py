"""Commentary makes editions; what moves after the final closing is told in the next report only."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.core.figures import Reason
from scheduler.core.periods import Kind, period_named
from scheduler.core.problems import Refused
from scheduler.core.roles import Role
from scheduler.reports.dataset import Dimension, Section
from scheduler.reports.rendering import render
from scheduler.reports.words.labels import COMMENTED
from scheduler.services.members import find_member
from scheduler.services.reach.commenting import comment
from scheduler.services.reach.gathering import times_of
from scheduler.services.reach.reporting import open_report, reach_report
from scheduler.services.reach.restating import moved_before, note_before, restate, told
from scheduler.services.reach.viewing import still_view
from scheduler.services.reach.wanting import Wanted, want_period
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Delivery
from scheduler.testing import FakeClock
from tests.reports.books import Books
from tests.reports.page import read_page
from tests.services.working import add_person

START = datetime(2026, 11, 15, 16, tzinfo=UTC)
END = START + timedelta(days=7)
DAY = timedelta(days=1)
CLOSED = END + 3 * DAY


@pytest.fixture
def books(runtime: Runtime, clock: FakeClock) -> Books:
    """A week with one delivery in doubt, after its final closing."""
    books = Books(runtime, START - 60 * DAY)
    books.deliver(
        books.post("doubtful", {"en": "x"}), books.channel("bluesky", "en", "GB"), due_at=START + DAY
    )
    with runtime.begin() as session:
        session.query(Delivery).one().state = "unconfirmed"
    clock.set(CLOSED)
    return books


def week(runtime: Runtime, name: str = "2026-W47") -> Wanted:
    return want_period(runtime, Kind.WEEK, period_named(Kind.WEEK, name))


def test_each_comment_makes_an_edition_and_every_edition_opens_as_it_was(
    books: Books, clock: FakeClock
) -> None:
    runtime, lin = books.runtime, find_member(books.runtime, "Lin")
    plain = open_report(runtime, week(runtime))
    assert plain.edition == 1
    told = "أقل من المعتاد <b>لكن</b> لسبب"
    assert comment(runtime, week(runtime), section="responses", text=told, by=lin) == 2
    second = open_report(runtime, week(runtime))
    clock.advance(DAY)
    assert comment(runtime, week(runtime), section="output", text="One in doubt.", by=lin) == 3
    latest = open_report(runtime, week(runtime))
    assert [(one.edition, one.section, one.author) for one in latest.comments] == [
        (2, "responses", "Lin"),
        (3, "output", "Lin"),
    ]
    page = read_page(render(latest, "html", "en")).text
    assert told in page
    assert "One in doubt." in page
    # The dataset and its hash are the same in all; each edition opens as the same bytes.
    assert plain.sha256 == second.sha256 == latest.sha256
    for edition, report in ((1, plain), (2, second), (3, latest)):
        again = open_report(runtime, week(runtime), edition=edition)
        for format_name in ("html", "xlsx", "csv", "json"):
            assert render(again, format_name, "en") == render(report, format_name, "en")
    told_in_json = json.loads(render(latest, "json", "en"))
    said = [(one["edition"], one["author"], one["written_at"][:10]) for one in told_in_json["comments"]]
    assert said == [(2, "Lin", "2026-11-25"), (3, "Lin", "2026-11-26")]
    assert render(plain, "json", "en").decode() == plain.text
    # Whoever takes the commentary off again has the frozen text.
    told_in_json.pop("comments")
    assert told_in_json.pop("edition") == 3
    sha256 = told_in_json.pop("dataset_sha256")
    bare = json.dumps(told_in_json, ensure_ascii=False, separators=(",", ":"))
    assert hashlib.sha256(bare.encode()).hexdigest() == sha256 == plain.sha256
    with pytest.raises(Refused, match="no edition 4"):
        open_report(runtime, week(runtime), edition=4)


def test_comments_are_kept_apart_by_period_and_written_by_those_who_may(books: Books) -> None:
    runtime, lin = books.runtime, find_member(books.runtime, "Lin")
    comment(runtime, week(runtime), section="output", text="Quiet.", by=lin)
    assert open_report(runtime, week(runtime, "2026-W46")).edition == 1
    auditor = add_person(runtime, "Auditor", Role.AUDITOR)
    for by, text, said in ((auditor, "x", "may not comment"), (lin, "  ", "needs a text")):
        with pytest.raises(Refused, match=said):
            comment(runtime, week(runtime), section="output", text=text, by=by)
    with pytest.raises(Refused, match="is not over"):
        comment(runtime, week(runtime, "2026-W48"), section="output", text="x", by=lin)


@pytest.mark.parametrize("section", COMMENTED)
def test_a_comment_under_any_section_is_on_the_page(books: Books, section: str) -> None:
    """Until 2026-11-23 one under reach made an edition, and stood in the workbook and the JSON file only."""
    comment(
        books.runtime,
        week(books.runtime),
        section=section,
        text="We know why.",
        by=find_member(books.runtime, "Lin"),
    )
    page = read_page(render(open_report(books.runtime, week(books.runtime)), "html", "en")).text
    assert page.count("We know why.") == 1


def test_what_changes_in_a_closed_week_is_told_in_the_next_report_once(
    books: Books, clock: FakeClock
) -> None:
    runtime = books.runtime
    frozen = reach_report(runtime, Kind.WEEK).text
    assert restate(runtime, week(runtime)) == ()
    clock.advance(DAY)
    with runtime.begin() as session:
        session.query(Delivery).one().state = "missed"
    found = restate(runtime, week(runtime))
    assert {(one.place, one.old.value, one.new.value) for one in found} == {
        (("output", dimension, key, measure), old, 1 - old)
        for dimension, key in (("total", ""), ("platform", "bluesky"), ("channel", "bluesky-en"))
        for measure, old in (("unconfirmed", 1), ("missed", 0))
    }
    assert restate(runtime, week(runtime)) == ()
    assert reach_report(runtime, Kind.WEEK).text == frozen
    # It goes on moving, and the next report itself looks before it is frozen.
    clock.set(CLOSED + 7 * DAY)
    with runtime.begin() as session:
        session.query(Delivery).one().state = "published"
    following = reach_report(runtime, Kind.WEEK)
    told = [
        (one.period, one.measure, one.old.value, one.new.value)
        for one in following.dataset.restatements
        if one.dimension is Dimension.TOTAL
    ]
    assert told == [
        ("2026-W47", "unconfirmed", 1, 0),
        ("2026-W47", "missed", 0, 1),
        ("2026-W47", "missed", 1, 0),
    ]
    assert "2026年第47周" in read_page(render(following, "html", "zh-CN")).text
    clock.set(CLOSED + 14 * DAY)
    assert reach_report(runtime, Kind.WEEK).dataset.restatements == ()


def test_what_somebody_noticed_while_the_next_report_was_built_is_written_down_once(
    books: Books, clock: FakeClock
) -> None:
    runtime = books.runtime
    reach_report(runtime, Kind.WEEK)
    clock.set(CLOSED + 7 * DAY)
    with runtime.begin() as session:
        session.query(Delivery).one().state = "missed"
    following = week(runtime, "2026-W48")
    with still_view(runtime) as session:
        moved = moved_before(session, following, times_of(session, following).before)
    assert moved == restate(runtime, week(runtime))
    with runtime.begin() as session:
        note_before(session, following, moved)
        assert len(told(session, following, ())) == len(moved) == 6


def test_a_gap_that_closed_is_a_restatement_with_its_reason(books: Books, clock: FakeClock) -> None:
    runtime = books.runtime
    reach_report(runtime, Kind.WEEK)
    late = books.channel("mastodon", "fr", "FR", at=START)
    publication = books.publish(books.post("late", {"fr": "x"}), late, at=START + DAY)
    books.read(publication, {"favourites_count": 3}, at=START + 2 * DAY)
    found = {one.place: (one.old.reason, one.new.value) for one in restate(runtime, week(runtime))}
    assert found["responses", "total", "", "reactions"] == (Reason.NOTHING_TO_READ, 3)
    assert Section.AUDIENCE not in {place[0] for place in found}


def test_there_is_nothing_to_restate_before_the_final_closing(books: Books, clock: FakeClock) -> None:
    clock.set(END)
    reach_report(books.runtime, Kind.WEEK)
    with pytest.raises(Refused, match="no final report"):
        restate(books.runtime, week(books.runtime))
