"""Pages become PDFs: here, or in a process of its own that loads while a report is still being made."""

import gc
import logging
import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from importlib import import_module
from subprocess import PIPE, Popen
from traceback import format_exc
from types import TracebackType
from typing import Any, BinaryIO, NamedTuple, Self

from PIL import ImageFile

from scheduler.core.problems import refuse
from scheduler.core.wording import N_

NO_PANGO = N_(
    "a PDF needs the system's Pango library, which is missing here "
    "(Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0); the other formats need nothing"
)
STOPPED = N_("the process that prints the PDF ended before it was done ({code}); perhaps memory ran out")


class Page(NamedTuple):
    """What to print: HTML, the style it has on paper, and what tells the PDF from others."""

    text: str
    style: str
    identifier: bytes


def load_renderer() -> Any:
    """WeasyPrint, loaded when a PDF is wanted: it takes a second and a library of the system.

    Its import tells Pillow to take images that are cut off: that is taken back, for uploads must be whole.
    It warns of every line of style that is meant for screens: only its errors are let through.
    """
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    try:
        return import_module("weasyprint")
    except OSError as error:
        raise refuse(NO_PANGO) from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def print_page(page: Page) -> bytes:
    """A PDF, tagged for readers that read aloud; nothing is fetched. Refused where there is no Pango."""
    weasyprint = load_renderer()
    inside_only = weasyprint.URLFetcher(allowed_protocols=["data"])
    sheet = weasyprint.HTML(string=page.text, url_fetcher=inside_only)
    pdf: bytes = sheet.write_pdf(
        stylesheets=[_read_style(page.style)], pdf_identifier=page.identifier, pdf_tags=True
    )
    return pdf


@cache
def _read_style(style: str) -> Any:
    """Once for all pages that have it."""
    return load_renderer().CSS(string=style)


class Printer:
    """A process that prints one page after the other, while we do something else. At the end it is gone.

    In a group of its own, so that it is we who hear of Ctrl+C; without us it ends by itself. It begins with a
    proof: what it loads for the first page, that of its style too, it has loaded before the page is there.
    """

    def __init__(self, proof: Page) -> None:
        self._process = Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-m", __name__],
            stdin=PIPE,
            stdout=PIPE,
            process_group=0,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self._proof_due = True
        self._hand_in(proof)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        with suppress(BrokenPipeError):
            self._process.__exit__(kind, error, trace)

    @property
    def process_id(self) -> int:
        """Of the process."""
        return self._process.pid

    def require(self) -> None:
        """Wait for its proof; Refused where it cannot print."""
        if self._proof_due:
            self._proof_due = False
            self._answer()

    def begin(self, page: Page) -> None:
        """Hand in a page."""
        self.require()
        self._hand_in(page)

    def printed(self) -> bytes:
        """The PDF of the first page that was handed in and not asked for yet."""
        pdf: bytes = self._answer()
        return pdf

    def _hand_in(self, page: Page) -> None:
        with suppress(BrokenPipeError):
            _put(page, self._process.stdin)

    def _answer(self) -> Any:
        try:
            answer = pickle.load(self._process.stdout)  # type: ignore[arg-type] # noqa: S301 - it is ours
        except EOFError:
            raise refuse(STOPPED, code=self._process.wait()) from None
        if isinstance(answer, Exception):
            raise answer
        return answer


def serve(pages: BinaryIO, answers: BinaryIO) -> None:
    """What the process does: print each page, until there are no more. Each has an answer."""
    gc.disable()
    with suppress(EOFError, BrokenPipeError):
        while True:
            page: Page = pickle.load(pages)  # noqa: S301 - from the one that started us
            _put(_tried(partial(print_page, page)), answers)


def _tried(work: Callable[[], object]) -> object:
    """What came of it; an error with the lines where it happened."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - it is raised where it was asked for
        error.add_note(format_exc())
        return error


def _put(value: object, stream: Any) -> None:
    pickle.dump(value, stream)
    stream.flush()


if __name__ == "__main__":
    with os.fdopen(os.dup(1), "wb") as own:
        os.dup2(2, 1)  # what a library might say is no answer
        serve(sys.stdin.buffer, own)
