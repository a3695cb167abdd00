"""The seam between Postroad and a platform: frozen values in, frozen values out, one Protocol.

A connector holds no state and touches no database, queue, environment or wall clock. Everything it needs
comes in with the Session; everything it learns goes back as a value or as one of `connectors.errors`.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias, runtime_checkable

from connectors.capabilities import Capabilities, TextUnit
from connectors.errors import NO_EVIDENCE, Evidence
from connectors.http import Http


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """One image as it will be uploaded; `alt` is in the language of the Outgoing that carries it.

    `content` is empty where nothing is uploaded: for `measure`, `find_existing`, `shown_as`, `remote_id_of`.
    """

    name: str
    mime_type: str
    content: bytes = field(repr=False)
    alt: str
    width: int
    height: int
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        """Give it the hex digest of its bytes."""
        object.__setattr__(self, "sha256", hashlib.sha256(self.content).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Disclosures: set as platform fields where they exist, otherwise refused or written in the text."""

    ai_generated: bool = False
    paid: bool = False
    affiliation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Exactly what one channel will receive. `language` is BCP-47; `link` is a page to point at, or None."""

    text: str
    language: str
    link: str | None = None
    media: tuple[MediaFile, ...] = ()
    labels: Labels = Labels()


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What makes a repeat recognisable, fixed when the delivery is scheduled, the same for every attempt.

    `value` is 64 hexadecimal digits; `at` is the due instant (aware UTC), for keys that carry time.
    """

    value: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One authorised account. `remote_id` and `limits` are what `check` learnt when it was connected."""

    base_url: str
    handle: str
    remote_id: str = ""
    limits: Mapping[str, int] = field(default_factory=dict)

    def at(self, path: str) -> str:
        """The address of a path on the account's server."""
        return f"{self.base_url.rstrip('/')}/{path.removeprefix('/')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a connector may use for one call: the account, its secret, the HTTP client and the clock."""

    account: Account
    secret: Mapping[str, str] = field(repr=False)
    http: Http = field(repr=False)
    now: Callable[[], datetime] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """A new secret to store in place of the old one; `expires_at` (aware UTC) or None: it never lapses."""

    secret: Mapping[str, str] = field(repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Who the platform says we are; `limits` override the sheet's (see TextLimit.key).

    `application` names the bot or app that the platform counts by, for quotas of that scope; empty where it
    counts by address, or has none.
    """

    remote_id: str
    handle: str
    title: str
    url: str
    limits: Mapping[str, int] = field(default_factory=dict)
    application: str = ""
    renewed: Renewed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """Invisible preparation so far. `handle` is stored after each step; `complete` ends the staging."""

    handle: Mapping[str, str] = field(default_factory=dict)
    complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """It is live: the platform gave this id, and people find it at this URL."""

    remote_id: str
    url: str
    evidence: Evidence = NO_EVIDENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The platform took it and is still working on it: ask `find_existing` again after `again_s` seconds."""

    handle: Mapping[str, str]
    again_s: float
    evidence: Evidence = NO_EVIDENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What we know of a publish whose outcome is unknown; `since` is when it was first sent (aware UTC)."""

    outgoing: Outgoing
    key: Key
    staged: Staged
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """It is live, and this is it."""

    published: Published


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """It is not there. `proof` is True only where the platform's answer rules out that it appears later."""

    proof: bool
    evidence: Evidence = NO_EVIDENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a platform holds of a publication, or should hold; None where it does not tell.

    `text` is in the form of `connectors.text.one_form`, without what the platform rewrites by right.
    """

    text: str
    media_count: int | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotTell:
    """This platform offers no way to know; a person must look."""

    reason: str
    evidence: Evidence = NO_EVIDENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class StillProcessing:
    """Accepted, not visible yet: look again after `again_s` seconds."""

    again_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """It was there and is gone now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyGone:
    """It was not there any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotDelete:
    """The API will not remove it; a person must, for this reason."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One look at one publication or channel. A counter is in `values`, or in `missing` with its reason.

    Absent is not zero: a metric in neither was not asked for. `gone` means the object no longer exists.
    """

    remote_id: str
    values: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How much of a limit a text uses, counted as the platform counts."""

    field: str
    unit: TextUnit
    count: int
    limit: int

    @property
    def fits(self) -> bool:
        """True when the platform will take it."""
        return self.count <= self.limit


PublishResult: TypeAlias = Published | Accepted
Finding: TypeAlias = Found | Absent | CannotTell | StillProcessing
ReadBack: TypeAlias = Shown | Absent | CannotTell
Deletion: TypeAlias = Deleted | AlreadyGone | CannotDelete


@runtime_checkable
class Connector(Protocol):
    """One platform. Every coroutine raises only `connectors.errors.ConnectorError` subclasses."""

    capabilities: Capabilities

    def measure(self, outgoing: Outgoing, limits: Mapping[str, int]) -> Sequence[Measure]:
        """Count each limited field of what would be sent; pure."""
        ...

    def needs_staging(self, outgoing: Outgoing) -> bool:
        """True when `stage` has something to do for it; pure. False: `publish` takes an empty Staged."""
        ...

    def remote_id_of(self, account: Account, outgoing: Outgoing, url: str) -> str | None:
        """The id of what this account published at that address, None where it does not tell; pure."""
        ...

    async def check(self, session: Session) -> Profile:
        """Prove that the secret works and has the rights needed; publishes nothing."""
        ...

    async def refresh_credentials(self, session: Session) -> Renewed:
        """Trade the stored secret for a fresh one; NeedsReconnect when only a person can."""
        ...

    async def stage(self, session: Session, outgoing: Outgoing, key: Key, staged: Staged) -> Staged:
        """Do the next invisible step, if any; called until `complete`, its result stored between calls."""
        ...

    async def publish(self, session: Session, outgoing: Outgoing, key: Key, staged: Staged) -> PublishResult:
        """Make it visible, with one request whose repeat by the same key is as safe as the class says."""
        ...

    async def find_existing(self, session: Session, probe: Probe) -> Finding:
        """Find out whether an earlier publish by this key took effect; changes nothing."""
        ...

    def shown_as(self, outgoing: Outgoing) -> Shown:
        """What `read_back` tells of it when nothing of it was lost; pure."""
        ...

    async def read_back(self, session: Session, remote_id: str) -> ReadBack:
        """What the platform holds of a publication now; Absent when people no longer see it."""
        ...

    async def edit(self, session: Session, remote_id: str, outgoing: Outgoing) -> Published:
        """Replace the content of a live publication, or raise Unsupported."""
        ...

    async def delete(self, session: Session, remote_id: str) -> Deletion:
        """Take a publication down; a second call answers AlreadyGone."""
        ...

    async def fetch_metrics(self, session: Session, remote_ids: Sequence[str]) -> Sequence[Reading]:
        """One Reading per id (at most `metrics_batch` ids), each failing on its own."""
        ...

    async def fetch_audience(self, session: Session) -> Reading:
        """The channel's own counters now, under the account's remote id."""
        ...
