"""Real WordPress sites of three languages as channels, and what their editors see of the posts: the judge."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from tests.e2e.installation import Installation
from tests.real.figures import Place
from tests.real.pages import Page
from tests.real.stories import Story
from tests.servers.wordpress import WordPress
from tests.servers.wordpress_people import User, create_user, list_posts

ARABIC = Place(channel="site-ar", platform="wordpress", language="ar", region="EG", zone="Africa/Cairo")
FRENCH = Place(channel="site-fr", platform="wordpress", language="fr", region="FR", zone="Europe/Paris")
CHINESE = Place(channel="site-zh", platform="wordpress", language="zh-CN", region="CN", zone="Asia/Shanghai")
LOCALES = {ARABIC: "ar", FRENCH: "fr_FR", CHINESE: "zh_CN"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A post of a site: title, words and links of its body with their language, its image's description."""

    title: str
    body: str
    links: tuple[str, ...]
    language: str
    direction: str
    alt: str
    status: str = "publish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Sites, and on each the author as whom an installation publishes."""

    sites: Mapping[Place, WordPress]
    authors: Mapping[Place, User]

    def deliveries(self, stories: Iterable[Story]) -> list[tuple[Place, Story]]:
        """Each post with each site that has one of its languages."""
        return [(place, story) for story in stories for place in self.sites if place.language in story.texts]

    def meant(self, stories: Iterable[Story]) -> Counter[tuple[Place, Article]]:
        """What the sites must hold of these posts: each once."""
        return Counter((place, article_of(story, place)) for place, story in self.deliveries(stories))

    def shown(self) -> Counter[tuple[Place, Article]]:
        """Every post of the authors, drafts and others included."""
        return Counter((place, _shown(post)) for place, post in self._posts())

    def numbers(self) -> dict[tuple[Place, str], str]:
        """The number of each post by site and title, which must not be there twice."""
        found = {(place, _shown(post).title): str(post["id"]) for place, post in self._posts()}
        assert len(found) == len(self._posts())
        return found

    def statuses(self) -> Counter[str]:
        """How many posts are drafts, published and so on."""
        return Counter(post["status"] for _, post in self._posts())

    def changes(self) -> dict[tuple[Place, str], str]:
        """When each post was last written to, by site and number."""
        return {(place, str(post["id"])): post["modified_gmt"] for place, post in self._posts()}

    def _posts(self) -> list[tuple[Place, dict[str, Any]]]:
        return [
            (place, post)
            for place, site in self.sites.items()
            for post in list_posts(site, self.authors[place])
        ]


def open_matrix(sites: Mapping[Place, WordPress]) -> Matrix:
    """A new author on every site: the smallest role that may publish."""
    return Matrix(sites=sites, authors={place: create_user(site, "author") for place, site in sites.items()})


def connect(installation: Installation, matrix: Matrix, addresses: Mapping[Place, str]) -> None:
    """Import the sites as channels under these addresses, and connect them as their authors."""
    rows = [place.row(addresses[place], author.username) for place, author in matrix.authors.items()]
    installation.connect(rows, {place.channel: _secret(user) for place, user in matrix.authors.items()})


def article_of(story: Story, place: Place) -> Article:
    """What a site must hold of a post."""
    title, *paragraphs = story.texts[place.language].split("\n\n")
    links = [*story.live.get(place.language, ()), *([story.link] if story.link else [])]
    return Article(
        title=title,
        body="".join([*paragraphs, story.link]),
        links=tuple(links),
        language=place.language,
        direction="rtl" if place is ARABIC else "ltr",
        alt=story.alts.get(place.language, ""),
    )


def _shown(post: Mapping[str, Any]) -> Article:
    body = Page(post["content"]["raw"])
    ((language, direction),) = body.tongues
    featured = post.get("_embedded", {}).get("wp:featuredmedia", [])
    return Article(
        title=unescape(post["title"]["raw"]),
        body=body.text,
        links=tuple(body.links),
        language=language,
        direction=direction,
        alt="".join(media["alt_text"] for media in featured),
        status=post["status"],
    )


def _secret(user: User) -> dict[str, str]:
    return {"username": user.username, "application_password": user.application_password}
