"""How soon after `postroad pause --all` nothing new is sent in the middle of a burst, by the platform."""

import sys
import time
from collections.abc import Sequence

from bench.figures import Result, at_least, at_most, parser, plain, progress, report
from bench.image import POSTROAD
from bench.platform import platform
from bench.rows import add_rows, make_due
from bench.stack import stack, wait_until
from tests.servers.processes import run

PAUSED = "select extract(epoch from min(paused_at)) from pause"


def main(arguments: Sequence[str]) -> int:
    """Print the figures."""
    options = parser(__doc__, posts=20_000, channels=2_000, latency_s=0.3, hosts=8, lead_s=8.0, watch_s=10.0)
    sizes = options.parse_args(arguments)
    with (
        stack() as installed,
        platform(installed.folder, latency_s=sizes.latency_s, hosts=sizes.hosts) as served,
    ):
        progress(f"{sizes.posts} posts on {sizes.channels} channels")
        add_rows(
            installed,
            platform="mastodon",
            urls=served.urls,
            channels=sizes.channels,
            deliveries=sizes.posts,
        )
        with installed.publishing():
            make_due(installed, in_s=sizes.lead_s)
            wait_until(lambda: served.count() > 0, every_s=0.05)
            progress("pausing")
            asked = time.time()
            run(
                [POSTROAD, "pause", "--all", "--reason", "bench"],
                log=installed.folder / "pause.log",
                folder=installed.folder,
                environment=installed.environment,
            )
            ended = time.time()
            time.sleep(sizes.watch_s)
            (paused,) = installed.ask(PAUSED)
            arrivals = served.arrivals()
    last = arrivals[-1].at
    figures = [
        at_most("last new send after the pause was stored", max(0.0, last - paused), "s", 1),
        plain("last new send after the command ended", max(0.0, last - ended), "s"),
        plain("the command took", ended - asked, "s"),
        plain("sent after the pause was stored", sum(one.at > paused for one in arrivals), "posts"),
        at_least("kept back", sizes.posts - len(arrivals), "posts", 1),
    ]
    parameters = {key: value for key, value in vars(sizes).items() if key != "json"}
    return report(
        Result(title="Pause in the middle of a burst", parameters=parameters, figures=figures),
        as_json=sizes.json,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
