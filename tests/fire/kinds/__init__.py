"""All kinds of disturbance, by room."""

from tests.fire.kind import Kind
from tests.fire.kinds import answers, broker, database, network, planner, worker

KINDS: tuple[Kind, ...] = (
    *worker.KINDS,
    *planner.KINDS,
    *broker.KINDS,
    *database.KINDS,
    *answers.KINDS,
    *network.KINDS,
)
