"""The steps that tests of publishing share: a channel on the sandbox, a tick, a look at a row."""

from connectors.sandbox import SandboxServer
from scheduler.services import planning
from scheduler.services.members import Person, add_member, find_member
from scheduler.services.runtime import Runtime
from scheduler.store.tables import Delivery
from scheduler.testing import RecordingDispatcher, add_channel


def connect_face(runtime: Runtime, sandbox: SandboxServer, face: str) -> int:
    """The id of a connected channel on a face of the sandbox."""
    account = sandbox.control.create_account(face, f"centre-{face}")
    return add_channel(
        runtime, account.platform, base_url=account.base_url, handle=account.handle, secret=account.secret
    )


def work(runtime: Runtime) -> None:
    """One tick of the planner, its hints attended to."""
    dispatcher = RecordingDispatcher()
    planning.tick(runtime, dispatcher, chunk=100)
    for hint in dispatcher.hints:
        planning.attend(runtime, hint)


def state_of(runtime: Runtime, delivery_id: int) -> str:
    """Where a delivery stands now."""
    with runtime.begin() as session:
        return session.get_one(Delivery, delivery_id).state


def live(sandbox: SandboxServer, text: str) -> int:
    """How many posts on the platforms hold this text."""
    return sum(text in post.text for post in sandbox.control.posts())


def add_person(runtime: Runtime, name: str, role: str = "publisher") -> Person:
    """A new member beside Lin, the admin."""
    return add_member(runtime, name, role, by=find_member(runtime, "Lin"))
