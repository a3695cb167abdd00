"""Numbers on the command line: what is out of bounds is refused by the parser, before anything is asked."""

import typer

from scheduler.cli.wording import _

MOST_DAYS = 36_500
MOST_LINES = 1_000_000_000
_LARGEST = 999_999_999_999
"""More than there will ever be, and within what databases keep."""

DELIVERY = typer.Argument(
    metavar="DELIVERY", min=1, max=_LARGEST, help=_("its number: the first column of postroad queue")
)
DELIVERIES = typer.Argument(
    None,
    metavar="DELIVERY...",
    min=1,
    max=_LARGEST,
    help=_("their numbers: the first column of postroad queue"),
)
