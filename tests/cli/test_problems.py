"""What is wrong is told once, however many rows it is wrong in."""

import pytest

from scheduler.cli.problems import show_problems
from scheduler.core.problems import Problem


def test_what_is_wrong_in_10000_rows_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    everywhere = [Problem(message="no such channel", row=row, column="channels") for row in range(2, 10_002)]
    elsewhere = [Problem(message="no such zone", row=row, column="zone") for row in (7, 3, 4)]
    show_problems(
        [*everywhere, *elsewhere, Problem(message="it is late", row=9), Problem(message="all of it")]
    )
    assert capsys.readouterr().err.splitlines() == [
        "✗ rows 2–10001, column channels: no such channel",
        "✗ rows 3–4, 7, column zone: no such zone",
        "✗ row 9: it is late",
        "✗ all of it",
    ]
