"""What commands are tried on."""

from functools import partial

import pytest

from config.settings import Settings
from scheduler.cli.app import Invocation
from scheduler.services.runtime import Runtime
from tests.cli.running import Run, run_command


@pytest.fixture
def invocation(settings: Settings, runtime: Runtime) -> Invocation:
    """Commands find the runtime of the test."""
    return Invocation(settings=settings, open_runtime=lambda _settings: runtime)


@pytest.fixture
def run(invocation: Invocation) -> Run:
    """Runs a command; see `run_command`."""
    return partial(run_command, invocation)
