"""Which text serves which readers: by script and region, never by the look of the tag."""

import pytest

from scheduler.core.languages import UnknownLanguage, canonical, closeness, within


@pytest.mark.parametrize(
    ("given", "tag"),
    [("zh_cn", "zh-CN"), ("EN-gb", "en-GB"), ("iw", "he"), ("pt-br", "pt-BR"), ("sr-latn", "sr-Latn")],
)
def test_a_tag_is_written_the_bcp_47_way(given: str, tag: str) -> None:
    assert canonical(given) == tag


@pytest.mark.parametrize("given", ["", "xx", "english", "中文", "zh-CN@bluesky", "en-AB", "und", "e" * 80])
def test_what_is_no_language_is_refused(given: str) -> None:
    with pytest.raises(UnknownLanguage):
        canonical(given)


@pytest.mark.parametrize(
    ("offered", "spoken"),
    [
        ("pt", "pt-BR"),
        ("zh", "zh-CN"),
        ("zh-Hans", "zh-SG"),
        ("zh-Hant", "zh-TW"),
        ("es-419", "es-MX"),
        ("en-001", "en-AU"),
        ("en-US", "en"),
        ("sr", "sr-RS"),
    ],
)
def test_a_wider_text_serves_its_readers(offered: str, spoken: str) -> None:
    assert closeness(offered, spoken=spoken) is not None


@pytest.mark.parametrize(
    ("offered", "spoken"),
    [
        ("zh", "zh-TW"),
        ("zh-Hans", "zh-Hant"),
        ("zh-CN", "zh-TW"),
        ("sr-Latn", "sr"),
        ("en-US", "en-GB"),
        ("es-MX", "es-419"),
        ("pt-PT", "pt"),
        ("ar", "fa"),
    ],
)
def test_another_script_or_region_does_not(offered: str, spoken: str) -> None:
    assert closeness(offered, spoken=spoken) is None


def test_the_nearest_text_is_the_closest() -> None:
    ranked = ["es", "es-419", "es-MX"]
    assert sorted(ranked, key=lambda tag: closeness(tag, spoken="es-MX") or (False, 0, False)) == ranked
    ranked = ["zh", "zh-Hans", "zh-Hans-CN"]
    assert sorted(ranked, key=lambda tag: closeness(tag, spoken="zh-Hans-CN") or (False, 0, False)) == ranked


@pytest.mark.parametrize(
    ("language", "group", "inside"),
    [
        ("zh-TW", "zh", True),
        ("zh-TW", "zh-Hant", True),
        ("zh-TW", "zh-Hans", False),
        ("en-GB", "en", True),
        ("en", "en-GB", False),
        ("ar", "ar-EG", True),
        ("fr", "en", False),
    ],
)
def test_a_selector_means_a_group_of_languages(language: str, group: str, inside: bool) -> None:
    assert within(language, group) is inside
