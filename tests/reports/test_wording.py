"""Numbers and names as each reader writes them."""

import re

import pytest
from babel.numbers import format_decimal

from scheduler.i18n import REPORT_LANGUAGES
from scheduler.reports.words.wording import Words, direction_of

EN, ZH = Words("en"), Words("zh-CN")


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (0, "0", "0"),
        (9_999, "9,999", "9,999"),
        (23_456, "23,456", "2.3万"),
        (1_284_321, "1.3M", "128.4万"),
        (340_000_000, "340M", "3.4亿"),
    ],
)
def test_large_numbers_are_said_as_they_are_spoken(value: int, english: str, chinese: str) -> None:
    assert (EN.compact(value), ZH.compact(value)) == (english, chinese)


@pytest.mark.parametrize("language", REPORT_LANGUAGES)
def test_digits_are_grouped_as_cldr_has_it(language: str) -> None:
    words = Words(language)
    for value in (0, 7, 999, 1_000, 98_765, 1_234_567_890, -4_321):
        assert words.number(value) == format_decimal(value, locale=words.locale)


@pytest.mark.parametrize(
    ("change", "before", "said"),
    [
        (100, 800, "+12.5%"),
        (-100, 800, "−12.5%"),
        # Nothing changed, hardly anything did, or one more or less would be over a percent.
        (0, 800, ""),
        (-3, 9_149, ""),
        (-39, 72, ""),
    ],
)
def test_growth_is_said_only_where_it_means_something(change: int, before: int, said: str) -> None:
    assert EN.growth(change, before) == said


@pytest.mark.parametrize(
    ("tag", "english", "chinese"),
    [
        ("ar", "Arabic", "阿拉伯语"),
        ("zh-Hans", "Chinese (Simplified)", "中文（简体）"),
        ("pt-BR", "Portuguese (Brazil)", "葡萄牙语（巴西）"),
        ("not a tag", "not a tag", "not a tag"),
    ],
)
def test_languages_are_named_by_what_their_tags_say(tag: str, english: str, chinese: str) -> None:
    assert (EN.language_name(tag), ZH.language_name(tag)) == (english, chinese)


def test_no_share_is_all_or_nothing_unless_it_is() -> None:
    """Until 2026-11-23 a report said 100% where one of a thousand publications was not read."""
    assert [EN.share(part, 1_000) for part in (999, 1_000, 1_001, 1, 0, -1)] == [
        "99%",
        "100%",
        "100%",
        "1%",
        "0%",
        "0%",
    ]


def test_a_share_of_nothing_is_no_percentage() -> None:
    assert EN.share(0, 0) == "–"
    assert EN.share(0, 4) == "0%"


def test_latin_names_in_an_arabic_sentence_follow_each_other_from_right_to_left() -> None:
    told = Words("ar").listed(["Bluesky", "Mastodon"])
    assert told == "\u200f\u2068Bluesky\u2069، \u2068Mastodon\u2069\u200f"
    assert Words("zh-CN").listed(["Bluesky", "Mastodon"]) == "Bluesky、Mastodon"
    assert Words("ar").listed([]) == ""


@pytest.mark.parametrize(
    ("name", "english", "chinese", "arabic"),
    [
        ("2026-W47", "2026-W47", "2026年第47周", "الأسبوع 47 من 2026"),
        ("2026-W07", "2026-W07", "2026年第7周", "الأسبوع 7 من 2026"),
        # The first day of this week lies in 2025.
        ("2026-W01", "2026-W01", "2026年第1周", "الأسبوع 1 من 2026"),
        ("2026-10", "Oct 2026", "2026年10月", "أكتوبر 2026"),
        ("2026", "2026", "2026年", "2026"),
        ("", "", "", ""),
        (
            "2026-10-01--2026-11-15",
            "Oct 1 – Nov 15, 2026",
            "2026年10月1日至11月15日",
            "1 أكتوبر – 15 نوفمبر 2026",
        ),
    ],
)
def test_a_period_is_called_as_its_readers_call_it(
    name: str, english: str, chinese: str, arabic: str
) -> None:
    told = [words.period(name) for words in (EN, ZH, Words("ar"))]
    bare = [re.sub("[\u200f\u2068\u2069]", "", one).replace("\u2009", " ") for one in told]
    assert bare == [english, chinese, arabic]


@pytest.mark.parametrize("tag", ["ar", "fa", "he", "ur", "ug"])
def test_scripts_that_run_from_right_to_left_are_known(tag: str) -> None:
    assert direction_of(tag) == "rtl"
    assert direction_of("fr") == direction_of("not a tag") == "ltr"


def test_why_a_reading_failed_is_told_in_the_readers_language() -> None:
    told = [Words(language).cause("the answer is not JSON (HTTP 502)") for language in ("en", "zh-CN")]
    assert told == ["the answer is not JSON (HTTP 502)", "应答不是 JSON（HTTP 502）"]
