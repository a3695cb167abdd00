"""The same post in its languages, from the books as they are now."""

from datetime import timedelta

from sqlalchemy.orm import Session

from scheduler.core.catalogue import follower_metrics
from scheduler.core.facts import ChannelFact
from scheduler.core.grown import AGE, LEEWAY
from scheduler.core.problems import refuse
from scheduler.core.side_by_side import LanguageSide, Place, side_by_side
from scheduler.core.wording import N_
from scheduler.services.hours import counted_metrics
from scheduler.services.runtime import Runtime
from scheduler.store.grown import grown_in
from scheduler.store.reach_facts import levels
from scheduler.store.rollups import make_current
from scheduler.store.stretch import Stretch, channels_in, hold_still
from scheduler.store.versions import Version, versions_of

INSTANT = timedelta(microseconds=1)


def languages_of(runtime: Runtime, ref: str) -> tuple[LanguageSide, ...]:
    """The languages of a post side by side; Refused where nothing of it went out."""
    org, now = runtime.organisation_id, runtime.clock.now()
    with runtime.begin() as session:
        hold_still(session)
        make_current(session, org)
        versions = versions_of(session, org, ref)
        if not versions:
            raise refuse(N_("nothing of the post {ref} went out"), ref=ref)
        known = [one.published_at for one in versions if one.published_at]
        stretch = Stretch(organisation_id=org, starts_at=min(known, default=now), ends_at=now + INSTANT)
        return side_by_side(_places(session, runtime, stretch, versions))


def _places(
    session: Session, runtime: Runtime, stretch: Stretch, versions: tuple[Version, ...]
) -> list[Place]:
    catalogue = runtime.catalogue
    channels = {one.id: one for one in channels_in(session, stretch)}
    counted = counted_metrics([channels[one.channel_id] for one in versions], catalogue)
    last = max((one.published_at for one in versions if one.published_at), default=stretch.starts_at)
    early = Stretch(
        organisation_id=stretch.organisation_id,
        starts_at=stretch.starts_at,
        ends_at=min(stretch.ends_at, last + AGE + LEEWAY + INSTANT),
    )
    post_id = versions[0].post_id
    grown = {
        one.channel_id: one.responses for one in grown_in(session, early, counted) if one.post_id == post_id
    }
    ends = {fact.channel_id: fact.end for fact in levels(session, stretch, follower_metrics(catalogue))}
    return [
        _place(channels[one.channel_id], one, grown, ends, countable=one.channel_id in counted)
        for one in versions
    ]


def _place(
    channel: ChannelFact,
    version: Version,
    grown: dict[int, int],
    followers: dict[int, int | None],
    *,
    countable: bool,
) -> Place:
    return Place(
        channel_id=channel.id,
        channel=channel.name,
        language=version.language,
        countable=countable,
        responses=grown.get(channel.id),
        followers=followers.get(channel.id),
    )
