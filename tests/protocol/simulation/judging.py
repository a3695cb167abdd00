"""The platforms' own logs against the rows: what must hold once they answer again."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select

from connectors.capabilities import Idempotency
from scheduler.core.states import State
from scheduler.services.channels.credentials import ReadyChannel, open_channels
from scheduler.services.channels.renewing import store_spooled
from scheduler.store import invariants
from scheduler.store.tables import Delivery, Publication
from tests.protocol.simulation.centre import Centre
from tests.protocol.simulation.platform import Post

ABSENT = (State.REJECTED, State.CANCELLED, State.MISSED, State.HELD)
NEVER_LEFT = (State.READY, State.CLAIMED, State.SENDING, State.RETRYING, State.PROCESSING)
REPEATABLE = (Idempotency.KEY, Idempotency.CONTAINER)


def breaches(centre: Centre) -> list[str]:
    """Everything that must never be and is, in words; empty when the protocol held."""
    with centre.calm.begin() as session:
        rows = list(session.scalars(select(Delivery).order_by(Delivery.id)))
        proofs = {proof.delivery_id: proof for proof in session.scalars(select(Publication))}
        broken = invariants.broken(session, now=centre.clock.now())
    told = [breach for one in centre.connectors.values() for breach in one.platform.breaches]
    told += [f"{count} rows break: {title}" for title, count in broken.items() if count]
    told += _lost_tokens(centre)
    for row in rows:
        told += [f"delivery {row.id} ({centre.texts[row.id][1]}): {one}" for one in _of(centre, row, proofs)]
    return told


def _lost_tokens(centre: Centre) -> Iterator[str]:
    """A renewed token is stored, or on the disk, whoever died: the old one is spent."""
    store_spooled(centre.calm)
    stored = open_channels(centre.calm, centre.channels.values())
    for kind, channel in centre.channels.items():
        ready = stored[channel]
        if not isinstance(ready, ReadyChannel) or ready.secret.secret["token"] != centre.platform(kind).token:
            yield f"class {kind} lost its token"


def _of(centre: Centre, row: Delivery, proofs: Mapping[int, Publication]) -> Iterator[str]:
    kind, text = centre.texts[row.id]
    seen = [post for post in centre.platform(kind).posts if post.text == text]
    if len(seen) > 1:
        yield f"visible {len(seen)} times, {row.state}"
    if any(post.at < row.due_at for post in seen):
        yield "visible before it was due"
    proof = proofs.get(row.id)
    if row.state == State.PUBLISHED and not (proof and _as_told(proof, seen)):
        yield "published, and not there under this id, or recalled and still there"
    if row.state in ABSENT and seen:
        yield f"{row.state}, and visible"
    yield from _silent(row, kind, visible=bool(seen))


def _as_told(proof: Publication, seen: Sequence[Post]) -> bool:
    """What was taken down is not there, and the rest is, under the id we know."""
    return not seen if proof.recalled_at else bool(seen) and proof.remote_id == seen[0].remote_id


def _silent(row: Delivery, kind: Idempotency, *, visible: bool) -> Iterator[str]:
    if row.state in NEVER_LEFT:
        yield f"left {row.state} without an end"
    if row.state == State.SCHEDULED and row.approved_hash:
        yield "due, approved and never tried"
    if row.state in (*ABSENT, State.UNCONFIRMED) and not row.reason:
        yield f"{row.state} without a reason"
    if row.state == State.UNCONFIRMED and kind in REPEATABLE and visible:
        yield "visible on a platform that can be asked, and still unconfirmed"
    if row.state == State.UNCONFIRMED and not row.tainted:
        yield "unconfirmed without a taint"
