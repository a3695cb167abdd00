"""The quotas that a channel's posts have to pass, with what was spent of them: for pacing and forecasts."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.capabilities import Capabilities, Quota
from connectors.contract import Connector
from scheduler.core.quotas import Ceiling, Gate, Spent, application_of, spacing
from scheduler.store.deliveries import waiting
from scheduler.store.holding import quotas
from scheduler.store.tables import Allowance, Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel and the quotas its posts are counted by: its `own`, and those `shared` by its application.

    `max_images` is the most that one of its posts can have.
    """

    id: int
    subject: str
    application: str
    own: tuple[Quota, ...]
    shared: tuple[Quota, ...]
    max_images: int


def costing(sheet: Capabilities) -> tuple[Quota, ...]:
    """The quotas that publishing takes from; of requests, a tenth is left for looking and counting."""
    taken = (quota for quota in sheet.quotas if quota.per_post or quota.per_image)
    return tuple(
        replace(quota, limit=quota.limit * 9 // 10) if quota.unit == "requests" else quota for quota in taken
    )


def quota_name(quota: Quota) -> str:
    """What tells the quotas of one sheet apart."""
    return f"{quota.name} {quota.window_s}"


def places(session: Session, connectors: Mapping[str, Connector]) -> dict[int, Place]:
    """Where every channel's posts are counted."""
    sheets = {name: connector.capabilities for name, connector in connectors.items()}
    counted = {name: costing(sheet) for name, sheet in sheets.items()}
    own = {name: tuple(q for q in known if q.scope == "channel") for name, known in counted.items()}
    shared = {name: tuple(q for q in known if q.scope != "channel") for name, known in counted.items()}
    query = select(Channel.id, Channel.platform, Channel.base_url, Channel.application, Channel.spacing_s)
    return {
        id_: Place(
            id=id_,
            subject=quotas.subject_of(id_),
            application=application_of(platform, base_url, application),
            own=own.get(platform, ()) + ((spacing(spacing_s),) if spacing_s else ()),
            shared=shared.get(platform, ()),
            max_images=sheets[platform].media.max_count if platform in sheets else 0,
        )
        for id_, platform, base_url, application, spacing_s in session.execute(query)
    }


def gates_of(
    session: Session, everywhere: Mapping[int, Place], channel_ids: Collection[int], *, now: datetime
) -> dict[int, Sequence[Gate]]:
    """What the posts of each of these channels have to pass from now on; what is under way counts as sent."""
    wanted = [everywhere[id_] for id_ in channel_ids]
    applications = {place.application for place in wanted}
    siblings = {id_: place for id_, place in everywhere.items() if place.application in applications}
    spent = _spent(session, siblings, now)
    said: dict[str, list[Allowance]] = defaultdict(list)
    for allowance in quotas.allowances(session, now=now):
        said[allowance.subject].append(allowance)
    shared: dict[str, list[Spent]] = defaultdict(list)
    for id_, place in siblings.items():
        shared[place.application] += spent[id_]
    common = {
        place.application: _gate(place.shared, shared[place.application], said[place.application])
        for place in wanted
    }
    return {
        place.id: (_gate(place.own, spent[place.id], said[place.subject]), common[place.application])
        for place in wanted
    }


def windows_s(everywhere: Iterable[Place]) -> set[int]:
    """The lengths of all windows that posts are counted in."""
    return {quota.window_s for place in everywhere for quota in (*place.own, *place.shared)}


def _spent(session: Session, siblings: Mapping[int, Place], now: datetime) -> dict[int, list[Spent]]:
    since = now - timedelta(seconds=max(windows_s(siblings.values()), default=0))
    spent = defaultdict(list, quotas.spendings(session, siblings, since=since))
    for id_, one in waiting.under_way(session, siblings, at=now).items():
        spent[id_].append(one)
    return spent


def _gate(counted: tuple[Quota, ...], spent: Sequence[Spent], said: Collection[Allowance]) -> Gate:
    ceilings = tuple(_ceiling(one, counted) for one in said if one.name != quotas.LINE)
    return Gate(quotas=counted, spent=tuple(spent), ceilings=ceilings)


def _ceiling(said: Allowance, counted: Collection[Quota]) -> Ceiling:
    """What was said of a quota we do not know is taken to count posts."""
    stranger = Quota(name=said.name, limit=said.remaining, window_s=0, scope="channel", per_post=1)
    return Ceiling(
        quota=next((quota for quota in counted if quota_name(quota) == said.name), stranger),
        remaining=said.remaining,
        seen_at=said.seen_at,
        resets_at=said.resets_at,
    )
