"""What carries requests is a setting, and a missing one is said before anything is sent."""

import pytest

from config.settings import load_settings
from connectors import carriers
from scheduler.core.problems import Refused
from workers.bootstrap import open_runtime, set_up


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_fast_transport_is_refused_where_it_is_not_installed(
    database_url: str, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carriers, "find_spec", lambda _: None)
    set_up(load_settings())
    open_runtime(load_settings()).close()
    monkeypatch.setenv("POSTROAD_HTTP_TRANSPORT", "fast")
    with pytest.raises(Refused):
        open_runtime(load_settings())


def test_another_transport_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTROAD_HTTP_TRANSPORT", "carrier pigeon")
    with pytest.raises(ValueError, match="http_transport"):
        load_settings()
