"""At which hours publications bring more, from the centre's own readings of half a year."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from scheduler.core.catalogue import Catalogue, common_metrics
from scheduler.core.facts import ChannelFact
from scheduler.core.grown import of_one_definition
from scheduler.core.hours import Hours, hours_of
from scheduler.core.problems import refuse
from scheduler.core.time import zone
from scheduler.core.wording import N_
from scheduler.services.channels.matrix import find_channel
from scheduler.services.runtime import Runtime
from scheduler.store.reach import watching
from scheduler.store.reach.grown import grown_in
from scheduler.store.reach.stretch import Stretch, channels_in, hold_still
from scheduler.store.tables import Channel

LOOK_BACK = timedelta(weeks=26)
NO_LANGUAGE = N_("there is no channel in {language}: see postroad channels list")


def best_hours(runtime: Runtime, *, channel: str = "", language: str = "") -> tuple[Hours, ...]:
    """Of every language and channel now, or of one channel or language; Refused for one that is not there."""
    with runtime.begin() as session:
        hold_still(session)
        _require_known(session, runtime, channel, language)
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


def _require_known(session: Session, runtime: Runtime, channel: str, language: str) -> None:
    ours = Channel.organisation_id == runtime.organisation_id
    if channel:
        find_channel(session, runtime.organisation_id, channel)
    if language and not session.scalar(select(exists().where(ours, Channel.language == language))):
        raise refuse(NO_LANGUAGE, language=language)
