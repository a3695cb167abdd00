"""`postroad harvest` and `postroad report weekly` as a person and as a machine use them."""

import hashlib
import json
from copy import copy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit
from signal import SIG_IGN, SIGXFSZ, signal

import pytest

from config.settings import Settings
from connectors.counters.x import COUNTERS as X
from connectors.sandbox import SandboxServer
from scheduler.cli import attention, harvest, insight_hours, remarks, report, status  # noqa: F401 - importing them adds their commands
from scheduler.cli.app import Invocation
from scheduler.core.problems import Refused
from scheduler.reports.rendering import FORMATS, makeable
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Delivery
from scheduler.testing import FakeClock
from tests.cli.running import Run, run_command
from tests.conftest import START
from tests.reports.books import Books, set_up_at
from tests.services.working import connect_face


@pytest.fixture(autouse=True)
def _for_two_years(runtime: Runtime) -> None:
    set_up_at(runtime, START - timedelta(days=700))


def test_a_report_is_printed_and_written_and_is_the_same_the_second_time(
    run: Run, tmp_path: Path, settings: Settings
) -> None:
    told = run("report", "weekly", "--week", "2026-W40", "--out", str(tmp_path / "new" / "folder"))
    names = [f"postroad-weekly-2026-W40.{ending}" for ending in makeable()]
    assert all(name in told.replace("\n", "") for name in names)
    assert [line for line in told.splitlines() if line != line.rstrip()] == []
    first = (tmp_path / "new" / "folder" / names[-1]).read_bytes()
    described = json.loads(run("report", "weekly", "--week", "2026-W40", "--out", str(tmp_path), "--json"))
    assert (tmp_path / names[-1]).read_bytes() == first
    assert described["sha256"] == hashlib.sha256(first).hexdigest()
    assert [Path(path).name for path in described["files"]] == names
    told = run("report", "weekly", "--week", "2026-W40", "--format", "json")
    assert Path(told.splitlines()[-1]).parent == settings.data / "reports"


def test_without_pango_every_other_file_is_made_and_a_pdf_that_is_named_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "weasyprint.py").write_text("raise OSError(\"cannot load library 'libpango-1.0-0'\")")
    monkeypatch.syspath_prepend(library)
    told = run("report", "weekly", "--week", "2026-W40", "--out", str(tmp_path / "all"))
    made = {path.suffix for path in (tmp_path / "all").iterdir()}
    assert ".pdf" not in made
    assert told.count("postroad-weekly-2026-W40") == len(made) == len(FORMATS) - 1
    with pytest.raises(Refused, match="Pango"):
        run(
            "report", "weekly", "--week", "2026-W40", "--format", "pdf,xlsx", "--out", str(tmp_path / "named")
        )
    assert not (tmp_path / "named").exists()


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [
        ("--week", "2026-W54", "2026-W54"),
        ("--week", "2999-W01", "2999-W01"),
        ("--format", "html,docx", "docx"),
        ("--lang", "tlh", "tlh"),
    ],
)
def test_a_wrong_option_is_refused_by_name_and_writes_nothing(
    run: Run, tmp_path: Path, option: str, value: str, named: str
) -> None:
    folder = tmp_path / "reports"
    with pytest.raises(Refused, match=named):
        run("report", "weekly", option, value, "--out", str(folder))
    assert not folder.exists()


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("weekly", ("--week", "0001-W01")),
        ("weekly", ("--week", "9999-W52")),
        ("monthly", ("--month", "9999-12")),
        ("yearly", ("--year", "0001")),
    ],
)
def test_a_period_at_the_ends_of_the_calendar_is_refused_by_name(
    run: Run, command: str, named: tuple[str, str]
) -> None:
    """Until 2026-11-23 these ended with a trace of our code: their days cannot be told in each zone."""
    with pytest.raises(Refused, match=named[1]):
        run("report", command, *named)


def test_a_disk_that_is_full_leaves_the_file_that_was_there_and_no_part_of_another(tmp_path: Path) -> None:
    """Until 2026-11-23 a report was cut off where room ended, under its own name."""
    path, room = tmp_path / "postroad-weekly-2026-W40.html", 4_096
    report.put_in_place(path, b"whole")
    soft, hard = getrlimit(RLIMIT_FSIZE)
    before = signal(SIGXFSZ, SIG_IGN)
    setrlimit(RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(OSError, match=path.name) as failed:
            report.put_in_place(path, b"x" * 2 * room)
    finally:
        setrlimit(RLIMIT_FSIZE, (soft, hard))
        signal(SIGXFSZ, before)
    assert failed.value.filename == str(path)
    assert list(tmp_path.glob("*weekly*")) == [path]
    assert path.read_bytes() == b"whole"


def test_a_harvest_of_nothing_says_so_to_machines(run: Run) -> None:
    assert json.loads(run("harvest", "--json")) == {
        "publications": 0,
        "audiences": 0,
        "samples": 0,
        "gone": 0,
        "waiting": 0,
        "unpaid": 0,
        "failures": [],
        "left_to_another": False,
    }


def test_a_backfill_since_ever_is_one_of_all(run: Run) -> None:
    """Until 2026-11-23 a day that is none in UTC ended with a trace of our code."""
    assert json.loads(run("harvest", "--backfill", "--since", "0001-01-01", "--json"))["failures"] == []


def test_hours_are_those_of_a_channel_or_of_a_language(run: Run) -> None:
    """Until 2026-11-23 the language was passed over without a word."""
    with pytest.raises(Refused, match="either a channel or a language"):
        run("insight", "hours", "--channel", "bluesky-en", "--language", "ar")


def test_since_without_backfill_is_refused(run: Run) -> None:
    with pytest.raises(Refused, match="--backfill"):
        run("harvest", "--since", "2026-11-01")


def test_what_billed_readings_cost_is_shown_with_what_is_left(
    invocation: Invocation, runtime: Runtime, sandbox: SandboxServer
) -> None:
    assert "bills" in run_command(invocation, "costs")
    connect_face(runtime, sandbox, "bluesky")
    connector = copy(runtime.connectors["bluesky"])
    connector.capabilities = replace(connector.capabilities, price=X.price)
    sold = replace(runtime, connectors={"bluesky": connector}, reading_budgets={"bluesky": 2_000_000})
    billed = Invocation(settings=invocation.settings, open_runtime=lambda _settings: sold)
    run_command(billed, "harvest")
    told = run_command(billed, "costs")
    assert "0.01 USD" in told
    assert "1.99 USD" in told
    [cost] = json.loads(run_command(billed, "costs", "--json"))
    assert (cost["looks"], cost["spent_micros"], cost["budget_micros"]) == (1, 10_000, 2_000_000)
    poor = Invocation(
        settings=invocation.settings, open_runtime=lambda _settings: replace(sold, reading_budgets={})
    )
    assert "Counters on bluesky are not read" in run_command(poor, "attention")
    assert "counters not read" in run_command(poor, "status")


def test_a_comment_makes_an_edition_and_the_one_before_can_still_be_had(run: Run, tmp_path: Path) -> None:
    words = ("--week", "2026-W40", "--format", "html", "--out", str(tmp_path), "--json")
    plain = json.loads(run("report", "weekly", *words))
    before = Path(plain["files"][0]).read_bytes()
    run("report", "comment", "2026-W40", "--section", "output", "--text", "A quiet week.")
    latest = json.loads(run("report", "weekly", *words))
    assert (latest["edition"], latest["sha256"]) == (2, plain["sha256"])
    assert b"A quiet week." in Path(latest["files"][0]).read_bytes()
    first = json.loads(run("report", "weekly", *words, "--edition", "1"))
    assert Path(first["files"][0]).read_bytes() == before
    assert Path(first["files"][0]).name == "postroad-weekly-2026-W40-edition-1.html"
    assert b"A quiet week." in Path(latest["files"][0]).read_bytes()
    assert json.loads(run("report", "restate", "2026-W40", "--json")) == []


def test_the_flash_can_be_had_again_after_the_final_closing(
    run: Run, clock: FakeClock, tmp_path: Path
) -> None:
    """Until 2026-11-23 it was kept, and no command showed what the letter of Monday had said."""
    words = (
        "report",
        "weekly",
        "--week",
        "2026-W46",
        "--format",
        "html,json",
        "--out",
        str(tmp_path),
        "--json",
    )
    flash = json.loads(run(*words))
    first = [Path(path).read_bytes() for path in flash["files"]]
    clock.advance(timedelta(days=3))
    with pytest.raises(Refused, match="2026-W45 has no flash"):
        run("report", "weekly", "--week", "2026-W45", "--flash")
    final = json.loads(run(*words))
    again = json.loads(run(*words, "--flash"))
    assert (flash["closing"], final["closing"], again["closing"]) == ("flash", "final", "flash")
    assert [Path(path).read_bytes() for path in again["files"]] == first
    assert Path(again["files"][0]).name == "postroad-weekly-2026-W46-flash.html"
    with pytest.raises(Refused, match="2026-W47 has no flash"):
        run("report", "weekly", "--week", "2026-W47", "--flash")


@pytest.mark.parametrize(
    ("command", "period", "named"),
    [("monthly", "2026-10", ("--month", "2026-10")), ("yearly", "2025", ("--year", "2025"))],
)
def test_months_and_years_are_commented_and_restated_by_their_names(
    run: Run, tmp_path: Path, command: str, period: str, named: tuple[str, str]
) -> None:
    words = (command, *named, "--format", "json", "--out", str(tmp_path), "--json")
    plain = json.loads(run("report", *words))
    run("report", "comment", period, "--section", "output", "--text", "Quiet.")
    latest = json.loads(run("report", *words))
    assert (latest["edition"], latest["sha256"]) == (2, plain["sha256"])
    first = json.loads(run("report", *words, "--edition", "1"))
    assert hashlib.sha256(Path(first["files"][0]).read_bytes()).hexdigest() == plain["sha256"]
    assert json.loads(run("report", "restate", period, "--json")) == []


def test_a_campaign_is_commented_and_restated_and_a_wrong_name_is_refused(
    run: Run, runtime: Runtime, tmp_path: Path
) -> None:
    books = Books(runtime, START - timedelta(days=60))
    silk = books.post("silk", {"en": "x"}, campaign="Silk")
    books.publish(silk, books.channel("bluesky", "en", "GB"), at=START - timedelta(days=9))
    campaign = ("--campaign", "Silk")
    told = run("report", "comment", *campaign, "--section", "posts", "--text", "Late.")
    assert "2026-11-07--2026-11-07 has edition 2" in told
    run("report", "campaign", "Silk", "--format", "csv", "--out", str(tmp_path))
    with pytest.raises(Refused) as refused:
        run("report", "campaign", "Slik")
    assert refused.value.problems[0].near == "Silk"
    assert "Nothing changed" in run("report", "restate", *campaign)
    for words, said in (
        (("2026-13",), "no week, month or year"),
        ((), "name the report"),
        (("2026-11", *campaign), "either a period or a campaign"),
        (("2026-11", "--from", "2026-11-02"), "--from and --to"),
    ):
        with pytest.raises(Refused, match=said):
            run("report", "comment", *words, "--section", "posts", "--text", "x")


def test_what_moved_is_told_by_the_names_that_reports_use(
    run: Run, runtime: Runtime, clock: FakeClock, tmp_path: Path
) -> None:
    books = Books(runtime, START - timedelta(days=60))
    channel = books.channel("bluesky", "en", "GB")
    delivery = books.deliver(
        books.post("late", {"en": "x"}), channel, due_at=START - timedelta(days=3), state="unconfirmed"
    )
    clock.advance(timedelta(days=4))
    run("report", "weekly", "--week", "2026-W46", "--format", "json", "--out", str(tmp_path))
    with runtime.begin() as session:
        session.get_one(Delivery, delivery).state = "missed"
    told = run("report", "restate", "2026-W46").splitlines()
    assert "Output · Whole matrix · Missed: 0 → 1" in told
    assert "Output · Bluesky · Missed: 0 → 1" in told
    assert "Output · bluesky-en · Missed: 0 → 1" in told


def test_a_campaign_of_a_long_name_gets_files_that_a_disk_can_name(
    run: Run, runtime: Runtime, tmp_path: Path
) -> None:
    """A file system takes 255 bytes; until 2026-11-23 ninety Chinese letters were too many."""
    books, names = Books(runtime, START - timedelta(days=60)), ("丝" * 90 + "路", "丝" * 90 + "绸")
    channel, folder = books.channel("bluesky", "en", "GB"), tmp_path / "reports"
    made = []
    for name in names:
        post = books.post(name[-1], {"en": "x"}, campaign=name)
        books.publish(post, channel, at=START - timedelta(days=9))
        told = run("report", "campaign", name, "--format", "csv,json", "--out", str(folder), "--json")
        made += json.loads(told)["files"]
    assert len({Path(path).name for path in made}) == len(list(folder.iterdir())) == 4
