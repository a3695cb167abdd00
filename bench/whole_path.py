"""The whole path from due rows to recorded outcomes, beside a raw loop of the same HTTP client."""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure, Result, at_least, at_most, parser, peak_mib, plain, progress, report
from bench.platform import Platform, platform
from bench.rows import add_rows, make_due
from bench.stack import Stack, stack, wait_until

FLOORS = {"httpx": 600.0, "fast": 2_000.0}
WORKERS = 2
IN_FLIGHT = 400
"""What each process of the raw loop has in flight."""
LAST = "select extract(epoch from max(published_at)) from publication"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Deliveries a second by us and by the raw loop, the workers' memory, and what came twice."""

    ours: float
    raw: float
    memory_mib: float
    doubled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much is sent, and to where."""

    deliveries: int
    channels: int
    latency_s: float
    hosts: int
    chunk: int
    lead_s: float


def measure(carrier: str, load: Load) -> Passage:
    """Both, one after the other, on the same platform."""
    with (
        stack(http_transport=carrier, chunk=str(load.chunk)) as installed,
        platform(installed.folder, latency_s=load.latency_s, hosts=load.hosts) as served,
    ):
        progress(f"{carrier}: {load.deliveries} deliveries")
        ours, memory = _ours(installed, served, load)
        seen = served.arrivals()
        progress(f"{carrier}: the raw loop")
        raw = _raw(carrier, served, load)
    doubled = len(seen) - len({arrival.key for arrival in seen})
    return Passage(ours=ours, raw=raw, memory_mib=memory, doubled=doubled)


def _ours(installed: Stack, served: Platform, load: Load) -> tuple[float, float]:
    add_rows(
        installed,
        platform="mastodon",
        urls=served.urls,
        channels=load.channels,
        deliveries=load.deliveries,
    )
    with installed.publishing(workers=WORKERS) as members:
        due_at = make_due(installed, in_s=load.lead_s)
        with peak_mib(members.workers) as peak:
            wait_until(lambda: installed.published() == load.deliveries, every_s=0.5)
        (last,) = installed.ask(LAST)
    return load.deliveries / (last - due_at), peak[0]


def _raw(carrier: str, served: Platform, load: Load) -> float:
    start = time.time() + 3
    share = str(load.deliveries // WORKERS)
    command = [
        sys.executable,
        "-m",
        "bench.raw_loop",
        carrier,
        share,
        str(IN_FLIGHT),
        str(start),
        *served.urls,
    ]
    home = Path(__file__).parent.parent
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=home) for _ in range(WORKERS)]
    ended = [float(process.communicate()[0]) for process in running]
    return load.deliveries / (max(ended) - start)


def _figures(carrier: str, path: Passage) -> list[Figure]:
    return [
        at_least(f"{carrier}: Postroad", path.ours, "deliveries/s", FLOORS[carrier]),
        plain(f"{carrier}: raw loop", path.raw, "requests/s"),
        at_least(f"{carrier}: Postroad against the raw loop", path.ours / path.raw, "of it", 0.6, 0.9),
        at_most(f"{carrier}: memory of the workers", path.memory_mib, "MiB", 400),
        at_most(f"{carrier}: arrived twice", path.doubled, "posts", 0),
    ]


def main(arguments: Sequence[str]) -> int:
    """Print the figures."""
    options = parser(
        __doc__, httpx=6_000, fast=20_000, per_channel=10, latency_s=0.3, hosts=8, chunk=100, lead_s=8.0
    )
    sizes = options.parse_args(arguments)
    figures: list[Figure] = []
    for carrier in FLOORS:
        count = getattr(sizes, carrier)
        load = Load(
            deliveries=count,
            channels=max(1, count // sizes.per_channel),
            latency_s=sizes.latency_s,
            hosts=sizes.hosts,
            chunk=sizes.chunk,
            lead_s=sizes.lead_s,
        )
        figures += _figures(carrier, measure(carrier, load))
    parameters = {key: value for key, value in vars(sizes).items() if key != "json"}
    parameters |= {"workers": WORKERS, "in flight a raw loop": IN_FLIGHT}
    title = "From due rows to recorded outcomes at 300 ms"
    return report(Result(title=title, parameters=parameters, figures=figures), as_json=sizes.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
