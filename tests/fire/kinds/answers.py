"""What platforms answer: refusals that pass, answers that lie, and listings that are wrong."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from scheduler.core.states import State
from tests.fire.bursts import CHANNELS, TEXTS
from tests.fire.fleet import Fleet
from tests.fire.kind import Kind, Rows

RELEASES: Mapping[str, str] = {
    "bluesky": "/com.atproto.repo.putRecord",
    "mastodon": "/api/v1/statuses",
    "wordpress": "/wp/v2/posts/",
    "telegram": "/sendMessage",
}
LISTINGS: Mapping[str, str] = {"bluesky": "/com.atproto.repo.getRecord", "mastodon": "/statuses"}
ABSURD = (3_155_760_000, -5, "Wed, 21 Oct 2099 07:28:00 GMT", "soon", "")
MANY = 100_000
WATCHED_S = 45
HANDED_OVER = frozenset({State.PUBLISHED, State.HELD})
DUPLICATE = {"error": "Validation failed: this text was posted before"}


def break_releases(fleet: Fleet, kind: str, *, share: float, times: int = MANY, **details: Any) -> None:
    """Order a fault for a share of the requests that make a post visible."""
    for face, path in RELEASES.items():
        fleet.sandbox.add_fault(face, kind, times=times, match=path, method="POST", chance=share, **details)


def breaking(kind: str, *, share: float = 0.3, **details: Any) -> Callable[[Fleet], None]:
    """A disturbance: the fault for a share of all releases until the burst is through."""

    def play(fleet: Fleet) -> None:
        break_releases(fleet, kind, share=share, **details)
        watch(fleet)

    return play


def watch(fleet: Fleet, *, seconds: int = WATCHED_S) -> None:
    """Let the burst fall due and be worked on, until it is through or so long at most."""
    for _ in fleet.while_busy(every_s=0.5, limit_s=seconds):
        fleet.make_room()


def limit_absurdly(fleet: Fleet) -> None:
    """Each platform refuses with one absurd wait after the other, in its own form."""
    for face, path in RELEASES.items():
        for wait in ABSURD:
            fleet.sandbox.add_fault(
                face, "rate_limit", times=2, match=path, method="POST", chance=0.5, retry_after=wait
            )
    watch(fleet)


def say_something_else(fleet: Fleet) -> None:
    """Half of the errors that come with status 200 hide that the post is live."""
    break_releases(fleet, "error_body", share=0.2, applied=True)
    break_releases(fleet, "error_body", share=0.2, applied=False)
    watch(fleet)


def answer_in_html(fleet: Fleet) -> None:
    """A page for people, before the post was made or after."""
    break_releases(fleet, "html", share=0.2, applied=True)
    break_releases(fleet, "html", share=0.2, applied=False)
    watch(fleet)


def refuse_duplicates(fleet: Fleet) -> None:
    """The answer is lost, the listing is stale, and the repeat is refused as a duplicate.

    A draft that is laid out a second time may be refused as well: that is for a person.
    """
    break_releases(fleet, "duplicate", share=0.5, status=422, body=DUPLICATE)
    show_stale_listings(fleet, times=20)
    watch(fleet)


def held_unsent(fleet: Fleet) -> Iterator[str]:
    """Only what was never sent, as its draft was refused, may wait for a person."""
    for row in fleet.deliveries():
        if row.state == State.HELD and row.first_sent_at:
            yield f"delivery {row.id} was sent, and is held: {row.reason!r}"


def list_late(fleet: Fleet) -> None:
    """Answers are lost, and what was posted is not in the listings yet."""
    break_releases(fleet, "drop_after", share=0.4)
    show_stale_listings(fleet, times=40)
    watch(fleet)


def show_stale_listings(fleet: Fleet, *, times: int) -> None:
    """Each account's own posts are looked for where there are none: in an account nobody ever used."""
    for face, path in LISTINGS.items():
        empty = _account(fleet, face, "empty")
        for name, account in fleet.accounts.items():
            if name.startswith(face):
                asked, answered = _tail(account.remote_id), _tail(empty["remote_id"])
                fleet.sandbox.add_fault(
                    face, "mistaken", times=times, match=path, method="GET", asked=asked, answered=answered
                )
    fleet.sandbox.add_fault(
        "wordpress", "mistaken", times=times, match="/posts", method="GET", asked="slug=", answered="slug=0-"
    )


def list_anothers(fleet: Fleet) -> None:
    """The request never arrives, and the listing shows another account's post with the same words."""
    fleet.sandbox.clear_faults()
    break_releases(fleet, "drop_before", share=0.4)
    stranger = _account(fleet, "mastodon", "stranger")
    for name, account in fleet.accounts.items():
        if name.startswith("mastodon"):
            fleet.sandbox.add_fault(
                "mastodon",
                "mistaken",
                times=20,
                match=f"/accounts/{account.remote_id}/statuses",
                asked=account.remote_id,
                answered=stranger["remote_id"],
            )
    watch(fleet)


def with_a_stranger(fleet: Fleet, rows: Rows) -> Rows:
    """The table as it is; before it is imported another account posts the same words."""
    stranger = _account(fleet, "mastodon", "stranger")
    languages = {language for face, language in CHANNELS if face == "mastodon"} & TEXTS.keys()
    with httpx.Client(headers={"authorization": f"Bearer {stranger['token']}"}, timeout=30) as client:
        for row in rows:
            for language in languages:
                said = {"status": row[f"text.{language}"], "language": language}
                client.post(f"{stranger['base_url']}/api/v1/statuses", json=said).raise_for_status()
    return rows


_known: dict[tuple[str, str, str], Mapping[str, str]] = {}


def _account(fleet: Fleet, face: str, name: str) -> Mapping[str, str]:
    """An account of nobody's, made once for each sandbox."""
    place = (fleet.accounts[f"{face}-en"].base_url, face, name)
    if place not in _known:
        made = fleet.sandbox.create_account(face, name)
        token = made.secret.get("access_token", "")
        _known[place] = {"remote_id": made.remote_id, "base_url": made.base_url, "token": token}
    return _known[place]


def _tail(remote_id: str) -> str:
    """The part that is the same in a path and in a query."""
    return remote_id.rpartition(":")[2]


def _kind(name: str, play: Callable[[Fleet], None], *, doubtful: bool = True, **more: Any) -> Kind:
    return Kind(name=f"answers-{name}", group="answers", play=play, doubtful=doubtful, **more)


KINDS = (
    _kind("429-with-retry-after", breaking("rate_limit", retry_after=2), doubtful=False),
    _kind("429-without-retry-after", breaking("rate_limit"), doubtful=False),
    _kind(
        "429-absurd-retry-after",
        limit_absurdly,
        doubtful=False,
        ends=HANDED_OVER,
    ),
    _kind("5xx-applied", breaking("applied_status", status=500)),
    _kind("5xx-not-applied", breaking("status", status=503, body="busy")),
    _kind("4xx-applied", breaking("applied_status", status=400, body="Bad Request")),
    _kind("200-error-body", say_something_else),
    _kind("200-html", answer_in_html),
    _kind("cut", breaking("cut")),
    _kind("malformed-json", breaking("malformed")),
    _kind("slow-drip", breaking("drip", seconds=0.2, piece=32)),
    _kind("duplicate-refused", refuse_duplicates, ends=HANDED_OVER, check=held_unsent),
    _kind("stale-listing", list_late),
    _kind("anothers-listing", list_anothers, rows=with_a_stranger),
)
