"""Real Bluesky accounts as channels, and what the network holds of them: the judge of what was published."""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tests.e2e.installation import Installation
from tests.real.figures import Place
from tests.real.stories import Story
from tests.servers.bluesky import BlueskyNetwork
from tests.servers.bluesky_accounts import Account, Record, create_account, list_posts

PLACES = [
    Place(channel=f"news-{language}", platform="bluesky", language=language, region=region, zone=zone)
    for language, region, zone in (
        ("ar", "EG", "Africa/Cairo"),
        ("en", "KE", "Africa/Nairobi"),
        ("es", "MX", "America/Mexico_City"),
        ("fr", "FR", "Europe/Paris"),
        ("ja", "JP", "Asia/Tokyo"),
    )
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A post on the network: `live` are the words its byte ranges cut out, each with what it leads to."""

    text: str
    languages: tuple[str, ...]
    live: tuple[tuple[str, str], ...]
    card: str
    alts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Accounts that are channels of an installation, people who read them, and the guide they mention."""

    network: BlueskyNetwork
    accounts: Mapping[Place, Account]
    readers: Sequence[Account]
    guide: Account

    def deliveries(self, stories: Iterable[Story]) -> list[tuple[Place, Story]]:
        """Each post with each channel that speaks one of its languages."""
        return [(place, story) for story in stories for place in PLACES if place.language in story.texts]

    def meant(self, stories: Iterable[Story]) -> Counter[tuple[Place, Shown]]:
        """What the network must hold of these posts: each on every channel of its languages, once."""
        return Counter(
            (place, _meant(story, place.language, guide=self.guide))
            for place, story in self.deliveries(stories)
        )

    def shown(self) -> Counter[tuple[Place, Shown]]:
        """Every post of the channels, as their repositories hold it."""
        return Counter((place, _shown(record["value"])) for place, record in self._records())

    def published(self) -> dict[tuple[Place, str], Record]:
        """The record of each text on each channel."""
        return {
            (place, record["value"]["text"]): Record(record["uri"], record["cid"])
            for place, record in self._records()
        }

    def revisions(self) -> dict[Place, str]:
        """The latest revision of each repository: any write makes a new one."""
        return {place: _revision(account) for place, account in self.accounts.items()}

    def image(self, place: Place) -> bytes:
        """The one image that a channel's posts show."""
        (image,) = (
            image
            for one, record in self._records()
            if one == place
            for image in record["value"].get("embed", {}).get("images", [])
        )
        asked = {"did": self.accounts[place].did, "cid": image["image"]["ref"]["$link"]}
        url = f"{self.network.pds_url}/xrpc/com.atproto.sync.getBlob"
        return httpx.get(url, params=asked).raise_for_status().content

    def _records(self) -> list[tuple[Place, dict[str, Any]]]:
        return [(place, record) for place, account in self.accounts.items() for record in list_posts(account)]


def sign_up(network: BlueskyNetwork, *, readers: int) -> Matrix:
    """New accounts: one for each place, the guide, and so many readers."""
    mark = secrets.token_hex(3)

    def join(name: str) -> Account:
        return create_account(network, f"{name}-{mark}.test")

    return Matrix(
        network=network,
        accounts={place: join(place.channel) for place in PLACES},
        readers=[join(f"reader-{number}") for number in range(readers)],
        guide=join("guide"),
    )


def connect(installation: Installation, matrix: Matrix, base_url: str) -> None:
    """Import the accounts as channels and connect them by handle and app password."""
    rows = [place.row(base_url, account.handle) for place, account in matrix.accounts.items()]
    installation.connect(rows, {place.channel: _secret(one) for place, one in matrix.accounts.items()})


def _secret(account: Account) -> dict[str, str]:
    return {"identifier": account.handle, "password": account.app_password}


def body_of(story: Story, language: str) -> str:
    """The text as Bluesky gets it: beside an image the link has no card and stands in the text."""
    return f"{story.texts[language]}\n\n{story.link}" if story.alts else story.texts[language]


def _meant(story: Story, language: str, *, guide: Account) -> Shown:
    words = [*story.live.get(language, ()), *([story.link] if story.alts else [])]
    return Shown(
        text=body_of(story, language),
        languages=(language,),
        live=tuple((word, guide.did if word.startswith("@") else word.removeprefix("#")) for word in words),
        card="" if story.alts else story.link,
        alts=(story.alts[language],) if story.alts else (),
    )


def _shown(value: Mapping[str, Any]) -> Shown:
    encoded, embed = value["text"].encode(), value.get("embed", {})
    return Shown(
        text=value["text"],
        languages=tuple(value["langs"]),
        live=tuple(_live(encoded, facet) for facet in value.get("facets", [])),
        card=embed.get("external", {}).get("uri", ""),
        alts=tuple(image["alt"] for image in embed.get("images", [])),
    )


def _live(encoded: bytes, facet: Mapping[str, Any]) -> tuple[str, str]:
    (feature,) = facet["features"]
    kind = feature["$type"].partition("#")[2]
    word = encoded[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
    return word, feature[{"link": "uri", "mention": "did", "tag": "tag"}[kind]]


def _revision(account: Account) -> str:
    url = f"{account.network.pds_url}/xrpc/com.atproto.sync.getLatestCommit"
    answer = httpx.get(url, params={"did": account.did}).raise_for_status()
    revision: str = answer.json()["rev"]
    return revision
