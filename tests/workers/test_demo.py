"""The demo on a smaller matrix and over one week: its report says what the sandbox itself counted."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from config.settings import load_settings
from connectors.sandbox import SandboxServer, VisiblePost
from scheduler.core.problems import Refused
from scheduler.core.time import zone
from scheduler.core.weeks import Week
from scheduler.reports.dataset import Dimension, ReachDataset, Section
from scheduler.reports.rendering import makeable
from scheduler.services.reach.reporting import weekly_report
from workers.demo.aims import set_goals
from workers.demo.countries import enter_countries
from workers.demo.folder import fresh_folder
from workers.demo.history import SILENT, live_through, look_back, write_posts_around
from workers.demo.live import publish_live
from workers.demo.outcome import Outcome
from workers.demo.passing import pass_time
from workers.demo.stage import ANALYST, TIME_ZONE, Stage, demo_settings, set_stage
from workers.demo.weekly import report_last_week

PRESENT = Week(date(2031, 5, 12))
"""Far from now, so that the live posts, on the real clock, meet nothing else that is due."""
CHANNELS = {
    *("bsky-en-gb", "bsky-fr-fr", "bsky-ja-jp", "bsky-pt-br"),
    *("masto-es-es", "masto-fr-sn", "masto-ko-kr", "masto-pt-br", "masto-zh-sg"),
    *("tg-ar-eg", "tg-es-ar", SILENT, "web-en-gb", "web-zh-cn"),
}
COUNTERS = {
    "reactions": {"likeCount", "favourites_count"},
    "comments": {"replyCount", "replies_count", "comments"},
    "shares": {"repostCount", "quoteCount", "reblogs_count", "quotes_count"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A week that went by, and what was to be seen at its end."""

    stage: Stage
    outcome: Outcome
    data: ReachDataset
    posts: list[VisiblePost]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The week before PRESENT; started by somebody who goes by a name of the cast."""
    settings = demo_settings(
        replace(load_settings(), member=ANALYST), tmp_path_factory.mktemp("demo") / "data"
    )
    with SandboxServer(seed=1) as sandbox:
        starts_at = PRESENT.previous.starts_at(zone(TIME_ZONE))
        with set_stage(settings, sandbox.control, starts_at=starts_at, only=CHANNELS) as stage:
            write_posts_around(PRESENT, stage)
            set_goals(PRESENT, stage)
            enter_countries(stage)
            counted = live_through(stage, PRESENT.starts_at(stage.zone), moved=lambda _at: None)
            yield Played(
                stage=stage,
                outcome=look_back(stage) + report_last_week(stage, counted),
                data=weekly_report(stage.runtime).dataset,
                posts=sandbox.control.posts(),
            )


def counted_by_channel(played: Played, measure: str) -> Counter[str]:
    accounts = {(one.face, one.remote.handle): one for one in played.stage.accounts}
    counted: Counter[str] = Counter()
    for post in played.posts:
        account = accounts[post.platform, post.account]
        counted[account.channel] += sum(post.counters.get(name, 0) for name in COUNTERS[measure])
    return +counted


@pytest.mark.parametrize("measure", COUNTERS)
def test_the_report_says_what_the_sandbox_counted(played: Played, measure: str) -> None:
    truth = counted_by_channel(played, measure)
    rows = played.data.rows(Section.RESPONSES, Dimension.CHANNEL)
    said = {row.key: row.measures[measure].now.value for row in rows}
    assert truth.total() > 100
    assert {channel: value for channel, value in said.items() if value} == truth
    assert played.data.total(Section.RESPONSES)[measure].now.value == truth.total()


def test_the_week_comes_out_as_intended(played: Played) -> None:
    output = played.data.total(Section.OUTPUT)
    assert played.outcome.wrong == ()
    assert len(played.outcome.remarkable) == 1
    assert output["unconfirmed"].now.value == 1
    assert output["publications"].now.value == len(played.posts) - 1


def test_the_report_says_how_far_the_year_s_targets_have_come(played: Played) -> None:
    goals = {(one.aim.year, one.aim.measure, one.aim.slice): one for one in played.data.goals}
    responses, live = goals[2031, "responses", ""], goals[2031, "publications", ""]
    assert (2031, "responses", "language=ar") in goals
    assert responses.actual.value == played.data.total(Section.RESPONSES)["responses"].now.value
    assert live.actual.value == played.data.total(Section.OUTPUT)["publications"].now.value
    assert responses.plan.value
    assert responses.way


def test_the_report_says_from_which_countries_some_followers_come(played: Played) -> None:
    splits, total = {one.channel: one.amounts for one in played.data.splits}, played.data.by_country
    assert total
    assert (total.channels, total.of) == (3, len(CHANNELS))
    assert splits["masto-es-es"] == {"ES": 61_50, "MX": 12_00, "AR": 9_50}
    [senegal] = (row.measures["followers"].now for row in total.rows if row.key == "SN")
    assert senegal.value == splits["masto-fr-sn"]["SN"] + splits["bsky-fr-fr"]["SN"] > 0


def test_the_report_is_there_in_every_format_and_both_languages(played: Played) -> None:
    names = {path.name for path in (played.stage.settings.data / "reports").iterdir()}
    week = f"postroad-weekly-{PRESENT.previous}"
    translated = {name for name in ("html", "pdf", "xlsx", "pptx") if name in makeable()}
    endings = {f"{tag}{name}" for name in translated for tag in ("", "zh-CN.")} | {"csv", "json"}
    assert names == {f"{week}.{ending}" for ending in endings}


def test_what_was_not_meant_to_fail_is_told(played: Played) -> None:
    stage, revoked = played.stage, "bsky-fr-fr"
    (account,) = (one for one in stage.accounts if one.channel == revoked)
    stage.control.set_standing("bluesky", account.remote.handle, "revoked")
    for _at in pass_time(stage, stage.clock.now() + timedelta(days=2)):
        pass
    (words,) = look_back(stage).wrong
    assert words.startswith("1 ")


def test_a_lost_answer_is_found_and_the_post_stands_once(played: Played) -> None:
    outcome = publish_live(played.stage.settings, played.stage.control, pace=0.2)
    assert outcome.wrong == ()
    assert len(outcome.remarkable) == 1


def test_the_folder_is_made_anew_only_where_a_demo_made_it(tmp_path: Path) -> None:
    with fresh_folder(tmp_path / "demo") as folder:
        (folder / "old").touch()
        with pytest.raises(Refused, match="another demo"), fresh_folder(folder):
            pass
    with fresh_folder(tmp_path / "demo") as folder:
        assert not (folder / "old").exists()


def test_a_stranger_s_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "letters").touch()
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    for path in (tmp_path / "theirs", tmp_path / "link", tmp_path / "theirs" / "letters"):
        with pytest.raises(Refused, match="not made by the demo"), fresh_folder(path):
            pass
    assert (tmp_path / "theirs" / "letters").exists()
