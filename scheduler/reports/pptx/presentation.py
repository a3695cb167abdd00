"""The report as a presentation, where python-pptx is installed: an extra that is loaded when it is wanted."""

from importlib import import_module

from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.reports.freezing import FrozenReport

NO_PPTX = N_(
    "a presentation needs python-pptx, which is missing here "
    "(pip install 'postroad[pptx]'); the other formats need nothing"
)


def render_presentation(report: FrozenReport, language: str) -> bytes:
    """A PPTX file with native charts; Refused without python-pptx. The same report, the same bytes."""
    load_presenter()
    content: bytes = import_module("scheduler.reports.pptx.slides").render_slides(report, language)
    return content


def load_presenter() -> None:
    """Refused, with what to install, where python-pptx is not."""
    try:
        import_module("pptx")
    except ImportError as error:
        raise refuse(NO_PPTX) from error
