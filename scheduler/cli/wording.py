"""The language of this run of the command, chosen once at start."""

import sys

from config.settings import ui_language
from scheduler.i18n import closest_language, translator


def showable(language: str, encoding: str) -> str:
    """The language, or English where the terminal's encoding lacks its letters."""
    try:
        "驿道".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return "en"
    return language


LANGUAGE = showable(closest_language(ui_language()), getattr(sys.stdout, "encoding", None) or "utf-8")
_ = translator(LANGUAGE)
