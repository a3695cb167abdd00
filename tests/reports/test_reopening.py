"""An auditor opens the report again: another process, another order of sets, fewer looks, the same bytes."""

import hashlib
import os
import subprocess
import sys
from datetime import timedelta

import pytest

from config.settings import load_settings
from scheduler.core.periods import Kind, of_week
from scheduler.core.weeks import Week
from scheduler.reports.rendering import render
from scheduler.services.metrics.rollups import thin
from scheduler.services.reach.reporting import reach_report
from scheduler.services.runtime import Runtime
from scheduler.testing import FakeClock
from tests.conftest import START
from tests.reports.books import LONG_AGO, Books
from workers.bootstrap import open_runtime

DAY = timedelta(days=1)
RUNNING = Week.parse("2026-W47")
LANGUAGES = ("ar", "en", "fr", "sw")
READ = {"mastodon": {"favourites_count": 7, "replies_count": 1}, "bluesky": {"likeCount": 5, "quoteCount": 2}}


def digests(runtime: Runtime) -> list[str]:
    """Of CSV and JSON: last week's closed report, and the running week's, which is built each time."""
    reports = [reach_report(runtime, Kind.WEEK, period) for period in (None, of_week(RUNNING))]
    files = [render(report, name, "en") for report in reports for name in ("csv", "json")]
    return [hashlib.sha256(file).hexdigest() for file in files]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_another_process_tells_the_same_to_the_byte(runtime: Runtime, clock: FakeClock) -> None:
    clock.set(START + DAY)
    fill(Books(runtime, START - LONG_AGO))
    told = digests(runtime)
    assert len(set(told)) == 4
    elsewhere = subprocess.run(
        [sys.executable, "-m", __name__],
        env=os.environ | {"PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert elsewhere.stdout.split() == told
    clock.advance(timedelta(days=800))
    assert thin(runtime, keep=timedelta(days=400), progress=lambda _done, _of: None)
    clock.set(START + DAY)
    assert digests(runtime)[:2] == told[:2]


def fill(books: Books) -> None:
    """Four languages on two platforms, a campaign for each post, looks that failed and looks twice a day."""
    for number, language in enumerate(LANGUAGES):
        for platform, values in READ.items():
            channel = books.channel(platform, language, "GB")
            books.follow(channel, at=START - 9 * DAY, followers=100 + number)
            for days in (5, 0):
                ref = f"{platform}-{language}-{days}"
                post = books.post(ref, {language: "x"}, campaign=f"Fair {ref}")
                at = START - days * DAY
                publication = books.publish(post, channel, at=at)
                books.read(publication, values, at=at + timedelta(hours=2))
                books.read(publication, {name: 2 * value for name, value in values.items()}, at=at + DAY / 4)
                books.read(publication, at=at + DAY / 2, status="failed")


if __name__ == "__main__":
    sys.stdout.write(" ".join(digests(open_runtime(load_settings(), clock=FakeClock(START + DAY)))))
