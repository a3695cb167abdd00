"""How fast deliveries due at one instant are brought to their recorded end when the network costs nothing."""

import sys
from collections.abc import Sequence

from bench import queued, usual
from bench.figures import Result, at_least, at_most, machine, parser, plain, progress, report
from bench.instant import INSTANT
from bench.recorded import Drained
from bench.rows import add_rows, make_due
from bench.stack import Stack, stack, wait_until

SEEN = """
select count(*), extract(epoch from max(p.published_at)), count(*) filter (where d.first_sent_at < d.due_at)
from delivery d join publication p on p.delivery_id = d.id where d.phase = 'published'
"""
QUEUED_A_S = 1_000
"""Messages that are at least put on Celery's queue in a second: with an ETA all are there before it."""


def ours(stack: Stack, *, count: int, channels: int, lead_s: float) -> Drained:
    """Deliveries a second from the due instant to the last recorded outcome: a planner and two workers."""
    progress(f"{count} rows")
    add_rows(stack, platform=INSTANT, urls=["http://bench.test"], channels=channels, deliveries=count)
    with stack.publishing():
        due_at = make_due(stack, in_s=lead_s)
        progress("waiting until all are recorded")
        wait_until(lambda: stack.published() == count, every_s=0.5)
        _, last, early = stack.ask(SEEN)
    return Drained(rate=count / (last - due_at), early=int(early))


def main(arguments: Sequence[str]) -> int:
    """Print the figures."""
    options = parser(__doc__, deliveries=100_000, compared=20_000, channels=1_000, chunk=100, lead_s=15.0)
    sizes = options.parse_args(arguments)
    lead_s = 5 + sizes.compared / QUEUED_A_S
    with stack(durable=True, chunk=str(sizes.chunk)) as installed:
        progress(f"Celery with ETA, {sizes.compared} deliveries")
        eta = usual.drain(installed, count=sizes.compared, eta=True, lead_s=lead_s)
        progress(f"Celery, one message a delivery, {sizes.compared} deliveries")
        single = usual.drain(installed, count=sizes.compared, eta=False, lead_s=lead_s)
        progress(f"PgQueuer, one job a delivery, {sizes.compared} deliveries")
        jobs = queued.drain(installed, count=sizes.compared, lead_s=lead_s)
        drained = ours(installed, count=sizes.deliveries, channels=sizes.channels, lead_s=sizes.lead_s)
    figures = [
        plain("Postroad", drained.rate, "deliveries/s"),
        plain("Celery with ETA", eta.rate, "deliveries/s"),
        plain("Celery, one message a delivery", single.rate, "deliveries/s"),
        plain("PgQueuer, one job a delivery", jobs.rate, "deliveries/s"),
        at_least("Postroad against Celery with ETA", drained.rate / eta.rate, "times", 25, 60),
        plain("Postroad against one message a delivery", drained.rate / single.rate, "times"),
        plain("Postroad against PgQueuer", drained.rate / jobs.rate, "times"),
        at_most("Postroad, early", drained.early, "deliveries", 0),
        plain("Celery with ETA, early", eta.early, "deliveries"),
        plain("PgQueuer, early", jobs.early, "deliveries"),
    ]
    parameters = {
        "deliveries": sizes.deliveries,
        "channels": sizes.channels,
        "in a hint": sizes.chunk,
        "compared": sizes.compared,
        "worker processes": 2,
        "Celery prefetch": usual.PREFETCH,
        "PgQueuer batch": queued.BATCH,
    }
    title = f"{sizes.deliveries} deliveries due at one instant, no network"
    result = Result(title=title, parameters=parameters, figures=figures, machine=machine(durable=True))
    return report(result, as_json=sizes.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
