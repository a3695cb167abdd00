"""Comments: what readers wrote, and how many, which is the only counter WordPress has."""

from datetime import timedelta
from typing import Any

from connectors.sandbox.exchange import Answer
from connectors.sandbox.faces.wordpress.turn import Turn, refuse
from connectors.sandbox.world import Post

NAMES = ("Amina", "Jean", "Sofía", "Ли", "하준", "Yuki", "Omar", "Ana")


class Comments:
    """The comments part of the face; approved ones only."""

    def page(self, turn: Turn) -> Answer:
        """GET /comments?post=ID: the total is X-WP-Total."""
        asked = turn.arguments(("post", "page", "per_page", "order", "orderby", "status"))
        if asked.get("status", "approve") != "approve" and turn.user is None:
            raise refuse(401, "rest_forbidden_param", "Query parameter not permitted: status")
        entries = turn.site.native["entries"]
        wanted = (
            [int(one) for one in asked["post"].split(",") if one.isdigit()] if "post" in asked else entries
        )
        posts = [entries[number].post for number in wanted if number in entries]
        total = sum(post.count("comment") for post in posts if post)
        page, size = turn.whole("page", 1, 10**6), turn.whole("per_page", 10, 100)
        every = ((post, index) for post in posts if post for index in range(post.count("comment")))
        first = (page - 1) * size
        shown = [_view(turn, *one) for place, one in enumerate(every) if first <= place < first + size]
        return turn.page(shown, total=total)


def _view(turn: Turn, post: Post, index: int) -> dict[str, Any]:
    number = int(post.remote_id) * 100_000 + index
    at = (post.at + timedelta(minutes=7 * index + 3)).strftime("%Y-%m-%dT%H:%M:%S")
    return {
        "id": number,
        "post": int(post.remote_id),
        "parent": 0,
        "author": 0,
        "author_name": NAMES[turn.world.number("comment", number) % len(NAMES)],
        "author_url": "",
        **dict.fromkeys(("date", "date_gmt"), at),
        "content": {"rendered": "<p>👍</p>\n"},
        "link": f"{post.url}#comment-{number}",
        "status": "approved",
        "type": "comment",
        "author_avatar_urls": {},
        "meta": [],
    }
