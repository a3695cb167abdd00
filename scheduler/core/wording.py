"""Marking text for translation where it is decided; it is translated where it is shown."""


def N_(message: str) -> str:  # noqa: N802 - the conventional gettext marker
    """The msgid itself; extraction finds it by this name."""
    return message
