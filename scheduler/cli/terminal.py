"""The two streams a person sees, with colours and tables: loaded by whoever draws, as it takes a while."""

import sys

from rich.console import Console, RenderableType

WIDTH_OF_FILES = 160

out = Console() if sys.stdout.isatty() else Console(width=WIDTH_OF_FILES)
err = Console(stderr=True)


def show(drawn: RenderableType) -> None:
    """Print it; in a file no line ends in blanks."""
    if out.is_terminal:
        out.print(drawn)
        return
    with out.capture() as captured:
        out.print(drawn)
    out.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().removesuffix("\n").split("\n")))
