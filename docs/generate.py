"""The generated pages of the reference: `python -m docs.generate`, or `--check` to fail when one is stale."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from connectors.registry import connectors
from docs.generating.commands import commands_page
from docs.generating.matrix import matrix_page
from docs.generating.metrics import metrics_page
from docs.generating.settings import settings_page
from docs.generating.sheets import sheet_page
from docs.generating.states import states_page

DOCS = Path(__file__).resolve().parent
REFERENCE: Mapping[str, Callable[[], str]] = {
    "states": states_page,
    "capabilities": matrix_page,
    "metrics": metrics_page,
    "settings": settings_page,
    "commands": commands_page,
}


def pages() -> dict[Path, str]:
    """Every generated page by its path below docs/."""
    reference = {Path(f"reference/{name}.md"): make() for name, make in REFERENCE.items()}
    sheets = {
        Path(f"connectors/{name}.md"): sheet_page(connector.capabilities)
        for name, connector in connectors().items()
    }
    return reference | sheets


def stale(folder: Path = DOCS) -> dict[Path, str]:
    """What the pages that are missing or outdated should say."""
    return {path: text for path, text in pages().items() if _read(folder / path) != text}


def write(fresh: Mapping[Path, str], folder: Path = DOCS) -> None:
    """Write pages into the documentation."""
    for path, text in fresh.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Write what is stale, or with `--check` only name it; the exit status."""
    os.environ["POSTROAD_LANGUAGE"] = "en"  # of the commands' help, read when their tree is first imported
    old = stale()
    if "--check" in arguments:
        sys.stdout.writelines(f"docs/{path} is stale: run `make docs`\n" for path in old)
        return 1 if old else 0
    write(old)
    sys.stdout.writelines(f"wrote docs/{path}\n" for path in old)
    return 0


def _read(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
