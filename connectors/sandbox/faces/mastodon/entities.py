"""The JSON that the Mastodon API answers with; fields after the OpenAPI description of API 4.7.0."""

import html
from typing import Any

from connectors.sandbox.clock import stamp
from connectors.sandbox.faces.mastodon.counting import pieces_of, tags_in
from connectors.sandbox.faces.mastodon.flavours import Flavour
from connectors.sandbox.world import AccountState, Post

IMAGE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")
IMAGE_LIMIT = 16 * 1024 * 1024
MATRIX_LIMIT = 33_177_600
DESCRIPTION_LIMIT = 1_500
MAX_ATTACHMENTS = 4
EMPTY_PROFILE: dict[str, Any] = {"note": "", "fields": [], "indexable": True, "discoverable": True}


def account_of(account: AccountState) -> dict[str, Any]:
    """Account."""
    picture = f"{account.base_url}/avatars/{account.name}.png"
    return {
        "id": account.remote_id,
        "username": account.name,
        "acct": account.name,
        "url": f"{account.base_url}/@{account.name}",
        "uri": f"{account.base_url}/users/{account.name}",
        "display_name": account.name,
        **EMPTY_PROFILE,
        **dict.fromkeys(("avatar", "avatar_static", "header", "header_static"), picture),
        **dict.fromkeys(("locked", "bot", "group"), False),
        "created_at": stamp(account.created_at),
        "last_status_at": None,
        "followers_count": account.followers,
        "following_count": 0,
        "statuses_count": len(account.native["statuses"]),
        "emojis": [],
        "roles": [],
    }


def own_account(account: AccountState) -> dict[str, Any]:
    """CredentialAccount."""
    source = {
        **EMPTY_PROFILE,
        "privacy": "public",
        "sensitive": False,
        "language": None,
        "follow_requests_count": 0,
    }
    role = {"id": "-99", "name": "", "permissions": "65536", "color": "", "highlighted": False}
    return {**account_of(account), "source": source, "role": role}


def status_of(post: Post) -> dict[str, Any]:
    """Status, as its author or a stranger sees it."""
    tags = [{"name": tag.lower(), "url": _tag_url(post, tag)} for tag in tags_in(post.text)]
    return {
        "id": post.remote_id,
        "uri": f"{post.account.base_url}/users/{post.account.name}/statuses/{post.remote_id}",
        "url": post.url,
        "created_at": stamp(post.at),
        "edited_at": stamp(post.edited_at) if post.edited_at else None,
        "account": account_of(post.account),
        "content": _content(post),
        "visibility": post.native["visibility"],
        "sensitive": post.native["sensitive"],
        "spoiler_text": post.native["spoiler_text"],
        "language": post.language or None,
        "media_attachments": post.native["media"],
        "tags": tags,
        "mentions": [],
        "emojis": [],
        **dict.fromkeys(("in_reply_to_id", "in_reply_to_account_id", "reblog", "card", "poll")),
        **dict.fromkeys(("favourited", "reblogged", "muted", "bookmarked", "pinned"), False),
        **post.counters(),
    }


def instance_of(flavour: Flavour, base_url: str) -> dict[str, Any]:
    """Instance (v2)."""
    return {
        "domain": flavour.domain,
        "title": f"Sandbox {flavour.name}",
        "version": flavour.version,
        "source_url": "https://example.org/source",
        "description": "A make-believe instance for trying connectors.",
        "usage": {"users": {"active_month": 1}},
        "thumbnail": {"url": f"{base_url}/thumbnail.png"},
        "icon": [],
        "languages": ["en"],
        "configuration": _configuration(flavour),
        "registrations": {"enabled": False, "approval_required": False, "message": None, "url": None},
        "api_versions": {"mastodon": 8},
        "contact": {"email": "desk@example.org", "account": None},
        "rules": [],
    }


def old_instance_of(flavour: Flavour, base_url: str) -> dict[str, Any]:
    """V1::Instance, deprecated since 4.0, by which older clients learn the version."""
    now = instance_of(flavour, base_url)
    kept = ("title", "version", "description", "languages", "rules")
    return {
        **{name: now[name] for name in kept},
        "configuration": _old_configuration(now["configuration"]),
        "uri": flavour.domain,
        "short_description": "",
        "email": now["contact"]["email"],
        "contact_account": None,
        "urls": {"streaming_api": f"wss://{flavour.domain}"},
        "stats": {"user_count": 1, "status_count": 0, "domain_count": 0},
        "thumbnail": now["thumbnail"]["url"],
        **dict.fromkeys(("registrations", "approval_required", "invites_enabled"), False),
    }


def _old_configuration(now: dict[str, Any]) -> dict[str, Any]:
    newer = {"max_pinned_statuses", "description_limit"}
    parts = ("accounts", "statuses", "media_attachments", "polls")
    return {part: {name: now[part][name] for name in now[part].keys() - newer} for part in parts}


def _configuration(flavour: Flavour) -> dict[str, Any]:
    return {
        "urls": {"streaming": f"wss://{flavour.domain}"},
        "accounts": {"max_featured_tags": 10, "max_pinned_statuses": 5},
        "statuses": {
            "max_characters": flavour.max_characters,
            "max_media_attachments": MAX_ATTACHMENTS,
            "characters_reserved_per_url": flavour.reserved_per_url,
        },
        "media_attachments": {
            "description_limit": DESCRIPTION_LIMIT,
            "supported_mime_types": list(IMAGE_TYPES),
            "image_size_limit": IMAGE_LIMIT,
            "image_matrix_limit": MATRIX_LIMIT,
            **dict.fromkeys(("video_size_limit", "video_frame_rate_limit", "video_matrix_limit"), 0),
        },
        "polls": {
            "max_options": 4,
            "max_characters_per_option": 50,
            "min_expiration": 300,
            "max_expiration": 2_629_746,
        },
        "translation": {"enabled": False},
    }


def _content(post: Post) -> str:
    """The text as the HTML that Mastodon makes of it: addresses shortened for the eye, tags linked."""
    pieces = (_piece(post, kind, words) for kind, words in pieces_of(post.text))
    paragraphs = (part.replace("\n", "<br />") for part in "".join(pieces).split("\n\n"))
    return "".join(f"<p>{part}</p>" for part in paragraphs) if post.text else ""


def _piece(post: Post, kind: str, words: str) -> str:
    if kind == "url":
        return _link(words)
    if kind == "tag":
        address = _tag_url(post, words)
        return f'<a href="{address}" class="mention hashtag" rel="tag">#<span>{words}</span></a>'
    return html.escape(words, quote=False)


def _link(url: str) -> str:
    scheme, _, rest = url.partition("://")
    shown, hidden = rest[:30], rest[30:]
    dots = ' class="ellipsis"' if hidden else ""
    return (
        f'<a href="{html.escape(url)}" target="_blank" rel="nofollow noopener">'
        f'<span class="invisible">{scheme}://</span><span{dots}>{html.escape(shown)}</span>'
        f'<span class="invisible">{html.escape(hidden)}</span></a>'
    )


def _tag_url(post: Post, tag: str) -> str:
    return f"{post.account.base_url}/tags/{tag.lower()}"
