"""One REST call in progress: who makes it, its arguments against the route's closed list, its refusals."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from connectors.sandbox.exchange import FORM, JSON, Answer, Call, Refused, answer_json
from connectors.sandbox.world import AccountState, World

GLOBAL = {"_fields", "context"}


def refuse(status: int, code: str, message: str, **data: Any) -> Refused:
    """A refusal in WordPress's form."""
    return Refused(failure(status, code, message, **data))


def failure(status: int, code: str, message: str, **data: Any) -> Answer:
    """WordPress's error answer."""
    return answer_json({"code": code, "message": message, "data": {"status": status, **data}}, status=status)


def invalid(**problems: str) -> Refused:
    """400 rest_invalid_param, naming each parameter."""
    message = f"Invalid parameter(s): {', '.join(problems)}"
    return refuse(400, "rest_invalid_param", message, params=problems, details={})


def integer(name: str, value: object) -> int:
    """A number of a JSON body or a form."""
    if isinstance(value, bool) or not str(value).isdecimal():
        raise invalid(**{name: f"{name} is not of type integer."})
    return int(str(value))


@dataclass(kw_only=True)
class Turn:
    """The call on one site; `user` is the account when the application password was right, else nobody."""

    call: Call
    world: World
    site: AccountState
    user: AccountState | None
    path: Mapping[str, str]

    @property
    def number(self) -> int:
        """The id in the path; 404 when it is no number."""
        if not self.path["id"].isdigit():
            raise no_route()
        return int(self.path["id"])

    @cached_property
    def query(self) -> dict[str, str]:
        """The query string as single parameters."""
        return dict(self.call.arguments)

    @cached_property
    def body(self) -> dict[str, Any]:
        """The JSON or form body; empty when there is none."""
        if not self.call.body or self.call.content_type not in (JSON, FORM):
            return {}
        if self.call.content_type == FORM:
            return dict(self.call.fields)
        try:
            body = self.call.json()
        except ValueError:
            raise refuse(400, "rest_invalid_json", "Invalid JSON body passed.") from None
        if not isinstance(body, dict):
            raise refuse(400, "rest_invalid_json", "Invalid JSON body passed.")
        return body

    def arguments(self, known: Collection[str]) -> dict[str, Any]:
        """Query and body together, with no other parameters than the known ones."""
        given = {**self.query, **self.body}
        if unknown := given.keys() - set(known) - GLOBAL:
            raise invalid(**dict.fromkeys(sorted(unknown), "The sandbox knows no such parameter."))
        return {name: value for name, value in given.items() if name not in GLOBAL}

    @property
    def editing(self) -> bool:
        """Whether the answer is wanted in the edit context, which needs rights."""
        context = self.query.get("context", self.body.get("context", "view"))
        if context not in ("view", "embed", "edit"):
            raise invalid(context="context is not one of view, embed, and edit.")
        if context == "edit" and self.user is None:
            raise refuse(401, "rest_forbidden_context", "Sorry, you are not allowed to edit this.")
        return bool(context == "edit")

    def needs_right(self, code: str, message: str) -> AccountState:
        """The user, who must be allowed to write: 401 for nobody, 403 for a mere subscriber."""
        if self.user is None or self.user.standing == "read_only":
            raise refuse(401 if self.user is None else 403, code, f"Sorry, you are not allowed to {message}.")
        return self.user

    def show(self, content: dict[str, Any], *, status: int = 200, location: str = "") -> Answer:
        """One object, cut down to `_fields`."""
        return answer_json(
            self._cut(content), status=status, headers={"location": location} if location else {}
        )

    def page(self, found: list[dict[str, Any]], *, total: int | None = None) -> Answer:
        """A page of a list with its totals; `found` is the whole list, or with `total` the page itself."""
        page, size = self.whole("page", 1, 10**6), self.whole("per_page", 10, 100)
        shown = found[(page - 1) * size : page * size] if total is None else found
        count = len(found) if total is None else total
        pages = -(-count // size)
        if page > max(pages, 1):
            words = "The page number requested is larger than the number of pages available."
            raise refuse(400, "rest_post_invalid_page_number", words)
        headers = {"x-wp-total": str(count), "x-wp-totalpages": str(pages)}
        return answer_json([self._cut(one) for one in shown], headers=headers)

    def whole(self, name: str, default: int, maximum: int) -> int:
        """A number from 1 to `maximum` in the query."""
        value = self.query.get(name, str(default))
        if not value.isdigit() or not 1 <= int(value) <= maximum:
            raise invalid(**{name: f"{name} must be between 1 (inclusive) and {maximum} (inclusive)"})
        return int(value)

    def _cut(self, content: dict[str, Any]) -> dict[str, Any]:
        wanted = self.query.get("_fields")
        if wanted is None:
            return content
        names = {name.strip().partition(".")[0] for name in wanted.split(",")}
        return {name: value for name, value in content.items() if name in names}


def no_route() -> Refused:
    """404 for a path or verb that WordPress does not know."""
    return refuse(404, "rest_no_route", "No route was found matching the URL and request method.")
