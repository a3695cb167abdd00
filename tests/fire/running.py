"""Rounds: a whole fleet, a burst, a disturbance, a time to settle, a verdict."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

from tests.fire.fleet import Fleet, fleet
from tests.fire.judging import judge
from tests.fire.kind import Kind, Result

ROUNDS_A_FLEET = 8


def play(ours: Fleet, kind: Kind, deliveries: int) -> Result:
    """One round on a fleet that was used before; never raises for what the disturbance did."""
    began = time.monotonic()
    ours.heal()
    ours.forget_hints()
    restarts = sum(member.restarts for member in ours.members)
    kind.before(ours)
    ours.approve(kind, deliveries)
    failure = _failure(ours, kind)
    ours.heal()
    ours.settle(kind.settle_s)
    restarts = sum(member.restarts for member in ours.members) - restarts
    result = judge(ours, kind, restarts=restarts, took_s=time.monotonic() - began)
    return replace(result, breaches=(*failure, *result.breaches))


def rounds(
    kinds: Sequence[Kind],
    folder: Path,
    *,
    seed: int,
    deliveries: int | None = None,
    fleets: int = 1,
    on_one: int = ROUNDS_A_FLEET,
) -> Iterator[Result]:
    """Play all kinds on so many fleets at the same time, `on_one` after each other; results as they come.

    Each with as many deliveries as it names itself, unless that is said here.
    """
    lots = [lot for embedded in (False, True) for lot in _lots(kinds, on_one, embedded=embedded)]
    done: SimpleQueue[Result] = SimpleQueue()
    with ThreadPoolExecutor(fleets) as pool:
        for number, lot in enumerate(lots):
            place = folder / f"fleet-{number}"
            place.mkdir(parents=True)
            pool.submit(_play_lot, lot, place, seed + number, deliveries, done)
        for _ in kinds:
            yield done.get()


def _play_lot(
    lot: Sequence[Kind], place: Path, seed: int, deliveries: int | None, done: "SimpleQueue[Result]"
) -> None:
    """Several kinds on one fleet; a fleet that cannot even begin fails all of them."""
    left = list(lot)
    try:
        with fleet(place, seed=seed, embedded=lot[0].embedded) as ours:
            while left:
                result = play(ours, left[0], deliveries or left[0].deliveries)
                done.put(result)
                del left[0]
    except Exception as error:  # noqa: BLE001 - whoever waits for the results must not wait in vain
        for kind in left:
            done.put(_not_played(kind, error))


def _lots(kinds: Sequence[Kind], on_one: int, *, embedded: bool) -> Iterator[Sequence[Kind]]:
    """Kinds that share a fleet, which is new after a while."""
    wanted = [kind for kind in kinds if kind.embedded is embedded]
    return (wanted[start : start + on_one] for start in range(0, len(wanted), on_one))


def _not_played(kind: Kind, error: Exception) -> Result:
    what = str(error).splitlines() or [""]
    words = f"not played: {type(error).__name__}: {what[0]}"
    return Result(kind=kind.name, group=kind.group, breaches=(words,))


def _failure(ours: Fleet, kind: Kind) -> tuple[str, ...]:
    """What kept the disturbance from taking place: then the round proves nothing."""
    try:
        kind.play(ours)
    except Exception as error:  # noqa: BLE001 - told as a breach, and the fleet must be made whole again
        return (f"the disturbance failed: {type(error).__name__}: {error}",)
    return ()
