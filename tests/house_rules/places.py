"""What no committed file may say: where this checkout lives, and where registries are."""

import re
from collections.abc import Iterator

from tests.house_rules.sources import HOME, Breach, Source

REGISTRY = (
    "no registry address in a committed file: packages are named, the client of whoever installs knows "
    "where to find them, and an institution may have its own mirror"
)
MACHINE = "no absolute path of one machine in a committed file: it is wrong on every other one"

# Written in pieces, because this file is committed too.
_HOSTS = (
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("npmjs", "com"),
    ("yarnpkg", "com"),
    ("deb", "debian", "org"),
    ("security", "debian", "org"),
    ("proxy", "golang", "org"),
    ("crates", "io"),
)
_FOLDERS = (("work",), ("root",), ("home", r"\w+"), ("Users", r"\w+"))
_HOST = re.compile(r"\b(" + "|".join(re.escape(".".join(host)) for host in _HOSTS) + r")\b", re.IGNORECASE)
_FOLDER = re.compile(
    r"(?<![\w.~$}/-])(" + "|".join("/" + "/".join(folder) for folder in _FOLDERS) + r")/[\w.]"
)


def says_no_registry(source: Source) -> Iterator[Breach]:
    """No line names a registry's host."""
    for line, words in enumerate(source.text.splitlines(), start=1):
        if _HOST.search(words):
            yield Breach(source.path, line, REGISTRY)


def says_no_machine(source: Source, *, checkout: str = str(HOME)) -> Iterator[Breach]:
    """No line names this checkout's folder, or a person's."""
    for line, words in enumerate(source.text.splitlines(), start=1):
        if checkout in words or _FOLDER.search(words):
            yield Breach(source.path, line, MACHINE)
