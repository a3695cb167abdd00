"""Posts: drafts, publishing, slugs that change in silence, trash, lists.

Answers as seen on WordPress 6.1.9, 2026-11-22.
"""

from typing import Any

from connectors.sandbox.exchange import Answer
from connectors.sandbox.faces.wordpress.entries import (
    FIELDS,
    STATUSES,
    TEXTS,
    Entry,
    checked,
    entry_view,
    link_of,
    readers_view,
)
from connectors.sandbox.faces.wordpress.library import unique
from connectors.sandbox.faces.wordpress.slugs import slug_of
from connectors.sandbox.faces.wordpress.turn import Turn, invalid, refuse
from connectors.sandbox.world import Post

LISTING = ("page", "per_page", "slug", "status", "search", "include", "after", "before", "order", "orderby")
ORDERS = {
    "date": lambda entry: (entry.at, entry.number),
    "modified": lambda entry: (entry.modified_at, entry.number),
    "id": lambda entry: entry.number,
    "slug": lambda entry: entry.slug,
    "title": lambda entry: entry.texts["title"],
}


class Posts:
    """The posts part of the face."""

    def create(self, turn: Turn) -> Answer:
        """POST /posts: 201, as a draft unless the request says otherwise."""
        turn.needs_right("rest_cannot_create", "create posts as this user")
        given = checked(turn, turn.arguments(FIELDS))
        if not any(given.get(name) for name in TEXTS):
            raise refuse(400, "empty_content", "Content, title, and excerpt are empty.")
        now = turn.world.now()
        entry = Entry(number=turn.world.serial("wordpress-id"), at=now, modified_at=now)
        self._entries(turn)[entry.number] = entry
        self._apply(turn, entry, {"status": "draft", **given})
        location = f"{turn.site.base_url}/wp-json/wp/v2/posts/{entry.number}"
        return turn.show(entry_view(turn, entry), status=201, location=location)

    def show(self, turn: Turn) -> Answer:
        """GET /posts/{id}; what is not published needs rights."""
        entry = self._find(turn)
        if entry.status != "publish" and turn.user is None:
            raise refuse(401, "rest_forbidden", "Sorry, you are not allowed to do that.")
        turn.arguments(())
        return turn.show(entry_view(turn, entry))

    def page(self, turn: Turn) -> Answer:
        """GET /posts: published ones, or those of `status` for a user; trash is in no list but its own."""
        asked = turn.arguments(LISTING)
        found = [
            entry for entry in self._entries(turn).values() if _wanted(entry, asked, _statuses(turn, asked))
        ]
        order, by = asked.get("order", "desc"), asked.get("orderby", "date")
        if by not in ORDERS or order not in ("asc", "desc"):
            raise invalid(orderby=f"orderby is not one of {', '.join(ORDERS)}.")
        found.sort(key=ORDERS[by], reverse=order == "desc")
        return turn.page([entry_view(turn, entry) for entry in found])

    def change(self, turn: Turn) -> Answer:
        """POST, PUT or PATCH /posts/{id}."""
        entry = self._find(turn)
        turn.needs_right("rest_cannot_edit", "edit this post")
        self._apply(turn, entry, checked(turn, turn.arguments(FIELDS)))
        return turn.show(entry_view(turn, entry))

    def delete(self, turn: Turn) -> Answer:
        """DELETE /posts/{id}: to the trash, a second time 410; with force for good, a second time 404."""
        entry = self._find(turn)
        turn.needs_right("rest_cannot_delete", "delete this post")
        if str(turn.arguments(("force",)).get("force", "")).lower() in ("true", "1"):
            previous = entry_view(turn, entry)
            self._hide(turn, entry)
            del self._entries(turn)[entry.number]
            return turn.show({"deleted": True, "previous": previous})
        if entry.status == "trash":
            raise refuse(410, "rest_already_trashed", "The post has already been deleted.")
        self._hide(turn, entry)
        entry.status = "trash"
        entry.slug += "__trashed"
        entry.modified_at = turn.world.now()
        return turn.show(entry_view(turn, entry))

    def _apply(self, turn: Turn, entry: Entry, given: dict[str, Any]) -> None:
        """Take over the fields, give the slug, and let the public see what it now may see."""
        entry.status = given.pop("status", entry.status)
        entry.texts |= {name: given.pop(name) for name in TEXTS if name in given}
        wanted = given.pop("slug", None)
        if wanted is not None or (not entry.slug and entry.status != "draft"):
            slug = slug_of(str(wanted or entry.texts["title"])) or str(entry.number)
            others = {one.slug for one in self._entries(turn).values() if one is not entry}
            entry.slug = unique(slug, others)
        entry.options |= given
        entry.modified_at = turn.world.now()
        if entry.status == "publish":
            self._reveal(turn, entry)
        else:
            self._hide(turn, entry)
            facts = readers_view(turn, entry)
            turn.world.record(
                turn.site, "draft", remote_id=str(entry.number), text=facts["text"], key=entry.slug
            )

    def _reveal(self, turn: Turn, entry: Entry) -> None:
        facts = readers_view(turn, entry)
        if entry.post and entry.post.visible:
            if any(getattr(entry.post, name) != value for name, value in facts.items()):
                turn.world.edit(entry.post, **facts)
            return
        entry.at = turn.world.now() if entry.post is None else entry.at
        entry.post = Post(
            account=turn.site,
            remote_id=str(entry.number),
            url=link_of(turn, entry),
            key=entry.slug,
            at=entry.at,
            **facts,
        )
        turn.world.publish(entry.post)

    def _hide(self, turn: Turn, entry: Entry) -> None:
        if entry.post and entry.post.visible:
            turn.world.remove(entry.post)

    def _entries(self, turn: Turn) -> dict[int, Entry]:
        entries: dict[int, Entry] = turn.site.native["entries"]
        return entries

    def _find(self, turn: Turn) -> Entry:
        entry = self._entries(turn).get(turn.number)
        if entry is None:
            raise refuse(404, "rest_post_invalid_id", "Invalid post ID.")
        return entry


def _statuses(turn: Turn, asked: dict[str, Any]) -> tuple[str, ...]:
    wanted = tuple(str(asked.get("status", "publish")).split(","))
    if wanted != ("publish",) and turn.user is None:
        raise invalid(status="Status is forbidden.")
    if unknown := set(wanted) - {*STATUSES, "future", "trash", "any"}:
        raise invalid(status=f"{min(unknown)} is not a status.")
    return STATUSES if "any" in wanted else wanted


def _wanted(entry: Entry, asked: dict[str, Any], statuses: tuple[str, ...]) -> bool:
    at = entry.at.strftime("%Y-%m-%dT%H:%M:%S")
    return (
        entry.status in statuses
        and ("slug" not in asked or entry.slug in [slug_of(one) for one in asked["slug"].split(",")])
        and ("include" not in asked or str(entry.number) in asked["include"].split(","))
        and asked.get("search", "").lower() in " ".join(entry.texts.values()).lower()
        and asked.get("after", "")[:19] < at
        and ("before" not in asked or at < asked["before"][:19])
    )
