"""Looking for a delivery in doubt, where somebody else's post reads the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.contract import Published
from connectors.sandbox import SandboxServer
from scheduler.services.delivery.looking import look
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.tables import Channel, Delivery, Publication
from scheduler.testing import FakeClock, add_delivery
from tests.services.working import connect_face, live, state_of, work


@pytest.mark.parametrize(
    ("face", "ends"), [("mastodon", ("published", 2)), ("gotosocial", ("unconfirmed", 1))]
)
def test_the_proof_of_one_delivery_is_no_proof_of_its_twin(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, face: str, ends: tuple[str, int]
) -> None:
    channel = connect_face(runtime, sandbox, face)
    add_delivery(runtime, channel, "good morning")
    work(runtime)
    twin = add_delivery(runtime, channel, "good morning")
    sandbox.control.add_fault(face, "drop_before", match="/api/v1/statuses", method="POST")
    for _ in range(5):
        work(runtime)
        clock.advance(timedelta(minutes=1))
    assert (state_of(runtime, twin), live(sandbox, "good morning")) == ends
    with runtime.begin() as session:
        proofs = session.scalars(select(Publication.remote_id)).all()
    assert len(set(proofs)) == len(proofs) == ends[1]


@pytest.mark.parametrize("transaction", range(1, 7))
def test_a_proof_that_another_worker_writes_first_is_no_proof(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, transaction: int
) -> None:
    channel = connect_face(runtime, sandbox, "gotosocial")
    first = add_delivery(runtime, channel, "good morning")
    work(runtime)
    with runtime.begin() as session:
        known = session.scalars(select(Publication)).one()
        session.delete(known)
    twin = add_delivery(runtime, channel, "good morning")
    sandbox.control.add_fault("gotosocial", "drop_before", match="/api/v1/statuses", method="POST")
    work(runtime)
    clock.advance(timedelta(minutes=1))
    begun = count()

    @contextmanager
    def begin() -> Iterator[Session]:
        if next(begun) == transaction:
            with runtime.begin() as session:
                live = Published(remote_id=known.remote_id, url=known.url)
                deliveries.add_publication(
                    session, session.get_one(Delivery, first), live, confirmed_by="look", now=clock.now()
                )
        with runtime.begin() as session:
            yield session

    assert look(replace(runtime, begin=begin), [twin]) == 1
    with runtime.begin() as session:
        assert session.scalars(select(Publication.delivery_id)).all() in ([first], [twin], [])
        published = session.get_one(Delivery, twin).state == "published"
        proved = session.scalar(select(Publication.id).where(Publication.delivery_id == twin)) is not None
        assert published == proved
    assert next(begun) > 3


def test_the_same_words_of_another_account_are_no_proof(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    delivery = add_delivery(runtime, connect_face(runtime, sandbox, "gotosocial"), "the same words")
    other = sandbox.control.create_account("gotosocial", "another")
    said = {"status": "the same words", "language": "en"}
    headers = {"authorization": f"Bearer {other.secret['access_token']}"}
    httpx.post(f"{other.base_url}/api/v1/statuses", json=said, headers=headers).raise_for_status()
    sandbox.control.add_fault("gotosocial", "drop_before", match="/api/v1/statuses", method="POST")
    work(runtime)
    clock.advance(timedelta(minutes=1))
    with runtime.begin() as session:
        own_id = session.scalars(select(Channel.remote_id)).one()
    sandbox.control.add_fault(
        "gotosocial", "mistaken", match="/statuses", asked=own_id, answered=other.remote_id
    )
    work(runtime)
    assert sandbox.control.clear_faults() == 0
    assert state_of(runtime, delivery) == "unconfirmed"
