"""On a terminal of any width no word is cut that somebody may have to copy."""

from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from scheduler.cli import tables

REFERENCE, LINK = (
    "ten-thousand-photographs",
    "https://news.example/2026/ten-thousand-photographs-of-the-river",
)
COLUMNS = {
    "en": ("delivery", "post", "state", "due there", "remark", "address"),
    "zh": ("投放", "稿件", "状态", "受众时间", "备注", "地址"),
}
ROWS = {
    "en": ("354", REFERENCE, "unconfirmed", "2026-11-17 12:15 Moscow", "look there, then decide " * 3, LINK),
    "zh": ("354", REFERENCE, "未确认", "2026-11-17 12:15 莫斯科", "请到频道查看后再决定。" * 7, LINK),
}


def drawn(language: str, monkeypatch: pytest.MonkeyPatch, **told: object) -> list[str]:
    screen = StringIO()
    monkeypatch.setattr(tables, "out", Console(file=screen, color_system=None, **told))  # type: ignore[arg-type]
    tables.draw(COLUMNS[language], [ROWS[language], ("355", "b", "", "", "", "")])
    return screen.getvalue().splitlines()


@pytest.mark.parametrize("width", [20, 40, 80, 100, 120, 160, 200])
@pytest.mark.parametrize("language", COLUMNS)
def test_references_stay_whole_and_lines_fit(
    language: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = drawn(language, monkeypatch, width=width, force_terminal=True)
    for word in ("354", REFERENCE, LINK, "2026-11-17"):
        assert any(word in line for line in lines), word
    assert all(cell_len(line) <= width for line in lines if LINK not in line and REFERENCE not in line)


def test_what_is_read_by_a_program_is_a_line_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    (row,) = [line for line in drawn("en", monkeypatch, width=80, force_terminal=False) if "354" in line]
    assert all(cell.strip() in row for cell in ROWS["en"])


def test_the_widest_columns_give_first_and_none_below_its_longest_word() -> None:
    assert tables.fitted([3, 40, 20], [3, 10, 10], room=80) == [3, 40, 20]
    assert tables.fitted([3, 40, 20], [3, 10, 10], room=60) == [3, 27, 20]
    assert tables.fitted([3, 40, 20], [3, 10, 18], room=45) == [3, 14, 18]
    assert tables.fitted([3, 40, 20], [3, 20, 18], room=45) is None
