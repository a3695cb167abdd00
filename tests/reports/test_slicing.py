"""The matrix cut along its dimensions, and sums of its slices."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.facts import ChannelFact
from scheduler.core.figures import Figure, Part, add_up, join
from scheduler.reports.dataset import Dimension
from scheduler.reports.figures.slicing import Matrix

BEGUN_AT = datetime(2026, 1, 1, tzinfo=UTC)


class Told(NamedTuple):
    """What a channel adds in a campaign."""

    channel_id: int
    campaign: str | None
    part: Part


def _told(channel: int, campaign: str | None, value: int | None, whole: bool) -> Told:
    return Told(channel, campaign, Part(channel, value, whole=whole))


def _add(told: Sequence[Told]) -> Figure:
    return add_up([one.part for one in told])


kinds = st.tuples(st.sampled_from("pq"), st.sampled_from(["fr", "es"]), st.sampled_from(["", "FR", "MX"]))
facts = st.builds(
    _told, st.integers(0, 7), st.sampled_from([None, "", "a", "b"]), st.none() | st.integers(), st.booleans()
)


@given(st.lists(kinds, min_size=1, max_size=6), st.lists(facts), st.sets(st.sampled_from(Dimension)))
def test_every_slice_comes_to_what_its_facts_come_to(
    channels: list[tuple[str, str, str]], told: list[Told], dimensions: set[Dimension]
) -> None:
    every = {
        id_: ChannelFact(
            id=id_,
            name=str(id_),
            title="",
            platform=platform,
            language=language,
            region=region,
            begun_at=BEGUN_AT,
        )
        for id_, (platform, language, region) in enumerate(channels)
    }
    matrix = Matrix(every, dimensions | {Dimension.CHANNEL})
    assert matrix.sums(told, _add, join) == {place: _add(found) for place, found in matrix.cut(told).items()}
