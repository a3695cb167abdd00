"""All kinds of disturbance, by room."""

from tests.fire.kind import Kind
from tests.fire.kinds import worker

KINDS: tuple[Kind, ...] = (*worker.KINDS,)
