"""What an installation is set up on, and what it is opened with."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from config.settings import Settings, load_settings
from connectors.registry import BrokenConnector, connectors
from scheduler.core.problems import Refused
from scheduler.core.stopping import Scope, Target
from scheduler.services.desk.pausing import list_pauses, pause
from scheduler.services.members import find_member
from scheduler.services.runtime import Runtime
from scheduler.store import migrations
from tests.services.tables import ONE_DATABASE
from workers.bootstrap import open_runtime, set_up
from workers.waiting import agreeing


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A connector of others is installed that does not load."""
    distribution = tmp_path / "elsewhere" / "others-1.0.dist-info"
    distribution.mkdir(parents=True)
    (distribution / "METADATA").write_text("Metadata-Version: 2.1\nName: others\nVersion: 1.0\n")
    (distribution / "entry_points.txt").write_text("[postroad.connectors]\nbroken = nowhere:connector\n")
    monkeypatch.syspath_prepend(distribution.parent)
    connectors.cache_clear()
    yield
    connectors.cache_clear()


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:desk?mode=memory&cache=shared&uri=true"]
)
def test_a_database_in_memory_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="has to be a file"):
        set_up(load_settings(data=str(tmp_path / "data"), database_url=url))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("version", "said"), [("0018", "an earlier Postroad"), ("9999", "a newer Postroad")])
def test_books_of_another_version_are_not_called_nothing(
    runtime: Runtime, settings: Settings, version: str, said: str
) -> None:
    """Until 2026-11-23 whoever updated was told that nothing was set up here yet."""
    with runtime.begin() as session:
        session.execute(update(migrations.APPLIED).values(version_num=version))
    with pytest.raises(Refused, match=said):
        open_runtime(settings)


@ONE_DATABASE
@pytest.mark.usefixtures("broken")
def test_a_connector_that_does_not_load_keeps_nobody_from_pausing(
    runtime: Runtime, settings: Settings
) -> None:
    with closing(open_runtime(settings)) as opened:
        for target in (Target(scope=Scope.ALL), Target(scope=Scope.PLATFORM, name="bluesky")):
            pause(opened, target, reason="wait", by=find_member(opened, "Lin"))
        with pytest.raises(BrokenConnector, match="'broken' of others does not load"):
            agreeing(opened)
    assert [line.scope for line in list_pauses(runtime)] == [Scope.ALL, Scope.PLATFORM]
