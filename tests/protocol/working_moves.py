"""What workers and the platform do in the model; every decision is the product's own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from connectors.capabilities import Idempotency
from connectors.contract import Absent, CannotTell, Finding, Found, Published
from connectors.errors import NotSent, OutcomeUnknown, RateLimited, Rejected
from scheduler.core.outcomes import (
    Decision,
    Looking,
    Outcome,
    Trying,
    decide,
    decide_failed_look,
    decide_looking,
    resend_until,
)
from scheduler.core.states import State
from scheduler.store.deliveries import LOOKED_AT, UNSENT
from scheduler.store.deliveries.recording import CERTAIN, NOT_LIVE
from tests.protocol.guards import Guard, Rules
from tests.protocol.world import Packet, Phase, Row, Step, Window, Worker, World, fault

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
WINDOW_S = 3600
SENT_BEFORE = {
    Window.OPEN: timedelta(0),
    Window.MARGIN: timedelta(seconds=WINDOW_S * 3 / 4),
    Window.FORGOTTEN: timedelta(seconds=WINDOW_S * 2),
}
LIVE = Published(remote_id="1", url="")
OUTCOMES: dict[str, Outcome] = {
    "published": LIVE,
    "not sent": NotSent("not sent"),
    "no answer": OutcomeUnknown("no answer"),
    "refused": Rejected("refused", field="text"),
    "rate-limited": RateLimited("later", until=NOW),
}
AWAY = "platform away"


def workers(world: World, rules: Rules) -> Iterator[Step]:
    """Every next step of both workers, their deaths included."""
    for number in (0, 1):
        worker = world.workers[number]
        if worker.phase is not Phase.IDLE:
            yield from fault(f"worker {number + 1}: killed", world.put(number, Worker()))
        for step in MOVES[worker.phase](world, rules, number):
            yield step._replace(label=f"worker {number + 1}: {step.label}")


def platform(world: World, rules: Rules) -> Iterator[Step]:
    """A request arrives (however late), is refused, or is lost on the way."""
    for packet in sorted(set(world.packets)):
        left = list(world.packets)
        left.remove(packet)
        gone = world._replace(packets=tuple(left))
        applied = gone._replace(posts=_posts(world, packet, rules))
        yield Step("platform: applies it", _answer(applied, packet, "published"))
        yield from fault("platform: refuses it", _answer(gone, packet, "refused"))
        yield from fault("platform: is in no hurry (429)", _answer(gone, packet, "rate-limited"))
        yield from fault("network: request lost", gone)
        if len(applied.posts) == len(world.posts) + 1:
            yield from fault("platform: applies it, the answer is cut", _answer(applied, packet, "no answer"))


def _idle(world: World, rules: Rules, number: int) -> Iterator[Step]:
    row = world.row
    if not world.hint:
        return
    heard = world._replace(hint=False)
    if row.state is State.READY:
        claimed = heard._replace(row=row.to(State.CLAIMED)._replace(token=number + 1))
        begun = Phase.CLAIMED if rules.kind is Idempotency.CONTAINER else Phase.STAGED
        mine = Worker(begun, row.content, 0, row.handle, row.tainted)
        yield Step("claims", claimed.put(number, mine))
        yield from fault("claims on a hint that comes twice", claimed.put(number, mine)._replace(hint=True))
    elif row.state is State.SCHEDULED and _may_lay_out(world, rules):
        leased = heard._replace(row=row._replace(token=number + 1))
        yield Step("leases it to lay it out", leased.put(number, Worker(Phase.LAYING_OUT, row.content)))
    elif row.state is State.PUBLISHED and row.recalled and not row.gone:
        yield from _take_down(heard)
    elif row.state in LOOKED_AT:
        looking = Worker(Phase.LOOKING, 0, _key(row, rules), seen=row.state, recalled=row.recalled)
        yield Step("goes to look", heard.put(number, looking))
        yield from fault("goes to look on a hint that comes twice", world.put(number, looking))
    else:
        yield Step("hint of no use", heard)


def _may_lay_out(world: World, rules: Rules) -> bool:
    row = world.row
    return rules.kind is Idempotency.CONTAINER and bool(row.approved) and not (row.token or world.due)


def _laying_out(world: World, _rules: Rules, number: int) -> Iterator[Step]:
    """Early, the row stays scheduled; the handle is kept for as long as the lease is ours."""
    worker, row = world.workers[number], world.row
    if worker.version != row.approved or row.handle:
        yield Step("leaves it to the due time", _given_back(world, number).put(number, Worker()))
        return
    made = world._replace(objects=(*world.objects, worker.version))
    if row.token == number + 1 and row.state is State.SCHEDULED:
        made = made._replace(row=row._replace(handle=len(made.objects)))
    yield Step("lays it out early", _given_back(made, number).put(number, Worker()))


def _given_back(world: World, number: int) -> World:
    ours = world.row.token == number + 1 and world.row.state is State.SCHEDULED
    return world._replace(row=world.row._replace(token=0)) if ours else world


def _take_down(world: World) -> Iterator[Step]:
    """What is still under way is over by then: the protocol's assumption."""
    if not world.packets:
        yield Step("takes it down", world._replace(row=world.row._replace(gone=True), posts=()))
    yield from fault("cannot take it down now", world._replace(row=world.row._replace(announced=False)))


def _claimed(world: World, rules: Rules, number: int) -> Iterator[Step]:
    """Class C stages an object unless the row has one."""
    worker, row = world.workers[number], world.row
    if worker.handle and world.objects[worker.handle - 1] == worker.version:
        yield Step("has all in hand", world.put(number, worker._replace(phase=Phase.STAGED)))
        return
    handle = len(world.objects) + 1
    ours = row.token == number + 1 and row.state is State.CLAIMED
    if ours and rules.holds(Guard.HANDLE_SAVED):
        world = world._replace(row=row._replace(handle=handle))
    staged = worker._replace(phase=Phase.STAGED, handle=handle)
    objects = (*world.objects, worker.version)
    yield Step("stages an object", world._replace(objects=objects).put(number, staged))


def _staged(world: World, rules: Rules, number: int) -> Iterator[Step]:
    """The guard of rule 3, in one transaction with its refusals."""
    worker, row = world.workers[number], world.row
    ours = row.token == number + 1 and row.state is State.CLAIMED
    if not world.due and ours and rules.holds(Guard.DUE):
        return
    if not _may_mark(world, rules, number):
        refused = _turned_away(world, rules, worker) if ours else row
        yield Step("is refused by the guard", world._replace(row=refused).put(number, Worker()))
        return
    key = _key(row, rules, worker.handle, world.sends)
    shown = world.objects[worker.handle - 1] if worker.handle else worker.version
    marked = world.put(number, worker._replace(phase=Phase.MARKED, key=key, handle=0, version=shown))
    marked = marked._replace(breach=_breach(world, shown), row=row._replace(allowed=False))
    row = marked.row
    if not rules.holds(Guard.SENDING_FIRST):
        yield Step("goes on without a mark", marked)
    elif rules.holds(Guard.CONDITIONAL_MARK):
        yield Step("commits sending", marked._replace(row=row.to(State.SENDING)))
    else:
        blind = row._replace(state=State.SENDING, token=number + 1)
        yield Step("commits sending blindly", marked._replace(row=blind))


def _marked(world: World, rules: Rules, number: int) -> Iterator[Step]:
    worker, row = world.workers[number], world.row
    ours = row.state is State.SENDING and row.token == number + 1
    if not ours and rules.holds(Guard.SENDING_FIRST) and rules.holds(Guard.LEASE_RECHECK):
        yield Step("stood still too long to send", world.put(number, _told(worker, "not sent")))
        return
    packet = Packet(number, worker.key, worker.version)
    sends = 1 if rules.holds(Guard.FIXED_KEY) else world.sends + 1
    sent = world._replace(packets=tuple(sorted((*world.packets, packet))), sends=sends)
    yield Step("sends", sent.put(number, worker._replace(phase=Phase.WAITING, version=0)))
    yield from fault("cannot connect", world.put(number, _told(worker, "not sent")))


def _waiting(world: World, _rules: Rules, number: int) -> Iterator[Step]:
    worker = world.workers[number]
    under_way = any(packet.owner == number for packet in world.packets)
    given_up = world.put(number, _told(worker, "no answer"))
    if under_way:
        yield from fault("gives up waiting", given_up)
    else:
        yield Step("gives up waiting", given_up)


def _answered(world: World, rules: Rules, number: int) -> Iterator[Step]:
    """The outcome is written by whoever still owns the claim."""
    worker, row = world.workers[number], world.row
    decision = _decide(worker, rules)
    written = _recorded(row, decision, rules, number)
    told = world.looked() if row.state is State.UNCONFIRMED is not written.state else world
    told = told._replace(row=_cancelled(written, rules)).put(number, Worker())
    yield Step(f"records {worker.answer}", told)
    if rules.holds(Guard.BOOKKEEPING):
        yield from fault("cannot write the outcome", world.put(number, Worker()))
    elif world.row.token == number + 1 and world.row.state is State.SENDING:
        again = world.row._replace(state=State.RETRYING)
        yield from fault("cannot write, tries again", world._replace(row=again).put(number, Worker()))


def _looking(world: World, rules: Rules, number: int) -> Iterator[Step]:
    """The platform's answer to a look: exact for K and C, by text for L, none for N."""
    worker = world.workers[number]
    looked = worker._replace(phase=Phase.LOOKED, key=0, version=0)
    live = any(rules.kind is Idempotency.LISTING or key == worker.key for key, _ in world.posts)
    if rules.kind is Idempotency.NOTHING:
        yield Step("cannot look", world.put(number, looked._replace(answer="cannot tell")))
    elif live:
        yield Step("finds it", world.put(number, looked._replace(answer="found")))
        yield from fault("reads an old listing", world.put(number, looked._replace(answer="absent")))
    else:
        yield Step("does not find it", world.put(number, looked._replace(answer="absent")))
    yield from fault("finds the platform away", world.put(number, looked._replace(answer=AWAY)))


def _looked(world: World, rules: Rules, number: int) -> Iterator[Step]:
    worker, row = world.workers[number], world.row
    decision = _decide_look(worker, world, rules)
    same = row.state is worker.seen and not worker.stale
    stopped = row.recalled and decision.state is State.READY and rules.holds(Guard.RECALL_LOOK)
    if (same and not stopped) or not rules.holds(Guard.CONDITIONAL_LOOK):
        world = world.looked()
        row = row.to(decision.state)._replace(watched=decision.next_at is not None)
    yield Step(f"records {worker.answer}", world._replace(row=row).put(number, Worker()))


MOVES = {
    Phase.IDLE: _idle,
    Phase.LAYING_OUT: _laying_out,
    Phase.CLAIMED: _claimed,
    Phase.STAGED: _staged,
    Phase.MARKED: _marked,
    Phase.WAITING: _waiting,
    Phase.ANSWERED: _answered,
    Phase.LOOKING: _looking,
    Phase.LOOKED: _looked,
}


def _may_mark(world: World, rules: Rules, number: int) -> bool:
    row, worker = world.row, world.workers[number]
    ours = row.state is State.CLAIMED and (row.token == number + 1 or not rules.holds(Guard.OWN_TOKEN))
    approved = bool(row.approved) or not rules.holds(Guard.APPROVAL)
    same = not row.approved or row.approved == worker.version or not rules.holds(Guard.HASH)
    open_ = world.window is Window.OPEN or row.allowed
    inside = not row.tainted or open_ or not rules.holds(Guard.WINDOW)
    running = not row.paused or not rules.holds(Guard.PAUSE)
    return (ours or not rules.holds(Guard.CONDITIONAL_MARK)) and approved and same and inside and running


def _turned_away(world: World, rules: Rules, worker: Worker) -> Row:
    row = world.row
    matching = row.approved == worker.version
    if row.tainted and (not matching or not (world.window is Window.OPEN or row.allowed)):
        return row.to(State.UNCONFIRMED)._replace(token=0, watched=rules.holds(Guard.LOOKED_FOR))
    return row.to(State.READY if matching else State.HELD)._replace(token=0)


def _breach(world: World, version: int) -> str:
    if world.approved != version:
        return "bytes that nobody approved are sent"
    if not world.due:
        return "it is sent before it is due"
    if world.recalled:
        return "it is sent after its recall"
    if world.closed or world.cancelled:
        return "it is sent after a person ended it"
    return "something is sent in spite of a pause" if world.paused else ""


def _key(row: Row, rules: Rules, handle: int = 0, sends: int = 0) -> int:
    if rules.kind is Idempotency.CONTAINER:
        return handle or row.handle
    return row.generation if rules.holds(Guard.FIXED_KEY) else 10 + sends


def _posts(world: World, packet: Packet, rules: Rules) -> tuple[tuple[int, int], ...]:
    known = rules.kind in (Idempotency.KEY, Idempotency.CONTAINER) and world.window is not Window.FORGOTTEN
    if known and any(key == packet.key for key, _ in world.posts):
        return world.posts
    return (*world.posts, (packet.key, packet.version))


def _answer(world: World, packet: Packet, answer: str) -> World:
    """The answer reaches the worker if it still waits for it."""
    worker = world.workers[packet.owner]
    if worker.phase is not Phase.WAITING or worker.key != packet.key:
        return world
    return world.put(packet.owner, _told(worker, answer))


def _told(worker: Worker, answer: str) -> Worker:
    return Worker(phase=Phase.ANSWERED, tainted=worker.tainted, answer=answer)


def _decide(worker: Worker, rules: Rules) -> Decision:
    trying = Trying(attempts=1, tainted=worker.tainted, now=NOW)
    blind = worker.answer == "no answer" and not rules.holds(Guard.NO_BLIND_RETRY)
    return decide(OUTCOMES["not sent" if blind else worker.answer], trying)


def _recorded(row: Row, decision: Decision, rules: Rules, number: int) -> Row:
    sources = [State.CLAIMED, State.SENDING]
    if decision.state in CERTAIN:
        sources.append(State.UNCONFIRMED)
    ours = row.token == number + 1 or not rules.holds(Guard.CONDITIONAL_RECORD)
    if row.state not in sources or not ours:
        return row
    if not rules.holds(Guard.SENDING_FIRST):
        row = row._replace(state=State.SENDING)
    doubted = row.tainted and decision.state not in NOT_LIVE
    tainted = doubted or (decision.taints and rules.holds(Guard.TAINT))
    watched = decision.next_at is not None and rules.holds(Guard.LOOKED_FOR)
    return row.to(decision.state)._replace(tainted=tainted, watched=watched)


def _cancelled(row: Row, rules: Rules) -> Row:
    """What was recalled while it was being sent, and certainly was not sent."""
    unsent = row.recalled and not row.tainted and row.state in UNSENT
    return row.to(State.CANCELLED)._replace(token=0) if unsent and rules.holds(Guard.RECALL_RETRY) else row


def _refuses(worker: Worker, rules: Rules) -> bool:
    return worker.recalled and rules.holds(Guard.RECALL_LOOK)


def _decide_look(worker: Worker, world: World, rules: Rules) -> Decision:
    kind = rules.kind if rules.holds(Guard.REPEATABLE_ONLY) else Idempotency.KEY
    until = resend_until(kind, WINDOW_S, NOW - SENT_BEFORE[world.window])
    looking = Looking(
        state=worker.seen, looks=0, now=NOW, resend_until=until, recalled=_refuses(worker, rules)
    )
    if worker.answer == AWAY:
        return decide_failed_look(NotSent(AWAY), looking)
    findings: dict[str, Finding] = {
        "found": Found(published=LIVE),
        "absent": Absent(proof=not rules.holds(Guard.NO_PROOF)),
        "cannot tell": CannotTell(reason="no way to look"),
    }
    return decide_looking(findings[worker.answer], looking)
