"""The page of a delivery's states, from the table of its edges."""

from docs.generating.markdown import code, duration, page, table
from scheduler.core.lateness import TOLERANCES
from scheduler.core.states import EDGES, FINAL, NEEDS_ATTENTION, State

MEANINGS = {
    State.SCHEDULED: "Waits for its time and for its approval.",
    State.READY: "Due, or due within seconds, approved and not paused: any worker may claim it.",
    State.CLAIMED: (
        "One worker holds it for the length of a lease and prepares what nobody sees (uploads, drafts). "
        "Nothing is public; when the lease lapses it is ready again."
    ),
    State.SENDING: (
        "Written and committed before the first byte of the publishing request leaves. When this lease "
        "lapses nobody knows what happened: it becomes unconfirmed, never ready."
    ),
    State.PROCESSING: "The platform took it and is still working on it; it is asked again.",
    State.PUBLISHED: "Live. The platform gave an id; a publication with its address is the proof.",
    State.RETRYING: "Certainly not published (refused connection, rate limit): tried again later.",
    State.UNCONFIRMED: (
        "May be live, and nobody knows yet. It is looked for by key, id or exact match; where the platform "
        "offers none of them a person decides with the evidence on the screen."
    ),
    State.REJECTED: "The platform refused this content, by a code on the connector's reviewed list.",
    State.HELD: "A person must decide: too late, not approved in time, content changed, dead credential.",
    State.MISSED: "Its hard limit passed; it is not published any more.",
    State.CANCELLED: "Withdrawn, or a doubtful one that a person chose to leave alone.",
}

INTRODUCTION = """\
A delivery is the obligation to publish one variant of a post on one channel at one time. Its row in the
database is the truth; a message to a worker is only a hint to look at it. Each move is one conditional UPDATE
that fails when somebody else moved first, and no other edge than these exists."""

LATENESS = """\
How late a delivery may be is the author's choice (column `lateness` of an import)."""


def states_page() -> str:
    """The diagram, the table, and how late is too late."""
    return page(
        "States of a delivery",
        "`scheduler/core/states.py` and `scheduler/core/lateness.py`",
        INTRODUCTION,
        f"```mermaid\n{diagram()}\n```",
        table(["state", "meaning", "may become", "ends here", "a person looks"], map(_row, State)),
        "## How late is too late",
        LATENESS,
        table(["lateness", "goes out by itself up to", "a person decides up to"], _tolerances()),
    )


def diagram() -> str:
    """The edges in Mermaid's notation."""
    edges = [f"    {source} --> {target}" for source in State for target in State if target in EDGES[source]]
    ends = [f"    {state} --> [*]" for state in State if state in FINAL]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {State.SCHEDULED}", *edges, *ends])


def _row(state: State) -> list[str]:
    targets = ", ".join(code(target) for target in State if target in EDGES[state])
    return [
        code(state),
        MEANINGS[state],
        targets or "-",
        "yes" if state in FINAL else "",
        "yes" if state in NEEDS_ATTENTION else "",
    ]


def _tolerances() -> list[list[str]]:
    return [
        [
            code(lateness),
            duration(tolerance.publish.total_seconds()),
            duration(tolerance.limit.total_seconds()),
        ]
        for lateness, tolerance in TOLERANCES.items()
    ]
