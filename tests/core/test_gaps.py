"""Which readings of a publication are missing, by its age."""

from datetime import UTC, datetime, timedelta

from scheduler.core.cadence import FREE, Rule
from scheduler.core.gaps import Gaps, gaps

OUT = datetime(2026, 11, 16, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_each_age_asks_for_a_look_and_a_late_one_stands_until_the_next_is_due() -> None:
    looks = [OUT + 5 * HOUR, OUT + 30 * HOUR]
    # Due at 1 h, 6 h and 1 d; the one of 6 h was never made. That of 7 d is not an hour late yet.
    assert gaps(OUT, FREE, looks, until=OUT + 7 * DAY) == Gaps(3, 1)
    assert gaps(OUT, FREE, looks, until=OUT + 7 * DAY + HOUR) == Gaps(4, 2)
    assert gaps(OUT, FREE, [], until=OUT + HOUR) == Gaps()


def test_what_nobody_can_read_any_more_is_not_missing() -> None:
    stories = Rule(windows=(DAY,), ends=True)
    assert gaps(OUT, stories, [OUT + HOUR, OUT + 6 * HOUR], until=OUT + 30 * DAY) == Gaps(2, 0)


def test_where_looks_are_billed_one_a_day_is_due() -> None:
    billed = Rule(billed=True)
    assert gaps(OUT, billed, [OUT + 6 * HOUR], until=OUT + 3 * DAY) == Gaps(2, 1)
    # The look at 1 h is saved up for that of 6 h, which is not due yet.
    assert gaps(OUT, billed, [], until=OUT + 4 * HOUR) == Gaps()
