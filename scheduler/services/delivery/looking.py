"""Finding out what became of deliveries that may be live: unconfirmed and processing ones (rule 8)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.exc import IntegrityError

from connectors.contract import Absent, Finding, Found, Key, Outgoing, Probe, Staged
from connectors.errors import ConnectorError
from scheduler.core.outcomes import Decision, Looking, decide_failed_look, decide_looking, resend_until
from scheduler.core.states import State
from scheduler.services.bugs import bug
from scheduler.services.channels.credentials import ReadyChannel
from scheduler.services.delivery.outgoing import outlines_of
from scheduler.services.delivery.packing import pack
from scheduler.services.evidence import journaling
from scheduler.services.failpoints import reach
from scheduler.services.runtime import Call, Runtime
from scheduler.store import deliveries
from scheduler.store.evidence.ledger import Signed
from scheduler.store.tables import Delivery

log = structlog.get_logger("postroad.looking")


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A delivery to look for, and where."""

    delivery: Delivery
    outgoing: Outgoing
    channel: ReadyChannel

    @property
    def probe(self) -> Probe:
        """What the connector compares with."""
        return Probe(
            outgoing=self.outgoing,
            key=Key(value=self.delivery.key, at=self.delivery.due_at),
            staged=Staged(handle=self.delivery.staged, complete=True),
            since=self.delivery.first_sent_at or self.delivery.due_at,
        )

    @property
    def resend_until(self) -> datetime | None:
        """When a repeat stops being safe on this platform."""
        sheet = self.channel.connector.capabilities
        protection = sheet.protection(self.channel.channel.limits)
        return resend_until(protection, sheet.idempotency_window_s, self.probe.since)


def look(runtime: Runtime, delivery_ids: Collection[int]) -> int:
    """Look once for those of the deliveries whose outcome is unknown; how many were looked for."""
    with runtime.begin() as transaction:
        doubtful = deliveries.waiting_looks(transaction, delivery_ids)
    searches = _prepare(runtime, doubtful)
    answers = runtime.network.gather([_seeker(search) for search in searches])
    for search, answer in zip(searches, answers, strict=True):
        reach("looked")
        _settle(runtime, search, answer)
        reach("look_recorded")
    return len(doubtful)


def _prepare(runtime: Runtime, doubtful: Collection[Delivery]) -> list[Search]:
    packed, lacking = pack(runtime, doubtful, outlines_of)
    for delivery, error in lacking:
        _record(runtime, delivery, decide_failed_look(error, _looking(runtime, delivery)), None)
    return [Search(delivery=one.delivery, outgoing=one.outgoing, channel=one.channel) for one in packed]


def _seeker(search: Search) -> Call[Finding]:
    return lambda http: search.channel.connector.find_existing(search.channel.session(http), search.probe)


def _settle(runtime: Runtime, search: Search, answer: Finding | Exception) -> None:
    looking = _looking(runtime, search.delivery, resend_until=search.resend_until)
    if isinstance(answer, ConnectorError):
        _record(runtime, search.delivery, decide_failed_look(answer, looking), None)
    elif isinstance(answer, Exception):
        failure = bug(answer, "looking")
        _record(runtime, search.delivery, decide_failed_look(failure, looking), None)
    else:
        _record_finding(runtime, search, _without_anothers(runtime, search.delivery, answer), looking)


def _record_finding(runtime: Runtime, search: Search, finding: Finding, looking: Looking) -> None:
    decision = decide_looking(finding, looking)
    try:
        _record(runtime, search.delivery, decision, finding, resend_before=search.resend_until)
    except IntegrityError:
        log.warning("another delivery had the same proof first", delivery=search.delivery.id)
        unproved = Absent(proof=False)
        decision = decide_looking(unproved, looking)
        _record(runtime, search.delivery, decision, unproved, resend_before=search.resend_until)


def _without_anothers(runtime: Runtime, delivery: Delivery, finding: Finding) -> Finding:
    """What proves that another delivery is live proves nothing for this one, though it reads the same."""
    if isinstance(finding, Found):
        with runtime.begin() as transaction:
            if deliveries.proves_another(transaction, delivery, finding.published.remote_id):
                return Absent(proof=False, evidence=finding.published.evidence)
    return finding


def _record(
    runtime: Runtime,
    delivery: Delivery,
    decision: Decision,
    finding: Finding | None,
    *,
    resend_before: datetime | None = None,
) -> None:
    signed = Signed(worker=runtime.worker, now=runtime.clock.now())
    before = (resend_before or signed.now + deliveries.PROOF_LASTS) if decision.state is State.READY else None
    with runtime.begin() as transaction:
        written = deliveries.record_look(transaction, delivery, decision, resend_before=before, signed=signed)
        if written and isinstance(finding, Found):
            deliveries.add_publication(
                transaction, delivery, finding.published, confirmed_by="look", now=signed.now
            )
    if written and isinstance(finding, Found):
        journaling.found(runtime, delivery, finding.published, at=signed.now, durable=False)


def _looking(runtime: Runtime, delivery: Delivery, *, resend_until: datetime | None = None) -> Looking:
    return Looking(
        state=State(delivery.state),
        looks=delivery.looks,
        now=runtime.clock.now(),
        resend_until=resend_until,
        recalled=delivery.recall_at is not None,
    )
