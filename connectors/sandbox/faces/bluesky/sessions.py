"""Sessions from app passwords: access tokens for 2 h, refresh tokens for 90 d that change at each use.

Lifetimes and answers as seen on PDS 0.5, 2026-11-22: a bad token is 400, a bad password 401.
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.faces.bluesky.lexicon import Invalid
from connectors.sandbox.faces.bluesky.schemas import LOGIN
from connectors.sandbox.faces.bluesky.turn import LOGINS, Turn, refuse
from connectors.sandbox.world import AccountState, World

ACCESS_LIFE = timedelta(hours=2)
REFRESH_LIFE = timedelta(days=90)
REFRESH_GRACE = timedelta(hours=2)
ACCESS_SCOPE = "com.atproto.appPass"
REFRESH_SCOPE = "com.atproto.refresh"


class Sessions:
    """Issues and checks tokens; each is a real HS256 JWT, so that clients may read its `exp`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._key = world.digest("bluesky", "jwt")
        self._retired: dict[str, datetime] = {}
        self._known: dict[str, dict[str, Any]] = {}

    def create(self, turn: Turn) -> dict[str, Any]:
        """com.atproto.server.createSession."""
        body = json_body(turn)
        try:
            LOGIN(body, "$")
        except Invalid as problem:
            raise refuse(f"Input/{problem}") from None
        turn.spend(LOGINS, subject=body["identifier"])
        account = self._world.known("bluesky", body["identifier"].lower())
        if account is None or account.secret["password"] != body["password"] or account.standing == "revoked":
            raise refuse("Invalid identifier or password", error="AuthenticationRequired", status=401)
        return {**self._tokens(account), **self.describe(account), "email": f"{account.name}@example.test"}

    def refresh(self, turn: Turn) -> dict[str, Any]:
        """com.atproto.server.refreshSession: the old token works for a while longer, then is revoked."""
        account, claims = self._claims_of(turn, scope=REFRESH_SCOPE)
        self._retired.setdefault(claims["jti"], self._world.now())
        return {**self._tokens(account), **self.describe(account)}

    def end(self, turn: Turn) -> dict[str, Any]:
        """com.atproto.server.deleteSession, with the refresh token."""
        _, claims = self._claims_of(turn, scope=REFRESH_SCOPE)
        self._retired[claims["jti"]] = self._world.now() - REFRESH_GRACE
        return {}

    def show(self, turn: Turn) -> dict[str, Any]:
        """com.atproto.server.getSession."""
        return self.describe(self.account_of(turn))

    def account_of(self, turn: Turn) -> AccountState:
        """The account whose access token came with the call."""
        return self._claims_of(turn, scope=ACCESS_SCOPE)[0]

    def describe(self, account: AccountState) -> dict[str, Any]:
        """What every session answer says of its account."""
        service = {
            "id": "#atproto_pds",
            "type": "AtprotoPersonalDataServer",
            "serviceEndpoint": account.base_url,
        }
        document = {
            "@context": ["https://www.w3.org/ns/did/v1"],
            "id": account.remote_id,
            "alsoKnownAs": [f"at://{account.handle}"],
            "service": [service],
        }
        return {
            "did": account.remote_id,
            "didDoc": document,
            "handle": account.handle,
            "active": account.standing != "revoked",
        }

    def _tokens(self, account: AccountState) -> dict[str, str]:
        access = {"scope": ACCESS_SCOPE, "sub": account.remote_id, "aud": "did:web:bluesky.sandbox.test"}
        serial = self._world.serial("bluesky-session")
        jti = self._world.digest("bluesky", "jti", serial).hex()[:32]
        refresh = {**access, "scope": REFRESH_SCOPE, "jti": jti}
        return {
            "accessJwt": self._sign("at+jwt", {**access, "nonce": serial}, ACCESS_LIFE),
            "refreshJwt": self._sign("refresh+jwt", refresh, REFRESH_LIFE),
        }

    def _sign(self, kind: str, claims: dict[str, Any], life: timedelta) -> str:
        now = self._world.now()
        dated = {**claims, "iat": int(now.timestamp()), "exp": int((now + life).timestamp())}
        message = f"{_encode({'typ': kind, 'alg': 'HS256'})}.{_encode(dated)}"
        signature = hmac.new(self._key, message.encode(), hashlib.sha256).digest()
        token = f"{message}.{_base64(signature)}"
        self._known[token] = dated
        return token

    def _claims_of(self, turn: Turn, *, scope: str) -> tuple[AccountState, dict[str, Any]]:
        token = turn.call.bearer()
        if token is None:
            raise refuse("Authentication Required", error="AuthMissing", status=401)
        claims = self._known.get(token)
        if claims is None or claims["scope"] != scope:
            raise refuse("Token could not be verified", error="InvalidToken")
        if claims["exp"] <= self._world.now().timestamp():
            raise refuse("Token has expired", error="ExpiredToken")
        retired_at = self._retired.get(claims.get("jti", ""))
        grace = timedelta(0) if self._world.strict_rotation else REFRESH_GRACE
        if retired_at is not None and self._world.now() - retired_at >= grace:
            raise refuse("Token has been revoked", error="ExpiredToken")
        account = self._world.known("bluesky", claims["sub"])
        if account is None or account.standing == "revoked":
            raise refuse("Token could not be verified", error="InvalidToken")
        return account, claims


def json_body(turn: Turn) -> Any:
    """The JSON body of the call, or the PDS's refusal of anything else."""
    if turn.call.content_type != "application/json":
        raise refuse(f"Wrong request encoding (Content-Type): {turn.call.content_type or 'none'}")
    try:
        return turn.call.json()
    except ValueError:
        raise refuse("Unable to parse the request body as JSON") from None


def _encode(content: dict[str, Any]) -> str:
    return _base64(json.dumps(content, separators=(",", ":")).encode())


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
