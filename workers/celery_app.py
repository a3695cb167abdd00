"""Celery as a carrier of hints: no results, no retries, no ETA; a message says 'look at these' (rule 9)."""

from typing import Any

from celery import Celery

from workers.carrying import carry_by_ours

QUEUE = "postroad"
TASK = "postroad.attend"
SCHEMA = 1
IDS = range(1, 2**63)


def make_app(broker: str) -> Celery:
    """The Celery application on this Redis URL; it does not connect yet.

    With the connection's own retries at 0 a dead broker costs 0.1 s, by default 6 s (seen on kombu 5.7).
    """
    carry_by_ours()
    app = Celery("postroad", broker=broker, set_as_current=False)
    app.set_default()
    app.conf.update(
        accept_content=["json"],
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "global_keyprefix": "postroad:",
            "socket_connect_timeout": 2,
            "socket_timeout": 10,
            "retry_on_timeout": False,
            "max_retries": 0,
            "interval_start": 0,
            "interval_step": 0,
        },
        enable_utc=True,
        event_queue_prefix="postroad.event",
        result_backend=None,
        task_acks_late=False,
        task_create_missing_queues=True,
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_publish_retry=False,
        task_serializer="json",
        worker_hijack_root_logger=False,
        worker_prefetch_multiplier=1,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
    )
    return app


def pack(delivery_ids: list[int]) -> dict[str, Any]:
    """The body of a hint."""
    return {"schema": SCHEMA, "deliveries": delivery_ids}


def unpack(body: object) -> list[int]:
    """The ids of a hint; none when it is forged, damaged or of another version."""
    if not isinstance(body, dict) or body.get("schema") != SCHEMA:
        return []
    ids = body.get("deliveries")
    return [id_ for id_ in ids if type(id_) is int and id_ in IDS] if isinstance(ids, list) else []
