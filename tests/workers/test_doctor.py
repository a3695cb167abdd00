"""What a person got wrong in the surroundings is named by the doctor, with what to do."""

from pathlib import Path

import pytest

from config.settings import load_settings
from tests.servers.ports import free_port
from workers.doctor import examine
from workers.readiness import NO_BROKER


def test_a_misspelt_variable_and_a_broker_that_is_away_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTROAD_DATBASE_URL", "postgresql://desk:opensesame@db/desk")
    monkeypatch.setenv("POSTROAD_DATABASE_URL_FILE", "")
    settings = load_settings(data=tmp_path, redis_url=f"redis://:opensesame@127.0.0.1:{free_port()}/0")
    wrong = {one.title: one for one in examine(settings) if not one.well}
    assert wrong["every POSTROAD_ variable is a setting"].seen == "POSTROAD_DATBASE_URL"
    away = wrong["the broker answers"].problem
    assert away
    assert away.message == NO_BROKER
    assert "opensesame" not in repr(wrong)
