"""The main job on a real Bluesky network: a table of posts in five languages, what came of it, the report."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image

from connectors.conformance import Relay
from tests.e2e.installation import Installation, wait_until
from tests.real.bluesky_matrix import PLACES, Matrix, connect, sign_up
from tests.real.bluesky_readers import follow_channels, respond
from tests.real.conftest import Figures
from tests.real.figures import best_figures, figures_of, follower_figures
from tests.real.power_cut import cut_power
from tests.real.reports import compare_report
from tests.real.stories import FAMILIES, IMAGE_SIZE, OPENING, PHOTO, SOON, TOKYO, Story, paint
from tests.servers.bluesky import BlueskyNetwork

pytestmark = pytest.mark.bluesky


def test_a_table_of_posts_becomes_publications_and_a_report(
    installation: Installation, bluesky: BlueskyNetwork, figures: Figures
) -> None:
    with figures.timed("sign_up"):
        matrix = sign_up(bluesky, readers=4)
    with figures.timed("connect"):
        connect(installation, matrix, bluesky.pds_url)
    installation.run("members", "add", "Mei", "--role", "reviewer")
    stories = [story.mentioning(matrix.guide.handle) for story in (OPENING, FAMILIES, PHOTO, TOKYO)]
    publish_due(installation, matrix, stories, figures)
    publish_soon(installation, figures)
    stories.append(SOON)
    assert matrix.shown() == matrix.meant(stories)
    deliveries = installation.json("queue")
    assert {(one["state"], one["attempts"]) for one in deliveries} == {("published", 1)}
    with Image.open(BytesIO(matrix.image(PLACES[0]))) as image:
        assert image.size == IMAGE_SIZE

    with figures.timed("readers"):
        responses, followers = respond(matrix, stories), follow_channels(matrix)
    with figures.timed("harvest"):
        installation.run("harvest", "--all")
    assert installation.json("harvest", "--all")["samples"] == 0
    with figures.timed("report"):
        done = figures_of(responses) | best_figures(responses) | follower_figures(followers)
        compared = compare_report(installation, done)
    figures.note(deliveries=len(deliveries), responses=sum(one.measures["responses"] for one in responses))
    figures.note(channels=len(PLACES), numbers_compared=compared)


def publish_due(installation: Installation, matrix: Matrix, stories: list[Story], figures: Figures) -> None:
    """Import posts that are due now and publish them with `run`; doing both again changes nothing."""
    paint(installation.folder)
    rows = [story.row(datetime.now(UTC)) for story in stories]
    done, again = (installation.import_posts("posts.csv", rows, approver="Mei") for _ in range(2))
    assert (set(done["approved"]), done["deliveries"]) == ({story.ref for story in stories}, 16)
    assert (again["unchanged"], again["deliveries"]) == (done["added"], 0)
    with figures.timed("run"):
        installation.run("run", "--until-idle")
    assert matrix.shown() == matrix.meant(stories)
    revisions = matrix.revisions()
    installation.run("run", "--until-idle")
    assert matrix.revisions() == revisions


def publish_soon(installation: Installation, figures: Figures) -> None:
    """Import a post that is due a little later and let the processes publish it, not before its time."""
    due_at = datetime.now(UTC) + timedelta(seconds=8)
    installation.import_posts("soon.csv", [SOON.row(due_at)], approver="Mei")
    with installation.publishing(), figures.timed("up"):
        wait_until(lambda: set(installation.states()) == {"published"}, every_s=1)
    for delivery in installation.json("queue", "--post", SOON.ref):
        sent = installation.json("show", str(delivery["id"]))["attempts"][0]
        assert sent["kind"] == "sending"
        assert sent["at"] >= delivery["due_at"]


def test_what_a_power_cut_left_is_on_the_network_once(
    installation: Installation, bluesky: BlueskyNetwork, figures: Figures
) -> None:
    installation = replace(installation, environment={**installation.environment, "POSTROAD_LEASE_S": "5"})
    matrix = sign_up(bluesky, readers=0)
    with Relay(bluesky.pds_url) as relay:
        connect(installation, matrix, relay.url)
        installation.run("members", "add", "Mei", "--role", "reviewer")
        stories = [
            replace(SOON, ref=f"burst-{number}", texts=numbered(SOON.texts, number)) for number in range(20)
        ]
        rows = [story.row(datetime.now(UTC)) for story in stories]
        installation.import_posts("burst.csv", rows, approver="Mei")
        cut_power(installation, [relay], answered=40, unanswered=8)
        wait_until(lambda: len(matrix.published()) == 48)
        with installation.publishing(), figures.timed("recovery"):
            wait_until(lambda: len(matrix.published()) == 100)
            wait_until(lambda: set(installation.states()) == {"published"}, every_s=1)
    assert matrix.shown() == matrix.meant(stories)
    figures.note(deliveries=100, live_at_the_cut=48)


def numbered(texts: Mapping[str, str], number: int) -> dict[str, str]:
    """The texts made different from those of other posts."""
    return {language: f"{text} {number}" for language, text in texts.items()}
