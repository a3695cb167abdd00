"""What commands are tried on."""

import pytest

from config.settings import Settings
from scheduler.cli.app import Invocation
from scheduler.services.runtime import Runtime


@pytest.fixture
def invocation(settings: Settings, runtime: Runtime) -> Invocation:
    """Commands find the runtime of the test."""
    return Invocation(settings=settings, open_runtime=lambda _settings: runtime)
