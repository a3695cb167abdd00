"""What to try once the demo is over."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from config.settings import PREFIX, Settings
from scheduler.cli.console import show_line
from scheduler.cli.wording import _
from workers.demo.showing import show_heading

ELSEWHERE = ("DATABASE_URL", "REDIS_URL", "KEY_FILE")


def show_hints(settings: Settings, *, url: str | None, remarkable: Mapping[int, str]) -> None:
    """Commands to type, with what each shows; `url` is where the sandbox goes on, if it does."""
    show_heading(_("What to try next"))
    for line in _environment(settings):
        show_line(f"  {line}")
    program, pairs = _program(), list(_commands(settings, remarkable, lively=url is not None))
    width = max(len(command) for command, _words in pairs)
    for command, words in pairs:
        show_line(f"  {program} {command:<{width}}  # {words}")
    if url:
        show_line(
            _("The sandbox goes on at {url} until Ctrl+C; type these in another terminal.").format(url=url)
        )
    else:
        told = _("The sandbox ended with the demo; {command} keeps it, so that more can be published.")
        show_line(told.format(command=f"{program} demo --keep"))


def _environment(settings: Settings) -> Iterator[str]:
    yield f"export {PREFIX}DATA={shlex.quote(str(settings.data))}"
    if others := [PREFIX + name for name in ELSEWHERE if PREFIX + name in os.environ]:
        yield f"unset {' '.join(others)}"


def _commands(
    settings: Settings, remarkable: Mapping[int, str], *, lively: bool
) -> Iterator[tuple[str, str]]:
    yield "queue", _("what is still to come, and what needs a person")
    for number, words in remarkable.items():
        yield f"show {number}", words
    yield "posts show ten-thousand-photographs", _("one post, its texts and cuts, its approval")
    yield "channels list", _("the account matrix")
    yield "platforms", _("what each platform can do")
    yield f"import {_typed(settings.data / 'posts.csv')}", _("the same table again: it adds nothing")
    yield f"report weekly --lang zh-CN --out {_typed(settings.data / 'reports')}", _("the report, in Chinese")
    yield "doctor", _("whether the data obeys its rules")
    if lively:
        yield "harvest --all", _("read every counter now")
        yield "up", _("go on publishing what becomes due")
    yield "sandbox serve", _("a fresh network to connect to")


def _program() -> str:
    """How this program was called, as short as it can be typed."""
    path = Path(sys.argv[0])
    found = shutil.which(path.name)
    return path.name if found and Path(found).samefile(path) else _typed(path)


def _typed(path: Path) -> str:
    """A path as one would type it here."""
    short = os.path.relpath(path)
    return shlex.quote(str(path) if short.startswith("..") else short)
