"""The main job on real WordPress sites of three languages: articles in, pages and comments out, report."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connectors.conformance import Relay
from tests.e2e.installation import Installation, wait_until
from tests.real.articles import BURST, FAMILIES, OPENING, SOON
from tests.real.conftest import Figures
from tests.real.figures import Place, Response, best_figures, figures_of
from tests.real.pages import Page
from tests.real.power_cut import cut_power
from tests.real.reports import compare_report
from tests.real.stories import Story, paint
from tests.real.wordpress_matrix import LOCALES, Matrix, article_of, connect, open_matrix
from tests.servers.wordpress import WordPress, site_on
from tests.servers.wordpress_people import comment

pytestmark = pytest.mark.wordpress

MISSING = {
    ("responses", "total", "", "reactions"): None,
    ("responses", "total", "", "shares"): None,
    ("audience", "total", "", "followers"): None,
}


@pytest.fixture(scope="module")
def sites(
    wordpress_site: WordPress, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[Place, WordPress]]:
    """A site in each language, on the session's database server."""
    with ExitStack() as stack:
        yield {
            place: stack.enter_context(
                site_on(wordpress_site.database, tmp_path_factory.mktemp(place.channel), language=locale)
            )
            for place, locale in LOCALES.items()
        }


@pytest.mark.parametrize("installation", ["embedded"], indirect=True)
def test_a_table_of_articles_becomes_pages_and_a_report(
    installation: Installation, sites: Mapping[Place, WordPress], figures: Figures
) -> None:
    matrix = open_matrix(sites)
    with figures.timed("connect"):
        connect(installation, matrix, {place: site.url for place, site in sites.items()})
    installation.run("members", "add", "Mei", "--role", "reviewer")
    publish_due(installation, matrix, figures)
    publish_soon(installation, figures)
    stories = [OPENING, FAMILIES, SOON]
    assert matrix.shown() == matrix.meant(stories)
    find_pages(installation, matrix, stories)

    with figures.timed("readers"):
        responses = respond(matrix, stories)
    with figures.timed("harvest"):
        installation.run("harvest", "--all")
    assert installation.json("harvest", "--all")["samples"] == 0
    with figures.timed("report"):
        done = figures_of(responses) | best_figures(responses)
        compared = compare_report(installation, {**done, **MISSING})
    figures.note(channels=len(sites), deliveries=len(responses), numbers_compared=compared)


def test_what_power_cuts_left_is_on_the_sites_once(
    installation: Installation, sites: Mapping[Place, WordPress], figures: Figures
) -> None:
    """The first cut falls among the drafts, the second among their releases."""
    installation = replace(installation, environment={**installation.environment, "POSTROAD_LEASE_S": "15"})
    matrix = open_matrix({place: site for place, site in sites.items() if place.language in BURST.texts})
    installation.run("members", "add", "Mei", "--role", "reviewer")
    stories = [numbered(BURST, number) for number in range(20)]
    total = len(matrix.deliveries(stories))
    with ExitStack() as stack:
        relays = {place: stack.enter_context(Relay(site.url)) for place, site in matrix.sites.items()}
        connect(installation, matrix, {place: relay.url for place, relay in relays.items()})
        rows = [story.row(datetime.now(UTC)) for story in stories]
        installation.import_posts("burst.csv", rows, approver="Mei")
        cut_power(installation, relays.values(), answered=total // 2, unanswered=4)
        assert 0 < matrix.statuses()["draft"] < total
        cut_power(installation, relays.values(), answered=total + total // 2, unanswered=4)
        assert 0 < matrix.statuses()["publish"] < total
        with installation.publishing(), figures.timed("recovery"):
            wait_until(lambda: set(installation.states()) == {"published"}, every_s=1)
    assert matrix.shown() == matrix.meant(stories)
    figures.note(deliveries=total)


def publish_due(installation: Installation, matrix: Matrix, figures: Figures) -> None:
    """Import articles that are due now and publish them with `run`; doing it again changes nothing."""
    paint(installation.folder)
    rows = [story.row(datetime.now(UTC)) for story in (OPENING, FAMILIES)]
    installation.import_posts("posts.csv", rows, approver="Mei")
    with figures.timed("run"):
        installation.run("run", "--until-idle")
    assert matrix.shown() == matrix.meant([OPENING, FAMILIES])
    changes = matrix.changes()
    installation.run("run", "--until-idle")
    assert matrix.changes() == changes


def publish_soon(installation: Installation, figures: Figures) -> None:
    """Import an article that is due a little later and let the processes publish it."""
    due_at = datetime.now(UTC) + timedelta(seconds=8)
    installation.import_posts("soon.csv", [SOON.row(due_at)], approver="Mei")
    with installation.publishing(), figures.timed("up"):
        wait_until(lambda: set(installation.states()) == {"published"}, every_s=1)


def find_pages(installation: Installation, matrix: Matrix, stories: list[Story]) -> None:
    """Open each article as readers do, at the address the queue shows."""
    addresses = {(line["channel"], line["post"]): line["url"] for line in installation.json("queue")}
    for place, story in matrix.deliveries(stories):
        article = article_of(story, place)
        answer = httpx.get(addresses[place.channel, story.ref], timeout=30).raise_for_status()
        page = Page(answer.text)
        assert article.title in page.text
        assert "".join(article.body.split()) in "".join(page.text.split())
        assert set(article.links) <= set(page.links)
        assert article.alt in page.alts or not article.alt
        assert (article.language, article.direction) in page.tongues


def respond(matrix: Matrix, stories: list[Story]) -> list[Response]:
    """Let readers comment on each article, other numbers on each; one comment each waits for approval."""
    numbers, responses = matrix.numbers(), []
    for count, (place, story) in enumerate(matrix.deliveries(stories)):
        post_id = numbers[place, article_of(story, place).title]
        for status in ["approved"] * (count % 4) + ["hold"]:
            comment(matrix.sites[place], post_id, status)
        responses.append(
            Response(post=story.ref, campaign=story.campaign, place=place, counts={"comments": count % 4})
        )
    return responses


def numbered(story: Story, number: int) -> Story:
    """A post like this one, with a name and titles of its own."""
    texts = {language: text.replace("\n\n", f" {number}\n\n", 1) for language, text in story.texts.items()}
    return replace(story, ref=f"{story.ref}-{number}", texts=texts)
