"""How long it takes to recall posts on sandbox channels until the platform shows none of them."""

import sys
import time
from collections.abc import Sequence

from sqlalchemy import update

from bench.figures import Result, at_most, parser, plain, progress, report
from bench.image import POSTROAD
from bench.stack import Stack, stack, wait_until
from connectors.sandbox import SandboxServer
from scheduler.store.tables import Campaign, Post
from scheduler.testing import add_channel, add_delivery
from tests.servers.processes import run

CAMPAIGN = "bench"
LEFT = "select count(*) from publication where recalled_at is null"


def main(arguments: Sequence[str]) -> int:
    """Print the figures."""
    sizes = parser(__doc__, posts=100, channels=10, seed=1).parse_args(arguments)
    with stack() as installed, SandboxServer(seed=sizes.seed) as sandbox:
        sandbox.control.set_quotas(enforced=False)
        with installed.publishing():
            progress(f"publishing {sizes.posts} posts on {sizes.channels} channels")
            _publish(installed, sandbox, posts=sizes.posts, channels=sizes.channels)
            shown = len(sandbox.control.posts("mastodon"))
            progress("recalling")
            begun = time.monotonic()
            _recall(installed)
            commanded = time.monotonic() - begun
            wait_until(lambda: installed.ask(LEFT) == (0.0,))
            took = time.monotonic() - begun
            left = len(sandbox.control.posts("mastodon"))
    figures = [
        at_most("until every post was gone", took, "s", 60),
        plain("the command took", commanded, "s"),
        plain("shown by the platform before", shown, "posts"),
        at_most("shown by the platform after", left, "posts", 0),
    ]
    parameters = {key: value for key, value in vars(sizes).items() if key != "json"}
    title = f"Recall of {sizes.posts} posts on {sizes.channels} channels"
    return report(Result(title=title, parameters=parameters, figures=figures), as_json=sizes.json)


def _publish(installed: Stack, sandbox: SandboxServer, *, posts: int, channels: int) -> None:
    """Posts of one campaign, spread evenly over the channels, and live."""
    runtime, places = installed.runtime, []
    for number in range(channels):
        account = sandbox.control.create_account("mastodon", f"bench{number}")
        places.append(
            add_channel(
                runtime,
                "mastodon",
                base_url=account.base_url,
                handle=account.handle,
                secret=account.secret,
            )
        )
    for number in range(posts):
        add_delivery(runtime, places[number % channels], f"Post {number} of many.")
    with runtime.begin() as session:
        campaign = Campaign(
            organisation_id=runtime.organisation_id, name=CAMPAIGN, created_at=runtime.clock.now()
        )
        session.add(campaign)
        session.flush()
        session.execute(update(Post).values(campaign_id=campaign.id))
    wait_until(lambda: installed.published() == posts)


def _recall(installed: Stack) -> None:
    run(
        [POSTROAD, "recall", "--campaign", CAMPAIGN, "--reason", "bench"],
        log=installed.folder / "recall.log",
        folder=installed.folder,
        environment=installed.environment,
        deadline_s=120,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
