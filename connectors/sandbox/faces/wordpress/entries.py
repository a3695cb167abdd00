"""A post as WordPress keeps it: its fields, their checks, and how it is shown."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.exchange import Refused, answer_json
from connectors.sandbox.faces.wordpress.markup import Reading, both, title
from connectors.sandbox.faces.wordpress.turn import Turn, integer, invalid, refuse
from connectors.sandbox.world import Post

STATUSES = ("publish", "draft", "pending", "private")
FIELDS = (
    *("date", "date_gmt", "slug", "status", "title", "content", "author", "excerpt", "featured_media"),
    *("comment_status", "ping_status", "format", "meta", "sticky", "template", "categories", "tags"),
)
TEXTS = ("title", "content", "excerpt")
TITLE_BYTES = 65_535
ENUMS = {
    "status": (*STATUSES, "future"),
    "comment_status": ("open", "closed"),
    "ping_status": ("open", "closed"),
}
UNCATEGORIZED = 1


@dataclass(slots=True, kw_only=True)
class Entry:
    """One post of a site in any status; `post` is what the public sees or saw of it."""

    number: int
    at: datetime
    modified_at: datetime
    status: str = "draft"
    slug: str = ""
    texts: dict[str, str] = field(default_factory=lambda: dict.fromkeys(TEXTS, ""))
    options: dict[str, Any] = field(default_factory=dict)
    post: Post | None = None

    @property
    def featured(self) -> int:
        """The id of its featured image, or 0."""
        return int(self.options.get("featured_media", 0))


def checked(turn: Turn, given: dict[str, Any]) -> dict[str, Any]:
    """The fields of a request, each of the type and from the list that WordPress wants."""
    for name, allowed in ENUMS.items():
        if name in given and given[name] not in allowed:
            raise invalid(**{name: f"{name} is not one of {', '.join(allowed)}."})
    if given.get("status") == "future" or _moment(given) > turn.world.now():
        raise invalid(date="the sandbox has no cron: publish when it is due.")
    featured = integer("featured_media", given.get("featured_media", 0))
    if featured and featured not in turn.site.native["media"]:
        raise refuse(400, "rest_invalid_featured_media", "Invalid featured media ID.")
    _check_terms(given)
    texts = {name: _text(name, given[name]) for name in TEXTS if name in given}
    if len(texts.get("title", "").encode()) > TITLE_BYTES:
        raise _too_long("post_title")
    return {**given, **texts}


def entry_view(turn: Turn, entry: Entry) -> dict[str, Any]:
    """A post as the REST API shows it."""
    base, editing = turn.site.base_url, turn.editing
    shown = entry.options
    return {
        "id": entry.number,
        **dict.fromkeys(("date", "date_gmt"), _local(entry.at)),
        **dict.fromkeys(("modified", "modified_gmt"), _local(entry.modified_at)),
        "guid": {"rendered": f"{base}/?p={entry.number}"},
        "slug": entry.slug,
        "status": entry.status,
        "type": "post",
        "link": link_of(turn, entry),
        "title": title(entry.texts["title"], editing=editing),
        "content": both(entry.texts["content"], editing=editing, protected=False),
        "excerpt": both(entry.texts["excerpt"], editing=editing, protected=False),
        "author": 1,
        "featured_media": entry.featured,
        "comment_status": shown.get("comment_status", "open"),
        "ping_status": shown.get("ping_status", "open"),
        "sticky": bool(shown.get("sticky", False)),
        "template": shown.get("template", ""),
        "format": shown.get("format", "standard"),
        "meta": [],
        "categories": shown.get("categories", [UNCATEGORIZED]),
        "tags": [],
        **({"permalink_template": f"{base}/%postname%/", "generated_slug": entry.slug} if editing else {}),
    }


def link_of(turn: Turn, entry: Entry) -> str:
    """The permalink once it is published, else the address by number."""
    published = entry.status in ("publish", "private")
    return f"{turn.site.base_url}/{entry.slug}/" if published else f"{turn.site.base_url}/?p={entry.number}"


def readers_view(turn: Turn, entry: Entry) -> dict[str, Any]:
    """What readers see: title and words, and the description of each picture (the featured one first)."""
    read = Reading(entry.texts["content"])
    media = turn.site.native["media"]
    featured = media.get(entry.featured)
    alts = [featured.texts.get("alt_text", "")] if featured else []
    urls = turn.site.native["urls"]
    alts += [alt for url, alt in read.images if urls.get(url) != entry.featured or not featured]
    parts = (Reading(entry.texts["title"]).text, read.text)
    return {"text": "\n\n".join(filter(None, parts)), "language": read.language, "alts": tuple(alts)}


def _text(name: str, value: Any) -> str:
    """A text field: a string, or an object with `raw`."""
    raw = value.get("raw") if isinstance(value, dict) else value
    if not isinstance(raw, str):
        raise invalid(**{name: f"{name} is not of type object or string."})
    return raw


def _too_long(column: str) -> Refused:
    """What WordPress says when a value does not fit into its database column."""
    words = f"WordPress database error: Processing the value for the following field failed: {column}."
    told = {"code": "db_insert_error", "message": "Could not insert post into the database."}
    return Refused(answer_json({**told, "data": {"status": 500}, "additional_data": [words]}, status=500))


def _check_terms(given: dict[str, Any]) -> None:
    categories, tags = given.get("categories", []), given.get("tags", [])
    if categories not in ([], [UNCATEGORIZED]):
        raise invalid(categories="this site has the category 1 only.")
    if tags:
        raise invalid(tags="this site has no tags.")


def _moment(given: dict[str, Any]) -> datetime:
    """The date a request wants; long ago when it wants none."""
    wanted = given.get("date_gmt") or given.get("date")
    try:
        moment = datetime.fromisoformat(wanted) if wanted else datetime.min  # noqa: DTZ901  # zone follows
    except (TypeError, ValueError):
        raise invalid(date="Invalid date.") from None
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def _local(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")
