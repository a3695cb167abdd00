"""Settings come from the environment or from files; a wrong one is named before anything is done."""

from pathlib import Path

import pytest

from config.reading import WrongSettings
from config.settings import load_settings


def test_each_kind_is_read_and_an_empty_text_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"DATA": "~/desk", "LEASE_S": "30", "CHUNK": "250", "MEMBER": "", "READING_BUDGET": "x=20.5"}
    told["LANGUAGE"] = "zh_CN.UTF-8"
    for name, text in told.items():
        monkeypatch.setenv(f"POSTROAD_{name}", text)
    settings = load_settings()
    assert settings.data == Path.home() / "desk"
    assert (settings.lease_s, settings.chunk, settings.member) == (30.0, 250, None)
    assert settings.reading_budgets == {"x": 20_500_000}


def test_all_that_is_wrong_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {
        "CHUNK": "many",
        "SMTP_PORT": "0",
        "LEASE_S": "601",
        "KEEP_READINGS_DAYS": "399",
        "TICK_S": "soon",
        "REPORT_AT": "noon",
        "LOG_LEVEL": "INFO\n",
        "LANGUAGE": "xx",
        "TIME_ZONE": "Mars/Olympus",
        "DATABASE_URL": "mysql://desk:opensesame@db/desk",
        "REDIS_URL": "localhost",
    }
    for name, text in told.items():
        monkeypatch.setenv(f"POSTROAD_{name}", text)
    with pytest.raises(WrongSettings) as told_off:
        load_settings(tick_s="0", chunks="10")
    assert set(told_off.value.wrong) == {name.lower() for name in told} | {"chunks"}
    assert str(told_off.value.wrong["lease_s"]) == "it has to be from 1 to 600"
    assert str(told_off.value.wrong["report_at"]) == "write it like Mon 08:00"
    assert str(told_off.value.wrong["language"]) == "write it like en | zh-CN"
    assert "opensesame" not in str(told_off.value)


def test_a_file_goes_before_the_variable_and_no_secret_is_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "url"
    file.write_text("postgresql://desk:opensesame@db/desk\n")
    monkeypatch.setenv("POSTROAD_DATABASE_URL_FILE", str(file))
    monkeypatch.setenv("POSTROAD_DATABASE_URL", "sqlite://")
    settings = load_settings()
    assert settings.database == "postgresql://desk:opensesame@db/desk"
    assert "opensesame" not in repr(settings)
