"""The posts of a burst: one text a language, a tag in each, so that a platform's log can be matched."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.fire.kind import Burst, Kind, Rows

if TYPE_CHECKING:
    from tests.fire.fleet import Fleet

TEXTS = {
    "ar": ("متحف جديد على النهر", "يفتح أبوابه اليوم"),
    "fr": ("Un musée au bord du fleuve", "Il ouvre aujourd’hui"),
    "en": ("A museum by the river", "It opens today"),
    "es": ("Un museo junto al río", "Abre hoy"),
    "zh-CN": ("河畔新馆", "今日开门迎客"),
}
CHANNELS = (
    ("bluesky", "ar"),
    ("bluesky", "fr"),
    ("bluesky", "en"),
    ("mastodon", "fr"),
    ("mastodon", "es"),
    ("mastodon", "en"),
    ("wordpress", "zh-CN"),
    ("wordpress", "en"),
    ("telegram", "en"),
    ("telegram", "ar"),
)
LATE = timedelta(minutes=6)


def table_of(fleet: "Fleet", kind: Kind, posts: int) -> tuple[Rows, Burst]:
    """The rows of the import and what they are; the last post is for nobody to approve, and late already."""
    now = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    first = now + timedelta(seconds=kind.due.in_s)
    step = timedelta(seconds=kind.due.over_s / posts)
    tags = {
        f"{kind.name}-{fleet.serial + number}": tag_of(fleet.serial + number) for number in range(posts + 1)
    }
    names = list(tags)
    instants = [*((first + number * step).replace(microsecond=0) for number in range(posts)), now - LATE]
    rows = [
        _row(name, tags[name], at, kind, lateness="live" if name == names[-1] else kind.due.lateness)
        for name, at in zip(names, instants, strict=True)
    ]
    burst = Burst(
        posts=tags,
        unapproved=frozenset(names[-1:]),
        since=len(fleet.sandbox.log()),
        first_due_at=first,
        last_due_at=instants[-2],
    )
    return kind.rows(fleet, rows), burst


def tag_of(number: int) -> str:
    """The word by which a post is known on every platform."""
    return f"n{number:06d}"


def _row(name: str, tag: str, at: datetime, kind: Kind, *, lateness: str) -> dict[str, str]:
    spoken = {language for face, language in CHANNELS if face in kind.platforms}
    texts = {f"text.{language}": f"{TEXTS[language][0]} {tag}\n{TEXTS[language][1]}" for language in spoken}
    wall = at.strftime("%Y-%m-%d %H:%M:%S")
    where = ", ".join(f"platform:{face}" for face in kind.platforms)
    return {"post": name, "at": wall, "zone": "UTC", "channels": where, "lateness": lateness} | texts
