"""A platform in memory whose log is the judge, and a connector to it for each class of idempotency."""

# ruff: noqa: ARG002 - every method has the contract's signature

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import NoReturn

from connectors.capabilities import Capabilities, Feature, Idempotency, MediaRule, Support
from connectors.contract import (
    Absent,
    Accepted,
    Account,
    AlreadyGone,
    CannotTell,
    Deleted,
    Deletion,
    Finding,
    Found,
    Key,
    Measure,
    Outgoing,
    Probe,
    Profile,
    Published,
    PublishResult,
    ReadBack,
    Reading,
    Renewed,
    Session,
    Shown,
    Staged,
    StillProcessing,
)
from connectors.errors import (
    ConnectorError,
    NeedsReconnect,
    NeedsRefresh,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unsupported,
)

WINDOW_S = 4 * 3600
TOKENS_LAST = timedelta(minutes=20)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
PUBLISH_FAULTS = (
    "not sent",
    "refused",
    "429",
    "cut, applied",
    "cut, not applied",
    "late",
    "late, refused",
    "needs refresh",
    "needs reconnect",
    "bug, applied",
    "bug, not applied",
    "accepted",
    "accepted, vanishes",
)
LOOK_FAULTS = ("stale", "away", "429", "bug")
STAGE_FAULTS = ("not sent", "cut", "429", "bug")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One visible post."""

    text: str
    key: str
    at: datetime
    remote_id: str


@dataclass(slots=True, kw_only=True)
class Platform:
    """What people see, what is still on its way, and what was sent that must not be."""

    kind: Idempotency
    chance: Random
    now: Callable[[], datetime]
    fault_rate: float = 0.0
    posts: list[Post] = field(default_factory=list)
    deleted: list[Post] = field(default_factory=list)
    late: list[tuple[datetime, Outgoing, str]] = field(default_factory=list)
    working: dict[str, tuple[datetime, Outgoing, str]] = field(default_factory=dict)
    forbidden: frozenset[str] = frozenset()
    breaches: list[str] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    made: int = 0
    token: str = ""

    def fault(self, kinds: Sequence[str]) -> str:
        """What goes wrong this time; empty when nothing does."""
        if self.chance.random() >= self.fault_rate:
            return ""
        chosen = self.chance.choice(kinds)
        self.happened[chosen] += 1
        return chosen

    def apply(self, outgoing: Outgoing, key: str) -> Published:
        """Make it visible; on classes K and C a key that is still known is not applied again."""
        self.arrive()
        return self._apply(outgoing, key, self.now())

    def _apply(self, outgoing: Outgoing, key: str, at: datetime) -> Published:
        since = at - timedelta(seconds=WINDOW_S)
        if self.kind in (Idempotency.KEY, Idempotency.CONTAINER):
            for post in (*self.posts, *self.deleted):
                if post.key == key and post.at > since:
                    return _published(post)
        number = len(self.posts) + len(self.deleted) + 1
        post = Post(text=outgoing.text, key=key, at=at, remote_id=str(number))
        self.posts.append(post)
        return _published(post)

    def arrive(self) -> None:
        """Apply what was late and what was worked on, each at its time, as far as that has come."""
        under_way = sorted((*self.late, *self.working.values()), key=lambda one: one[0])
        come = [one for one in under_way if one[0] <= self.now()]
        self.late = [one for one in self.late if one[0] > self.now()]
        self.working = {key: one for key, one in self.working.items() if one[0] > self.now()}
        for at, outgoing, key in come:
            self._apply(outgoing, key, at)

    def delete(self, remote_id: str) -> bool:
        """Take a post from sight; False when it was not there."""
        self.arrive()
        gone = [post for post in self.posts if post.remote_id == remote_id]
        self.posts = [post for post in self.posts if post.remote_id != remote_id]
        self.deleted += gone
        return bool(gone)

    def log(self) -> list[Post]:
        """Everything that was ever visible, in order."""
        return sorted((*self.posts, *self.deleted), key=lambda post: int(post.remote_id))

    def under_way(self, text: str) -> bool:
        """True while something with this text may still appear."""
        return any(one[1].text == text for one in (*self.late, *self.working.values()))

    def count(self, text: str) -> int:
        """How many visible posts have this text."""
        self.arrive()
        return sum(post.text == text for post in self.posts)


@dataclass(slots=True)
class SimulatedConnector:
    """One class of platform behind the seam that real connectors implement."""

    platform: Platform
    capabilities: Capabilities

    def measure(self, outgoing: Outgoing, limits: Mapping[str, int]) -> Sequence[Measure]:
        """Any length is taken."""
        return ()

    def needs_staging(self, outgoing: Outgoing) -> bool:
        """Class C makes an object to release."""
        return self.platform.kind is Idempotency.CONTAINER

    def remote_id_of(self, account: Account, outgoing: Outgoing, url: str) -> str | None:
        """The number at the end of the address."""
        return url.rpartition("/")[2]

    async def check(self, session: Session) -> Profile:
        """What a person brings is the platform's own from now on."""
        self.platform.token = session.secret["token"]
        handle = session.account.handle
        return Profile(remote_id=handle, handle=handle, title=handle, url="", renewed=self._secret(session))

    async def refresh_credentials(self, session: Session) -> Renewed:
        """A new token for the last one, which is spent by it, unless the platform is away."""
        if session.secret["token"] != self.platform.token:
            raise NeedsReconnect("the token was spent")
        if fault := self.platform.fault(("not sent", "bug")):
            self._fail(fault)
        self.platform.made += 1
        self.platform.token = f"token {self.platform.made}"
        return self._secret(session)

    async def stage(self, session: Session, outgoing: Outgoing, key: Key, staged: Staged) -> Staged:
        """Class C makes an object to release, the others need none."""
        if self.platform.kind is not Idempotency.CONTAINER or staged.handle:
            return Staged(handle=staged.handle, complete=True)
        self._let_in(session)
        if fault := self.platform.fault(STAGE_FAULTS):
            self._fail(fault)
        self.platform.made += 1
        return Staged(handle={"object": str(self.platform.made)})

    async def publish(self, session: Session, outgoing: Outgoing, key: Key, staged: Staged) -> PublishResult:
        """Visible at once, unless the seed says otherwise."""
        if outgoing.text in self.platform.forbidden:
            self.platform.breaches.append(f"{outgoing.text} was sent, and was not allowed to be")
        self._let_in(session)
        name = self._name(key, staged)
        fault = self.platform.fault(PUBLISH_FAULTS)
        if fault.startswith("accepted"):
            return self._accept(outgoing, name, vanishes="vanishes" in fault)
        if fault.startswith("late"):
            delay = timedelta(seconds=self.platform.chance.choice((1, 30, 200, 900)))
            if fault == "late":
                self.platform.late.append((self.platform.now() + delay, outgoing, name))
            raise OutcomeUnknown("read timed out")
        if fault and not fault.endswith(", applied"):
            self._fail(fault)
        published = self.platform.apply(outgoing, name)
        if fault:
            self._fail(fault)
        return published

    async def find_existing(self, session: Session, probe: Probe) -> Finding:
        """Exact by key on K and C, by text on L, no way on N; the listing may be old."""
        if self.platform.kind is Idempotency.NOTHING:
            return CannotTell(reason="a person must look")
        self._let_in(session)
        fault = self.platform.fault(LOOK_FAULTS)
        if fault and fault != "stale":
            self._fail(fault)
        self.platform.arrive()
        name = self._name(probe.key, probe.staged)
        if name in self.platform.working:
            return StillProcessing(again_s=60)
        by_text = self.platform.kind is Idempotency.LISTING
        for post in self.platform.posts:
            if not fault and (post.text == probe.outgoing.text if by_text else post.key == name):
                return Found(published=_published(post))
        return Absent(proof=False)

    def shown_as(self, outgoing: Outgoing) -> Shown:
        """The text."""
        return Shown(text=outgoing.text)

    async def read_back(self, session: Session, remote_id: str) -> ReadBack:
        """What is visible under the id; the reading may fail."""
        self._let_in(session)
        fault = self.platform.fault(LOOK_FAULTS)
        if fault and fault != "stale":
            self._fail(fault)
        self.platform.arrive()
        visible = {post.remote_id: post.text for post in self.platform.posts}
        return Shown(text=visible[remote_id]) if remote_id in visible else Absent(proof=True)

    async def edit(self, session: Session, remote_id: str, outgoing: Outgoing) -> Published:
        """Not simulated."""
        raise Unsupported("edit")

    async def delete(self, session: Session, remote_id: str) -> Deletion:
        """Gone at once, unless the seed says otherwise."""
        self._let_in(session)
        if fault := self.platform.fault(STAGE_FAULTS):
            self._fail(fault)
        return Deleted() if self.platform.delete(remote_id) else AlreadyGone()

    async def fetch_metrics(self, session: Session, remote_ids: Sequence[str]) -> Sequence[Reading]:
        """No counters."""
        return [Reading(remote_id=one) for one in remote_ids]

    async def fetch_audience(self, session: Session) -> Reading:
        """No followers."""
        return Reading(remote_id=session.account.remote_id)

    def _secret(self, session: Session) -> Renewed:
        return Renewed(secret={"token": self.platform.token}, expires_at=session.now() + TOKENS_LAST)

    def _let_in(self, session: Session) -> None:
        if session.secret["token"] != self.platform.token:
            raise NeedsRefresh("the token was spent")

    def _name(self, key: Key, staged: Staged) -> str:
        return (
            f"object {staged.handle.get('object')}"
            if self.platform.kind is Idempotency.CONTAINER
            else key.value
        )

    def _accept(self, outgoing: Outgoing, name: str, *, vanishes: bool) -> Accepted:
        if not vanishes:
            done_at = self.platform.now() + timedelta(seconds=90)
            self.platform.working[name] = (done_at, outgoing, name)
        return Accepted(handle={}, again_s=60)

    def _fail(self, fault: str) -> NoReturn:
        if fault.startswith("bug"):
            raise ValueError("a bug in the connector")
        raise _error(fault, self.platform.now())


def connector(kind: Idempotency, chance: Random, now: Callable[[], datetime]) -> SimulatedConnector:
    """A connector to a platform of its own, of this class."""
    sheet = Capabilities(
        platform=f"class-{kind.lower()}",
        title=f"Class {kind}",
        api_version="1",
        reviewed_on=date(2026, 11, 22),
        sources=(),
        idempotency=kind,
        idempotency_window_s=WINDOW_S,
        find_existing="none" if kind is Idempotency.NOTHING else "exact",
        visibility_delay_s=0,
        text_limits=(),
        media=MediaRule(max_count=4, max_bytes=1, mime_types=frozenset()),
        features={"read_back": Feature(support=Support.FULL)},
        metrics=(),
        metrics_batch=1,
        quotas=(),
        secret_fields=("token",),
        same_text="allow",
    )
    return SimulatedConnector(Platform(kind=kind, chance=chance, now=now), sheet)


def _published(post: Post) -> Published:
    return Published(remote_id=post.remote_id, url=url_of(post))


def url_of(post: Post) -> str:
    """Where people find it."""
    return f"https://platform.invalid/{post.remote_id}"


def _error(fault: str, now: datetime) -> ConnectorError:
    match fault:
        case "not sent" | "away":
            return NotSent("connection refused")
        case "refused":
            return Rejected("the platform refuses this text", field="text")
        case "429":
            return RateLimited("too many requests", until=now + timedelta(seconds=45))
        case "needs refresh":
            return NeedsRefresh("the token lapsed")
        case "needs reconnect":
            return NeedsReconnect("the token was revoked")
        case _:
            return OutcomeUnknown("the connection was cut")
