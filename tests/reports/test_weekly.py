"""A small matrix whose weekly figures are worked out by hand, on both kinds of database."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from scheduler.core.figures import Figure, Reason
from scheduler.core.problems import Refused
from scheduler.core.weeks import Week
from scheduler.reports.dataset import Closing, Dimension, Measured, ReachDataset, Section
from scheduler.reports.words.summary import lead
from scheduler.reports.words.wording import Words
from scheduler.services.reach.reporting import weekly_report
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Organisation, ReachReport
from scheduler.testing import FakeClock
from tests.reports.books import Books, set_up_at

W47 = Week.parse("2026-W47")
# The organisation is in Asia/Shanghai: its Monday begins at 16:00 UTC on Sunday.
START = datetime(2026, 11, 15, 16, tzinfo=UTC)
END = START + timedelta(days=7)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def books(runtime: Runtime) -> Books:
    return Books(runtime, START - 60 * DAY)


@pytest.fixture
def week(books: Books, clock: FakeClock) -> ReachDataset:
    """The report of W47 over these books.

    Responses, by publication and reading (increment, correction):
      old on bluesky-ar: likes 10 four days before W47; in it 14 (+4, 0), 12 (0, -2), 13 (0, +1).
      old on mastodon-fr, not known since when: favourites 50 is a baseline (0, 0), then 52 (+2, 0).
      new on bluesky-ar: likes 7, reposts 2, replies 1, quotes 0 (+10).
      new on mastodon-fr: favourites 3, reblogs and quotes 0 (+3), replies not given; one more reading failed.
      new on wordpress-fr: its only reading failed. new on telegram-ru: Telegram counts nothing.
    """
    arabic = books.channel("bluesky", "ar", "EG")
    french = books.channel("mastodon", "fr", "FR")
    site = books.channel("wordpress", "fr", "FR")
    russian = books.channel("telegram", "ru", "RU")
    english = books.channel("bluesky", "en", "GB", at=START + 2 * DAY)

    old = books.post("old", {"ar": "قديم"})
    new = books.post("new", {"ar": "مرحبا"}, campaign="Silk Road")
    zeros = {"reblogs_count": 0, "quotes_count": 0}

    before = books.publish(old, arabic, at=START - 5 * DAY)
    books.read(before, likes(10), at=START - 4 * DAY)
    books.read(before, likes(14), at=START + HOUR)
    books.read(before, likes(12), at=START + 2 * DAY)
    books.read(before, likes(13), at=START + 4 * DAY)
    dateless = books.publish(old, french, at=START - 5 * DAY, known=False)
    books.read(dateless, {"favourites_count": 50, "replies_count": 0, **zeros}, at=START + HOUR)
    books.read(dateless, {"favourites_count": 52, "replies_count": 0, **zeros}, at=START + DAY)

    on_bluesky = books.publish(new, arabic, at=START + DAY)
    books.read(on_bluesky, {**likes(7), "repostCount": 2, "replyCount": 1}, at=START + 2 * DAY)
    on_mastodon = books.publish(new, french, at=START + DAY)
    books.read(on_mastodon, {"favourites_count": 3, **zeros}, at=START + 2 * DAY)
    books.read(on_mastodon, at=START + 3 * DAY, status="failed")
    on_site = books.publish(new, site, at=START + DAY)
    books.read(on_site, at=START + 2 * DAY, status="failed")
    books.recall(on_site, at=START + 3 * DAY)
    books.publish(new, russian, at=START + DAY)

    troubled = books.post("troubled", {"ar": "نص"})
    books.deliver(troubled, arabic, due_at=START + DAY, state="missed")
    books.deliver(troubled, french, due_at=START + DAY, state="held")
    doubtful = books.post("doubtful", {"ar": "نص"})
    books.deliver(doubtful, arabic, due_at=END - HOUR, state="unconfirmed")
    books.deliver(doubtful, french, due_at=END, state="scheduled")

    books.follow(arabic, at=START - DAY, followers=1000)
    books.follow(arabic, at=START + HOUR, followers=1010)
    books.follow(arabic, at=END - HOUR, followers=1005)
    books.follow(french, at=START - DAY, followers=500)
    books.follow(russian, at=START - DAY, followers=200)
    books.follow(russian, at=START + DAY, status="gone")
    books.follow(english, at=START + 2 * DAY, followers=40)
    books.follow(english, at=START + 4 * DAY, followers=45)

    clock.set(END + 3 * DAY)
    return weekly_report(books.runtime, W47).dataset


def likes(count: int) -> dict[str, int]:
    return {"likeCount": count, "repostCount": 0, "replyCount": 0, "quoteCount": 0}


def measured(
    week: ReachDataset, section: Section, measure: str, dimension: Dimension = Dimension.TOTAL, key: str = ""
) -> Measured:
    [row] = [row for row in week.rows(section, dimension) if row.key == key]
    return row.measures[measure]


def test_output_counts_deliveries_of_the_week_by_where_they_stand(week: ReachDataset) -> None:
    # Due in the week: `new` on 4 channels, `troubled` on 2, `doubtful` on 1; the next Monday's is not.
    total = {name: one.now.value for name, one in week.total(Section.OUTPUT).items()}
    assert total == {
        "posts": 3,
        "posts_out": 1,
        "deliveries": 7,
        "publications": 4,
        "pending": 0,
        "unconfirmed": 1,
        "held": 1,
        "rejected": 0,
        "missed": 1,
        "cancelled": 0,
        "recalled": 1,
    }
    # A post that goes to both French channels is one post in French.
    french = measured(week, Section.OUTPUT, "posts", Dimension.LANGUAGE, "fr")
    assert french.now.value == 2
    assert measured(week, Section.OUTPUT, "publications", Dimension.CAMPAIGN, "Silk Road").now.value == 4
    # The week before: `old` on bluesky-ar; when mastodon-fr's went live nobody knows.
    publications = measured(week, Section.OUTPUT, "publications")
    # It is compared over the channels that were there then: all but bluesky-en.
    assert publications.before == Figure(value=1, known=4, of=5)
    assert publications.change == Figure(value=3, known=4, of=5)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "1 post went out as 4 publications, on a matrix of 5 channels in 4 languages. "),
        ("zh-CN", "本期发出稿件 1 篇，共发布 4 条；账号矩阵现有账号 5 个、语种 4 个。"),
        ("ar", "صدر 1 من المواد في 4 من المنشورات، على مصفوفة تضم 5 من الحسابات و4 من اللغات."),
    ],
)
def test_only_posts_of_which_something_is_out_are_said_to_have_gone_out(
    week: ReachDataset, language: str, said: str
) -> None:
    # `troubled` and `doubtful` were due too, and nothing of them is out.
    assert re.sub("[\u200f\u2068\u2069]", "", lead(week, Words(language))).startswith(said)


def test_responses_are_the_increments_read_in_the_week(week: ReachDataset) -> None:
    # bluesky-ar 4 + 10, mastodon-fr 2 + 3; wordpress-fr was not read, and mastodon-fr is not whole.
    responses = measured(week, Section.RESPONSES, "responses")
    assert responses.now == Figure(value=19, known=1, of=3)
    assert responses.before == Figure(value=10, known=1, of=2)
    assert responses.change is not None
    assert responses.change.value == 9
    assert measured(week, Section.RESPONSES, "reactions").now == Figure(value=16, known=2, of=2)
    assert measured(week, Section.RESPONSES, "shares").now == Figure(value=2, known=2, of=2)
    assert measured(week, Section.RESPONSES, "comments").now == Figure(value=1, known=1, of=3)
    assert measured(week, Section.RESPONSES, "corrections").now.value == -1


def test_each_slice_has_its_number_or_its_reason(week: ReachDataset) -> None:
    expected = {
        (Dimension.PLATFORM, "bluesky"): 14,
        (Dimension.PLATFORM, "mastodon"): 5,
        (Dimension.PLATFORM, "wordpress"): Reason.NOT_READ,
        (Dimension.PLATFORM, "telegram"): Reason.NO_DEFINITION,
        (Dimension.LANGUAGE, "ar"): 14,
        (Dimension.LANGUAGE, "fr"): 5,
        (Dimension.LANGUAGE, "en"): Reason.NOTHING_TO_READ,
        (Dimension.REGION, "EG"): 14,
        (Dimension.CAMPAIGN, "Silk Road"): 13,
        (Dimension.CAMPAIGN, ""): 6,
        (Dimension.CHANNEL, "telegram-ru"): Reason.NO_DEFINITION,
        (Dimension.MATRIX, "mastodon/fr"): 5,
    }
    found = {
        (row.dimension, row.key): row.measures["responses"].now for row in week.tables[Section.RESPONSES]
    }
    shown = {place: found[place].reason or found[place].value for place in expected}
    assert shown == expected


def test_a_metric_the_platform_left_out_is_missing_and_not_zero(week: ReachDataset) -> None:
    silk = measured(week, Section.RESPONSES, "comments", Dimension.CAMPAIGN, "Silk Road").now
    assert silk == Figure(value=1, known=1, of=3)


def test_no_exposure_exists_on_these_platforms(week: ReachDataset) -> None:
    figures = [one.now for row in week.tables[Section.EXPOSURE] for one in row.measures.values()]
    assert figures == [Figure(value=None, reason=Reason.NO_DEFINITION)] * 4


def test_followers_split_into_what_moved_and_what_channels_brought_or_took(week: ReachDataset) -> None:
    # End: 1005 + 500 (last known) + 45 (new) = 1550. Start: 1000 + 500 + 200 = 1700.
    # 1700 + 5 organic (1005 - 1000, and 0) + 45 added in mid-week - 200 of the account that is gone = 1550.
    total = week.total(Section.AUDIENCE)
    assert total["followers"].now == Figure(value=1550, known=2, of=4)
    assert total["followers"].before is not None
    assert total["followers"].before.value == 1700
    assert total["followers"].change is not None
    assert total["followers"].change.value == -150
    assert [total[name].now.value for name in ("organic", "added", "removed")] == [5, 45, 200]
    telegram = measured(week, Section.AUDIENCE, "followers", Dimension.PLATFORM, "telegram").now
    assert (telegram.value, telegram.reason) == (None, Reason.GONE)
    site = measured(week, Section.AUDIENCE, "followers", Dimension.CHANNEL, "wordpress-fr").now
    assert (site.value, site.reason) == (None, Reason.NO_DEFINITION)


def test_channels_whose_followers_were_not_read_are_named(week: ReachDataset) -> None:
    assert [(one.channel, one.reason, one.read_at) for one in week.unread] == [
        ("mastodon-fr", Reason.NOT_READ, START - DAY),
        ("telegram-ru", Reason.GONE, START - DAY),
    ]


def test_coverage_says_what_was_read_failed_and_came_late(week: ReachDataset) -> None:
    # Countable: `new` on bluesky-ar, mastodon-fr, wordpress-fr; the last was not read. The last two failed.
    # Late: the 4 likes read an hour into the week, after a silence of four days. First seen: the four
    # counters of the publication nobody knows the date of.
    total = {name: one.now.value for name, one in week.total(Section.COVERAGE).items()}
    assert total == {
        "countable": 3,
        "read": 2,
        "failed": 2,
        "audience_failed": 0,
        "carried": 4,
        "baselines": 4,
    }
    assert [(one.platform, one.read_at) for one in week.oldest_readings] == [
        ("bluesky", START + 2 * DAY),
        ("mastodon", START + 2 * DAY),
    ]
    assert [(one.channel, one.reason, one.count) for one in week.failures] == [
        ("mastodon-fr", "HTTP 503", 1),
        ("wordpress-fr", "HTTP 503", 1),
    ]


def test_posts_are_ranked_by_what_they_brought_in_the_week(week: ReachDataset) -> None:
    # Only `new` went out in the week: 10 on bluesky-ar and 3 on mastodon-fr.
    [best] = week.best
    assert (best.ref, best.channel, best.text) == ("new", "bluesky-ar", "مرحبا")
    assert best.measures["responses"].now.value == 13
    assert best.publications == 3
    assert week.weakest == ()


def test_methods_name_each_definition_used(week: ReachDataset) -> None:
    used = {(one.platform, one.metric) for one in week.methods}
    assert ("bluesky", "likeCount") in used
    assert ("telegram", "members") in used
    assert ("bluesky", "bookmarkCount") not in used
    assert all(one.sources for one in week.methods)


def test_a_week_of_changing_clocks_ends_with_the_local_sunday(
    books: Books, runtime: Runtime, clock: FakeClock
) -> None:
    # In Paris W43 of 2026 ends at 23:00 UTC on Sunday 25 October: clocks went back that morning.
    with runtime.begin() as session:
        session.get_one(Organisation, runtime.organisation_id).time_zone = "Europe/Paris"
    channel = books.channel("bluesky", "fr", "FR", at=START - 90 * DAY)
    sunday = datetime(2026, 10, 25, tzinfo=UTC)
    publication = books.publish(books.post("autumn", {"fr": "automne"}), channel, at=sunday)
    books.read(publication, likes(3), at=sunday + timedelta(hours=22, minutes=59))
    books.read(publication, likes(5), at=sunday + timedelta(hours=23))
    clock.set(sunday + 30 * DAY)
    found = [
        measured(weekly_report(runtime, Week.parse(name)).dataset, Section.RESPONSES, "responses").now.value
        for name in ("2026-W43", "2026-W44")
    ]
    assert found == [3, 2]


def test_a_changed_definition_blocks_the_comparison(books: Books, runtime: Runtime, clock: FakeClock) -> None:
    channel = books.channel("bluesky", "en", "GB")
    publication = books.publish(books.post("one", {"en": "one"}), channel, at=START - 2 * DAY)
    books.read(publication, likes(5), at=START - DAY, version="0")
    books.read(publication, likes(8), at=START + DAY)
    books.read(publication, likes(9), at=START + 2 * DAY)
    clock.set(END + 3 * DAY)
    responses = measured(weekly_report(runtime, W47).dataset, Section.RESPONSES, "responses")
    # 8 is the baseline of the new definition, 9 adds 1.
    assert responses.now.value == 1
    assert responses.change == Figure(value=None, reason=Reason.DEFINITION_CHANGED)


def test_the_same_closing_is_the_same_bytes_whatever_happens_later(
    week: ReachDataset, books: Books, clock: FakeClock
) -> None:
    assert week.closing is Closing.FINAL
    first = weekly_report(books.runtime, W47)
    clock.advance(5 * DAY)
    late = books.channel("mastodon", "sw", "KE", at=START)
    books.follow(late, at=END - HOUR, followers=9999)
    again = weekly_report(books.runtime, W47)
    assert again.text == first.text
    assert again.sha256 == first.sha256


def test_a_week_closes_twice_and_a_running_one_is_only_shown(
    books: Books, runtime: Runtime, clock: FakeClock
) -> None:
    channel = books.channel("bluesky", "en", "GB")
    books.follow(channel, at=START + DAY, followers=10)
    found = []
    for now in (END - HOUR, END, END + 3 * DAY - HOUR, END + 3 * DAY):
        clock.set(now)
        found.append(weekly_report(runtime, W47))
    assert [one.dataset.closing for one in found] == ["preview", "flash", "flash", "final"]
    assert found[1].text == found[2].text
    assert found[2].text != found[3].text
    with runtime.begin() as session:
        kept = list(session.scalars(select(ReachReport.closing).order_by(ReachReport.id)))
    assert kept == ["flash", "final"]


def test_a_week_that_was_over_before_the_centre_began_is_refused(runtime: Runtime, clock: FakeClock) -> None:
    begun_at = END - timedelta(hours=1)
    set_up_at(runtime, begun_at)
    clock.set(END)
    assert weekly_report(runtime).dataset.period.name == "2026-W47"
    hint = "for a preview of the one that runs: postroad report weekly --week 2026-W48"
    with pytest.raises(Refused, match=f"2026-W46 was over by then; {hint}"):
        weekly_report(runtime, Week.parse("2026-W46"))


def test_the_default_is_the_last_complete_week_and_the_future_is_refused(
    runtime: Runtime, clock: FakeClock
) -> None:
    set_up_at(runtime, END - timedelta(days=60))
    clock.set(END - timedelta(seconds=1))
    assert weekly_report(runtime).dataset.period.name == "2026-W46"
    clock.set(END)
    assert weekly_report(runtime).dataset.period.name == "2026-W47"
    with pytest.raises(Refused, match="2026-W49"):
        weekly_report(runtime, Week.parse("2026-W49"))
