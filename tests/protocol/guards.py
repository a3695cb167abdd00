"""The guards of the protocol as switches: the model without one of them must show what it prevents."""

from dataclasses import dataclass
from enum import StrEnum

from connectors.capabilities import Idempotency


class Guard(StrEnum):
    """One rule of the protocol, in the words of the docs."""

    SENDING_FIRST = "sending is committed before the first byte"
    LAPSED_SENDING_DOUBTED = "a lapsed sending lease becomes unconfirmed, never ready"
    CONDITIONAL_MARK = "claimed to sending is one UPDATE on state and token"
    OWN_TOKEN = "the claim token is in the guard"
    APPROVAL = "the approval is in the guard"
    HASH = "the hash of the bytes in hand is in the guard"
    PAUSE = "the pause is in the guard"
    TAINT = "an ambiguous attempt taints for good"
    FIXED_KEY = "the key is fixed for each delivery"
    HANDLE_SAVED = "a staged handle is saved before it is used"
    WINDOW = "a tainted delivery is sent only inside its window"
    REPEATABLE_ONLY = "only classes K and C have a window"
    NO_PROOF = "absence from a listing proves nothing"
    NO_BLIND_RETRY = "an ambiguous outcome is never retried blindly"
    CONDITIONAL_RECORD = "an outcome is written only by the owner of the claim"
    CONDITIONAL_LOOK = "a look is written only on the row it looked for"
    BOOKKEEPING = "an outcome that cannot be written never schedules another send"
    CANCEL_UNSENT = "only what was certainly not sent can be cancelled"
    EDIT_UNSENT = "only what was certainly not sent gets a new key"
    LATE_UNSENT = "only what was certainly not sent can be missed"
    JOURNAL = "a restored database is compared with the journal"
    HANDLE_JOURNALLED = "the journal holds the staged handle"
    RECALL_JOURNALLED = "the journal holds the recall"
    CLOSED_JOURNALLED = "the journal holds what a person found absent"
    PAUSE_MARKED = "a pause is marked in database and journal"
    WITHDRAWAL_MARKED = "a withdrawn approval is marked in database and journal"
    CANCEL_MARKED = "a cancellation is marked in database and journal"
    EDIT_MARKED = "a correction is marked in database and journal"
    MARKS_HEEDED = "what a command that died left unwritten is journalled at the next tick"
    REFUSED_JOURNALLED = "the journal holds that an attempt was certainly not published"
    DUE = "the due instant is in the guard"
    LEASE_RECHECK = "a worker that stood still looks at the time before it sends"
    QUARANTINE = "a person says that it is absent only after the quarantine"
    RECALL_STOPS = "a recall takes back what is claimed"
    RECALL_LOOK = "no look makes what was recalled ready"
    RECALL_RETRY = "what failed after its recall is not tried again"
    RECALL_FOUND = "what is found after its recall is taken down"
    LAPSE_SWEPT = "lapsed leases are swept"
    ANNOUNCED_AGAIN = "what waits is announced again"
    LOOKED_FOR = "an unconfirmed delivery is looked for"


# Where the lack of a guard shows; on the other classes something else may still prevent the worst.
SHOWN_ON = {
    Guard.SENDING_FIRST: Idempotency.NOTHING,
    Guard.LAPSED_SENDING_DOUBTED: Idempotency.NOTHING,
    Guard.OWN_TOKEN: Idempotency.CONTAINER,
    Guard.HANDLE_SAVED: Idempotency.CONTAINER,
    Guard.REPEATABLE_ONLY: Idempotency.LISTING,
    Guard.NO_PROOF: Idempotency.LISTING,
    Guard.NO_BLIND_RETRY: Idempotency.NOTHING,
    Guard.BOOKKEEPING: Idempotency.NOTHING,
    Guard.JOURNAL: Idempotency.NOTHING,
    Guard.HANDLE_JOURNALLED: Idempotency.CONTAINER,
    Guard.MARKS_HEEDED: Idempotency.NOTHING,
    Guard.LEASE_RECHECK: Idempotency.NOTHING,
    Guard.RECALL_FOUND: Idempotency.NOTHING,
    Guard.LAPSE_SWEPT: Idempotency.NOTHING,
    Guard.ANNOUNCED_AGAIN: Idempotency.NOTHING,
    Guard.QUARANTINE: Idempotency.NOTHING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is explored: a platform's class, the guard taken out, and how much may go wrong."""

    kind: Idempotency
    without: Guard | None = None
    faults: int = 3
    people: int = 1

    def holds(self, guard: Guard) -> bool:
        """True while this guard is in place."""
        return guard is not self.without
