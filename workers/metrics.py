"""The vitals and checks of a process in Prometheus' text format, read when they are asked for."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from scheduler.core.states import State
from scheduler.services.vitals import BOUNDS_S, Vitals
from workers.readiness import Look


class Exposition(Collector):
    """Turns one look at the installation into metrics; only checks when the database is away."""

    def __init__(self, look: Callable[[], Look]) -> None:
        self._look = look

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: registering must not ask the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """All metrics of this moment."""
        vitals, checks = self._look()
        yield _labelled(
            "postroad_check",
            "1 when this check of this process is well, by its name.",
            ("check",),
            (((check.name,), float(check.ok)) for check in checks),
        )
        if vitals:
            yield from _deliveries(vitals)
            yield from _lateness(vitals)
            yield from _work(vitals)
            yield from _stops(vitals)


def render(look: Callable[[], Look]) -> bytes:
    """One answer to a scrape."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Exposition(look))
    return generate_latest(registry)


def _deliveries(vitals: Vitals) -> Iterator[Metric]:
    yield _labelled(
        "postroad_deliveries",
        "Deliveries by state; ended ones are those due in the last day.",
        ("state", "platform"),
        (((one.state, one.platform), one.count) for one in vitals.deliveries),
    )
    yield _labelled(
        "postroad_unconfirmed",
        "Deliveries that may be live, and nobody knows yet.",
        ("platform",),
        (((one.platform,), one.count) for one in vitals.deliveries if one.state is State.UNCONFIRMED),
    )
    yield _labelled(
        "postroad_attention",
        "What waits for a person, as `postroad attention` counts it.",
        ("state", "platform", "remedy"),
        _attention(vitals).items(),
    )


def _attention(vitals: Vitals) -> dict[tuple[str, ...], int]:
    """Without the reasons: platforms word them as they like, and every wording would be a series."""
    counts: dict[tuple[str, ...], int] = {}
    for one in vitals.attention:
        key = (one.state, one.platform, one.remedy)
        counts[key] = counts.get(key, 0) + one.count
    return counts


def _lateness(vitals: Vitals) -> Iterator[Metric]:
    late = vitals.lateness
    named = [(str(bound), float(count)) for bound, count in zip(BOUNDS_S, late.at_most, strict=True)]
    yield GaugeHistogramMetricFamily(
        "postroad_lateness_seconds",
        "Published minus due, of what was published in the last hour.",
        buckets=[*named, ("+Inf", float(late.count))],
        gsum_value=late.sum_s,
    )
    yield _plain("postroad_lateness_max_seconds", "The greatest lateness of the last hour.", late.max_s)


def _work(vitals: Vitals) -> Iterator[Metric]:
    oldest = "How long ago the oldest approved delivery that is not sent was due."
    yield _plain("postroad_oldest_waiting_seconds", oldest, vitals.oldest_waiting_s)
    turn = "Deliveries that are due and wait for a quota, a pace or a platform's wait."
    yield _plain("postroad_waiting_for_a_turn", turn, vitals.waiting_for_a_turn)
    yield _labelled(
        "postroad_claims",
        "Deliveries that workers have claimed; lapsed ones wait to be taken back.",
        ("lease",),
        [(("held",), vitals.claims_held), (("lapsed",), vitals.claims_lapsed)],
    )
    if vitals.leader_age_s is not None:
        yield _plain("postroad_leader_age_seconds", "How long ago a planner last led.", vitals.leader_age_s)


def _stops(vitals: Vitals) -> Iterator[Metric]:
    yield _plain("postroad_stopped", "1 while nothing is sent until postroad recover.", bool(vitals.stopped))
    jump = "How far the clock jumped; while above 0 nothing is sent."
    yield _plain("postroad_clock_jump_seconds", jump, vitals.clock_jump_s)
    aside = "Processes that send nothing because their own clock is off."
    yield _plain("postroad_standing_aside", aside, len(vitals.standing_aside))


def _plain(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value)


def _labelled(
    name: str, meaning: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=labels)
    for key, value in values:
        family.add_metric(key, value)
    return family
