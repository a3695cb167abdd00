"""Counting and cutting text the way platforms do."""

import pytest

from connectors.capabilities import TextLimit, TextUnit
from connectors.text import URL, byte_spans, count, measure, split_title, with_link

FAMILY = "👩‍👩‍👧‍👦"

COUNTS = {
    "": (0, 0, 0, 0),
    "news": (4, 4, 4, 4),
    "新闻": (2, 2, 2, 6),
    "خبر": (3, 3, 3, 6),
    "e\u0301": (1, 2, 2, 3),
    "한국": (2, 2, 2, 6),
    "𠮷": (1, 1, 2, 4),
    "🇨🇳": (1, 2, 4, 8),
    FAMILY: (1, 7, 11, 25),
    "क्षि": (1, 4, 4, 12),
}


@pytest.mark.parametrize("text", COUNTS)
def test_each_unit_counts_its_own_way(text: str) -> None:
    units = (TextUnit.GRAPHEMES, TextUnit.CODE_POINTS, TextUnit.UTF16_UNITS, TextUnit.UTF8_BYTES)
    assert tuple(count(text, unit) for unit in units) == COUNTS[text]


def test_the_accounts_own_limit_wins() -> None:
    limit = TextLimit(field="text", unit=TextUnit.GRAPHEMES, limit=3, key="max_characters")
    assert measure(limit, "四个汉字", {}).fits is False
    assert measure(limit, "四个汉字", {"max_characters": 4}).fits is True


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("看https://example.org/新闻。再见", ["https://example.org/新闻"]),
        ("（https://example.org/a），", ["https://example.org/a"]),
        ("See https://example.org/a.", ["https://example.org/a"]),
        ("(see https://example.org/a)", ["https://example.org/a"]),
        ("https://en.wikipedia.org/wiki/Dragon_(zodiac)!", ["https://en.wikipedia.org/wiki/Dragon_(zodiac)"]),
        ("اقرأ https://example.org/خبر؟x=1", ["https://example.org/خبر؟x=1"]),
        ("https://example.org/خبر، ثم", ["https://example.org/خبر"]),
        ("هل قرأت https://example.org/a؟", ["https://example.org/a"]),
        ("\u2066https://example.org/a\u2069 خبر", ["https://example.org/a"]),
        (
            "«\u00a0https://example.org/été\u00a0» ou «https://example.org/a»",
            ["https://example.org/été", "https://example.org/a"],
        ),
        ("पढ़ें https://example.org/a।", ["https://example.org/a"]),
        (
            "http://a.example/?q=1&r=#2 and https://b.example",
            ["http://a.example/?q=1&r=#2", "https://b.example"],
        ),
        ("no address: https:// or example.org", []),
    ],
)
def test_addresses_end_where_a_reader_ends_them(text: str, found: list[str]) -> None:
    assert URL.findall(text) == found


def test_spans_count_in_the_platforms_units() -> None:
    text = f"{FAMILY}汉 https://example.org/é ع"
    assert byte_spans(text, URL) == [(29, 51, "https://example.org/é")]
    start, end, link = byte_spans(text, URL)[0]
    assert text.encode()[start:end].decode() == link


@pytest.mark.parametrize(
    ("text", "link", "together"),
    [
        ("新闻", None, "新闻"),
        ("新闻", "https://example.org/1", "新闻\n\nhttps://example.org/1"),
        ("", "https://example.org/1", "https://example.org/1"),
        ("看 https://example.org/1。", "https://example.org/1", "看 https://example.org/1。"),
        (
            "https://example.org/12",
            "https://example.org/1",
            "https://example.org/12\n\nhttps://example.org/1",
        ),
    ],
)
def test_a_link_is_added_once(text: str, link: str | None, together: str) -> None:
    assert with_link(text, link) == together


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [("标题\n\n正文\n第二段", "标题", "正文\n第二段"), ("  一行  ", "一行", "一行")],
)
def test_the_first_line_is_the_title(text: str, title: str, body: str) -> None:
    assert split_title(text) == (title, body)
