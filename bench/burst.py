"""How late posts are that are all due at one instant, by the platform's own log."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from bench.figures import Result, at_most, parser, percentile, plain, progress, report
from bench.platform import Arrival, Platform, platform
from bench.rows import add_rows, make_due
from bench.stack import stack, wait_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """What the platform saw of deliveries due at one instant, in seconds."""

    due_at: float
    arrivals: Sequence[Arrival]

    @property
    def lateness(self) -> list[float]:
        """Of each arrival, negative when it was early."""
        return [arrival.at - self.due_at for arrival in self.arrivals]

    @property
    def early(self) -> int:
        """How many arrived before they were due."""
        return sum(late < 0 for late in self.lateness)

    @property
    def doubled(self) -> int:
        """How many arrived more than once."""
        return len(self.arrivals) - len({arrival.key for arrival in self.arrivals})


def measure(*, posts: int, latency_s: float, hosts: int, lead_s: float) -> Burst:
    """One burst through a planner and two workers."""
    with stack() as installed, platform(installed.folder, latency_s=latency_s, hosts=hosts) as served:
        progress(f"{posts} posts on {posts} channels")
        add_rows(installed, platform="mastodon", urls=served.urls, channels=posts, deliveries=posts)
        with installed.publishing():
            due_at = make_due(installed, in_s=lead_s)
            progress("waiting until all have arrived")
            wait_until(lambda: served.count() >= posts and installed.published() >= posts)
            return _seen(served, due_at)


def main(arguments: Sequence[str]) -> int:
    """Print the figures."""
    sizes = parser(__doc__, posts=1000, latency_s=0.3, hosts=8, lead_s=6.0).parse_args(arguments)
    burst = measure(posts=sizes.posts, latency_s=sizes.latency_s, hosts=sizes.hosts, lead_s=sizes.lead_s)
    late = burst.lateness
    figures = [
        plain("lateness, median", percentile(late, 50), "s"),
        at_most("lateness, p99", percentile(late, 99), "s", 3, 0.6),
        plain("lateness, last", max(late), "s"),
        at_most("early", burst.early, "posts", 0),
        at_most("arrived twice", burst.doubled, "posts", 0),
    ]
    parameters = {
        "posts": sizes.posts,
        "channels": sizes.posts,
        "latency_s": sizes.latency_s,
        "hosts": sizes.hosts,
    }
    title = f"{sizes.posts} posts due at one instant"
    return report(Result(title=title, parameters=parameters, figures=figures), as_json=sizes.json)


def _seen(served: Platform, due_at: float) -> Burst:
    return Burst(due_at=due_at, arrivals=served.arrivals())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
