"""The seeded audience is believable, the same every time, and only ever grows on a post."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connectors.sandbox import SandboxServer

START = datetime(2026, 10, 26, tzinfo=UTC)
TEXTS = [f"Nouvelle {number}" for number in range(6)]
Month = dict[str, list[tuple[int, list[int]]]]


def month(*, seed: int) -> Month:
    """Per account and week: followers, and the likes of each post."""
    with SandboxServer(seed=seed) as sandbox, httpx.Client(trust_env=False) as client:
        sandbox.control.set_clock(START)
        accounts = [sandbox.control.create_account("mastodon", name) for name in ("paris", "dakar", "quebec")]
        for account in accounts:
            for text in TEXTS:
                headers = {"authorization": f"Bearer {account.secret['access_token']}"}
                url = f"{account.base_url}/api/v1/statuses"
                client.post(url, json={"status": text}, headers=headers).raise_for_status()
        found: Month = {account.handle: [] for account in accounts}
        for hours in (0, 6, 24, 24 * 7, 24 * 28):
            sandbox.control.set_clock(START + timedelta(hours=hours))
            sandbox.control.react()
            posts = sandbox.control.posts("mastodon")
            for handle, weeks in found.items():
                likes = [one.counters["favourites_count"] for one in posts if one.account == handle]
                weeks.append((sandbox.control.followers("mastodon", handle), likes))
        return found


@pytest.fixture(scope="module")
def seen() -> Month:
    return month(seed=11)


def test_the_same_seed_brings_the_same_audience(seen: Month) -> None:
    assert month(seed=11) == seen
    assert month(seed=12) != seen


def test_reactions_come_mostly_in_the_first_hours_and_never_go(seen: Month) -> None:
    totals = [sum(sum(weeks[turn][1]) for weeks in seen.values()) for turn in range(5)]

    assert totals[0] == 0
    assert totals == sorted(totals)
    assert totals[1] > totals[4] * 0.4
    assert totals[3] < totals[4]


def test_accounts_and_posts_differ(seen: Month) -> None:
    assert len({weeks[-1][0] for weeks in seen.values()}) == len(seen)
    assert len({weeks[-1][0] - weeks[0][0] for weeks in seen.values()}) == len(seen)
    likes = [weeks[-1][1] for weeks in seen.values()]
    assert max(map(max, likes)) > 3 * (min(map(min, likes)) + 1)


def test_each_platform_has_its_own_reactions(sandbox: SandboxServer, client: httpx.Client) -> None:
    channel = sandbox.control.create_account("telegram", "centre", followers=50_000)
    url = f"{channel.base_url}/bot{channel.secret['bot_token']}/sendMessage"
    client.post(url, json={"chat_id": channel.handle, "text": "hello"}).raise_for_status()
    [post] = sandbox.control.posts()
    sandbox.control.set_clock(post.at + timedelta(days=7))
    sandbox.control.react()

    assert sandbox.control.truth(post.remote_id)["reactions"] > 10
    assert sandbox.control.truth(f"@centre/{post.remote_id.rpartition('/')[2]}") == sandbox.control.truth(
        post.url
    )


def test_single_reactions_add_to_the_audiences(sandbox: SandboxServer, client: httpx.Client) -> None:
    account = sandbox.control.create_account("mastodon", "centre", followers=0)
    headers = {"authorization": f"Bearer {account.secret['access_token']}"}
    url = f"{account.base_url}/api/v1/statuses"
    number = client.post(url, json={"status": "hello"}, headers=headers).json()["id"]
    sandbox.control.react()
    for kind, count in {"like": 3, "repost": 2, "reply": 1, "quote": 4}.items():
        sandbox.control.add_reaction(number, kind, count)
    sandbox.control.add_followers("mastodon", account.handle, 5)

    shown = client.get(f"{url}/{number}").json()
    assert {name: shown[name] for name in sandbox.control.truth(number)} == {
        "favourites_count": 3,
        "reblogs_count": 2,
        "replies_count": 1,
        "quotes_count": 4,
    }
    assert shown["account"]["followers_count"] == 5
