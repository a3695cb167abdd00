"""Every sentence of the report has its Chinese and its Arabic, and Arabic names nothing that is not said."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import scheduler
from connectors.capabilities import Family
from connectors.counters.listing import counters
from connectors.counters.manual import COUNTERS as MANUAL
from connectors.counters.manual import OWN
from scheduler.core.frames import FRAMES
from scheduler.i18n import LOCALE, say_reason, translations, translator
from tests.test_connector_reasons import reasons_of_connectors

HOME = Path(scheduler.__file__).parent
REPORTS = (*sorted((HOME / "reports").rglob("*.py")), *sorted((HOME / "reports").rglob("*.j2")))
AROUND = tuple(HOME / name for name in ("cli/harvest.py", "cli/report.py", "services/reach/reporting.py"))
MARKERS: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None}
SAME_IN_ALL = {"SHA-256"}
SAME_IN_ARABIC = {
    "{moment} ({zone})",
    "{language} ({details})",
    "{way}: {axes}",
    "{title}: {campaign}",
    "{head}: {text}",
}

SHOWN = (Family.EXPOSURE, Family.REACTION, Family.COMMENT, Family.SHARE, Family.AUDIENCE)


def notes_of_counters() -> set[str]:
    """What connectors note of the counters that a report or the list of manual ones shows, and our source."""
    every = (metric for sheet in counters().values() for metric in sheet.metrics)
    noted = {one.note for one in every if one.note and (one.family in SHOWN or one in MANUAL.metrics)}
    return {*noted, OWN.title}


def sentences(paths: Iterable[Path]) -> set[str]:
    found = set()
    for path in paths:
        kind = "python" if path.suffix == ".py" else "jinja2.ext.babel_extract"
        with path.open("rb") as file:
            messages = [message for _, message, *_ in extract(kind, file, MARKERS)]
        found |= {message if isinstance(message, str) else message[0] for message in messages}
    return found - SAME_IN_ALL


@pytest.mark.parametrize("sentence", sorted(sentences((*REPORTS, *AROUND)) | notes_of_counters()))
def test_it_is_said_in_chinese_with_the_same_names(sentence: str) -> None:
    said = translations("zh-CN").gettext(sentence)
    assert said != sentence
    assert names_in(said) == names_in(sentence)


@pytest.mark.parametrize("sentence", sorted(sentences(REPORTS) - SAME_IN_ARABIC | notes_of_counters()))
def test_it_is_said_in_arabic_with_the_same_names(sentence: str) -> None:
    said = translations("ar").gettext(sentence)
    assert said != sentence
    assert names_in(said) == names_in(sentence)


def test_no_arabic_is_left_over() -> None:
    with (LOCALE / "ar" / "LC_MESSAGES" / "postroad.po").open("rb") as file:
        said = {str(entry.id) for entry in read_po(file) if entry.id}
    told = sentences(REPORTS) | notes_of_counters() | SAME_IN_ALL
    assert said <= told | reasons_of_connectors() | set(FRAMES)


@pytest.mark.parametrize("reason", sorted(reasons_of_connectors()))
def test_why_a_reading_failed_is_said_in_arabic_with_all_its_fields(reason: str) -> None:
    said = say_reason(reason, translator("ar"))
    assert re.search("[\u0600-\u06ff]", said) or reason == "X1 (HTTP X2)"
    assert set(re.findall(r"X\d", said)) == set(re.findall(r"X\d", reason))


def names_in(text: str) -> set[str]:
    return {part.partition("}")[0] for part in text.split("{")[1:]}
