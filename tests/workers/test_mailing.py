"""The report is mailed at the set hour of the centre, in summer and in winter."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from scheduler.services.reach.smtp import MailServer
from workers.mailing import Post

PARIS = ZoneInfo("Europe/Paris")
NOBODY = MailServer(host="127.0.0.1", port=1, security="none", sender="reports@example.org")


@pytest.mark.parametrize(
    ("after", "first"),
    [
        # The clocks of Paris go back on Sunday 25 October 2026 and forward on Sunday 28 March 2027.
        (datetime(2026, 10, 18, 12, tzinfo=UTC), datetime(2026, 10, 19, 6, tzinfo=UTC)),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 7, tzinfo=UTC)),
        (datetime(2027, 3, 27, 12, tzinfo=UTC), datetime(2027, 3, 29, 6, tzinfo=UTC)),
        (datetime(2026, 10, 26, 23, tzinfo=UTC), datetime(2026, 10, 29, 7, tzinfo=UTC)),
    ],
)
def test_it_is_eight_in_the_morning_for_the_centre(after: datetime, first: datetime) -> None:
    trigger = Post(NOBODY, "Mon 08:00").trigger(PARIS)
    found = trigger.get_next_fire_time(None, after)
    assert found is not None
    assert found.astimezone(UTC) == first


def test_who_was_not_reached_is_tried_every_hour_of_that_day_only() -> None:
    trigger = Post(NOBODY, "Fri 22:30").trigger(PARIS)
    at = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
    hours = []
    for _ in range(3):
        found = trigger.get_next_fire_time(None, at)
        assert found is not None
        hours.append(found.strftime("%a %H:%M"))
        at = datetime.fromtimestamp(found.timestamp() + 1, tz=UTC)
    assert hours == ["Fri 22:30", "Fri 23:30", "Mon 22:30"]
