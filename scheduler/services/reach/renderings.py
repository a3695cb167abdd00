"""Which files of a report can be asked for. Apart from the reports: what renders is heavy to load."""

from collections.abc import Collection

from scheduler.core.problems import refuse
from scheduler.core.wording import N_
from scheduler.i18n import REPORT_LANGUAGES
from scheduler.reports.rendering import FORMATS, require_makeable


def require_files(formats: Collection[str], language: str) -> None:
    """Refused for a language or a format that there is not, and for one that this machine cannot make."""
    require_known(formats, language)
    require_makeable(formats)


def require_known(formats: Collection[str], language: str) -> None:
    """Refused for a language or a format that there is not."""
    if language not in REPORT_LANGUAGES:
        raise refuse(
            N_("there is no report in {language}; choose from {languages}"),
            language=language,
            languages=", ".join(REPORT_LANGUAGES),
        )
    for name in formats:
        if name not in FORMATS:
            raise refuse(
                N_("there is no format {name}; choose from {formats}"), name=name, formats=", ".join(FORMATS)
            )
