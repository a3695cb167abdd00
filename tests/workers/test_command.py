"""The command's first step, and what leaves the process in its logs."""

import json
import logging
import os
import subprocess
import sys
import warnings
from importlib import import_module
from pathlib import Path

import pytest

from config.logging import HIDDEN, configure_logging, redact
from workers.command import UNUSED, load_without_unused, main, shadowed_rooms


def test_our_own_rooms_are_not_shadowed() -> None:
    assert shadowed_rooms() == {}


def test_a_stranger_that_shadows_config_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.split(".")[0] == "config"]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    words = capsys.readouterr().err
    assert str(tmp_path / "config") in words
    assert "shadows" in words
    assert "虚拟环境" in words


def test_what_was_kept_from_loading_is_there_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    psutil = import_module("psutil")
    monkeypatch.delitem(sys.modules, "yaml", raising=False)
    with pytest.raises(ModuleNotFoundError):
        load_without_unused("workers.no_such_room")
    assert sys.modules["psutil"] is psutil
    assert not [name for name in UNUSED if sys.modules.get(name, name) is None]


def test_a_terminal_without_the_letters_and_a_closed_one_end_no_command(tmp_path: Path) -> None:
    told = {"POSTROAD_DATA": str(tmp_path), "POSTROAD_LANGUAGE": "zh-CN", "PYTHONIOENCODING": "latin-1"}
    command = f"{sys.executable} -c 'import workers.command; workers.command.main()' platforms"
    for words in (command, f"{command} --json", f"{command} >&-"):
        ran = subprocess.run(["sh", "-c", words], env=os.environ | told, capture_output=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, b"")
        assert b"?" not in ran.stdout, "English, where the letters of Chinese are missing"
        if "--json" in words:
            assert json.loads(ran.stdout)


@pytest.mark.parametrize(
    "secret",
    [
        "https://api.example.test/bot123456789:AAF-abcdefghijklmnopqrstuvwxyz012345/sendMessage",
        "Authorization: Bearer abcdefghijklmnop",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "postgresql+psycopg://desk:hunter22@db/postroad",
    ],
)
def test_a_secret_is_hidden_by_its_shape(secret: str) -> None:
    cleaned = redact(None, "info", {"event": f"sent to {secret}"})["event"]
    assert HIDDEN in cleaned
    assert not any(part in cleaned for part in ("AAF-abc", "abcdefghijklmnop", "eyJzdWIi", "hunter22"))


def test_a_secret_is_hidden_by_its_name() -> None:
    event = redact(None, "info", {"event": "x", "bot_token": "1", "app_password": "2", "delivery": 3})
    assert event == {"event": "x", "bot_token": HIDDEN, "app_password": HIDDEN, "delivery": 3}


@pytest.mark.filterwarnings("default:running as root")
def test_a_library_s_log_line_is_cleaned_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO")
    logging.getLogger("some.library").warning("calling %s", "Bearer abcdefghijklmnop")
    line = json.loads(capsys.readouterr().err)
    assert line["event"] == f"calling {HIDDEN}"
    warnings.warn("running as root", stacklevel=1)
    assert "running as root" in json.loads(capsys.readouterr().err)["event"]
    logging.captureWarnings(capture=False)
    logging.getLogger().handlers = []
