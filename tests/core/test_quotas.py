"""Turns under quotas: no window is overdrawn, each channel keeps its order, nothing waits for nothing."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.capabilities import Quota
from scheduler.core.quotas import Ceiling, Gate, Spent, Turn, Waiting, spacing, turns

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
FAR = NOW + timedelta(days=30)
PER_CHANNEL = Quota(name="messages", limit=5, window_s=60, scope="channel", per_post=1, per_image=1)
PER_BOT = Quota(name="all messages", limit=7, window_s=10, scope="application", per_post=1)
SECONDS = st.integers(0, 200)


def at(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


def waiting(number: int, channel: int, seconds: int, images: int = 0) -> Waiting:
    return Waiting(id=number, channel=channel, at=at(seconds), latest=FAR, images=images)


def walk(queue: list[Waiting], spent: list[Spent]) -> list[Turn]:
    shared = Gate(quotas=[PER_BOT], spent=spent)
    gates = {1: (Gate(quotas=[PER_CHANNEL], spent=spent), shared), 2: (Gate(quotas=[PER_CHANNEL]), shared)}
    return list(turns(queue, gates))


def fits(times: list[tuple[datetime, int]], quota: Quota) -> bool:
    """True when no window of the quota holds more than its limit."""
    window = timedelta(seconds=quota.window_s)
    return all(
        sum(cost for when, cost in times if end - window < when <= end) <= quota.limit for end, _ in times
    )


@given(
    st.lists(st.tuples(st.sampled_from([1, 2]), SECONDS, st.integers(0, 3)), max_size=60),
    st.lists(st.integers(1, 100), max_size=5),
)
def test_no_window_is_overdrawn_and_each_channel_keeps_its_order(
    posts: list[tuple[int, int, int]], ago: list[int]
) -> None:
    spent = [Spent(at=at(-seconds), posts=1, images=0) for seconds in ago]
    ordered = sorted(posts, key=lambda post: post[1])
    queue = [waiting(number, *post) for number, post in enumerate(ordered)]
    given_turns = {turn.id: turn.at for turn in walk(queue, spent)}
    assert given_turns.keys() == {one.id for one in queue}
    sent: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for one in queue:
        turn = given_turns[one.id]
        assert turn is not None
        assert turn >= one.at
        sent[one.channel].append((turn, 1 + one.images))
    before = [(one.at, 1) for one in spent]
    assert fits(sorted(before + sent[1]), PER_CHANNEL)
    assert fits(sorted(sent[2]), PER_CHANNEL)
    assert fits(sorted(before + [(when, 1) for times in sent.values() for when, _ in times]), PER_BOT)
    for times in sent.values():
        assert times == sorted(times, key=lambda one: one[0])


def test_what_is_larger_than_the_whole_quota_goes_alone() -> None:
    turns_ = walk([waiting(1, 1, 0), waiting(2, 1, 0, images=9), waiting(3, 1, 0)], [])
    assert [turn.at for turn in turns_] == [at(0), at(60), at(120)]


def test_what_would_be_too_late_takes_nothing_from_those_behind_it() -> None:
    hasty = Waiting(id=2, channel=1, at=at(0), latest=at(30))
    found = turns([waiting(1, 1, 0), hasty, waiting(3, 1, 0)], {1: [Gate(quotas=[spacing(60)])]})
    assert [(turn.id, turn.at) for turn in found] == [(1, at(0)), (2, None), (3, at(60))]


def test_what_comes_back_stands_before_what_was_due_after_it() -> None:
    """A repeat is due first of all: pacing lets it pass those who wait, and so must a forecast."""
    queue = [waiting(1, 1, 70), waiting(2, 1, 0), waiting(3, 1, 0), waiting(4, 1, 0)]
    found = turns(queue, {1: [Gate(quotas=[spacing(60)])]})
    assert [(turn.id, turn.at) for turn in found] == [(2, at(0)), (3, at(60)), (1, at(120)), (4, at(180))]


def test_an_overdrawn_allowance_of_images_keeps_no_words_waiting() -> None:
    images = Quota(name="images", limit=30, window_s=1800, scope="channel", unit="uploads", per_image=1)
    ceiling = Ceiling(quota=images, remaining=1, seen_at=at(-5), resets_at=at(90))
    gate = Gate(quotas=[], spent=[Spent(at=at(0), posts=1, images=4)], ceilings=[ceiling])
    found = turns([waiting(1, 1, 0), waiting(2, 1, 0, images=1)], {1: [gate]})
    assert [(turn.id, turn.at) for turn in found] == [(1, at(0)), (2, at(90))]


def test_what_a_platform_said_is_left_counts_from_then_on() -> None:
    ceiling = Ceiling(quota=PER_BOT, remaining=2, seen_at=at(-5), resets_at=at(90))
    gate = Gate(quotas=[], spent=[Spent(at=at(-3), posts=1, images=0)], ceilings=[ceiling])
    found = turns([waiting(number, 1, 0) for number in range(3)], {1: [gate]})
    assert [turn.at for turn in found] == [at(0), at(90), at(90)]
