"""Marking text for translation where it is decided; it is translated where it is shown."""


def N_(message: str) -> str:  # noqa: N802 - the conventional gettext marker
    """The msgid itself; extraction finds it by this name."""
    return message


class Terms(str):
    """Words of our own, listed as in English: a problem tells each in the language of its reader."""

    __slots__ = ()


LISTED = N_(", ")


def terms(*words: str) -> Terms:
    """These msgids, listed."""
    return Terms(LISTED.join(words))
