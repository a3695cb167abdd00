"""The two streams a person sees, with colours and tables: loaded by whoever draws, as it takes a while."""

import sys

from rich.console import Console

WIDTH_OF_FILES = 160

out = Console() if sys.stdout.isatty() else Console(width=WIDTH_OF_FILES)
err = Console(stderr=True)
