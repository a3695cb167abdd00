"""The compose file and the image fit the program and are closed as far as they can be.

No Docker engine is at hand where these run; the file's shape was checked against the compose-spec schema by
`check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml` on 2026-11-22.
"""

import re
from dataclasses import fields
from importlib.metadata import requires
from typing import Any

import pytest
import yaml

from bench.image import SETTINGS
from config.settings import PREFIX, Settings
from docs.generating.commands import commands
from scheduler.store.reach.stretch import SUITING
from tests.house_rules.sources import HOME

COMPOSE: dict[str, Any] = yaml.safe_load((HOME / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
LASTING = ("postgres", "valkey", "planner", "worker")
DOCKERFILE = (HOME / "Dockerfile").read_text(encoding="utf-8")


def variables() -> set[str]:
    names = {f"{PREFIX}{one.name.upper()}" for one in fields(Settings)}
    return names | {f"{name}_FILE" for name in names}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_closed(name: str) -> None:
    service = SERVICES[name]
    assert service["user"].partition(":")[0] not in ("", "0", "root")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service
    assert "ports" not in service
    assert re.search(r":\d", service["image"])
    assert service["stop_grace_period"]


@pytest.mark.parametrize("name", LASTING)
def test_what_keeps_running_is_watched_and_restarted(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


def test_the_tables_are_there_before_anyone_uses_them() -> None:
    assert SERVICES["migrate"]["command"] == ["init"]
    assert SERVICES["migrate"]["restart"] == "no"
    for name in ("planner", "worker"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert SERVICES[name]["deploy"]["replicas"] >= 2


def test_what_processes_of_the_database_share_in_a_report_has_room() -> None:
    """By default three of them share a hash table of twice `work_mem` each; Docker leaves them 64 MB."""
    shared_mb = 2 * 3 * int(SUITING["work_mem"].removesuffix("MB"))
    assert int(SERVICES["postgres"]["shm_size"].removesuffix("gb")) * 1024 >= 2 * shared_mb


def test_our_services_run_commands_that_exist() -> None:
    known = dict(commands())
    for service in OURS.values():
        command, *options = service["command"]
        names = {name for one in known[f"postroad {command}"].params for name in one.opts}
        assert {option for option in options if option.startswith("--")} <= names


def test_our_services_are_asked_where_they_listen() -> None:
    for name in ("planner", "worker"):
        port = SERVICES[name]["environment"]["POSTROAD_HEALTH_LISTEN"].rpartition(":")[2]
        *python, script = SERVICES[name]["healthcheck"]["test"]
        assert python == ["CMD", "python", "-c"]
        assert f'"http://127.0.0.1:{port}/healthz"' in script
        compile(script, "healthcheck", "exec")


def test_our_services_are_given_settings_that_exist() -> None:
    given = {name for service in OURS.values() for name in service["environment"]}
    baked = set(re.findall(rf"\b{PREFIX}[A-Z_]+", DOCKERFILE))
    assert given | baked <= variables()


def test_no_secret_stands_in_the_environment() -> None:
    secret = re.compile(r"PASSWORD|SECRET|TOKEN|_URL")
    for service in SERVICES.values():
        exposed = [name for name in service.get("environment", {}) if secret.search(name)]
        assert all(name.endswith("_FILE") for name in exposed)
        assert {service["environment"][name].rpartition("/")[2] for name in exposed} <= set(
            service["secrets"]
        )


def test_what_is_named_is_declared() -> None:
    for service in SERVICES.values():
        volumes = {volume.partition(":")[0] for volume in service.get("volumes", ())}
        assert {volume for volume in volumes if not volume.startswith(".")} <= set(COMPOSE["volumes"])
        assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
        assert set(service["networks"]) <= set(COMPOSE["networks"])


def test_keys_live_apart_from_the_database_and_are_written_by_nobody_but_init() -> None:
    writers = {name for name, service in OURS.items() if "keys:/var/lib/postroad-keys" in service["volumes"]}
    assert writers == {"migrate"}
    assert "keys:" not in str(SERVICES["postgres"]["volumes"])


def test_the_image_is_pinned_by_hash_and_runs_as_nobody() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert bases == ["python:3.11-slim-bookworm"] * 2
    installs = re.findall(r"pip install ([^\\\n]+)", DOCKERFILE)
    assert all("--require-hashes" in one or "--no-index" in one for one in installs)
    assert re.findall(r"^USER (\d+)", DOCKERFILE, re.MULTILINE) == ["10001"]


def test_the_image_copies_what_is_there_and_what_git_would_send() -> None:
    sources = [
        word
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for word in line.split()[:-1]
    ]
    ignored = (HOME / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    for source in sources:
        assert (HOME / source).exists()
        assert source in kept or re.sub(r"(-dev)?\.lock$", "*.lock", source) in kept


def test_what_builds_the_wheel_is_named_in_full() -> None:
    """The Dockerfile picks the build's packages out of the lock file by name."""
    named = set(re.findall(r"[\w-]+", re.search(r"\^\(([^)]+)\)==", DOCKERFILE)[1]))  # type: ignore[index]
    needed, open_ = set(), ["hatchling"]
    while open_:
        needed.add(name := open_.pop())
        lines = [
            line for line in requires(name) or () if "extra ==" not in line and "python_version <" not in line
        ]
        open_ += [found for line in lines if (found := re.match(r"[\w-]+", line)[0]) not in needed]  # type: ignore[index]
    assert named == needed


def test_memory_is_measured_as_the_image_runs() -> None:
    set_there = dict(re.findall(r"\b(PYTHON[A-Z]+|MALLOC[A-Z_]+)=(\S+)", DOCKERFILE.rpartition("FROM ")[2]))
    assert set_there.items() >= SETTINGS.items()
