"""At which hours publications bring more, from the centre's own readings of half a year."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from scheduler.core.catalogue import Catalogue, common_metrics
from scheduler.core.facts import ChannelFact
from scheduler.core.grown import of_one_definition
from scheduler.core.hours import Hours, hours_of
from scheduler.core.time import zone
from scheduler.services.runtime import Runtime
from scheduler.store.reach import watching
from scheduler.store.reach.grown import grown_in
from scheduler.store.reach.stretch import Stretch, channels_in, hold_still

LOOK_BACK = timedelta(weeks=26)


def best_hours(runtime: Runtime, *, channel: str = "", language: str = "") -> tuple[Hours, ...]:
    """Of every language and channel now, or of one channel or language; empty for one that is not there."""
    with runtime.begin() as session:
        hold_still(session)
        found = hours_at(session, runtime, runtime.clock.now(), channel=channel, language=language)
    wanted = {("channel", channel), ("language", language)} if channel or language else None
    return tuple(one for one in found if wanted is None or (one.dimension, one.key) in wanted)


def hours_at(
    session: Session, runtime: Runtime, as_of: datetime, *, channel: str = "", language: str = ""
) -> tuple[Hours, ...]:
    """What the readings of the 26 weeks before that instant show; `channel` or `language` spares the rest."""
    stretch = Stretch(organisation_id=runtime.organisation_id, starts_at=as_of - LOOK_BACK, ends_at=as_of)
    wanted = [
        one
        for one in channels_in(session, stretch)
        if not (channel or language) or one.name == channel or one.language == language
    ]
    counted = counted_metrics(wanted, runtime.catalogue)
    zones = watching.zones_of(session, runtime.organisation_id)
    known = {id_: zone(name) for id_, name in zones.items()}
    found = of_one_definition(grown_in(session, stretch, counted))
    return hours_of([one for one in wanted if one.id in counted], known, found)


def counted_metrics(channels: Sequence[ChannelFact], catalogue: Catalogue) -> Mapping[int, frozenset[str]]:
    """The common set by channel, where its platform has one."""
    names = {
        platform: frozenset(one.name for one in common_metrics(catalogue, platform)) for platform in catalogue
    }
    return {one.id: names[one.platform] for one in channels if names.get(one.platform)}
