"""What of a harvest may be asked now, and what waits: for its day, for a request quota, or for money.

Publishing leaves a tenth of every request quota; reading takes no more than that, counted over the late
runs, and nothing while a platform has asked for a wait.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.capabilities import Capabilities, Quota
from scheduler.core.cadence import FREE, rule_of
from scheduler.core.quotas import application_of
from scheduler.services.delivery.gates import quota_name
from scheduler.services.metrics.errands import CHANNEL_IS_OUT, Answers, Errand
from scheduler.services.metrics.next_looks import Present, turn_of
from scheduler.services.metrics.spending import afford, refund
from scheduler.services.runtime import Runtime
from scheduler.store.holding import quotas
from scheduler.store.metrics.looks import LivePublication, looks_since
from scheduler.store.tables import Channel

TENTH = 10
UNPAID_AGAIN = timedelta(hours=1)


@dataclass(slots=True)
class Share:
    """What reading may still ask of one request quota until `opens_at`, when there is more again."""

    left: int
    opens_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rations:
    """What each channel's looks take from; a share that several channels have is one object.

    `shut` has the channels that are not asked at all, and until when.
    """

    shares: Mapping[int, Sequence[Share]] = field(default_factory=dict)
    shut: Mapping[int, datetime] = field(default_factory=dict)

    def take(self, channel_id: int, requests: int) -> tuple[int, datetime | None]:
        """How many of so many requests may be made, and when the rest may be if not all."""
        if channel_id in self.shut:
            return 0, self.shut[channel_id]
        shares = self.shares.get(channel_id, ())
        granted = min([requests, *(share.left for share in shares)])
        for share in shares:
            share.left -= granted
        waits = [share.opens_at for share in shares if not share.left]
        return granted, max(waits) if granted < requests else None


@dataclass(slots=True, kw_only=True)
class Allowed:
    """The errands to run, and when else what is put off is to be read (None: never more).

    `opens_at` is when the first that waits for a quota may be read; `unpaid` wait for money.
    """

    errands: list[Errand] = field(default_factory=list)
    put_off: dict[int, tuple[LivePublication, datetime | None]] = field(default_factory=dict)
    opens_at: datetime | None = None
    unpaid: int = 0

    def later(self, some: Iterable[LivePublication], at: datetime | None) -> None:
        """Put these off."""
        self.put_off |= {one.id: (one, at) for one in some}


def rations(session: Session, runtime: Runtime, *, now: datetime) -> Rations:
    """A tenth of each request quota, less what was asked within its window; and who is not to be asked."""
    sheets = runtime.catalogue
    channels = session.scalars(select(Channel).where(Channel.organisation_id == runtime.organisation_id))
    known = [channel for channel in channels if channel.platform in sheets]
    windows = {quota.window_s for sheet in sheets.values() for quota in _counted(sheet)}
    asked = {window_s: _requests(session, sheets, known, window_s, now) for window_s in windows}
    made: dict[tuple[str, Quota], Share] = {}
    shares: dict[int, list[Share]] = {}
    for channel in known:
        for quota in _counted(sheets[channel.platform]):
            opens_at = now + timedelta(seconds=quota.window_s)
            full = Share(max(1, quota.limit // TENTH), opens_at)
            share = made.setdefault((_subject(channel, quota), quota), full)
            share.left = max(0, share.left - asked[quota.window_s].get(channel.id, 0))
            shares.setdefault(channel.id, []).append(share)
    return Rations(shares=shares, shut=_shut(session, sheets, known, now))


def ration(
    session: Session, runtime: Runtime, rationed: Rations, errands: Iterable[Errand], present: Present
) -> Allowed:
    """What of these errands may be run now; billed looks that are allowed are reserved."""
    allowed = Allowed()
    for errand in _by_platform(errands):
        left = errand
        if errand.platform in runtime.connectors:
            sheet = runtime.connectors[errand.platform].capabilities
            left = _in_season(allowed, sheet, errand, present)
            left = _within_quota(allowed, rationed, sheet, left)
            left = _within_budget(session, runtime, allowed, left, present)
        if left.publications or left.audience:
            allowed.errands.append(left)
    return allowed


def give_back(
    session: Session, runtime: Runtime, errands: Iterable[Errand], answers: Answers, *, now: datetime
) -> None:
    """Give back what platforms that did not answer at all will not bill."""
    for errand in _by_platform(errands):
        told = answers[errand.channel_id]
        out = {subject for subject, outcome in told.items() if isinstance(outcome, CHANNEL_IS_OUT)}
        refund(session, runtime, errand.platform, looks=len(out - {None}), now=now)
        refund(session, runtime, errand.platform, looks=int(None in out), audience=True, now=now)


def _by_platform(errands: Iterable[Errand]) -> list[Errand]:
    """One order for all: of two who count money, neither has the row that the other waits for."""
    return sorted(errands, key=lambda one: one.platform)


def _in_season(allowed: Allowed, sheet: Capabilities, errand: Errand, present: Present) -> Errand:
    """Without what can be read no more, was read today already, or is to be read later today."""
    rule = rule_of(sheet)
    if rule == FREE:
        return errand
    turns = [(one, turn_of(one, rule, present)) for one in errand.publications]
    for one, at in turns:
        if at != present.now:
            allowed.later([one], at)
    return replace(errand, publications=tuple(one for one, at in turns if at == present.now))


def _within_quota(allowed: Allowed, rationed: Rations, sheet: Capabilities, errand: Errand) -> Errand:
    """Followers first, then as many publications as the requests that are left tell of."""
    each = max(1, sheet.metrics_per_request)
    counted = sheet.supports("publication_metrics")
    wanted = -(-len(errand.publications) // each) if counted else 0
    granted, opens_at = rationed.take(errand.channel_id, wanted + errand.audience)
    if opens_at is None:
        return errand
    allowed.opens_at = min(allowed.opens_at or opens_at, opens_at)
    kept = max(0, granted - errand.audience) * each
    allowed.later(errand.publications[kept:], opens_at)
    return replace(errand, publications=errand.publications[:kept], audience=errand.audience and granted > 0)


def _within_budget(
    session: Session, runtime: Runtime, allowed: Allowed, errand: Errand, present: Present
) -> Errand:
    """As many as the month's money covers, followers first."""
    now, platform, wanted = present.now, errand.platform, len(errand.publications)
    audience = bool(afford(session, runtime, platform, wanted=int(errand.audience), audience=True, now=now))
    kept = afford(session, runtime, platform, wanted=wanted, now=now)
    allowed.later(errand.publications[kept:], now + UNPAID_AGAIN)
    allowed.unpaid += wanted - kept
    return replace(errand, publications=errand.publications[:kept], audience=audience)


def _counted(sheet: Capabilities) -> list[Quota]:
    return [quota for quota in sheet.quotas if quota.unit == "requests"]


def _subject(channel: Channel, quota: Quota) -> str:
    if quota.scope == "channel":
        return quotas.subject_of(channel.id)
    return application_of(channel.platform, channel.base_url, channel.application)


def _requests(
    session: Session,
    sheets: Mapping[str, Capabilities],
    channels: Iterable[Channel],
    window_s: int,
    now: datetime,
) -> dict[int, int]:
    """How many requests the looks of the last `window_s` seconds took, by channel."""
    looks = looks_since(session, now - timedelta(seconds=window_s))
    each = {channel.id: max(1, sheets[channel.platform].metrics_per_request) for channel in channels}
    return {
        channel_id: -(-publications // each[channel_id]) + audiences
        for channel_id, (publications, audiences) in looks.items()
        if channel_id in each
    }


def _shut(
    session: Session, sheets: Mapping[str, Capabilities], channels: Collection[Channel], now: datetime
) -> dict[int, datetime]:
    """Channels for which a wait was asked for, or few requests were left when a platform last said so."""
    shut: dict[int, datetime] = {}
    said: dict[str, list[tuple[str, datetime]]] = {}
    for one in quotas.allowances(session, now=now):
        said.setdefault(one.subject, []).append((one.name, one.resets_at))
    for channel in channels if said else ():
        others = {quota_name(quota) for quota in sheets[channel.platform].quotas if quota.unit != "requests"}
        shared = application_of(channel.platform, channel.base_url, channel.application)
        for name, resets_at in said.get(quotas.subject_of(channel.id), []) + said.get(shared, []):
            if name != quotas.LINE and name not in others:
                shut[channel.id] = max(resets_at, shut.get(channel.id, resets_at))
    return shut
