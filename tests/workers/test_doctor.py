"""What a person got wrong in the surroundings is named by the doctor, with what to do."""

from pathlib import Path

import pytest
from sqlalchemy import update

from config.settings import Settings, load_settings
from scheduler.services.channels.enrolling import import_channels
from scheduler.services.members import find_member
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Channel
from tests.servers.ports import free_port
from tests.services.tables import ONE_DATABASE, channel_rows, write_table
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


@ONE_DATABASE
def test_channels_whose_connector_is_gone_are_named(
    runtime: Runtime, settings: Settings, tmp_path: Path
) -> None:
    rows = channel_rows("https://social.example")
    import_channels(runtime, write_table(tmp_path / "channels.csv", rows), by=find_member(runtime, "Lin"))
    with runtime.begin() as session:
        session.execute(update(Channel).where(Channel.name == "cairo").values(platform="orkut"))
    found = {one.title: one.problem for one in examine(settings)}["every channel has its connector"]
    assert found
    assert found.params == {"platforms": "orkut", "channels": "cairo"}
