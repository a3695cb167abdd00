"""Every failure a person can cause, said in words and as an exit status."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from config.reading import WrongSettings, WrongValue
from config.settings import PREFIX
from scheduler.cli.problems import show_problems
from scheduler.cli.wording import _
from scheduler.core.problems import Problem, Refused
from scheduler.core.wording import N_


@contextmanager
def told() -> Iterator[None]:
    """Say on standard error what a person can mend, and exit with 1; with 130 after Ctrl+C."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        problems = _explain(error)
        if not problems:
            raise
        show_problems(problems)
        sys.exit(1)


def _explain(error: Exception) -> list[Problem]:
    if isinstance(error, Refused):
        return list(error.problems)
    if isinstance(error, WrongSettings):
        return [_wrong_setting(name, why) for name, why in error.wrong.items()]
    known: Problem | None = import_module("scheduler.services.failures").explain(error)
    return [known] if known else []


def _wrong_setting(name: str, why: WrongValue) -> Problem:
    words = _(why.message).format(**why.params)
    return Problem(
        message=N_("the setting {name} is wrong: {words}"),
        params={"name": f"{PREFIX}{name.upper()}", "words": words},
    )
