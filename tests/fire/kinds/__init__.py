"""All kinds of disturbance, by room."""

from tests.fire.kind import Kind
from tests.fire.kinds import answers, broker, clocks, database, long, media, network, planner, tokens, worker

KINDS: tuple[Kind, ...] = (
    *worker.KINDS,
    *planner.KINDS,
    *broker.KINDS,
    *database.KINDS,
    *answers.KINDS,
    *network.KINDS,
    *clocks.KINDS,
    *tokens.KINDS,
    *media.KINDS,
)
LONG: tuple[Kind, ...] = long.KINDS
