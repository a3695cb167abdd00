"""The `postroad` command's first step: make sure that our rooms are ours, then run the program."""

import atexit
import gc
import os
import sys
from importlib import import_module
from importlib.util import find_spec
from io import TextIOWrapper
from pathlib import Path
from types import ModuleType

INTERRUPTED = 130
ROOMS = ("config", "connectors", "scheduler", "workers")
HOME = Path(__file__).resolve().parent.parent
UNUSED = ("httpx._main", "opentelemetry", "psutil", "rich", "yaml")
"""What other libraries load where they find it, and what waits for work never needs: 7 MB (2026-11-22).

Nor does a command that draws nothing, as pause: a tenth of the time it takes to start.
"""


def shadowed_rooms(home: Path = HOME) -> dict[str, str]:
    """Which of our top-level names Python would take from somewhere else, and from where."""
    return {room: origin for room in ROOMS if (origin := _origin(room)) != str(home / room)}


def main() -> None:
    """Run the command and exit: 0 done, 1 refused with the reason, 2 wrong usage or broken installation.

    130 after Ctrl+C.
    """
    shadowed = shadowed_rooms()
    if shadowed:
        sys.stderr.write(_explain(shadowed))
        sys.exit(2)
    _take_any_text()
    try:
        _run(sys.argv[1:])
    except KeyboardInterrupt:  # while the program was being loaded
        sys.exit(INTERRUPTED)


def _run(words: list[str]) -> None:
    match words:
        case ["planner"]:
            load_without_unused("workers.leading").run()
        case ["worker"]:
            load_without_unused("workers.attending").run()
        case ["worker", "--threads", number] if number.isdecimal():
            load_without_unused("workers.attending").run(threads=int(number))
        case _:
            # what is loaded is no garbage: to look through it, then and at the end, took a third of the time
            gc.disable()
            atexit.register(gc.freeze)
            load_without_unused("workers.program").run()


def _take_any_text() -> None:
    """Letters that a terminal's encoding lacks become `?`; what is written to a closed stream is dropped."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - for as long as we run
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def load_without_unused(name: str) -> ModuleType:
    """Load it as if what is UNUSED were not installed, unless it is loaded; whoever wants it later loads it.

    Processes that wait for work do without the command line, too: both together take 40 MB (seen 2026-11-22).
    """
    hidden = [unused for unused in UNUSED if unused not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type] # how Python is told: not installed
    try:
        return import_module(name)
    finally:
        for unused in hidden:
            del sys.modules[unused]


def _origin(room: str) -> str:
    spec = find_spec(room)
    if spec is None or not spec.origin:
        return "nowhere"
    return str(Path(spec.origin).resolve().parent)


def _explain(shadowed: dict[str, str]) -> str:
    """In both languages: the catalogues may not be reachable."""
    lines = [f"  {room}: {origin}" for room, origin in shadowed.items()]
    return "\n".join(
        [
            "postroad: another distribution shadows a package of Postroad. Install Postroad into an",
            "environment of its own (python3 -m venv) and start it from there. Found instead:",
            "postroad：另有软件包占用了本系统的模块名。请为 Postroad 单独建立虚拟环境后再运行。实际找到：",
            *lines,
            "",
        ]
    )
