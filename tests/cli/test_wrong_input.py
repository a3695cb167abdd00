"""What a person mistypes is told from what is empty, in words and without a traceback."""

from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scheduler.cli import channels, forecast, goals, harvest, insight_hours, posts, queue, readings
from scheduler.cli.app import Invocation, app
from scheduler.core.problems import Refused
from scheduler.i18n import say
from tests.services.tables import ONE_DATABASE, POST, channel_rows, write_table

MODULES = (channels, forecast, goals, harvest, insight_hours, posts, queue, readings)
MUSEUM = {
    "post": "museum",
    "campaign": "Museum stories",
    "at": "2026-11-20 10:00",
    "zone": "audience",
    "channels": "cairo",
} | {"text.ar": POST["text.ar"]}
HEADINGS = "post,at,zone,channels,text.en\n"
pytestmark = ONE_DATABASE


@pytest.mark.parametrize(
    "words",
    [
        ("queue", "--channel", "nope"),
        ("queue", "--platform", "nope"),
        ("queue", "--post", "nope", "--json"),
        ("posts", "list", "--campaign", "nope"),
        ("insight", "hours", "--channel", "nope"),
        ("insight", "hours", "--language", "nope"),
    ],
)
def test_nothing_of_a_stranger_is_not_the_same_as_nothing(
    words: tuple[str, ...], invocation: Invocation
) -> None:
    with pytest.raises(Refused, match=r"there is no .* nope: see postroad"):
        CliRunner().invoke(app, words, obj=invocation, catch_exceptions=False)


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("queue", "--channel", "cairro"), "cairo"),
        (("queue", "--platform", "blusky"), "bluesky"),
        (("queue", "--post", "musem"), "museum"),
        (("posts", "show", "Museum"), "museum"),
        (("posts", "submit", "musuem"), "museum"),
        (("posts", "list", "--campaign", "Museum storys"), "Museum stories"),
        (("posts", "submit", "museum", "--as", "Linn"), "Lin"),
    ],
)
def test_who_mistypes_a_name_is_told_the_nearest(
    words: tuple[str, ...], near: str, invocation: Invocation, tmp_path: Path
) -> None:
    run = partial(CliRunner().invoke, app, obj=invocation, catch_exceptions=False)
    row = channel_rows("https://bsky.example")[0]
    run(["channels", "import", str(write_table(tmp_path / "channels.csv", [row]))])
    run(["import", str(write_table(tmp_path / "posts.csv", [MUSEUM]))])
    with pytest.raises(Refused) as refused:
        run(words)
    assert [problem.near for problem in refused.value.problems] == [near]
    assert f"did you mean {near}?" in say(refused.value.problems[0], str)


def test_what_is_empty_is_called_so(invocation: Invocation, tmp_path: Path) -> None:
    table = tmp_path / "bare.csv"
    table.write_text(HEADINGS)
    assert "no posts yet" in CliRunner().invoke(app, ["posts", "list"], obj=invocation).stdout
    assert "No figures" in CliRunner().invoke(app, ["readings", "list"], obj=invocation).stdout
    for words in (["list"], ["list", "--history"], ["freeze", "2025", "year-end"]):
        assert "no goals" in CliRunner().invoke(app, ["goals", *words], obj=invocation).stdout
    assert "no rows" in CliRunner().invoke(app, ["import", str(table)], obj=invocation).stdout


def test_a_time_at_the_end_of_all_calendars_is_no_time(invocation: Invocation, tmp_path: Path) -> None:
    table = tmp_path / "far.csv"
    table.write_text(f"{HEADINGS}far,9999-12-31 23:59,America/New_York,*,Hello\n")
    with pytest.raises(Refused, match="is not a date and time"):
        CliRunner().invoke(app, ["import", str(table)], obj=invocation, catch_exceptions=False)


def test_nothing_can_be_read_again_since_a_day_to_come(invocation: Invocation) -> None:
    words = ["harvest", "--backfill", "--since", "2026-11-17"]
    with pytest.raises(Refused, match="2026-11-17: that day is still to come"):
        CliRunner().invoke(app, words, obj=invocation, catch_exceptions=False)


@pytest.mark.parametrize(
    "words",
    [
        ("show", "99999999999999999999"),
        ("forecast", "--days", "999999999"),
        ("goals", "list", "--year", "99999"),
    ],
)
def test_a_number_out_of_bounds_is_wrong_usage(words: tuple[str, ...], invocation: Invocation) -> None:
    assert CliRunner().invoke(app, words, obj=invocation).exit_code == 2
