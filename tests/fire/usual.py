"""The usual design, written by us for comparison: one Celery task for each post, which retries by itself.

What tutorials and schedulers on a task queue do, with each option they recommend against loss:

- scheduling a post is `apply_async(eta=…)`; the task sends it and then writes the row's end;
- `autoretry_for=(Exception,)` with backoff and jitter, but no retry of a definite refusal;
- `acks_late` and `reject_on_worker_lost`, so that a dead worker loses no task;
- the task looks first whether the row is published already; when the retries are used up it is failed.

It is better than usual in two things: it speaks to the platforms through the same connectors, and the key it
gives them is fixed for the post, so that a platform that knows keys recognises a repeat. `celery -A
tests.fire.usual worker` runs it; the environment says where broker and database are.
"""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
from celery import Celery, Task
from psycopg.rows import class_row
from psycopg.types.json import Json

from connectors.contract import Account, Connector, Key, Outgoing, Published, Session, Staged
from connectors.errors import NeedsReconnect, Rejected, Unsupported
from connectors.http import Http
from connectors.registry import connectors
from connectors.sandbox import SandboxAccount

BROKER, DATABASE, VISIBILITY_S = "USUAL_BROKER", "USUAL_DATABASE", "USUAL_VISIBILITY_S"
HOUR_S = 3600
SHORTENED = {"unacked_restore_interval": 1, "unacked_restore_throttle": 1, "unacked_mutex_expire": 5}
TIMEOUT = httpx.Timeout(3)
TABLE = """CREATE TABLE post (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, platform text, base_url text, handle text,
    remote_id text, secret jsonb, text text, due_at timestamptz, state text DEFAULT 'scheduled')"""
DEFINITE = (Rejected, Unsupported, NeedsReconnect)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A row: what goes where, and how it ended."""

    id: int
    platform: str
    base_url: str
    handle: str
    remote_id: str
    secret: dict[str, str] = field(repr=False)
    text: str
    due_at: datetime
    state: str


class Publishing(Task):  # type: ignore[misc]  # Celery has no types
    """A task that ends its post's row when the retries are used up."""

    def on_failure(self, exc: Exception, task_id: str, args: Sequence[Any], kwargs: Any, einfo: Any) -> None:  # noqa: ARG002 - Celery's signature
        """Write that it failed."""
        end(args[0], "failed")


def make_app(broker: str, *, visibility_s: float) -> Celery:
    """Celery as it comes, with its transport's time until an unacknowledged message is given again.

    Where that is shortened from its hour, the search for such messages (every 100 s) is shortened too, and
    the lock of the search (300 s): one that dies with a worker keeps all others from searching until it ends.
    """
    app = Celery("usual", broker=broker, set_as_current=False)
    searching = SHORTENED if visibility_s < HOUR_S else {}
    app.conf.update(
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": visibility_s, **searching},
        task_default_queue="usual",
    )
    return app


app = make_app(os.environ.get(BROKER, ""), visibility_s=float(os.environ.get(VISIBILITY_S, HOUR_S)))


@app.task(  # type: ignore[untyped-decorator]
    base=Publishing,
    autoretry_for=(Exception,),
    dont_autoretry_for=DEFINITE,
    retry_backoff=True,
    retry_jitter=True,
    max_retries=5,
    acks_late=True,
    reject_on_worker_lost=True,
)
def publish(post_id: int) -> None:
    """Send one post and write that it is published."""
    with psycopg.connect(os.environ[DATABASE]) as connection:
        rows = connection.cursor(row_factory=class_row(Post))
        post = rows.execute("SELECT * FROM post WHERE id = %s", [post_id]).fetchone()
    if post and post.state != "published":
        asyncio.run(send(post))
        end(post_id, "published")


async def send(post: Post) -> Published:
    """Stage and publish in one go; whatever is not published is an exception."""
    connector, outgoing = connectors()[post.platform], Outgoing(text=post.text, language="en")
    key = Key(value=hashlib.sha256(str(post.id).encode()).hexdigest(), at=post.due_at)
    account = Account(base_url=post.base_url, handle=post.handle, remote_id=post.remote_id)
    async with Http(timeout=TIMEOUT) as http:
        session = Session(account=account, secret=post.secret, http=http, now=lambda: datetime.now(UTC))
        staged = await _stage(connector, session, outgoing, key)
        result = await connector.publish(session, outgoing, key, staged)
    if not isinstance(result, Published):
        raise TypeError("accepted only")
    return result


def end(post_id: int, state: str) -> None:
    """Write how a post ended."""
    with psycopg.connect(os.environ[DATABASE]) as connection:
        connection.execute("UPDATE post SET state = %s WHERE id = %s", [state, post_id])


def insert(connection: psycopg.Connection[Any], account: SandboxAccount, text: str, due_at: datetime) -> int:
    """A new post to this account; its id."""
    values = (account.platform, account.base_url, account.handle, account.remote_id, Json(account.secret))
    inserted = connection.execute(
        "INSERT INTO post (platform, base_url, handle, remote_id, secret, text, due_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [*values, text, due_at],
    )
    row = inserted.fetchone()
    assert row is not None
    return int(row[0])


async def _stage(connector: Connector, session: Session, outgoing: Outgoing, key: Key) -> Staged:
    staged = Staged()
    while not staged.complete:
        staged = await connector.stage(session, outgoing, key, staged)
    return staged
