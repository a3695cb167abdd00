"""What befalls access tokens: revoked while in use, raced for, lost with the process that renewed them."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import func, select, update

from scheduler.core.states import State
from scheduler.services.channels.connecting import connect
from scheduler.services.desk.releasing import held_on, release
from scheduler.services.members import find_member
from scheduler.store.tables import Channel, Credential
from tests.fire.fleet import Fleet
from tests.fire.kind import Due, Kind
from tests.fire.kinds.answers import watch
from tests.fire.member import Member

REVOKED = ("bluesky-ar", "mastodon-fr", "wordpress-zh-cn", "telegram-en")
BURST = Due(over_s=10)
ALL_UP_S = 25.0
MORE_WORKERS = 6
EXPIRIES = 10


def revoke(fleet: Fleet) -> None:
    """A channel of each platform loses its access in mid-burst; a person reconnects it and lets it go on."""
    fleet.pause(BURST.in_s + BURST.over_s / 3)
    for name in REVOKED:
        _stand(fleet, name, "revoked")
    watch(fleet)
    held = sum(row.state == State.HELD for row in fleet.deliveries())
    for name in REVOKED:
        _stand(fleet, name, "ok")
        secret = json.dumps(fleet.accounts[name].secret)
        connect(fleet.runtime, name, secret, by=find_member(fleet.runtime, "Lin"))
        release(fleet.runtime, held_on(fleet.runtime, name), by=find_member(fleet.runtime, "Mei"))
    if not held:
        raise RuntimeError("nothing was held for its token")


def race(fleet: Fleet) -> None:
    """Eight workers find a lapsed token again and again, and each refresh token is good for one use."""
    with more_workers(fleet), strict_rotation(fleet):
        fleet.pause(ALL_UP_S)
        renewed = 0
        for _ in range(EXPIRIES):
            _expire(fleet)
            fleet.pause(1)
            renewed += _renewed(fleet)
        watch(fleet)
    if not renewed:
        raise RuntimeError("no token was renewed")


def die_with_renewed_tokens(fleet: Fleet) -> None:
    """Processes die between the platform's new token and the database, wherever that happens."""
    with strict_rotation(fleet):
        for point in ("renewed", "renewal_spooled"):
            for member in fleet.members:
                member.start(f"{point}:kill")
            _expire(fleet)
            watch_deaths(fleet)
            for member in fleet.members:
                member.start()
            _let_leases_lapse(fleet)
        watch(fleet)


def watch_deaths(fleet: Fleet, *, seconds: int = 20) -> None:
    """Return once a process has died; RuntimeError when all live on."""
    for _ in range(seconds):
        if not all(member.alive for member in fleet.members):
            return
        fleet.pause(1)
    raise RuntimeError("no token was renewed")


@contextmanager
def more_workers(fleet: Fleet) -> Iterator[None]:
    """Six workers beside the two."""
    first = fleet.workers[0]
    more = [
        Member(
            name=f"more-{number}", command=first.command, folder=first.folder, environment=first.environment
        )
        for number in range(MORE_WORKERS)
    ]
    try:
        for worker in more:
            worker.start()
        yield
    finally:
        for worker in more:
            worker.kill()


@contextmanager
def strict_rotation(fleet: Fleet) -> Iterator[None]:
    """While inside, a refresh token dies at its first use."""
    fleet.sandbox.set_rotation(strict=True)
    try:
        yield
    finally:
        fleet.sandbox.set_rotation(strict=False)


def no_token_was_used_twice(fleet: Fleet) -> Iterable[str]:
    """A refused refresh is a token that two asked with, or that was lost."""
    log = fleet.sandbox.log(fleet.burst.since)
    refused = [entry for entry in log if entry.effect == "refused" and "refreshSession" in entry.text]
    if refused:
        yield f"{len(refused)} renewals were asked for with a spent token"


def _stand(fleet: Fleet, name: str, standing: Any) -> None:
    face = name.partition("-")[0]
    fleet.sandbox.set_standing(face, fleet.accounts[name].handle, standing)


def _expire(fleet: Fleet) -> None:
    """Let every token that lapses at all have lapsed."""
    now = fleet.runtime.clock.now()
    with fleet.runtime.begin() as session:
        session.execute(update(Credential).where(Credential.expires_at.is_not(None)).values(expires_at=now))


def _renewed(fleet: Fleet) -> int:
    """How many tokens are good for some time again."""
    fresh = select(func.count()).where(Credential.expires_at > fleet.runtime.clock.now())
    with fleet.runtime.begin() as session:
        return session.scalar(fresh) or 0


def _let_leases_lapse(fleet: Fleet) -> None:
    """As if the two minutes for which a dead process keeps the turn to renew had passed."""
    bluesky = select(Channel.id).where(Channel.platform == "bluesky")
    with fleet.runtime.begin() as session:
        session.execute(
            update(Credential)
            .where(Credential.channel_id.in_(bluesky))
            .values(lease_until=fleet.runtime.clock.now())
        )


def _kind(name: str, play: Callable[[Fleet], None], *, due: Due = BURST, **more: Any) -> Kind:
    return Kind(name=f"tokens-{name}", group="tokens", play=play, due=due, **more)


KINDS = (
    _kind("revoked-in-mid-burst", revoke),
    _kind(
        "eight-racing-a-rotating-refresh",
        race,
        check=no_token_was_used_twice,
        due=Due(in_s=ALL_UP_S, over_s=EXPIRIES),
    ),
    _kind("crash-after-the-refresh-answer", die_with_renewed_tokens, doubtful=True),
)
