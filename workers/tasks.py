"""The Celery tasks: each takes a hint and calls one service."""

from celery import Celery

from scheduler.services.delivery.planning import attend
from scheduler.services.runtime import Runtime
from workers.celery_app import TASK, unpack


def register_tasks(app: Celery, runtime: Runtime) -> None:
    """Make this process answer to hints."""

    @app.task(name=TASK)  # type: ignore[untyped-decorator]
    def attend_to(hint: object = None) -> None:
        attend(runtime, unpack(hint))
