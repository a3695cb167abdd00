"""Hours are compared at one age, and a best one is only named where it is more than chance."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.facts import ChannelFact
from scheduler.core.grown import Glance, Grown, day_old, of_one_definition
from scheduler.core.hours import BANDS, LEAST, compare, hours_of
from scheduler.core.metrics import Movement
from scheduler.core.rollups import Form

AT = datetime(2026, 11, 2, 8, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
LIKES = (("likes", "v1"),)
VALUES = st.lists(st.tuples(st.sampled_from(BANDS), st.integers(0, 500).map(float)), max_size=120)


def form(
    status: str = "read",
    metrics: tuple[tuple[str, str], ...] = LIKES,
    missing: tuple[tuple[str, str], ...] = (),
) -> Form:
    return Form(status, "", of_audience=False, metrics=metrics, missing=missing)


def look(hours: float, rise: int, *, kind: Form | None = None, baseline: bool = False) -> Glance:
    moved = {0: Movement(value=rise, increment=0 if baseline else rise, baseline=baseline)}
    return Glance(taken_at=AT + hours * HOUR, form=kind or form(), moved=moved if rise else {})


def test_a_publication_is_measured_at_the_look_nearest_a_day() -> None:
    looks = [look(49, 1000), look(1, 3), look(22.5, 5), look(24.5, 7), look(25.9, 11)]
    assert day_old(looks, AT, {"likes"}) == (3 + 5 + 7, LIKES)


def test_ages_are_never_mixed_and_what_is_not_known_is_left_out() -> None:
    assert day_old([look(1, 3), look(21.9, 5), look(26.1, 7)], AT, {"likes"}) is None
    assert day_old([look(24, 0, kind=form("failed"))], AT, {"likes"}) is None
    assert day_old([look(24, 3, kind=form(missing=(("likes", "hidden"),)))], AT, {"likes"}) is None
    assert day_old([look(24, 3, baseline=True)], AT, {"likes"}) is None
    assert day_old([look(24, 3)], AT, {"views"}) is None
    assert day_old([look(24, 0)], AT, {"likes"}) == (0, LIKES)


def grown(day: int, hour: int, responses: int, *, channel: int = 1, version: str = "v1") -> Grown:
    at = AT.replace(hour=hour) + timedelta(days=day)
    return Grown(
        post_id=day,
        channel_id=channel,
        published_at=at,
        responses=responses,
        definitions=(("likes", version),),
    )


def test_a_break_in_the_definition_is_not_compared_across() -> None:
    old, new, other = grown(1, 8, 5), grown(2, 8, 5, version="v2"), grown(1, 8, 5, channel=2)
    assert of_one_definition([old, new, other]) == [new, other]


def channel(id_: int, language: str) -> ChannelFact:
    return ChannelFact(
        id=id_,
        name=f"c{id_}",
        title="",
        platform="bluesky",
        language=language,
        region="",
        begun_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_hours_and_weekdays_are_those_of_the_audience() -> None:
    [language, own] = hours_of([channel(1, "zh")], {1: ZoneInfo("Asia/Shanghai")}, [grown(0, 20, 5)])
    assert [slot.start for slot in own.bands.slots if slot.count] == [
        4
    ]  # 20:00 UTC is 04:00 on Tuesday there
    assert [slot.start for slot in own.weekdays.slots if slot.count] == [1]
    assert (own.bands.thin, own.bands.best, language.count) == (True, None, 0)


def test_a_language_is_measured_by_the_means_of_its_channels() -> None:
    small = [grown(day, 8 if day % 2 else 20, 2 if day % 2 else 1) for day in range(20)]
    large = [grown(day, 8 if day % 2 else 20, 2000 if day % 2 else 1000, channel=2) for day in range(20)]
    silent = [grown(day, 20, 0, channel=3) for day in range(20)]
    zones = dict.fromkeys((1, 2, 3), ZoneInfo("UTC"))
    found = hours_of([channel(id_, "ar") for id_ in zones], zones, [*small, *large, *silent])
    language = found[0]
    means = {slot.start: slot.estimate.mean for slot in language.bands.slots if slot.estimate}
    assert (language.count, language.bands.best, language.bands.lesser) == (40, 8, (20,))
    assert {start: round(mean, 6) for start, mean in means.items()} == {
        8: round(4 / 3, 6),
        20: round(2 / 3, 6),
    }


@given(VALUES)
def test_only_what_does_not_touch_is_called_better(values: list[tuple[int, float]]) -> None:
    found = compare(values, BANDS)
    known = {slot.start: slot.estimate for slot in found.slots if slot.estimate}
    assert all((slot.estimate is not None) == (slot.count >= LEAST) for slot in found.slots)
    assert sum(slot.count for slot in found.slots) == len(values)
    assert found.thin == (len(known) < 2)
    assert (found.best is None) == (not found.lesser)
    for start in found.lesser:
        assert found.best is not None
        assert known[found.best].low > known[start].high


def test_where_hours_do_not_matter_a_best_one_is_seldom_named() -> None:
    # 300 channels whose skewed counts (variance far above the mean) have nothing to do with the hour.
    random, named = Random(7), 0  # noqa: S311 - a seed, no secret
    for _ in range(300):
        values = [(start, float(round(random.gammavariate(1, 20)))) for start in BANDS for _ in range(20)]
        named += compare(values, BANDS).best is not None
    assert named <= 300 * 0.1
