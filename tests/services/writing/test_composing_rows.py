"""Posts from a table: what is stored when all is well, and what is told when it is not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from scheduler.core.problems import Refused
from scheduler.core.states import State
from scheduler.services.desk.posts import list_posts, show_post
from scheduler.services.desk.queue import Filter, list_deliveries
from scheduler.services.members import add_member
from scheduler.services.runtime import Runtime
from scheduler.services.writing.composing import ImportedPosts, import_posts
from tests.services.tables import ONE_DATABASE, POST, TEXTS, admin, blocking, enrol, told, write_table


@pytest.fixture
def matrix(runtime: Runtime, tmp_path: Path) -> Runtime:
    """The runtime with four channels, not connected."""
    enrol(runtime, tmp_path)
    return runtime


def load(runtime: Runtime, folder: Path, *rows: dict[str, str], dry_run: bool = False) -> ImportedPosts:
    table = write_table(folder / "posts.csv", rows)
    return import_posts(runtime, table, author=admin(runtime), dry_run=dry_run)


def refused_rows(
    runtime: Runtime, folder: Path, *rows: dict[str, str]
) -> list[tuple[int | None, str | None, str]]:
    """What has to be mended; nothing may have been stored."""
    with pytest.raises(Refused) as refused:
        load(runtime, folder, *rows)
    assert list_posts(runtime) == []
    return blocking(refused.value)


def test_one_row_becomes_a_delivery_to_each_channel_in_its_own_time(matrix: Runtime, tmp_path: Path) -> None:
    done = load(matrix, tmp_path, POST | {"campaign": "Opening", "link": "https://example.org/museum"})
    assert (done.added, done.deliveries, done.stored) == (("museum",), 4, True)
    lines = {line.channel: line for line in list_deliveries(matrix, Filter())}
    assert {name: line.language for name, line in lines.items()} == {
        "cairo": "ar",
        "london": "en",
        "mexico": "es",
        "taipei": "zh-Hant",
    }
    assert lines["cairo"].due_at == datetime(2026, 12, 1, 7, 30, tzinfo=UTC)
    assert lines["mexico"].due_at == datetime(2026, 12, 1, 15, 30, tzinfo=UTC)
    assert {(line.state, line.approved) for line in lines.values()} == {(State.SCHEDULED, False)}
    post = show_post(matrix, "museum")
    assert (post.line.campaign, post.link) == ("Opening", "https://example.org/museum")
    assert {text.language: text.text for text in post.texts}["ar"] == TEXTS["text.ar"]


def test_the_same_table_twice_adds_nothing(matrix: Runtime, tmp_path: Path) -> None:
    load(matrix, tmp_path, POST)
    before = list_deliveries(matrix, Filter())
    again = load(matrix, tmp_path, POST)
    assert (again.added, again.changed, again.unchanged) == ((), (), ("museum",))
    assert list_deliveries(matrix, Filter()) == before


def test_the_same_posts_in_another_file_add_nothing(matrix: Runtime, tmp_path: Path) -> None:
    load(matrix, tmp_path, POST)
    book = Workbook()
    sheet = book.worksheets[0]
    at = datetime(2026, 12, 1, 9, 30)  # noqa: DTZ001 - Excel knows no zones
    sheet.append([*POST, "campaign"])
    sheet.append([at if key == "at" else value for key, value in POST.items()])
    book.save(tmp_path / "posts.xlsx")
    again = import_posts(matrix, tmp_path / "posts.xlsx", author=admin(matrix))
    assert again.unchanged == ("museum",)


def test_a_dry_run_checks_all_and_stores_nothing(matrix: Runtime, tmp_path: Path) -> None:
    done = load(matrix, tmp_path, POST, dry_run=True)
    assert (done.added, done.deliveries, done.stored) == (("museum",), 4, False)
    assert list_posts(matrix) == []
    with pytest.raises(Refused):
        load(matrix, tmp_path, POST | {"at": "tomorrow"}, dry_run=True)


def test_one_bad_row_stores_none_of_them(matrix: Runtime, tmp_path: Path) -> None:
    problems = refused_rows(matrix, tmp_path, POST, POST | {"post": "second", "zone": "Asia/Beijing"})
    assert problems == [(3, "zone", "no time zone “Asia/Beijing”: did you mean “Asia/Shanghai”?")]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("post", "", "must not be empty"),
        ("post", "x" * 201, "is 201 characters long, 200 are allowed"),
        ("at", "", "is not a date and time"),
        ("at", "2026-12-01", "write 2026-11-23 09:30"),
        ("at", "2026-12-01 09:30+02:00", "without an offset"),
        ("at", "12/01/2026 9:30", "is not a date and time"),
        ("at", "2026-02-30 09:30", "that exists"),
        ("at", "2026-11-14 09:30", "the time passed more than 24 h ago for cairo, london, mexico, taipei"),
        ("zone", "", "no time zone"),
        ("zone", "Mars/Olympus", "no time zone “Mars/Olympus”"),
        ("lateness", "liv", "did you mean “live”"),
        ("channels", "", "must not be empty"),
        ("channels", "*,nowhere", "“nowhere” selects no channel"),
        ("channels", "*,lang:klingon", "no language “klingon”"),
        ("channels", "*,country:EG", "unknown selector"),
        ("link", "example.org", "is not a web address"),
        ("labels", "ai,sponsored", "is not known"),
        ("fold", "third", "is not known"),
        ("media", "nothing.jpg", "there is no file “nothing.jpg”"),
        ("media", "../../etc/hostname", "outside the folder"),
        ("media", "channels.csv", "“channels.csv” cannot be used"),
        ("alt", "a wall", "1 alt texts for 0 images"),
    ],
)
def test_a_bad_cell_is_named_with_its_place(
    matrix: Runtime, tmp_path: Path, column: str, cell: str, words: str
) -> None:
    problems = refused_rows(matrix, tmp_path, POST | {column: cell})
    assert [(row, named) for row, named, _ in problems] == [(2, column)]
    assert words in problems[0][2]


@ONE_DATABASE
def test_every_problem_of_a_row_is_told_at_once(matrix: Runtime, tmp_path: Path) -> None:
    row = {key: cell for key, cell in POST.items() if key != "text.ar"}
    problems = refused_rows(
        matrix, tmp_path, row | {"at": "soon", "link": "x", "media": "nothing.jpg", "text.en": "x" * 301}
    )
    assert [(column, words.partition(":")[0]) for _, column, words in problems] == [
        ("at", "“soon” is not a date and time"),
        ("link", "“x” is not a web address"),
        ("text.ar", "no text for channel cairo"),
        ("media", "there is no file “nothing.jpg” in the folder of the table"),
        ("text.en", "too long for london"),
    ]


def test_a_gap_and_a_fold_are_told_with_their_zone(matrix: Runtime, tmp_path: Path) -> None:
    spring = POST | {"post": "spring", "at": "2027-03-28 01:30"}
    autumn = POST | {"post": "autumn", "at": "2027-10-31 01:30"}
    problems = refused_rows(matrix, tmp_path, spring, autumn)
    assert [(row, column) for row, column, _ in problems] == [(2, "at"), (3, "at")]
    assert "use 2027-03-28 00:59 or 2027-03-28 02:00" in problems[0][2]
    assert "happens twice in Europe/London" in problems[1][2]
    done = load(matrix, tmp_path, autumn | {"fold": "second"})
    assert done.added == ("autumn",)
    london = next(line for line in list_deliveries(matrix, Filter(channel="london")))
    assert london.due_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_a_text_column_of_no_channel_is_refused_once(matrix: Runtime, tmp_path: Path) -> None:
    swahili = {"text.sw": "Makumbusho mapya"}
    problems = refused_rows(matrix, tmp_path, POST | swahili, POST | swahili | {"post": "second"})
    assert problems == [(1, "text.sw", "no channel speaks this language: nobody would get this text")]


@ONE_DATABASE
def test_an_empty_text_column_harms_nobody(matrix: Runtime, tmp_path: Path) -> None:
    assert load(matrix, tmp_path, POST | {"text.sw": ""}).added == ("museum",)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("txt.fr", "did you mean text.fr"),
        ("chanels", "did you mean channels"),
        ("budget", "unknown column budget: known are post, at"),
        ("text.klingon", "no language “klingon”"),
        ("text.en-gb", ""),
        ("alt.fr", "no text column for this alt text"),
        ("text.zh_hant", "written differently"),
    ],
)
def test_a_column_is_known_or_named(matrix: Runtime, tmp_path: Path, heading: str, words: str) -> None:
    if not words:
        load(matrix, tmp_path, POST | {heading: "A new museum opens"})
        texts = {text.language: text.text for text in show_post(matrix, "museum").texts}
        assert texts["en-GB"] == "A new museum opens"
        return
    problems = refused_rows(matrix, tmp_path, POST | {heading: "x"})
    assert problems[0][0] == 1
    assert words in problems[0][2]


@ONE_DATABASE
def test_missing_columns_are_told_once_not_on_every_row(matrix: Runtime, tmp_path: Path) -> None:
    rows = [{"post": f"p{number}", "text.en": "x"} for number in range(3)]
    assert [(row, column) for row, column, _ in refused_rows(matrix, tmp_path, *rows)] == [
        (1, "at"),
        (1, "zone"),
        (1, "channels"),
    ]


@ONE_DATABASE
def test_one_name_is_one_post(matrix: Runtime, tmp_path: Path) -> None:
    assert refused_rows(matrix, tmp_path, POST, POST) == [(3, "post", "the same name as in row 2")]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("column", "text", "words"),
    [
        ("text.en", "文" * 301, "too long for london: 301 graphemes, 300 are allowed"),
        ("text.ar", "👩‍👩‍👧‍👦" * 121, "too long for cairo: 3025 bytes in UTF-8, 3000 are allowed"),
        ("text.es", "ñ" * 501, "too long for mexico: 501"),
        ("text.zh-Hant", "𠮷" * 2049, "too long for taipei: 4098 UTF-16 units, 4096 are allowed"),
    ],
)
def test_a_text_is_counted_as_its_platform_counts(
    matrix: Runtime, tmp_path: Path, column: str, text: str, words: str
) -> None:
    ((row, named, said),) = refused_rows(matrix, tmp_path, POST | {column: text})
    assert (row, named) == (2, column)
    assert words in said


@ONE_DATABASE
def test_a_text_at_the_limit_is_taken(matrix: Runtime, tmp_path: Path) -> None:
    assert load(matrix, tmp_path, POST | {"text.en": "文" * 300}).added == ("museum",)


def test_a_cut_for_a_platform_spares_the_others(matrix: Runtime, tmp_path: Path) -> None:
    row = POST | {"text.en": "x" * 301, "text.en@bluesky": "short"}
    assert load(matrix, tmp_path, row).added == ("museum",)
    (line,) = list_deliveries(matrix, Filter(channel="london"))
    assert {text.platform: text.text for text in show_post(matrix, "museum").texts if text.language == "en"}
    assert line.platform == "bluesky"


@ONE_DATABASE
def test_advice_does_not_block(matrix: Runtime, tmp_path: Path) -> None:
    done = load(
        matrix,
        tmp_path,
        POST | {"at": "2026-11-16 09:00", "zone": "UTC", "labels": "ai", "channels": "london"},
    )
    advice = [told(problem) for problem in done.advice]
    assert (None, None, "channel london is not connected: run postroad channels connect london") in advice
    columns = [column for _, column, _ in advice]
    assert columns.count("labels") == 1
    assert {"text.ar", "text.es", "text.zh-Hant"} <= set(columns)


@ONE_DATABASE
def test_what_is_late_but_within_its_limit_is_taken_with_a_word(matrix: Runtime, tmp_path: Path) -> None:
    soon = POST | {"zone": "UTC", "at": "2026-11-16 07:00"}
    late = POST | {"zone": "UTC", "at": "2026-11-15 20:00", "post": "late"}
    advice = [told(problem) for problem in load(matrix, tmp_path, soon, late).advice]
    words = {row: said for row, column, said in advice if column == "at"}
    assert "goes out as soon as it is approved" in words[2]
    assert "will be held" in words[3]


@ONE_DATABASE
def test_no_channels_at_all_is_said_plainly(runtime: Runtime, tmp_path: Path) -> None:
    problems = refused_rows(runtime, tmp_path, POST)
    assert [words for _, _, words in problems] == [
        "there are no channels yet: import them first with postroad channels import"
    ]


@ONE_DATABASE
def test_an_analyst_may_not_import(matrix: Runtime, tmp_path: Path) -> None:
    analyst = add_member(matrix, "Ana", "analyst", by=admin(matrix))
    with pytest.raises(Refused, match="may not write posts"):
        import_posts(matrix, write_table(tmp_path / "posts.csv", [POST]), author=analyst)
