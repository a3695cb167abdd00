"""What befalls the broker and its messages: gone, emptied, repeated, stolen, forged, old, far too many."""

import json
from collections.abc import Iterable

import redis

from tests.fire.fleet import CHUNK, Fleet
from tests.fire.kind import Due, Kind
from workers.celery_app import QUEUE, SCHEMA, TASK, make_app, pack

LIST = f"postroad:{QUEUE}"
TEN = 10
BACKLOG = 100_000
STOLEN_FOR_S = 12
HUGE = 2**70


def flush(fleet: Fleet) -> None:
    """Everything in the broker is deleted each second."""
    for _ in fleet.while_busy(every_s=1, limit_s=30):
        fleet.valkey.flush()


def restart(fleet: Fleet) -> None:
    """The broker, which keeps nothing on disk, crashes and comes back."""
    for _ in range(4):
        fleet.pause(2)
        fleet.valkey.process.kill()
        fleet.valkey.process.start()


def leave(fleet: Fleet) -> None:
    """The broker is away before the first delivery is due."""
    fleet.valkey.process.stop()


def stay_away(fleet: Fleet) -> None:
    """The broker is away until all is published without it."""
    for _ in fleet.while_busy(every_s=1, limit_s=60):
        assert not fleet.valkey.process.alive


def repeat(fleet: Fleet) -> None:
    """Every hint comes ten times more, from before it is due."""
    ids = [row.id for row in fleet.deliveries()]
    for _ in fleet.while_busy(every_s=0.5, limit_s=20):
        _send(fleet, [pack(ids[start : start + CHUNK]) for start in range(0, len(ids), CHUNK)] * TEN)


def steal(fleet: Fleet) -> None:
    """Somebody else takes hints off the queue, in competition with the workers."""
    with redis.Redis.from_url(fleet.valkey.url) as thief:
        for _ in fleet.while_busy(every_s=0, limit_s=STOLEN_FOR_S):
            while thief.brpop([LIST], timeout=1):
                pass


def forge(fleet: Fleet) -> None:
    """Hints with ids that do not exist, that are no ids, and messages that are no hints."""
    ids = [row.id for row in fleet.deliveries()]
    bodies: list[object] = [
        {"schema": SCHEMA, "deliveries": [*range(-5, 0), HUGE, *range(10**9, 10**9 + 50)]},
        {"schema": SCHEMA, "deliveries": ["1", None, 1.5, True, {"id": ids[0]}]},
        {"schema": SCHEMA, "deliveries": str(ids)},
        {"schema": SCHEMA, "deliveries": ids, "approved": True, "state": "ready"},
        ids,
        "drop table delivery",
        None,
    ]
    _send(fleet, bodies)
    with redis.Redis.from_url(fleet.valkey.url) as client:
        client.lpush(LIST, b"\xff\xfenot json", b"{}", b"[]")
    for _ in fleet.while_busy(every_s=1, limit_s=20):
        _send(fleet, bodies)


def speak_old(fleet: Fleet) -> None:
    """Hints as earlier and later versions might send them, of tasks that are gone too."""
    ids = [row.id for row in fleet.deliveries()]
    for _ in fleet.while_busy(every_s=1, limit_s=20):
        _send(fleet, [{"schema": SCHEMA - 1, "deliveries": ids}, {"schema": SCHEMA + 1, "deliveries": ids}])
        _send(fleet, [{"schema": SCHEMA, "deliveries": ids}], task="postroad.publish")


def pile_up(fleet: Fleet) -> None:
    """A hundred thousand old hints wait before the first good one."""
    with redis.Redis.from_url(fleet.valkey.url) as client:
        _send(fleet, [{"schema": SCHEMA, "deliveries": list(range(1, CHUNK + 1))}], queue="pattern")
        pattern = client.lpop("postroad:pattern")
        assert isinstance(pattern, bytes)
        tag = json.loads(pattern)["properties"]["delivery_tag"].encode()
        for start in range(0, BACKLOG, 1000):
            messages = [
                pattern.replace(tag, b"%s%d" % (tag[:-6], number)) for number in range(start, start + 1000)
            ]
            client.rpush(LIST, *messages)


def _send(fleet: Fleet, bodies: Iterable[object], *, task: str = TASK, queue: str = QUEUE) -> None:
    app = make_app(fleet.valkey.url)
    for body in bodies:
        app.send_task(task, kwargs={"hint": body}, queue=queue, retry=False)
    app.close()


KINDS = (
    Kind(name="broker-flushed", group="broker", play=flush),
    Kind(name="broker-restarted", group="broker", play=restart),
    Kind(name="broker-away", group="broker", before=leave, play=stay_away),
    Kind(name="hints-ten-times", group="broker", play=repeat),
    Kind(name="hints-lost", group="broker", play=steal),
    Kind(name="hints-forged", group="broker", play=forge),
    Kind(name="hints-of-other-versions", group="broker", play=speak_old),
    Kind(name="hints-piled-up", group="broker", play=pile_up, settle_s=240, due=Due(in_s=5)),
)
