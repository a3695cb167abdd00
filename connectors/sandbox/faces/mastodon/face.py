"""The table of Mastodon API calls and the way through it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeAlias

from connectors.sandbox.clock import stamp
from connectors.sandbox.exchange import Answer, Call, Refused, answer_json
from connectors.sandbox.faces.mastodon.entities import account_of, instance_of, old_instance_of, own_account
from connectors.sandbox.faces.mastodon.flavours import Flavour
from connectors.sandbox.faces.mastodon.media import Attachments
from connectors.sandbox.faces.mastodon.statuses import Statuses
from connectors.sandbox.faces.mastodon.turn import CALLS, Turn, refuse, too_many
from connectors.sandbox.routing import Routes
from connectors.sandbox.world import AccountState, World, plain_name

Handler: TypeAlias = Callable[[Turn], Answer]
YEAR_S = 31_536_000


class MastodonFace:
    """{url}/mastodon or a variant of it: the client API of one instance."""

    text_at: tuple[str, ...] = ("status",)
    images_at: tuple[str, ...] = ("media_ids",)

    def __init__(self, world: World, flavour: Flavour) -> None:
        self.name = flavour.name
        self._world = world
        self._flavour = flavour
        self._tokens: dict[str, AccountState] = {}
        self._routes = self._make_routes()

    def answer(self, call: Call) -> Answer:
        """Do what the instance would do; the rate-limit headers are on every answer."""
        found = self._routes.find(call.method, call.path.rstrip("/"))
        turn = Turn(
            call=call,
            world=self._world,
            flavour=self._flavour,
            bearer=self._tokens.get(call.bearer() or ""),
            path=found[1] if found else {},
        )
        try:
            turn.spend(CALLS)
            if found is None:
                raise refuse(404, "Not Found")
            answer = found[0](turn)
        except Refused as refused:
            answer = refused.answer
        return answer.plus(turn.headers())

    def open_account(self, name: str) -> AccountState:
        """An account with a token for reading and writing."""
        plain = plain_name(self.name, name)
        token = self._world.digest(self.name, plain, "token").hex()[:43]
        account = AccountState(
            platform=self.name,
            name=plain,
            handle=f"@{plain}@{self._flavour.domain}",
            remote_id=str(109_000_000_000_000_000 + self._world.number(self.name, plain) % 10**15),
            base_url=f"{self._world.url}/{self.name}",
            created_at=self._world.now(),
            secret={"access_token": token},
            native={"statuses": []},
        )
        self._tokens[token] = account
        return account

    def rate_limited(self, retry_after: Any) -> Answer:
        """429 whose X-RateLimit-Reset is an ISO time, or whatever nonsense was ordered."""
        if isinstance(retry_after, int | float) and abs(retry_after) < YEAR_S:
            return too_many(stamp(self._world.now() + timedelta(seconds=retry_after)))
        return too_many(retry_after)

    def error(self) -> Answer:
        """An internal error."""
        return answer_json({"error": "An internal error occurred"}, status=500)

    def _make_routes(self) -> Routes[Handler]:
        attachments = Attachments()
        statuses = Statuses(self._world, attachments)
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "/api/v2/instance", self._instance),
            ("GET", "/api/v1/instance", self._old_instance),
            (
                "GET",
                "/api/v1/accounts/verify_credentials",
                lambda turn: answer_json(own_account(turn.reader())),
            ),
            ("GET", "/api/v1/accounts/lookup", self._look_up),
            ("GET", "/api/v1/accounts/{id}", self._account),
            ("GET", "/api/v1/accounts/{id}/statuses", statuses.page),
            ("POST", "/api/v2/media", attachments.upload),
            ("GET", "/api/v1/media/{id}", attachments.show),
            ("PUT", "/api/v1/media/{id}", attachments.describe),
            ("DELETE", "/api/v1/media/{id}", attachments.discard),
            ("POST", "/api/v1/statuses", statuses.create),
            ("GET", "/api/v1/statuses", statuses.show_many),
            ("GET", "/api/v1/statuses/{id}", statuses.show),
            ("PUT", "/api/v1/statuses/{id}", statuses.edit),
            ("DELETE", "/api/v1/statuses/{id}", statuses.delete),
            ("GET", "/api/v1/statuses/{id}/source", statuses.source),
        ]
        return Routes(routes)

    def _instance(self, _turn: Turn) -> Answer:
        return answer_json(instance_of(self._flavour, f"{self._world.url}/{self.name}"))

    def _old_instance(self, _turn: Turn) -> Answer:
        return answer_json(old_instance_of(self._flavour, f"{self._world.url}/{self.name}"))

    def _account(self, turn: Turn) -> Answer:
        account = self._world.known(self.name, turn.path["id"])
        if account is None:
            raise refuse(404, "Record not found")
        return answer_json(account_of(account))

    def _look_up(self, turn: Turn) -> Answer:
        name = turn.query("acct").get("acct", "")
        account = self._world.accounts.get((self.name, plain_name(self.name, name)))
        if account is None:
            raise refuse(404, "Record not found")
        return answer_json(account_of(account))
