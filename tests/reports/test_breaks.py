"""Every kind of break that the catalogue dates keeps two times from being compared."""

from copy import copy
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from connectors.capabilities import Meaning
from scheduler.core.figures import Reason
from scheduler.reports.dataset import Section
from scheduler.services.reach.reporting import weekly_report
from scheduler.services.runtime import Runtime
from scheduler.testing import FakeClock
from tests.reports.books import Books
from tests.reports.test_weekly import DAY, END, START, W47, likes, measured
from tests.services.tables import ONE_DATABASE

MONDAY = W47.monday
BEFORE = MONDAY - timedelta(days=7)


@pytest.fixture
def books(runtime: Runtime) -> Books:
    return Books(runtime, START - 60 * DAY)


def with_likes(runtime: Runtime, **changes: Any) -> Runtime:
    """The installation, its Bluesky connector saying something else of likes."""
    connector = copy(runtime.connectors["bluesky"])
    metrics = connector.capabilities.metrics
    told = tuple(replace(one, **changes) if one.name == "likeCount" else one for one in metrics)
    connector.capabilities = replace(connector.capabilities, metrics=told)
    return replace(runtime, connectors={**runtime.connectors, "bluesky": connector})


def redefined(on: date) -> dict[str, Any]:
    return {"version": "2", "since": on, "earlier": (Meaning(version="1", until=on, note="as before"),)}


def begun(on: date) -> dict[str, Any]:
    return {"since": on}


def replaced(on: date) -> dict[str, Any]:
    return {"closed_on": on, "instead": ("repostCount",)}


def removed(on: date) -> dict[str, Any]:
    return {"closed_on": on}


@ONE_DATABASE
@pytest.mark.parametrize("change", [redefined, begun, replaced, removed])
@pytest.mark.parametrize(
    ("on", "compares"),
    [
        (MONDAY + timedelta(days=2), False),  # in the week
        (MONDAY, False),  # between the two
        (BEFORE + timedelta(days=3), False),  # in the week before
        (BEFORE, True),  # behind both
        (MONDAY + timedelta(days=7), True),  # after both
    ],
)
def test_a_dated_break_blocks_the_comparison_even_where_nothing_moved_since(
    books: Books, runtime: Runtime, clock: FakeClock, change: Any, on: date, compares: bool
) -> None:
    channel = books.channel("bluesky", "en", "GB")
    publication = books.publish(books.post("one", {"en": "one"}), channel, at=START - 2 * DAY)
    books.read(publication, likes(5), at=START - DAY)
    books.read(publication, likes(5), at=START + DAY)
    clock.set(END + 3 * DAY)
    dataset = weekly_report(with_likes(runtime, **change(on)), W47).dataset
    for measure, blocked in (("responses", not compares), ("reactions", not compares), ("comments", False)):
        told = measured(dataset, Section.RESPONSES, measure).change
        assert told is not None
        assert (told.reason is Reason.DEFINITION_CHANGED) is blocked
        assert (told.value is None) is blocked
