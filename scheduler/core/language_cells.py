"""Reading cells that hold a language or a region; apart from the others, since their tables take 3 MB."""

import re

from langcodes import Language

from scheduler.core.cells import Fault
from scheduler.core.languages import UnknownLanguage, canonical
from scheduler.core.wording import N_


def language(cell: str) -> str:
    """A language as its canonical BCP-47 tag."""
    try:
        return canonical(cell)
    except UnknownLanguage:
        raise Fault(N_("no language “{word}”: write a BCP-47 tag such as ar or zh-CN"), word=cell) from None


def region(cell: str) -> str:
    """A country by ISO 3166-1 or a group of countries by UN M.49, in capitals."""
    code = cell.upper()
    right = re.fullmatch(r"[A-Z]{2}|\d{3}", code)
    if not right or not Language.make(territory=code).is_valid():
        raise Fault(N_("no region “{word}”: write a code such as EG, or 001 for the world"), word=cell)
    return code
