"""Catalogues of translations, compiled when they are read: nothing binary is kept beside them."""

from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def read_catalogue(source: Path) -> GNUTranslations:
    """The translations of a .po file."""
    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return GNUTranslations(compiled)
