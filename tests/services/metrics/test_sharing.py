"""What was read of several channels is stored at the same time."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Barrier

from sqlalchemy.orm import Session

from scheduler.services.metrics.sharing import share_out, takers
from scheduler.services.runtime import Runtime

PATIENCE_S = 30


@dataclass(frozen=True, slots=True)
class Seen:
    channel_id: int


def test_all_takers_are_at_it_at_once_each_with_channels_of_its_own(runtime: Runtime) -> None:
    with runtime.begin() as session:
        at_once = takers(session)
    together = Barrier(at_once)

    def take(_session: Session, share: Sequence[Seen]) -> list[int]:
        together.wait(PATIENCE_S)
        return [one.channel_id for one in share]

    shares = share_out(runtime, at_once, [Seen(n % 5 * 2) for n in range(20)], take)
    assert len(shares) == at_once
    assert sorted(channel for share in shares for channel in set(share)) == [0, 2, 4, 6, 8]
    assert sorted(map(len, shares)) == ([8, 12] if at_once > 1 else [20])


def test_of_a_single_channel_there_is_one_share_and_of_none_there_is_none(runtime: Runtime) -> None:
    def take(_session: Session, share: Sequence[Seen]) -> int:
        return len(share)

    assert share_out(runtime, 2, [Seen(7)] * 3, take) == [3]
    assert share_out(runtime, 2, [], take) == []
