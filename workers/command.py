"""The `postroad` command's first step: make sure that our rooms are ours, then run the program."""

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

ROOMS = ("config", "connectors", "scheduler", "workers")
HOME = Path(__file__).resolve().parent.parent


def shadowed_rooms(home: Path = HOME) -> dict[str, str]:
    """Which of our top-level names Python would take from somewhere else, and from where."""
    return {room: origin for room in ROOMS if (origin := _origin(room)) != str(home / room)}


def main() -> None:
    """Run the command and exit: 0 done, 1 refused with the reason, 2 wrong usage or broken installation."""
    shadowed = shadowed_rooms()
    if shadowed:
        sys.stderr.write(_explain(shadowed))
        sys.exit(2)
    import_module("workers.program").run()


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
