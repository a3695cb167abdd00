"""The words of the product in the reader's language, from the gettext catalogues beside this file."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib import import_module
from pathlib import Path

from scheduler.core.frames import FRAMES, REASON, framed
from scheduler.core.problems import Problem
from scheduler.core.wording import LISTED, N_, Terms

LANGUAGES = ("en", "zh-CN")
REPORT_LANGUAGES = (*LANGUAGES, "ar")
"""Reports are read by more people than the desk: these also have a catalogue of the report's words."""

OF_THE_MACHINE = (
    N_("No such file or directory"),
    N_("Not a directory"),
    N_("Is a directory"),
    N_("File exists"),
    N_("Permission denied"),
    N_("Read-only file system"),
    N_("Address already in use"),
)
"""What Linux says of files and ports that people name (`strerror`, in the C locale)."""

LOCALE = Path(__file__).parent / "locale"

Translate = Callable[[str], str]


def closest_language(tag: str | None, among: Sequence[str] = LANGUAGES) -> str:
    """The one of ours for a BCP-47 tag or POSIX locale; English where we have none."""
    wanted = _primary(tag or "")
    return next((known for known in among if _primary(known) == wanted), "en")


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; English is the msgids themselves, and loads no reader of catalogues."""
    known = closest_language(language, REPORT_LANGUAGES)
    source = LOCALE / known.replace("-", "_") / "LC_MESSAGES" / "postroad.po"
    if not source.exists():
        return NullTranslations()
    read: GNUTranslations = import_module("scheduler.catalogues").read_catalogue(source)
    return read


def translator(language: str) -> Translate:
    """`_` for this language."""
    return translations(language).gettext


def say(problem: Problem, translate: Translate, *, rows: str = "") -> str:
    """A problem in the reader's words, with its place in front of it: its row, or all the `rows` it is in.

    So is what a connector said, or the machine of a file or port that they named.
    """
    told = {name: _termed(value, translate) for name, value in problem.params.items()}
    told["words"] = say_reason(str(told.get("words", "")), translate)
    text = translate(problem.message).format(**told)
    if problem.near:
        text = translate(N_("{told}; did you mean {near}?")).format(told=text, near=problem.near)
    if problem.row is None:
        return _headed(problem.column, text, translate) if problem.column else text
    if rows:
        where = N_("rows {row}, column {column}") if problem.column else N_("rows {row}")
    else:
        where = N_("row {row}, column {column}") if problem.column else N_("row {row}")
    place = translate(where).format(row=rows or problem.row, column=problem.column)
    return _headed(place, text, translate)


def say_reason(reason: str, translate: Translate, frames: Iterable[str] = FRAMES) -> str:
    """A stored reason in the reader's words; those of a platform, a server or a person stay as they are."""
    known = translate(reason) if reason else ""
    if known != reason or (found := framed(reason, frames)) is None:
        return known
    frame, fields = found
    inner = {REASON: say_reason(fields[REASON], translate)} if REASON in fields else {}
    return translate(frame).format(**{**fields, **inner})


def _termed(value: str | int, translate: Translate) -> str | int:
    if isinstance(value, Terms):
        return translate(LISTED).join(map(translate, value.split(LISTED)))
    return value


def _headed(head: str, text: str, translate: Translate) -> str:
    return translate(N_("{head}: {text}")).format(head=head, text=text)


def _primary(tag: str) -> str:
    return re.split("[-_.]", tag.lower())[0]
