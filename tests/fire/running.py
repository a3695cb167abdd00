"""Rounds: a whole fleet, a burst, a disturbance, a time to settle, a verdict."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tests.fire.fleet import Fleet, fleet
from tests.fire.judging import judge
from tests.fire.kind import Kind, Result

ROUNDS_A_FLEET = 12


def play(ours: Fleet, kind: Kind, deliveries: int) -> Result:
    """One round on a fleet that was used before; never raises for what the disturbance did."""
    began = time.monotonic()
    ours.heal()
    restarts = sum(member.restarts for member in ours.members)
    ours.approve(kind, deliveries)
    failure = _failure(ours, kind)
    ours.heal()
    ours.settle(kind.settle_s)
    restarts = sum(member.restarts for member in ours.members) - restarts
    result = judge(ours, kind, restarts=restarts, took_s=time.monotonic() - began)
    return replace(result, breaches=(*failure, *result.breaches))


def rounds(kinds: Sequence[Kind], folder: Path, *, seed: int, deliveries: int) -> Iterator[Result]:
    """Play all kinds, those of one sort of installation on the same fleet, a new one now and then."""
    for embedded in (False, True):
        wanted = [kind for kind in kinds if kind.embedded is embedded]
        for start in range(0, len(wanted), ROUNDS_A_FLEET):
            place = folder / f"fleet-{embedded:d}-{start}"
            place.mkdir(parents=True)
            with fleet(place, seed=seed, embedded=embedded) as ours:
                for kind in wanted[start : start + ROUNDS_A_FLEET]:
                    yield play(ours, kind, deliveries)


def _failure(ours: Fleet, kind: Kind) -> tuple[str, ...]:
    """What kept the disturbance from taking place: then the round proves nothing."""
    try:
        kind.play(ours)
    except Exception as error:  # noqa: BLE001 - told as a breach, and the fleet must be made whole again
        return (f"the disturbance failed: {type(error).__name__}: {error}",)
    return ()
