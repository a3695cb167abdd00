"""What planners, people and time do in the model."""

from collections.abc import Iterator

from connectors.capabilities import Idempotency
from scheduler.core.states import State
from scheduler.store.deliveries import LOOKED_AT, STOPPABLE, UNSENT, WAITING
from tests.protocol.guards import Guard, Rules
from tests.protocol.world import Phase, Row, Step, Window, Worker, World, decision, fault, person


def planner(world: World, rules: Rules) -> Iterator[Step]:
    """Rows made ready when due or before, hints handed over, lapsed leases and late rows swept."""
    row = world.row
    waits = row.state in (State.SCHEDULED, State.RETRYING)
    if waits and row.approved and not row.paused:
        yield Step("planner: ready", world._replace(row=row.to(State.READY)))
    if _to_announce(world, rules) and not row.announced and not world.hint:
        once = not rules.holds(Guard.ANNOUNCED_AGAIN)
        yield Step("planner: hint", world._replace(row=row._replace(announced=once), hint=True))
    if rules.kind is Idempotency.CONTAINER and _to_lay_out(world):
        yield Step("planner: hint to lay it out", world._replace(hint=True), fair=False)
    if world.hint:
        yield from fault("broker: hint lost", world._replace(hint=False))
    if world.unheeded and rules.holds(Guard.MARKS_HEEDED):
        yield Step("planner: journals what was decided", world._replace(marked=True, unheeded=False))
    yield from _lapse(world, rules)
    yield from _late(world, rules)


def people(world: World, rules: Rules) -> Iterator[Step]:
    """Pauses, cancellations, edits, withdrawn approvals, changed media, recalls, words on a doubt."""
    row = world.row
    if world.paused:
        yield Step("person: resume", world._replace(row=row._replace(paused=False), paused=False))
    else:
        paused = world._replace(row=row._replace(paused=True), paused=True)
        yield from decision("person: pause", paused, marked=rules.holds(Guard.PAUSE_MARKED))
    if row.approved:
        withdrawn = world._replace(row=row._replace(approved=0), approved=0)
        told = rules.holds(Guard.WITHDRAWAL_MARKED)
        yield from decision("person: approval withdrawn", withdrawn, marked=told)
    if row.content == 1:
        yield from person("disk: media changed", world._replace(row=row._replace(content=2)))
    if row.state in STOPPABLE and not row.tainted:
        cancelled = world._replace(row=row.to(State.CANCELLED), cancelled=True)
        yield from decision("person: cancel", cancelled, marked=rules.holds(Guard.CANCEL_MARKED))
    elif row.state in LOOKED_AT and not rules.holds(Guard.CANCEL_UNSENT):
        yield from decision("person: cancel", world._replace(row=row._replace(state=State.CANCELLED)))
    yield from _edit(world, rules)
    yield from _recall(world, rules)
    yield from _resolve(world, rules)
    if not (world.unheeded and rules.holds(Guard.MARKS_HEEDED)):
        yield from fault("disk: yesterday's backup restored", _restored(world, rules))


def time(world: World, _rules: Rules) -> Iterator[Step]:
    """The due instant comes; the window for a safe repeat closes.

    It closes for us at half time, for the platform once nothing is under way. That a packet or a stopped
    worker does not outlive the other half is this protocol's assumption.
    """
    if not world.due:
        yield Step("time: it is due", world._replace(due=True))
    under_way = world.packets or any(one.phase in (Phase.MARKED, Phase.WAITING) for one in world.workers)
    if world.sends and world.window is Window.OPEN:
        yield Step("time: half the window passed", world._replace(window=Window.MARGIN), fair=False)
    if world.window is Window.MARGIN and not under_way:
        yield Step("time: the key is forgotten", world._replace(window=Window.FORGOTTEN), fair=False)


def _to_lay_out(world: World) -> bool:
    row = world.row
    waits = row.state is State.SCHEDULED and bool(row.approved) and not row.token
    return waits and not (world.due or world.hint or row.handle)


def _to_announce(world: World, rules: Rules) -> bool:
    if world.row.state in LOOKED_AT:
        return world.row.watched
    if world.row.state is State.PUBLISHED:
        return world.row.recalled and not world.row.gone and rules.holds(Guard.RECALL_FOUND)
    return world.row.state is State.READY and not world.row.paused


def _lapse(world: World, rules: Rules) -> Iterator[Step]:
    row = world.row
    if row.state not in (State.CLAIMED, State.SENDING) or not rules.holds(Guard.LAPSE_SWEPT):
        return
    swept = world._replace(row=_taken_back(row, rules))
    if world.workers[row.token - 1].phase is Phase.IDLE:
        yield Step(f"planner: lease of {row.state} lapsed", swept)
    else:
        yield from fault(f"worker {row.token}: stalls, its lease of {row.state} lapses", swept)


def _taken_back(row: Row, rules: Rules) -> Row:
    if row.state is State.CLAIMED:
        return row.to(State.UNCONFIRMED if row.tainted else State.READY)._replace(token=0)
    if not rules.holds(Guard.LAPSED_SENDING_DOUBTED):
        return row._replace(state=State.READY, token=0, announced=False)
    doubted = row.to(State.UNCONFIRMED)
    return doubted._replace(tainted=rules.holds(Guard.TAINT), watched=rules.holds(Guard.LOOKED_FOR))


def _late(world: World, rules: Rules) -> Iterator[Step]:
    row = world.row
    spared = row.tainted and rules.holds(Guard.LATE_UNSENT)
    if row.state in WAITING and world.due and not spared:
        if not row.approved:
            yield Step("planner: late and not approved, held", world._replace(row=row.to(State.HELD)))
        yield from fault("planner: far too late, missed", world._replace(row=row.to(State.MISSED)))


def _edit(world: World, rules: Rules) -> Iterator[Step]:
    row = world.row
    if row.state in STOPPABLE and not (row.tainted and rules.holds(Guard.EDIT_UNSENT)):
        edited = Row(content=2, approved=2, generation=row.generation + 1, paused=row.paused)
        again = world._replace(row=edited, approved=2, cancelled=False, window=Window.OPEN, due=False)
        yield from decision("person: edit, approved again", again, marked=rules.holds(Guard.EDIT_MARKED))


def _recall(world: World, rules: Rules) -> Iterator[Step]:
    """What was certainly not sent is cancelled, the rest is looked for and taken down when it is found."""
    row = world.row
    if row.recalled or row.state in (State.REJECTED, State.MISSED, State.CANCELLED):
        return
    marked = row._replace(recalled=True)
    unsent = row.state in UNSENT or (row.state is State.CLAIMED and rules.holds(Guard.RECALL_STOPS))
    if unsent and not row.tainted:
        marked = marked.to(State.CANCELLED)._replace(token=0)
    elif row.state is State.READY or (row.state is State.CLAIMED and rules.holds(Guard.RECALL_STOPS)):
        marked = marked.to(State.UNCONFIRMED)._replace(token=0, watched=True)
    yield from decision("person: recall", world._replace(row=marked, recalled=True))


def _resolve(world: World, rules: Rules) -> Iterator[Step]:
    """A person tells the truth of what is seen; what is under way is over when the quarantine is."""
    row = world.row
    if row.state is not State.UNCONFIRMED:
        return
    told, looked = row._replace(watched=rules.holds(Guard.LOOKED_FOR)), world.looked()
    waiting = any(one.phase is Phase.WAITING for one in world.workers)
    over = not (world.packets or waiting) or not rules.holds(Guard.QUARANTINE)
    if world.posts:
        yield from decision("person: it is there", looked._replace(row=told.to(State.PUBLISHED)))
    elif over:
        closed = looked._replace(row=told.to(State.CANCELLED), closed=True)
        yield from decision("person: it is absent", closed)
        if not row.recalled:
            again = told.to(State.READY)._replace(allowed=True)
            yield from decision("person: send it again", looked._replace(row=again))


def _restored(world: World, rules: Rules) -> World:
    """All processes stop, the row is as it was. What the journal knows more is believed; else all goes on."""
    corrected = world.row.generation > 1
    row = Row(content=1 if corrected else world.row.content)
    if rules.holds(Guard.JOURNAL) and (world.sends or world.marked):
        row = _believed(row, world, rules)
    return world._replace(row=row, workers=(Worker(), Worker()), hint=False)


def _believed(row: Row, world: World, rules: Rules) -> Row:
    """It knows what was sent, and with which object, and what people decided for good.

    It knows that they decided something else: a pause holds again, and who is told withdraws again first.
    """
    if world.marked:
        row = row._replace(paused=world.paused, approved=min(row.approved, world.approved))
    recalled = world.recalled and rules.holds(Guard.RECALL_JOURNALLED)
    ended = (world.closed and rules.holds(Guard.CLOSED_JOURNALLED)) or (recalled and not world.sends)
    handle = world.row.handle if rules.holds(Guard.HANDLE_JOURNALLED) else 0
    sent = world.sends and not (_refused(world.row) and rules.holds(Guard.REFUSED_JOURNALLED))
    if not sent and not ended:
        return row._replace(state=State.HELD)
    told = row._replace(tainted=bool(world.sends), handle=handle, recalled=recalled)
    if world.row.generation > 1:
        told = told._replace(generation=world.row.generation, approved=0)
    if recalled and world.row.gone:
        return told._replace(state=State.PUBLISHED, gone=True)
    return told._replace(state=State.CANCELLED if ended else State.UNCONFIRMED)


def _refused(row: Row) -> bool:
    """Whatever was sent of it was certainly not published, and the journal has the answers."""
    return not row.tainted and row.state not in (State.SENDING, State.UNCONFIRMED, State.PUBLISHED)
