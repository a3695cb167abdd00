"""A Chinese page has the sections of its English page and asks to type the same; each leads to the other."""

import re
import shlex
from pathlib import Path

import pytest

from tests.docs.markdown import documents, links, shell_lines
from tests.house_rules.sources import HOME

CHINESE = [page for page in documents() if page.name.endswith(".zh-CN.md")]
OF_THE_READER = re.compile(r"[^\x00-\x7f]|\s")


def english_of(page: Path) -> Path:
    return page.with_name(page.name.replace(".zh-CN", ""))


def levels(page: Path) -> list[int]:
    """How deep each heading is, in order."""
    prose = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    return [len(mark) for mark in re.findall(r"^(#+) ", prose, re.MULTILINE)]


def typed(page: Path) -> list[str]:
    """The words to type, without comments; a sentence, and a word in the reader's language, may be any."""
    words = shlex.split("\n".join(shell_lines(page.read_text("utf-8"))), comments=True)
    return ["…" if OF_THE_READER.search(word) else word for word in words]


@pytest.mark.parametrize("page", CHINESE, ids=lambda page: page.relative_to(HOME).as_posix())
def test_both_pages_say_the_same(page: Path) -> None:
    english = english_of(page)
    assert levels(page) == levels(english)
    assert typed(page) == typed(english)
    assert english.name in links(page.read_text("utf-8"))
    assert page.name in links(english.read_text("utf-8"))
