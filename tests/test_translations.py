"""Whatever a user can see exists in both UI languages."""

import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from scheduler.i18n import LOCALE
from tests.reports.test_translation import notes_of_counters
from tests.test_connector_reasons import reasons_of_connectors

ROOT = Path(__file__).parent.parent
ROOMS = ("config", "connectors", "scheduler", "workers")
METHODS = [("**.py", "python"), ("**.j2", "jinja2.ext.babel_extract")]
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "ngettext": (1, 2), "gettext": None}


def messages_in_code() -> dict[str, str]:
    """Each msgid with the place it stands in."""
    found: dict[str, str] = {}
    for room in ROOMS:
        for path, line, message, *_ in extract_from_dir(ROOT / room, METHODS, keywords=KEYWORDS):
            singular = message if isinstance(message, str) else message[0]
            found.setdefault(singular, f"{room}/{path}:{line}")
    return found


def read_catalogue() -> Catalog:
    with (LOCALE / "zh_CN" / "LC_MESSAGES" / "postroad.po").open("rb") as file:
        return read_po(file, abort_invalid=True)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_message_is_translated() -> None:
    catalogue = read_catalogue()
    missing = {
        f"{place}: {message}"
        for message, place in messages_in_code().items()
        if not ((entry := catalogue.get(message)) and entry.string and not entry.fuzzy)
    }
    assert not missing


def test_every_translation_is_used() -> None:
    used = messages_in_code().keys() | notes_of_counters() | reasons_of_connectors()
    ids = [entry.id if isinstance(entry.id, str) else entry.id[0] for entry in read_catalogue()]
    assert {id_ for id_ in ids if id_ and id_ not in used} == set()


@pytest.mark.parametrize(
    "entry", [entry for entry in read_catalogue() if entry.id], ids=lambda e: str(e.id)[:40]
)
def test_a_translation_fills_in_the_same_names(entry: Message) -> None:
    original = entry.id if isinstance(entry.id, str) else entry.id[0]
    translated = entry.string if isinstance(entry.string, str) else (entry.string or [""])[0]
    assert fields(translated) == fields(original)
