"""The only writer of a delivery's state: every move is one UPDATE guarded by state and claim token (rule 1).

A guarded UPDATE that changes no row means somebody else won: the caller stops quietly. `now` comes from the
caller's clock, instants are aware UTC.
"""

from scheduler.store.deliveries.claiming import (
    ANNOUNCE_AGAIN,
    CHANGED,
    WINDOW_PASSED,
    claim,
    mark_sending,
    take_announcements,
    turn_away,
)
from scheduler.store.deliveries.counting import (
    by_state,
    count_by_state,
    has_ready,
    next_due_at,
    unheeded,
    waiting_looks,
)
from scheduler.store.deliveries.deciding import (
    NOT_THERE,
    PROOF_LASTS,
    QUARANTINE,
    SENT_AGAIN,
    recall,
    recall_again,
    settle,
)
from scheduler.store.deliveries.moving import (
    ANNOUNCED,
    ENDED_UNSENT,
    LOOKED_AT,
    RECALLED,
    STOPPABLE,
    UNSENT,
    WAITING,
    untouched,
)
from scheduler.store.deliveries.recording import (
    add_publication,
    add_publications,
    proves_another,
    record,
    record_look,
)
from scheduler.store.deliveries.restoring import RESTORED, WENT, believe_journal, hold_again, hold_planned
from scheduler.store.deliveries.scheduling import cancel, make_ready, release, reschedule, schedule, space_out
from scheduler.store.deliveries.staging import (
    Step,
    end_stagings,
    keep_handles,
    lease_stagings,
    put_off,
    save_steps,
    take_stagings,
)
from scheduler.store.deliveries.sweeping import (
    LAPSED,
    LIMIT_PASSED,
    NOT_APPROVED,
    TOO_LATE,
    sweep_lapsed,
    sweep_late,
)
from scheduler.store.deliveries.timing import due_ids, move_due, pull_back, shift_timers, tell_again

__all__ = [
    "ANNOUNCED",
    "ANNOUNCE_AGAIN",
    "CHANGED",
    "ENDED_UNSENT",
    "LAPSED",
    "LIMIT_PASSED",
    "LOOKED_AT",
    "NOT_APPROVED",
    "NOT_THERE",
    "PROOF_LASTS",
    "QUARANTINE",
    "RECALLED",
    "RESTORED",
    "SENT_AGAIN",
    "STOPPABLE",
    "TOO_LATE",
    "UNSENT",
    "WAITING",
    "WENT",
    "WINDOW_PASSED",
    "Step",
    "add_publication",
    "add_publications",
    "believe_journal",
    "by_state",
    "cancel",
    "claim",
    "count_by_state",
    "due_ids",
    "end_stagings",
    "has_ready",
    "hold_again",
    "hold_planned",
    "keep_handles",
    "lease_stagings",
    "make_ready",
    "mark_sending",
    "move_due",
    "next_due_at",
    "proves_another",
    "pull_back",
    "put_off",
    "recall",
    "recall_again",
    "record",
    "record_look",
    "release",
    "reschedule",
    "save_steps",
    "schedule",
    "settle",
    "shift_timers",
    "space_out",
    "sweep_lapsed",
    "sweep_late",
    "take_announcements",
    "take_stagings",
    "tell_again",
    "turn_away",
    "unheeded",
    "untouched",
    "waiting_looks",
]
