"""The sandbox as the judge: what really went live, how often, and what it drew."""

from collections import Counter
from collections.abc import Mapping

from connectors.sandbox import SandboxControl
from scheduler.core.catalogue import common_metrics
from scheduler.core.states import State
from scheduler.services.desk.queue import DeliveryLine, Filter, list_deliveries
from workers.demo.stage import Stage


def times_published(control: SandboxControl) -> Mapping[tuple[str, str, str], int]:
    """How often each (face, account, text) became visible."""
    return Counter(
        (entry.platform, entry.account, entry.text) for entry in control.log() if entry.effect == "create"
    )


def count_responses(stage: Stage) -> Mapping[str, int]:
    """By channel, what the sandbox has counted so far of all that a report calls responses."""
    catalogue = stage.runtime.catalogue
    accounts = {(account.face, account.remote.handle): account for account in stage.accounts}
    counted: Counter[str] = Counter()
    for post in stage.control.posts():
        account = accounts[post.platform, post.account]
        metrics = common_metrics(catalogue, account.remote.platform)
        counted[account.channel] += sum(post.counters.get(metric.name, 0) for metric in metrics)
    return counted


def left_over(stage: Stage) -> list[DeliveryLine]:
    """The deliveries that were due by now and are not published."""
    lines = list_deliveries(stage.runtime, Filter())
    now = stage.clock.now()
    return [line for line in lines if line.due_at <= now and line.state is not State.PUBLISHED]
