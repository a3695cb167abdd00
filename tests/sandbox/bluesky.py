"""A bare XRPC client for the tests."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import httpx

from connectors.sandbox import SandboxAccount

Session: TypeAlias = Literal["access", "refresh"]
POST = "app.bsky.feed.post"
RKEYS = [f"3lbhd2qzcs2{a}{b}" for a in "2abc" for b in "2abcdefghij"]


@dataclass(frozen=True)
class Xrpc:
    """Calls as one account."""

    client: httpx.Client
    account: SandboxAccount
    tokens: dict[str, Any]

    @property
    def did(self) -> str:
        """The account's DID."""
        return str(self.tokens["did"])

    def get(self, nsid: str, **parameters: Any) -> httpx.Response:
        """A query with the access token."""
        return self.client.get(self._url(nsid), params=parameters, headers=self._signed("access"))

    def post(self, nsid: str, body: Any = None, *, by: Session = "access") -> httpx.Response:
        """A procedure by the access or the refresh token."""
        return self.client.post(self._url(nsid), json=body, headers=self._signed(by))

    def upload(self, content: bytes, mime_type: str) -> httpx.Response:
        """uploadBlob."""
        headers = {**self._signed("access"), "content-type": mime_type}
        return self.client.post(self._url("com.atproto.repo.uploadBlob"), content=content, headers=headers)

    def put(self, rkey: str, **record: Any) -> httpx.Response:
        """putRecord of a post."""
        body = {"repo": self.did, "collection": POST, "rkey": rkey, "record": post(**record)}
        return self.post("com.atproto.repo.putRecord", body)

    def uri(self, rkey: str) -> str:
        """The at-uri of a post."""
        return f"at://{self.did}/{POST}/{rkey}"

    def _url(self, nsid: str) -> str:
        return f"{self.account.base_url}/xrpc/{nsid}"

    def _signed(self, by: Session) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[f'{by}Jwt']}"}


def log_in(client: httpx.Client, account: SandboxAccount) -> Xrpc:
    """A session from the account's app password."""
    answer = client.post(f"{account.base_url}/xrpc/com.atproto.server.createSession", json=account.secret)
    answer.raise_for_status()
    return Xrpc(client, account, answer.json())


def post(**record: Any) -> dict[str, Any]:
    """A valid post record, with changes."""
    return {"$type": POST, "text": "hello", "createdAt": "2026-11-22T08:00:00Z", "langs": ["en"], **record}


def facet(start: int, end: int, **feature: str) -> dict[str, Any]:
    """A facet of one feature; `kind` is its short name."""
    kind = feature.pop("kind")
    return {
        "index": {"byteStart": start, "byteEnd": end},
        "features": [{"$type": f"app.bsky.richtext.facet#{kind}", **feature}],
    }
