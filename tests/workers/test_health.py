"""What a running process tells about itself: metrics that are the list's numbers, alive, ready or why not."""

import json
import re
import subprocess
from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from config.settings import Settings, load_settings
from connectors.sandbox import SandboxServer
from scheduler.core.states import State
from scheduler.services.delivery import planning, stepping
from scheduler.services.desk.attention import attention
from scheduler.services.members import find_member
from scheduler.services.runtime import Runtime
from scheduler.services.vitals import read_vitals
from scheduler.testing import FakeClock, RecordingDispatcher, add_delivery
from tests.e2e.installation import POSTROAD
from tests.house_rules.sources import HOME
from tests.servers.ports import free_port
from tests.services.test_vitals import stall
from tests.services.working import connect_face
from workers.health import Health
from workers.listening import serving_health
from workers.liveness import Check, Pulse
from workers.readiness import NO_BROKER

MINUTE = timedelta(minutes=1)


def get(url: str) -> tuple[int, str]:
    """Status and body, whatever the status."""
    answer = httpx.get(url, timeout=10)
    return answer.status_code, answer.text


def checks(body: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body)["checks"]
    return found


def metrics(body: str) -> dict[tuple[str, ...], float]:
    """Each sample by its name and its labels' values, in the order of the labels' names."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }


def alive() -> Check:
    return Check(name="planner")


@pytest.fixture
def health(settings: Settings, runtime: Runtime) -> Health:
    """What a planner with this runtime would answer."""
    return Health(settings, runtime, alive)


def read_metrics(health: Health) -> dict[tuple[str, ...], float]:
    return metrics(health.answer("/metrics")[2].decode())


def test_unconfirmed_is_the_same_number_everywhere(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock, health: Health
) -> None:
    telegram, mastodon = (connect_face(runtime, sandbox, face) for face in ("telegram", "mastodon"))
    stall(runtime, *(add_delivery(runtime, telegram, f"stalled {number}") for number in range(3)))
    stall(runtime, add_delivery(runtime, mastodon, "stalled too"))
    clock.advance(runtime.lease + MINUTE)
    planning.tick(runtime, RecordingDispatcher(), chunk=10)
    told = read_metrics(health)
    told_by_command = json.loads(
        subprocess.run([POSTROAD, "status", "--json"], check=True, capture_output=True, text=True).stdout
    )
    for platform, count in {"telegram": 3, "mastodon": 1}.items():
        assert told["postroad_unconfirmed", platform] == count
        assert told["postroad_deliveries", platform, "unconfirmed"] == count
        assert told["postroad_attention", platform, "resolve", "unconfirmed"] == count
        assert read_vitals(runtime).count(State.UNCONFIRMED, platform) == count
        assert sum(c.count for c in attention(runtime) if c.platform == platform) == count
        (listed,) = (
            one["count"]
            for one in told_by_command["deliveries"]
            if (one["state"], one["platform"]) == ("unconfirmed", platform)
        )
        assert listed == count


def test_lateness_is_a_histogram_of_the_last_hour(
    runtime: Runtime, sandbox: SandboxServer, clock: FakeClock, health: Health
) -> None:
    channel = connect_face(runtime, sandbox, "mastodon")
    for late in (0, 2, 20):
        delivery = add_delivery(runtime, channel, f"{late} late", due_at=clock.now() - late * MINUTE)
        planning.tick(runtime, RecordingDispatcher(), chunk=10)
        planning.attend(runtime, [delivery])
    told = read_metrics(health)
    assert told["postroad_lateness_seconds_bucket", "60.0"] == 1
    assert told["postroad_lateness_seconds_bucket", "300.0"] == 2
    assert told["postroad_lateness_seconds_bucket", "+Inf"] == told["postroad_lateness_seconds_gcount",] == 3
    assert told["postroad_lateness_seconds_gsum",] == told["postroad_lateness_max_seconds",] + 120 == 1320


def test_the_documentation_names_every_metric(health: Health) -> None:
    page = (HOME / "docs" / "how-to" / "monitor.md").read_text(encoding="utf-8")
    told = {re.sub(r"_(gcount|gsum)$", "_bucket", name) for name, *_ in read_metrics(health)}
    named = set(re.findall(r"^\| `(postroad_\w+)", page, re.MULTILINE))
    of_a_leader_and_of_channels = {
        "postroad_leader_age_seconds",
        "postroad_deliveries",
        "postroad_unconfirmed",
        "postroad_attention",
    }
    assert told | of_a_leader_and_of_channels == named


def test_a_jump_and_a_clock_that_is_off_make_it_unready_until_they_are_gone(
    settings: Settings, runtime: Runtime, clock: FakeClock
) -> None:
    def clock_check() -> dict[str, Any]:
        status, _kind, body = Health(settings, runtime, alive).answer("/readyz")
        found: dict[str, Any] = checks(body.decode())["clock"]
        assert (status == 200) == found["ok"]
        return found

    assert clock_check() == {"ok": True, "reason": ""}
    clock.skew_by(MINUTE)
    assert clock_check() == {"ok": False, "reason": stepping.ASIDE}
    clock.skew_by(timedelta(0))
    clock.jump(timedelta(hours=1))
    planning.tick(runtime, RecordingDispatcher(), chunk=10)
    assert clock_check() == {"ok": False, "reason": stepping.JUMPED}
    assert read_metrics(Health(settings, runtime, alive))["postroad_clock_jump_seconds",] == 3600
    stepping.accept(runtime, reason="it is right", by=find_member(runtime, "Lin"))
    assert clock_check()["ok"]


def test_a_broker_that_is_away_and_a_lost_key_are_named_without_secrets(
    settings: Settings, runtime: Runtime, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect_face(runtime, sandbox, "mastodon")
    monkeypatch.setenv("POSTROAD_REDIS_URL", f"redis://:hunter22@127.0.0.1:{free_port()}/0")
    settings.keys.write_text("bW9yZSB0aGFuIHRoaXJ0eS10d28gYnl0ZXMgbG9uZyE=\n")
    status, _kind, body = Health(load_settings(), runtime, alive).answer("/readyz")
    found = checks(body.decode())
    assert status == 503
    assert {name for name, check in found.items() if not check["ok"]} == {"broker", "keys"}
    assert found["broker"]["reason"] == NO_BROKER
    assert found["keys"]["reason"]
    assert b"hunter22" not in body


def test_a_loop_is_alive_while_it_ticks_and_a_long_tick_is_given_its_time() -> None:
    now = [0.0]
    pulse = Pulse("planner", limit_s=15, busy_s=120, clock=lambda: now[0])
    with pulse.beating():
        now[0] += 119
        assert pulse().ok
        now[0] += 2
        assert not pulse().ok
    now[0] += 14
    assert pulse().ok
    now[0] += 2
    assert pulse() == Check(name="planner", reason="no tick for 16 s")


def test_it_is_served_where_it_is_asked_for_and_nowhere_else(
    settings: Settings, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving_health(settings, runtime, alive) as url:
        assert url == ""
    monkeypatch.setenv("POSTROAD_HEALTH_LISTEN", f"127.0.0.1:{free_port()}")
    with serving_health(load_settings(), runtime, alive) as url:
        assert get(f"{url}/healthz") == (
            200,
            '{"ok": true, "checks": {"planner": {"ok": true, "reason": ""}}}\n',
        )
        assert get(f"{url}/secrets")[0] == 404
        assert get(f"{url}/readyz")[0] == 200


def test_no_name_server_is_asked_before_it_answers(
    settings: Settings, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where none answers, that took as long as the machine waits for one: fifteen seconds and more."""
    asked: list[str] = []
    monkeypatch.setattr("socket.getfqdn", asked.append)
    monkeypatch.setenv("POSTROAD_HEALTH_LISTEN", f"127.0.0.1:{free_port()}")
    with serving_health(load_settings(), runtime, alive) as url:
        assert get(f"{url}/healthz")[0] == 200
    assert asked == []
