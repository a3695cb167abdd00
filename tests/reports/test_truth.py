"""One week worked out on paper, every figure of it: through the real intake, store and services.

The centre is in Paris. Week 43 of 2026 runs from Sunday 18 October 22:00 UTC to Sunday 25 October 23:00 UTC:
clocks go back on its last day, so it has 169 hours. START and END are these instants.

Panorama is a platform of a third party. It counts views, has days in Pacific time, and in the middle of the
week it begins to count views, likes and followers anew (version 2).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.bluesky.connector import Bluesky
from connectors.capabilities import Family, MetricDefinition
from scheduler.core.figures import Figure
from scheduler.core.weeks import Week
from scheduler.reports.dataset import Closing, Measured, ReachDataset, Section
from scheduler.services.reach.reporting import weekly_report
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Organisation
from scheduler.testing import FakeClock
from tests.reports.books import Books

START = datetime(2026, 10, 18, 22, tzinfo=UTC)
END = datetime(2026, 10, 25, 23, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
PACIFIC = "America/Los_Angeles"

CHANNELS = {
    "ar": ("bluesky", "EG"),
    "fr": ("mastodon", "FR"),
    "zh": ("wordpress", "CN"),
    "ru": ("telegram", "RU"),
    "en": ("panorama", "GB"),
    "es": ("panorama", "MX"),
    "sw": ("bluesky", "KE"),
}
"""Each is the only channel of its language and region, so that these have its figures too."""

ALONE = {"fr": "mastodon", "zh": "wordpress", "ru": "telegram"}
"""So do these platforms, which have one channel."""

POSTS = {"old": "", "undated": "", "film": "", "new": "Silk", "doubtful": "Silk 2", "troubled": ""}
"""Each post's campaign."""


class Panorama(Bluesky):
    """The platform before its change."""

    version = "1"

    def __init__(self) -> None:
        counters = (
            ("views", Family.EXPOSURE, self.version),
            ("likes", Family.REACTION, self.version),
            ("comments", Family.COMMENT, "1"),
        )
        posts = tuple(
            MetricDefinition(
                name=name, family=family, subject="publication", day_zone=PACIFIC, version=version
            )
            for name, family, version in counters
        )
        fans = MetricDefinition(
            name="fans",
            family=Family.AUDIENCE,
            subject="channel",
            level=True,
            day_zone=PACIFIC,
            version=self.version,
        )
        people = MetricDefinition(
            name="people", family=Family.REACH, subject="channel", day_zone=PACIFIC, periods=("day", "week")
        )
        self.capabilities = replace(
            Bluesky.capabilities, platform="panorama", title="Panorama", metrics=(*posts, fans, people)
        )


class ChangedPanorama(Panorama):
    """The platform after its change."""

    version = "2"


@pytest.fixture
def week(runtime: Runtime, clock: FakeClock) -> ReachDataset:
    with runtime.begin() as session:
        session.get_one(Organisation, runtime.organisation_id).time_zone = "Europe/Paris"
    before = replace(runtime, connectors={**runtime.connectors, "panorama": Panorama()})
    after = replace(runtime, connectors={**runtime.connectors, "panorama": ChangedPanorama()})
    Telling(Books(before, START - 60 * DAY), Books(after, START - 60 * DAY)).all()
    clock.set(END + 3 * DAY)
    return weekly_report(after, Week.parse("2026-W43")).dataset


@dataclass(frozen=True, slots=True)
class Telling:
    """The books of the week and of the one before it; `changed` writes them after Panorama's change."""

    books: Books
    changed: Books

    def all(self) -> None:
        """Everything that happened."""
        books = self.books
        channels = {
            language: books.channel(
                platform, language, region, at=START + 2 * DAY if language == "sw" else None
            )
            for language, (platform, region) in CHANNELS.items()
        }
        posts = {ref: books.post(ref, {"ar": ref}, campaign=campaign) for ref, campaign in POSTS.items()}
        self.responses(channels, posts)
        self.views(channels, posts)
        self.troubles(channels, posts)
        self.followers(channels)

    def responses(self, channels: Mapping[str, int], posts: Mapping[str, int]) -> None:
        """What the readings of posts said, but for Panorama's."""
        books = self.books
        # A correction. 10 likes in the week before; then 14 (+4), 12 (a fall of 2), 13 (1 won back).
        before = books.publish(posts["old"], channels["ar"], at=START - 3 * DAY)
        books.read(before, likes(10), at=START - 2 * DAY)
        books.read(before, likes(14), at=START + HOUR)
        books.read(before, likes(12), at=START + 2 * DAY)
        books.read(before, likes(13), at=START + 4 * DAY)
        # First sight. Nobody knows when it went live: 50 and 4 are baselines, then favourites +2.
        dateless = books.publish(posts["undated"], channels["fr"], at=START - 3 * DAY, known=False)
        books.read(dateless, favourites(50, replies=4), at=START + HOUR)
        books.read(dateless, favourites(52, replies=4), at=START + DAY)
        # Increments from a known zero: 7 likes + 2 reposts + 1 reply; 2 more likes a minute before the week
        # ends; 3 more at its end, which is the next week's, although it is the 169th hour after its start.
        on_bluesky = books.publish(posts["new"], channels["ar"], at=START + DAY)
        first = {"repostCount": 2, "replyCount": 1}
        books.read(on_bluesky, {**likes(7), **first}, at=START + 2 * DAY)
        books.read(on_bluesky, {**likes(9), **first}, at=END - MINUTE)
        books.read(on_bluesky, {**likes(12), **first}, at=END)
        # Zero and missing: no favourites, no boosts, no quotes; replies were not in the answer.
        on_mastodon = books.publish(posts["new"], channels["fr"], at=START + DAY)
        books.read(on_mastodon, favourites(0), at=START + 2 * DAY)
        # Unavailable: the only reading failed. And Telegram counts nothing of a post.
        on_site = books.publish(posts["new"], channels["zh"], at=START + DAY)
        books.read(on_site, at=START + 2 * DAY, status="failed")
        books.recall(on_site, at=START + 3 * DAY)
        books.publish(posts["new"], channels["ru"], at=START + DAY)

    def views(self, channels: Mapping[str, int], posts: Mapping[str, int]) -> None:
        """A definition break.

        Version 1: views 1000 in the week before, then +200 and +300; likes 20, then +5. START + 1 h is still
        Sunday in Pacific time: what counts is when it was read. Version 2: 1700 views and 26 likes are
        baselines, then +100 and +4. Comments have one version: 1, then +2.
        """
        books, changed = self.books, self.changed
        film = books.publish(posts["film"], channels["en"], at=START - 2 * DAY)
        books.read(film, panorama(1000, 20, 1), at=START - DAY)
        books.read(film, panorama(1200, 20, 1), at=START + HOUR)
        books.read(film, panorama(1500, 25, 1), at=START + DAY)
        changed.read(film, panorama(1700, 26, 3), at=START + 3 * DAY)
        changed.read(film, panorama(1800, 30, 3), at=START + 5 * DAY)
        in_spanish = books.publish(posts["film"], channels["es"], at=START + 4 * DAY)
        changed.read(in_spanish, panorama(0, 0, 0), at=START + 5 * DAY)

    def troubles(self, channels: Mapping[str, int], posts: Mapping[str, int]) -> None:
        """Deliveries that did not go out; the last is due with the next week's first instant."""
        for ref, language, due_at, state in (
            ("troubled", "ar", START, "missed"),
            ("troubled", "fr", START + DAY, "held"),
            ("troubled", "en", END - HOUR, "rejected"),
            ("doubtful", "en", END - MINUTE, "unconfirmed"),
            ("doubtful", "sw", END - MINUTE, "sending"),
            ("doubtful", "es", START + DAY, "cancelled"),
            ("doubtful", "fr", END, "scheduled"),
        ):
            self.books.deliver(posts[ref], channels[language], due_at=due_at, state=state)

    def followers(self, channels: Mapping[str, int]) -> None:
        """Levels, a failed look, an account that is gone, and Panorama's new count."""
        for language, at, level in (
            ("ar", START - DAY, 1000),
            ("ar", START + HOUR, 1010),
            ("ar", END - HOUR, 1005),
            ("fr", START - DAY, 500),
            ("ru", START - DAY, 200),
            ("en", START - DAY, 300),
            ("en", START + DAY, 310),
            ("es", START - DAY, 0),
            ("es", START + 2 * DAY, 0),
            ("sw", START + 2 * DAY, 40),
            ("sw", START + 4 * DAY, 45),
        ):
            self.books.follow(channels[language], at=at, followers=level)
        self.books.follow(channels["fr"], at=START + 2 * DAY, status="failed")
        self.books.follow(channels["ru"], at=START + DAY, status="gone")
        self.changed.follow(channels["en"], at=START + 3 * DAY, followers=400)
        self.changed.follow(channels["en"], at=START + 5 * DAY, followers=405, people=900)
        # People reached in a week, as Panorama counts them: 900 on en, 250 on es.
        self.books.follow(channels["es"], at=START + 3 * DAY, followers=0, people=250)


def likes(count: int) -> dict[str, int]:
    return {"likeCount": count, "repostCount": 0, "replyCount": 0, "quoteCount": 0}


def favourites(count: int, **replies: int) -> dict[str, int]:
    given = {f"{name}_count": value for name, value in replies.items()}
    return {"favourites_count": count, "reblogs_count": 0, "quotes_count": 0, **given}


def panorama(views: int, likes: int, comments: int) -> dict[str, int]:
    return {"views": views, "likes": likes, "comments": comments}


# The paper. A cell is `now`, or `now<before=change`. `7 3/5` is 7 over 3 of the 5 channels that could tell.
# Where there is no number stands why: nr not read, nn nothing to read, nd no such figure, dc definition
# changed, bi base incomplete, gone. sw was added in mid-week: a change over it and others is that of the
# others, and says so.

OUTPUT = """
slice    | posts         | posts_out     | deliveries     | publications  | pending
total    | 4<3 6/7=1 6/7 | 2<2 6/7=0 6/7 | 11<3 6/7=7 6/7 | 5<2 6/7=3 6/7 | 1<0 6/7=0 6/7
bluesky  | 3<1 1/2=1 1/2 | 1<1 1/2=0 1/2 | 3<1 1/2=1 1/2  | 1<1 1/2=0 1/2 | 1<0 1/2=0 1/2
panorama | 3<1=2         | 1<1=0         | 4<1=3          | 1<1=0         | 0<0=0
ar       | 2<1=1         | 1<1=0         | 2<1=1          | 1<1=0         | 0<0=0
fr       | 2<1=1         | 1<0=1         | 2<1=1          | 1<0=1         | 0<0=0
zh       | 1<0=1         | 1<0=1         | 1<0=1          | 1<0=1         | 0<0=0
ru       | 1<0=1         | 1<0=1         | 1<0=1          | 1<0=1         | 0<0=0
en       | 2<1=1         | 0<1=-1        | 2<1=1          | 0<1=-1        | 0<0=0
es       | 2<0=2         | 1<0=1         | 2<0=2          | 1<0=1         | 0<0=0
sw       | 1<bi=bi       | 0<bi=bi       | 1<bi=bi        | 0<bi=bi       | 1<bi=bi
#Silk    | 1<0=1         | 1<0=1         | 4<0=4          | 4<0=4         | 0<0=0
#Silk 2  | 1<0=1 2/3     | 0<0=0 2/3     | 3<0=2 2/3      | 0<0=0 2/3     | 1<0=0 2/3
#        | 2<3=-1        | 1<2=-1        | 4<3=1          | 1<2=-1        | 0<0=0
"""

STANDING = """
slice    | unconfirmed   | held          | rejected      | missed        | cancelled     | recalled
total    | 1<0 6/7=1 6/7 | 1<0 6/7=1 6/7 | 1<0 6/7=1 6/7 | 1<0 6/7=1 6/7 | 1<0 6/7=1 6/7 | 1<0 6/7=1 6/7
bluesky  | 0<0 1/2=0 1/2 | 0<0 1/2=0 1/2 | 0<0 1/2=0 1/2 | 1<0 1/2=1 1/2 | 0<0 1/2=0 1/2 | 0<0 1/2=0 1/2
panorama | 1<0=1         | 0<0=0         | 1<0=1         | 0<0=0         | 1<0=1         | 0<0=0
ar       | 0<0=0         | 0<0=0         | 0<0=0         | 1<0=1         | 0<0=0         | 0<0=0
fr       | 0<0=0         | 1<0=1         | 0<0=0         | 0<0=0         | 0<0=0         | 0<0=0
zh       | 0<0=0         | 0<0=0         | 0<0=0         | 0<0=0         | 0<0=0         | 1<0=1
ru       | 0<0=0         | 0<0=0         | 0<0=0         | 0<0=0         | 0<0=0         | 0<0=0
en       | 1<0=1         | 0<0=0         | 1<0=1         | 0<0=0         | 0<0=0         | 0<0=0
es       | 0<0=0         | 0<0=0         | 0<0=0         | 0<0=0         | 1<0=1         | 0<0=0
sw       | 0<bi=bi       | 0<bi=bi       | 0<bi=bi       | 0<bi=bi       | 0<bi=bi       | 0<bi=bi
#Silk    | 0<0=0         | 0<0=0         | 0<0=0         | 0<0=0         | 0<0=0         | 1<0=1
#Silk 2  | 1<0=1 2/3     | 0<0=0 2/3     | 0<0=0 2/3     | 0<0=0 2/3     | 1<0=1 2/3     | 0<0=0 2/3
#        | 0<0=0         | 1<0=1         | 1<0=1         | 1<0=1         | 0<0=0         | 0<0=0
"""

# ar: old 4 likes, new 9 likes + 2 reposts + 1 reply; the fall of 2 less the 1 won back is a correction of -1.
# en: 5 + 4 likes, 2 comments. Its likes and whatever holds them do not compare with the week before.
RESPONSES = """
slice    | responses           | reactions           | comments          | shares            | corrections
total    | 29 3/5<31 2/3=dc    | 24 4/4<30 2/3=dc    | 3 3/5<1 2/3=2 3/6 | 2 2/2<0 1/2=2 2/3 | -1 3/5
bluesky  | 16 1/1<10 1/2=6 1/2 | 13 1/1<10 1/2=3 1/2 | 1 1/1<0 1/2=1 1/2 | 2 1/1<0 1/2=2 1/2 | -1 1/1
panorama | 11 2/2<21 1/1=dc    | 9 2/2<20 1/1=dc     | 2 2/2<1 1/1=1 2/2 | nd<nd=nd          | 0 2/2
ar       | 16 1/1<10 1/1=6 1/1 | 13 1/1<10 1/1=3 1/1 | 1 1/1<0 1/1=1 1/1 | 2 1/1<0 1/1=2 1/1 | -1 1/1
fr       | 2 0/1<nn=nn         | 2 1/1<nn=nn         | 0 0/1<nn=nn       | 0 1/1<nn=nn       | 0 0/1
zh       | nr<nn=nr            | nd<nd=nd            | nr<nn=nr          | nd<nd=nd          | nr
ru       | nd<nd=nd            | nd<nd=nd            | nd<nd=nd          | nd<nd=nd          | nd
en       | 11 1/1<21 1/1=dc    | 9 1/1<20 1/1=dc     | 2 1/1<1 1/1=1 1/1 | nd<nd=nd          | 0 1/1
es       | 0 1/1<nn=nn         | 0 1/1<nn=nn         | 0 1/1<nn=nn       | nd<nd=nd          | 0 1/1
sw       | nn<bi=bi            | nn<bi=bi            | nn<bi=bi          | nn<bi=bi          | nn
#Silk    | 12 1/3<nn=nn        | 9 2/2<nn=nn         | 1 1/3<nn=nn       | 2 2/2<nn=nn       | 0 1/3
#        | 17 4/4<31 2/2=dc    | 15 4/4<30 2/2=dc    | 2 4/4<1 2/2=1 4/4 | 0 2/2<0 1/1=0 2/2 | -1 4/4
"""

# Of the week's 600 views 500 were counted as version 1 and 100 as version 2: two figures, no sum.
EXPOSURE = {
    ("bluesky", "exposure"): "nd",
    ("mastodon", "exposure"): "nd",
    ("panorama", "views"): "dc<1000 1/1=dc",
    ("panorama", "views/1"): "500 2/2",
    ("panorama", "views/2"): "100 2/2",
    ("telegram", "exposure"): "nd",
    ("wordpress", "exposure"): "nd",
}

# In the total: 2000 + 20 organic + 45 of sw, added in mid-week, - 200 of ru, which is gone, + 90 because
# Panorama counts anew = 1955. fr is as it was last known: a number, and a gap in what it covers. ar went to
# 1010 and back to 1005: +5.
AUDIENCE = """
slice    | followers                | organic | added  | removed | redefined
total    | 1955 4/6<2000 3/6=dc     | 20 3/4  | 45 4/6 | 200 4/6 | 90 4/6
bluesky  | 1050 2/2<1000 1/2=50 2/2 | 5 1/1   | 45 2/2 | 0 2/2   | 0 2/2
panorama | 405 2/2<300 2/2=dc       | 15 2/2  | 0 2/2  | 0 2/2   | 90 2/2
ar       | 1005 1/1<1000 1/1=5 1/1  | 5 1/1   | 0 1/1  | 0 1/1   | 0 1/1
fr       | 500 0/1<500 0/1=0 0/1    | 0 0/1   | 0 0/1  | 0 0/1   | 0 0/1
zh       | nd<nd=nd                 | nd      | nd     | nd      | nd
ru       | gone<200 0/1=gone        | nn      | 0 0/1  | 200 0/1 | 0 0/1
en       | 405 1/1<300 1/1=dc       | 15 1/1  | 0 1/1  | 0 1/1   | 90 1/1
es       | 0 1/1<0 1/1=0 1/1        | 0 1/1   | 0 1/1  | 0 1/1   | 0 1/1
sw       | 45 1/1<nr=nr             | nn      | 45 1/1 | 0 1/1   | 0 1/1
"""

# Countable: new on ar, fr and zh, film on es. Read late: the 4 likes of old after two days of silence. First
# sights: four counters of what is undated, and likes under version 2.
COVERAGE = """
slice     | countable | read | failed | audience_failed | carried | baselines
total     | 4         | 3    | 1      | 1               | 4       | 5
bluesky   | 1         | 1    | 0      | 0               | 4       | 0
mastodon  | 1         | 1    | 0      | 1               | 0       | 4
panorama  | 1         | 1    | 0      | 0               | 0       | 1
telegram  | 0         | 0    | 0      | 0               | 0       | 0
wordpress | 1         | 0    | 1      | 0               | 0       | 0
"""

WHY = {
    "not_read": "nr",
    "nothing_to_read": "nn",
    "no_definition": "nd",
    "definition_changed": "dc",
    "base_incomplete": "bi",
}
Place = tuple[str, str, str]


def written(table: str) -> dict[Place, str]:
    """Every cell of a table by dimension, key and measure, for each slice in which it stands."""
    heading, *lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return {
        (*place, measure): cell
        for name, *cells in lines
        for place in places(name)
        for measure, cell in zip(heading[1:], cells, strict=True)
    }


def places(name: str) -> list[tuple[str, str]]:
    if name == "total":
        return [("total", "")]
    if name.startswith("#"):
        return [("campaign", name.removeprefix("#"))]
    if name not in CHANNELS:
        return [("platform", name)]
    platform, region = CHANNELS[name]
    of_channel = [
        ("language", name),
        ("region", region),
        ("channel", f"{platform}-{name}"),
        ("platform_language", f"{platform}/{name}"),
        ("platform_language_region", f"{platform}/{name}/{region}"),
    ]
    return [*of_channel, *([("platform", platform)] if name in ALONE else [])]


def found(week: ReachDataset, section: Section) -> dict[Place, str]:
    return {
        (row.dimension, row.key, measure): told(measured)
        for row in week.tables[section]
        for measure, measured in row.measures.items()
    }


def told(measured: Measured) -> str:
    if measured.before is None or measured.change is None:
        return said(measured.now)
    return f"{said(measured.now)}<{said(measured.before)}={said(measured.change)}"


def said(figure: Figure) -> str:
    if figure.value is None:
        return WHY.get(figure.reason or "", str(figure.reason))
    return f"{figure.value} {figure.known}/{figure.of}" if figure.of else str(figure.value)


@pytest.mark.parametrize(
    ("section", "paper"),
    [
        (Section.OUTPUT, (OUTPUT, STANDING)),
        (Section.RESPONSES, (RESPONSES,)),
        (Section.AUDIENCE, (AUDIENCE,)),
        (Section.COVERAGE, (COVERAGE,)),
    ],
)
def test_every_figure_is_the_one_on_paper(
    week: ReachDataset, section: Section, paper: tuple[str, ...]
) -> None:
    assert found(week, section) == {place: cell for table in paper for place, cell in written(table).items()}


def test_exposure_is_told_by_definition_and_never_summed(week: ReachDataset) -> None:
    shown = {(key, measure): cell for (_, key, measure), cell in found(week, Section.EXPOSURE).items()}
    assert shown == EXPOSURE


def test_reach_is_a_range_from_the_largest_figure_to_their_sum(week: ReachDataset) -> None:
    # Nobody knows how many of the 250 are among the 900: from 900 to 1150, and never one number.
    people = {"en": ("900 1/1", "900 1/1"), "es": ("250 1/1", "250 1/1")}
    both = {name: people.get(name, ("nd", "nd")) for name in CHANNELS}
    both |= {"bluesky": ("nd", "nd"), "panorama": ("900 2/2", "1150 2/2"), "total": ("900 2/2", "1150 2/2")}
    kept = ("total", "platform", "language", "region", "channel")
    assert found(week, Section.REACH) == {
        (*place, measure): cell
        for name, cells in both.items()
        for place in places(name)
        if place[0] in kept
        for measure, cell in zip(("reach_floor", "reach_ceiling"), cells, strict=True)
    }


def test_what_has_no_records_a_year_before_is_no_growth(week: ReachDataset) -> None:
    # The books begin 60 days before: there is no week 43 of 2025, not one with nothing in it.
    assert (week.previous, week.year_before) == ("2026-W42", "")
    every = [measured for rows in week.tables.values() for row in rows for measured in row.measures.values()]
    assert {(measured.year_before, measured.year_change) for measured in every} == {(None, None)}


def test_the_week_is_an_hour_longer_and_closes_after_72_hours(week: ReachDataset) -> None:
    period = week.period
    assert (period.first_day, period.last_day) == (date(2026, 10, 19), date(2026, 10, 25))
    assert (period.starts_at, period.ends_at, period.time_zone) == (START, END, "Europe/Paris")
    assert period.ends_at - period.starts_at == timedelta(hours=169)
    assert (week.closing, week.cut_off_at) == (Closing.FINAL, END + timedelta(hours=72))


def test_the_posts_of_the_week_are_ranked_by_its_own_increments(week: ReachDataset) -> None:
    # `new` drew 9 likes + 1 reply + 2 reposts on ar, nothing on fr; zh was not read. `film` drew 0 on es:
    # what it drew on en, where it went out a week earlier, is no matter.
    [best], [weakest] = week.best, week.weakest
    assert (best.ref, best.campaign, best.channel, best.publications) == ("new", "Silk", "bluesky-ar", 3)
    assert {name: one.now.value for name, one in best.measures.items()} == {
        "responses": 12,
        "reactions": 9,
        "comments": 1,
        "shares": 2,
    }
    assert (weakest.ref, weakest.channel, weakest.publications) == ("film", "panorama-es", 1)
    assert told(weakest.measures["responses"]) == "0 1/1"
    assert told(weakest.measures["shares"]) == "nd"


def test_gaps_are_named_with_their_reason_and_last_look(week: ReachDataset) -> None:
    assert [(one.channel, one.reason, one.read_at) for one in week.unread] == [
        ("mastodon-fr", "not_read", START - DAY),
        ("telegram-ru", "gone", START - DAY),
    ]
    assert [(one.channel, one.reason, one.of_audience, one.count) for one in week.failures] == [
        ("mastodon-fr", "", True, 1),
        ("wordpress-zh", "HTTP 503", False, 1),
    ]
    assert [(one.platform, one.read_at) for one in week.oldest_readings] == [
        ("bluesky", END - MINUTE),
        ("mastodon", START + 2 * DAY),
        ("panorama", START + 5 * DAY),
    ]


def test_each_definition_says_whose_days_it_counts(week: ReachDataset) -> None:
    zones = {(one.platform, one.metric): (one.day_zone, one.version) for one in week.methods}
    assert zones["panorama", "views"] == (PACIFIC, "2")
    assert zones["panorama", "comments"] == (PACIFIC, "1")
    assert zones["bluesky", "likeCount"] == ("UTC", "1")
