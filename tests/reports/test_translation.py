"""Every sentence of the report has its Chinese."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_python
from jinja2.ext import babel_extract

import scheduler
from scheduler.i18n import translations

HOME = Path(scheduler.__file__).parent
SOURCES = (
    *sorted((HOME / "reports").glob("*.py")),
    *(HOME / name for name in ("cli/harvest.py", "cli/report.py", "services/reporting.py")),
)
TEMPLATES = sorted((HOME / "reports" / "templates").glob("*.j2"))
MARKERS = ("_", "N_")
SAME_IN_BOTH = {"SHA-256"}


def sentences() -> Iterator[str]:
    for path in SOURCES:
        with path.open("rb") as file:
            yield from (
                str(found[2]) for found in extract_python(file, dict.fromkeys(MARKERS), [], {}) if found[2]
            )
    for path in TEMPLATES:
        with path.open("rb") as file:
            found = babel_extract(file, MARKERS, [], {"trim_blocks": "true"})
            yield from (str(message) for _, _, message, _ in found if message)


@pytest.mark.parametrize("sentence", sorted(set(sentences()) - SAME_IN_BOTH))
def test_it_is_said_in_chinese_with_the_same_names(sentence: str) -> None:
    said = translations("zh-CN").gettext(sentence)
    assert said != sentence
    assert names_in(said) == names_in(sentence)


def names_in(text: str) -> set[str]:
    return {part.partition("}")[0] for part in text.split("{")[1:]}
