"""The words for where deliveries and posts stand."""

from scheduler.cli.wording import _
from scheduler.core.states import State
from scheduler.core.status import Status
from scheduler.core.wording import N_
from scheduler.i18n import say_reason

STATES = {
    State.SCHEDULED: N_("scheduled"),
    State.READY: N_("ready"),
    State.CLAIMED: N_("claimed"),
    State.SENDING: N_("sending"),
    State.PROCESSING: N_("processing"),
    State.PUBLISHED: N_("published"),
    State.RETRYING: N_("retrying"),
    State.UNCONFIRMED: N_("unconfirmed"),
    State.REJECTED: N_("rejected"),
    State.HELD: N_("held"),
    State.MISSED: N_("missed"),
    State.CANCELLED: N_("cancelled"),
}
STATUSES = {
    Status.DRAFT: N_("draft"),
    Status.SUBMITTED: N_("submitted"),
    Status.APPROVED: N_("approved"),
    Status.UNDER_WAY: N_("under way"),
    Status.PUBLISHED: N_("published"),
    Status.ATTENTION: N_("needs attention"),
    Status.CANCELLED: N_("cancelled"),
}
KINDS = {
    "staging": N_("laying out"),
    "sending": N_("sending"),
    "outcome": N_("outcome"),
    "look": N_("look"),
    "lapse": N_("lapse"),
    "release": N_("release"),
    "resolve": N_("a person's answer"),
    "recall": N_("recall"),
    "takedown": N_("taking down"),
    "verification": N_("reading back"),
    "recovery": N_("recovery"),
    "clock": N_("the clock was accepted"),
    "zones": N_("time zone rules changed"),
}


def state_word(state: State) -> str:
    """The state of a delivery in the reader's language."""
    return _(STATES[state])


def status_word(status: Status) -> str:
    """The status of a post in the reader's language."""
    return _(STATUSES[status])


def kind_word(kind: str) -> str:
    """What an attempt's line tells about, in the reader's language."""
    return _(KINDS.get(kind, kind))


def reason_words(reason: str) -> str:
    """A stored reason in the reader's language where it is one of ours; the platform's stay as they are."""
    return say_reason(reason, _)
