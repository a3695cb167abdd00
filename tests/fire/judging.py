"""The platforms' own log against the database: at most once, approved, due, and an end for each delivery."""

import html
import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select

from connectors.sandbox.log import LogEntry
from scheduler.core.states import State
from scheduler.store import invariants
from scheduler.store.tables import Channel, Delivery, Post, Publication, Variant
from tests.fire.fleet import Fleet
from tests.fire.kind import CLASSES, Kind, Result

ABSENT = (State.REJECTED, State.CANCELLED, State.MISSED, State.HELD, State.SCHEDULED)
METRICS_TRIES = 20
TAG = re.compile(r"\bn\d{6}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A delivery beside what the platform showed of it."""

    delivery: Delivery
    post: str
    platform: str
    text: str
    remote_id: str | None
    created: Sequence[LogEntry]
    deleted: int

    @property
    def visible(self) -> int:
        """How many copies the public sees now."""
        return len(self.created) - self.deleted

    @property
    def delay_s(self) -> float:
        """From due to visible."""
        return max(((one.at - self.delivery.due_at).total_seconds() for one in self.created), default=0.0)


def judge(fleet: Fleet, kind: Kind, *, restarts: int, took_s: float) -> Result:
    """What the round came to, with every breach in words."""
    log = fleet.sandbox.log(fleet.burst.since)
    cases = _cases(fleet, log)
    ours = [case for case in cases if case.post not in fleet.burst.unapproved]
    strange = _strange(cases, log, {account.handle for account in fleet.accounts.values()})
    breaches = [words for case in cases for words in _of(case, kind, fleet)]
    breaches += [f"{entry.platform} shows what nobody sent: {entry.text[:60]!r}" for entry in strange]
    breaches += [*_uncounted(fleet), *_broken(fleet), *kind.check(fleet)]
    delays = sorted(case.delay_s for case in ours if case.created)
    doubts = Counter(CLASSES[one.platform] for one in ours if one.delivery.state == State.UNCONFIRMED)
    return Result(
        kind=kind.name,
        group=kind.group,
        deliveries=len(ours),
        duplicates=sum(len(case.created) > 1 for case in cases),
        lost=sum(_lost(case) for case in ours),
        unapproved=len(strange) + sum(_unapproved(case, fleet) for case in cases),
        unconfirmed=doubts,
        median_s=_within(delays, 0.5),
        p99_s=_within(delays, 0.99),
        delay_s=_within(delays, 1.0),
        restarts=restarts,
        took_s=took_s,
        breaches=tuple(breaches),
    )


def _within(delays: Sequence[float], share: float) -> float:
    """The least of these ascending delays that so great a share does not exceed; 0 where there are none."""
    return delays[math.ceil(len(delays) * share) - 1] if delays else 0.0


def _cases(fleet: Fleet, log: Sequence[LogEntry]) -> list[Case]:
    created, deleted = _shown(log, "create"), _shown(log, "delete")
    query = (
        select(Delivery, Post.ref, Channel, Variant.text, Publication.remote_id)
        .join(Post, Post.id == Delivery.post_id)
        .join(Channel, Channel.id == Delivery.channel_id)
        .join(Variant, Variant.id == Delivery.variant_id)
        .outerjoin(Publication, Publication.delivery_id == Delivery.id)
        .where(Post.ref.in_(list(fleet.burst.posts)))
        .order_by(Delivery.id)
    )
    with fleet.runtime.begin() as session:
        rows = session.execute(query).all()
    return [
        Case(
            delivery=delivery,
            post=ref,
            platform=channel.platform,
            text=text,
            remote_id=remote_id,
            created=created.get((fleet.accounts[channel.name].handle, fleet.burst.posts[ref]), ()),
            deleted=len(deleted.get((fleet.accounts[channel.name].handle, fleet.burst.posts[ref]), ())),
        )
        for delivery, ref, channel, text, remote_id in rows
    ]


def _shown(log: Sequence[LogEntry], effect: str) -> Mapping[tuple[str, str], list[LogEntry]]:
    """What became visible (or went), by account and tag."""
    shown: dict[tuple[str, str], list[LogEntry]] = {}
    for entry in log:
        if entry.effect == effect and entry.applied:
            shown.setdefault((entry.account, _tag(entry.text)), []).append(entry)
    return shown


def _strange(cases: Sequence[Case], log: Sequence[LogEntry], ours: Collection[str]) -> list[LogEntry]:
    """What became visible in an account of ours and belongs to no delivery."""
    known = {entry.seq for case in cases for entry in case.created}
    shown = [one for one in log if one.effect == "create" and one.applied and one.account in ours]
    return [one for one in shown if one.seq not in known]


def _of(case: Case, kind: Kind, fleet: Fleet) -> Iterator[str]:
    name = f"{case.post} on {case.platform} (delivery {case.delivery.id}, {case.delivery.state})"
    if len(case.created) > 1:
        yield f"{name}: created {len(case.created)} times"
    if any(entry.at < case.delivery.due_at for entry in case.created):
        yield f"{name}: visible before it was due"
    if any(_plain(entry.text) != _plain(case.text) for entry in case.created):
        yield f"{name}: visible with other words: {case.created[0].text[:60]!r}"
    if case.post in fleet.burst.unapproved:
        yield from (f"{name}: visible, and nobody approved it" for _ in case.created[:1])
    else:
        yield from (f"{name}: {words}" for words in _ends(case, kind))


def _ends(case: Case, kind: Kind) -> Iterator[str]:
    """Where an approved delivery must not have stayed."""
    row, state = case.delivery, State(case.delivery.state)
    if state is State.PUBLISHED and not case.visible:
        yield "published, and not there"
    if state is State.PUBLISHED and case.created and case.remote_id != case.created[-1].remote_id:
        yield f"published under {case.remote_id}, and there is {case.created[-1].remote_id}"
    if state in ABSENT and case.visible:
        yield "visible"
    if state is State.UNCONFIRMED and not (kind.doubtful and CLASSES[case.platform] == "N"):
        yield f"still in doubt: {row.reason!r}"
    if state is not State.UNCONFIRMED and state not in kind.ends:
        yield f"ended here: {row.reason!r}, next look at {row.next_at}"
    if state is not State.PUBLISHED and not row.reason:
        yield "no reason is written"


def _lost(case: Case) -> bool:
    """Due and approved, not visible, and no person is told why."""
    explained = (
        case.delivery.state not in (State.PUBLISHED, State.SCHEDULED, State.READY) and case.delivery.reason
    )
    return not case.visible and not explained


def _unapproved(case: Case, fleet: Fleet) -> bool:
    """Visible early, changed, or without anybody's approval."""
    wrong = any(
        one.at < case.delivery.due_at or _plain(one.text) != _plain(case.text) for one in case.created
    )
    return wrong or bool(case.created and case.post in fleet.burst.unapproved)


def _uncounted(fleet: Fleet) -> Iterator[str]:
    """What is in doubt is told in the same number by everything that tells it, five seconds later at most."""
    doubtful = len(_doubtful(fleet))
    if not doubtful:
        return
    queue = sum(row["state"] == State.UNCONFIRMED for row in fleet.installation.json("queue"))
    causes = fleet.installation.json("attention")
    waiting = sum(one["count"] for one in causes if one["state"] == State.UNCONFIRMED)
    told = {"postroad queue": queue, "postroad attention": waiting, "/metrics": _metric(fleet)}
    for where, number in told.items():
        if number != doubtful:
            yield f"{where} tells {number} in doubt, the database {doubtful}"


def _doubtful(fleet: Fleet) -> Sequence[int]:
    with fleet.runtime.begin() as session:
        return session.scalars(select(Delivery.id).where(Delivery.state == State.UNCONFIRMED)).all()


def _metric(fleet: Fleet) -> float | None:
    """A planner that has just started may need a while until it listens."""
    for _ in range(METRICS_TRIES):
        with suppress(OSError):
            return fleet.metric("postroad_unconfirmed")
        fleet.pause(1)
    return None


def _broken(fleet: Fleet) -> Iterator[str]:
    with fleet.runtime.begin() as session:
        counts = invariants.broken(session, now=fleet.runtime.clock.now())
    yield from (f"{count} rows break: {title}" for title, count in counts.items() if count)


def _tag(text: str) -> str:
    found = TAG.search(text)
    return found.group() if found else ""


def _plain(text: str) -> str:
    """The words alone: without markup, entities and the kind of white space."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())
