"""Help and wrong usage are in the reader's language, frame and all."""

import os
import re
import subprocess
import sys
from pathlib import Path

ALL_OF_THEM = """
import sys
from workers.command import main
for words in sys.stdin.read().splitlines():
    sys.argv = ["postroad", *words.split()]
    print("$", words, flush=True)
    try:
        main()
    except SystemExit as ended:
        print(ended.code, flush=True)
"""
WRONG = {
    "nope": "there is no command nope",
    "pauze --all": "there is no command pauze; did you mean pause, pauses?",
    "report wekly": "there is no command wekly; did you mean weekly?",
    "--": "a command is missing",
    "show": "DELIVERY is missing: a whole number from 1 to",
    "show x": "DELIVERY has to be a whole number from 1 to",
    "show 0": "DELIVERY has to be a whole number from 1 to",
    "show 1 2 3": "this is too much: 2 3",
    "queue --bogus": "there is no option --bogus",
    "queue --chanel x": "there is no option --chanel; did you mean",
    "queue --state nope": "--state has to be one of scheduled, ready",
    "queue --state": "the option --state needs a value",
    "queue --limit many": "--limit has to be a whole number from 0 to",
    "pause --all": "--reason is missing",
    "pause --all=3 --reason x": "the option --all takes no value",
    "harvest --since soon": "--since has to be a day such as 2026-11-15",
    "goals set 2026": "MEASURE is missing",
    "goals freeze 2026": "MOMENT is missing: one of mid-year, year-end",
    "goals freeze 2026 now": "MOMENT has to be one of mid-year, year-end",
    "attention --days 99999999": "--days has to be a whole number from 1 to",
    "sandbox serve --port 99999": "--port has to be a whole number from 0 to 65535",
}
SENTENCE = re.compile(r"\b[A-Za-z]?[a-z]+ [a-z]+ [a-z]+\b")
ENGLISH = (
    "Usage",
    "Options:",
    "OPTIONS",
    "Commands",
    "Arguments",
    "default:",
    "required",
    "Error",
    "Invalid",
    "Try",
)


def _say(lines: list[str], language: str, folder: Path) -> str:
    told = os.environ | {
        "POSTROAD_LANGUAGE": language,
        "POSTROAD_DATA": str(folder),
        "PYTHONIOENCODING": "utf-8",
    }
    ran = subprocess.run(
        [sys.executable, "-c", ALL_OF_THEM],
        input="\n".join(lines),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=told,
        check=True,
    )
    return ran.stdout


def test_each_mistake_is_told_by_what_it_is(tmp_path: Path) -> None:
    told = _say(list(WRONG), "en", tmp_path).split("$ ")[1:]
    for answer, (words, expected) in zip(told, WRONG.items(), strict=True):
        assert expected in answer, words
        assert answer.endswith("2\n")


def test_no_english_is_left_in_chinese_help_and_mistakes(tmp_path: Path) -> None:
    frames = ["--help", "report weekly --help", "goals set --help", "queue --help"]
    told = _say([*WRONG, *frames], "zh-CN", tmp_path)
    words = [line for line in told.splitlines() if not line.startswith("$")]
    assert not [line for line in words if any(one in line for one in ENGLISH)]
    left = [re.sub(r"postroad [a-z ]+", "", line) for line in words]
    assert not [line for line in left if SENTENCE.search(line)]
    assert "用法：" in told
    assert "必填" in told
    assert "goals set [选项] YEAR MEASURE TARGET" in told
