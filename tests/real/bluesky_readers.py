"""What readers on the real Bluesky network do: known numbers of everything, other ones for every post."""

from collections.abc import Iterable, Sequence
from itertools import cycle, islice

from tests.real.bluesky_matrix import Matrix, body_of
from tests.real.figures import Place, Response
from tests.real.stories import Story
from tests.servers.bluesky_accounts import (
    Account,
    Record,
    await_post,
    await_profile,
    follow,
    like,
    quote,
    reply,
    repost,
)


def respond(matrix: Matrix, stories: Iterable[Story]) -> list[Response]:
    """Let the readers respond to each post, wait until the network counts it, and tell what they did."""
    published = matrix.published()
    told, expected = [], []
    for number, (place, story) in enumerate(matrix.deliveries(stories)):
        record = published[place, body_of(story, place.language)]
        counts = _do(number, record, matrix.readers)
        expected.append((record.uri, counts))
        told.append(_response(place, story, counts))
    for uri, counts in expected:
        await_post(matrix.network, uri, **counts)
    return told


def follow_channels(matrix: Matrix) -> dict[Place, int]:
    """Let nobody follow the first channel, one reader the second, and so on; the followers they then have."""
    followers = {place: number for number, place in enumerate(matrix.accounts)}
    for place, number in followers.items():
        for reader in matrix.readers[:number]:
            follow(reader, matrix.accounts[place])
    for place, number in followers.items():
        await_profile(matrix.accounts[place], followersCount=number)
    return followers


def _do(number: int, post: Record, readers: Sequence[Account]) -> dict[str, int]:
    """Other counts for each post, 0 among them; by the AppView's names."""
    likes, reposts, replies, quotes = number % 5, number % 3, (number + 1) % 4, number % 2
    for reader in readers[:likes]:
        like(reader, post)
    for reader in readers[:reposts]:
        repost(reader, post)
    for reader in islice(cycle(readers), replies):
        reply(reader, post, "好 جميل")
    for reader in readers[:quotes]:
        quote(reader, post, "看 انظروا")
    return {"likeCount": likes, "repostCount": reposts, "replyCount": replies, "quoteCount": quotes}


def _response(place: Place, story: Story, counts: dict[str, int]) -> Response:
    return Response(
        post=story.ref,
        campaign=story.campaign,
        place=place,
        counts={
            "reactions": counts["likeCount"],
            "comments": counts["replyCount"],
            "shares": counts["repostCount"] + counts["quoteCount"],
        },
    )
