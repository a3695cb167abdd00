"""Hints are only hints: forged, damaged, lost or doubled ones do no harm."""

import asyncio
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue

import pytest
import redis

from connectors.http import Http
from scheduler.services.delivery import planning
from scheduler.services.delivery.planning import HintLost
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Delivery
from tests.servers.ports import free_port
from tests.servers.valkey import Valkey
from workers.celery_app import QUEUE, make_app, pack, unpack
from workers.dispatchers import CeleryDispatcher, LocalDispatcher
from workers.network import LoopNetwork


def test_a_hint_is_read_as_it_was_packed() -> None:
    assert unpack(pack([3, 1, 2])) == [3, 1, 2]


@pytest.mark.parametrize(
    "forged",
    [
        *(None, [], "17", 17, {}),
        {"schema": 2, "deliveries": [1]},
        {"schema": 1, "deliveries": "1"},
        {"schema": 1, "deliveries": [True, "2", 3.5, None, {"id": 4}, 0, -1, 2**63]},
    ],
)
def test_anything_else_hints_at_nothing(forged: object) -> None:
    assert unpack(forged) == []


def test_a_dead_broker_is_noticed_quickly_and_by_name() -> None:
    dispatcher = CeleryDispatcher(make_app(f"redis://127.0.0.1:{free_port()}/0"))
    started = time.monotonic()
    with pytest.raises(HintLost):
        dispatcher.announce([1])
    assert time.monotonic() - started < 3


def test_what_is_no_message_ends_no_worker(valkey_server: Valkey) -> None:
    app = make_app(valkey_server.url)
    received: list[object] = []
    with redis.Redis.from_url(valkey_server.url) as client:
        client.lpush(f"postroad:{QUEUE}", b"\xff\xfe", b"{}", b"[]", b"5")
    app.send_task("hint", kwargs=pack([7]), retry=False)
    with app.connection_for_read() as connection, connection.SimpleQueue(QUEUE) as queue:
        while not received:
            with suppress(Empty):
                received.append(queue.get(timeout=1).payload[1])
    assert received == [pack([7])]


class LosingDispatcher:
    """A broker that is away."""

    def __init__(self) -> None:
        self.asked = 0

    def announce(self, delivery_ids: Sequence[int]) -> None:
        self.asked += 1
        raise HintLost(f"away: {delivery_ids}")


def test_a_tick_stops_at_the_first_lost_hint_and_knows_what_nobody_was_told(runtime: Runtime) -> None:
    dispatcher = LosingDispatcher()
    assert planning._announce(runtime, dispatcher, [[1], [2], [3], [4]]) == [1, 2, 3, 4]
    assert dispatcher.asked == 1


def test_hints_for_rows_that_do_not_exist_change_nothing(runtime: Runtime) -> None:
    assert planning.attend(runtime, [4711, -1, 2**40]) == 0
    with runtime.begin() as session:
        assert session.query(Delivery).count() == 0


def test_the_local_pool_attends_to_every_hint_before_it_is_drained(runtime: Runtime) -> None:
    dispatcher = LocalDispatcher(runtime, threads=2)
    for hint in range(20):
        dispatcher.announce([hint])
    dispatcher.drain()
    assert dispatcher._open == 0
    dispatcher.close()


def test_calls_run_at_the_same_time_and_fail_one_by_one() -> None:
    network, both = LoopNetwork(), threading.Barrier(2, timeout=30)

    async def meet(_http: Http) -> str:

        await asyncio.to_thread(both.wait)
        return "met"

    async def fail(_http: Http) -> str:
        raise ValueError("alone")

    results = network.gather([meet, fail, meet])
    assert results[0] == results[2] == "met"
    assert isinstance(results[1], ValueError)
    network.close()


def test_who_waits_when_the_network_is_closed_gets_what_was_answered() -> None:
    network, answered = LoopNetwork(), threading.Event()
    told: SimpleQueue[list[str | Exception]] = SimpleQueue()

    async def answer(_http: Http) -> str:
        answered.set()
        return "live"

    async def keep_waiting(_http: Http) -> str:
        return await asyncio.Future()

    calls = [answer, keep_waiting]
    threading.Thread(target=lambda: told.put(network.gather(calls)), daemon=True).start()
    answered.wait(30)
    network.close()
    live, unknown = told.get(timeout=30)
    assert live == "live"
    assert isinstance(unknown, RuntimeError)
