"""Where a process says how it is, if the settings ask for it; what answers is loaded only then."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from config.settings import Settings
from scheduler.core.wording import N_
from scheduler.services.runtime import Runtime
from workers.liveness import Liveness

CANNOT_LISTEN = N_("cannot listen on {address}: {words}")


@contextmanager
def serving_health(settings: Settings, runtime: Runtime, liveness: Liveness) -> Iterator[str]:
    """Answer on the address of the settings while the block lasts; yields the URL, empty for none."""
    if settings.health_listen is None:
        yield ""
        return
    health = import_module("workers.health")
    with health.serving(settings.health_listen, health.Health(settings, runtime, liveness)) as url:
        yield url
