"""When publications and channels are read: which are due, which wait for later, and the look after one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.capabilities import Capabilities
from connectors.contract import Reading
from connectors.errors import ConnectorError, RateLimited
from scheduler.core.cadence import (
    Life,
    Rule,
    audience_due,
    fingerprint,
    next_look,
    next_try,
    rule_of,
    worth_waiting,
)
from scheduler.core.catalogue import Catalogue, definitions
from scheduler.core.weeks import Week
from scheduler.services.metrics.errands import Outcome
from scheduler.store.metrics.looks import Again, Follow, LivePublication, NextLook

AT_LEAST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """When it is, where the week ends, and whether billed looks are saved up for the end of their day."""

    now: datetime
    week_end_at: datetime
    saving: bool


def present_at(now: datetime, centre_zone: ZoneInfo, *, saving: bool) -> Present:
    """The present in the week of a centre."""
    week_end_at = Week.of(now, centre_zone).ends_at(centre_zone)
    return Present(now=now, week_end_at=week_end_at, saving=saving)


def readable(catalogue: Catalogue, now: datetime) -> list[Again]:
    """The platforms that tell something of publications, and how old these may be."""
    counting = [sheet for name, sheet in catalogue.items() if definitions(catalogue, name, "publication")]
    return [_as_far_back(sheet, rule_of(sheet), now) for sheet in counting]


def followers_due(catalogue: Catalogue, follow: Follow, present: Present) -> bool:
    """True where a platform counts followers and they are to be read now; billed ones once a day at most."""
    if not definitions(catalogue, follow.platform, "channel"):
        return False
    billed = catalogue[follow.platform].price is not None
    if not present.saving and not billed:
        return True
    return audience_due(follow.looked_at, now=present.now, week_end_at=present.week_end_at, billed=billed)


def turn_of(one: LivePublication, rule: Rule, present: Present) -> datetime | None:
    """When a publication that is due is to be read: now, later, or None for never more."""
    now, life = present.now, _life(one, one.still, present)
    last = rule.ends_at(life.origin_at)
    if last and now >= last:
        return None
    if rule.billed and one.looked_at and one.looked_at.date() >= now.date():
        return next_look(life, rule, now=now, week_end_at=present.week_end_at)
    if not present.saving:
        return now
    return worth_waiting(life, rule, now=now, week_end_at=present.week_end_at) or now


def after_look(
    one: LivePublication, outcome: Outcome | None, catalogue: Catalogue, present: Present
) -> NextLook:
    """What a look leaves, and the next one: never at what vanished or is not counted."""
    if not isinstance(outcome, Reading):
        return put_off(one, _another_try(one, outcome, present))
    shown = fingerprint(outcome.values)
    still = one.still + 1 if shown == one.shown else 0
    rule = rule_of(catalogue[one.platform])
    following = next_look(_life(one, still, present), rule, now=present.now, week_end_at=present.week_end_at)
    at = None if outcome.gone else following
    return NextLook(id=one.id, harvest_at=at, looked_at=present.now, shown=shown, still=still)


def put_off(one: LivePublication, at: datetime | None) -> NextLook:
    """As it was, to be read at another time."""
    return NextLook(id=one.id, harvest_at=at, looked_at=one.looked_at, shown=one.shown, still=one.still)


def _as_far_back(sheet: Capabilities, rule: Rule, now: datetime) -> Again:
    return Again(platform=sheet.platform, after=now - max(rule.windows) if rule.ends else None)


def _another_try(one: LivePublication, failure: ConnectorError | None, present: Present) -> datetime | None:
    """After a failed look: when allowed after a limit, otherwise soon; never where nothing is counted."""
    if failure is None:
        return None
    if isinstance(failure, RateLimited):
        return max(failure.until, present.now + AT_LEAST)
    return next_try(_life(one, one.still, present).origin_at, now=present.now)


def _life(one: LivePublication, still: int, present: Present) -> Life:
    """Of a publication of which nobody knows when it went live, it begins now."""
    return Life(origin_at=one.published_at or present.now, still=still)
