"""Many deliveries at once: one is made as the product makes it, and its rows are copied in SQL.

All have the same words on accounts of the same name, so that one approval's hash is right for each.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Table as SqlTable
from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.platform import TEXT
from bench.stack import Stack, TooSlow
from scheduler.store.tables import Channel, Credential, Delivery, Post, Table, Variant
from scheduler.testing import add_channel, add_delivery

FAR = timedelta(days=1)
SETTLE = "analyze"


def add_rows(
    stack: Stack,
    *,
    platform: str,
    urls: Sequence[str],
    channels: int,
    deliveries: int,
    campaign: int | None = None,
) -> None:
    """Approved deliveries spread evenly over the channels, all due a day from now; see `make_due`.

    Deliveries of one channel belong to posts of their own, channels are spread over the addresses.
    """
    runtime = stack.runtime
    channel = add_channel(
        runtime, platform, base_url=urls[0], handle="@bench", secret={"access_token": "bench"}, name="1"
    )
    delivery = add_delivery(runtime, channel, TEXT, due_at=datetime.now(UTC) + FAR)
    with runtime.begin() as session:
        _copy_channels(session, channels, urls)
        _copy_deliveries(session, deliveries, channels)
        if campaign is not None:
            session.execute(text("update post set campaign_id = :id"), {"id": campaign})
        assert delivery == 1, "the database is not new"


def make_due(stack: Stack, *, in_s: float) -> float:
    """Let every delivery be due at one instant, in so many seconds at least; that instant since 1970.

    TooSlow when writing the rows takes longer than that.
    """
    moved = text("update delivery set due_at = :at, next_at = :at, wall_at = :wall, updated_at = :at")
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=in_s + 1)
    with stack.runtime.begin() as session:
        session.execute(moved, {"at": at, "wall": at.replace(tzinfo=None)})
    with stack.runtime.begin() as session:
        for table in ("delivery", "post", "variant", "channel", "credential"):
            session.execute(text(f"{SETTLE} {table}"))
    if datetime.now(UTC) >= at:
        raise TooSlow("the rows were still being written when they fell due: give a longer --lead-s")
    return at.timestamp()


def _copy_channels(session: Session, count: int, urls: Sequence[str]) -> None:
    addresses = "array[" + ", ".join(f"'{url}'" for url in urls) + "]"
    where = f"({addresses})[1 + n % {len(urls)}]"
    copy_rows(session, Channel, count, {"name": "n::text", "base_url": where})
    copy_rows(session, Credential, count, {"channel_id": _id_of("channel")})


def _copy_deliveries(session: Session, count: int, channels: int) -> None:
    copy_rows(session, Post, count, {"ref": "n::text"})
    copy_rows(session, Variant, count, {"post_id": _id_of("post")})
    own = {
        "uid": "'bench-' || n",
        "key": "'key-' || n",
        "post_id": _id_of("post"),
        "variant_id": _id_of("variant"),
        "channel_id": f"(select min(id) from channel) + n % {channels}",
    }
    copy_rows(session, Delivery, count, own)


def copy_rows(session: Session, model: type[Table], count: int, own: Mapping[str, str]) -> None:
    """Copies number 2 to `count` of the model's only row, with expressions over `n` in some columns."""
    table = model.__table__
    assert isinstance(table, SqlTable)
    names = [one.name for one in table.columns if one.name != "id" and one.computed is None]
    values = [own.get(name, f'one."{name}"') for name in names]
    listed = ", ".join(f'"{name}"' for name in names)
    statement = (
        f"insert into {table.name} ({listed}) select {', '.join(values)} "
        f"from (select * from {table.name} order by id limit 1) one, ({_numbers(count)}) numbers"
    )
    session.execute(text(statement))


def _numbers(count: int) -> str:
    """Every `n` from 2 to `count`, in words of both databases."""
    counted = f"select 2 union all select n + 1 from counted where n < {count}"
    return f"with recursive counted(n) as ({counted}) select n from counted where n <= {count}"


def _id_of(table: str) -> str:
    """Rows of an empty table get consecutive ids, copies in the order of `n`."""
    return f"(select min(id) from {table}) + n - 1"
