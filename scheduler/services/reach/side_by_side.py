"""The same post in its languages, from the books: of one post as they are now, of a report's posts then."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

from scheduler.core.catalogue import follower_metrics
from scheduler.core.facts import ChannelFact, Facts
from scheduler.core.grown import AGE, LEEWAY
from scheduler.core.periods import Kind
from scheduler.core.problems import Problem, Refused
from scheduler.core.side_by_side import Appearance, LanguageSide, PostSides, side_by_side
from scheduler.core.wording import N_
from scheduler.reports.figures.building import Frame
from scheduler.services.reach.hours import counted_metrics
from scheduler.services.reach.viewing import still_view
from scheduler.services.runtime import Runtime
from scheduler.services.writing.finding import known_posts, no_post
from scheduler.store.reach.grown import grown_in
from scheduler.store.reach.levels import levels
from scheduler.store.reach.stretch import Stretch, channels_in
from scheduler.store.reach.versions import Version, versions_in, versions_of

INSTANT = timedelta(microseconds=1)


def languages_of(runtime: Runtime, ref: str) -> tuple[LanguageSide, ...]:
    """The languages of a post side by side; Refused where nothing of it went out."""
    org, now = runtime.organisation_id, runtime.clock.now()
    with still_view(runtime) as session:
        versions = versions_of(session, org, ref)
        if not versions:
            raise Refused([_not_out(session, runtime, ref)])
        known = [one.published_at for one in versions if one.published_at]
        stretch = Stretch(organisation_id=org, starts_at=min(known, default=now), ends_at=now + INSTANT)
        channels = channels_in(session, stretch)
        followed = follower_metrics(runtime.catalogue)
        ends = {fact.channel_id: fact.end for fact in levels(session, stretch, followed)}
        [appearances] = _appearances(session, runtime, stretch, versions, channels, ends).values()
        return side_by_side(appearances)


def _not_out(session: Session, runtime: Runtime, ref: str) -> Problem:
    if known_posts(session, runtime.organisation_id, [ref]):
        return Problem(message=N_("nothing of the post {ref} went out"), params={"ref": ref})
    return no_post(session, runtime, ref)


def posts_in_languages(session: Session, runtime: Runtime, frame: Frame, facts: Facts) -> list[PostSides]:
    """Each post of a week, month or campaign that went out in several languages, as of the cut-off.

    Followers are those at the end of the period. Years have none: languages change too much within one.
    """
    if frame.period.kind is Kind.YEAR:
        return []
    stretch = Stretch(
        organisation_id=runtime.organisation_id, starts_at=frame.starts_at, ends_at=frame.cut_off_at
    )
    reported = {(fact.post_id, fact.channel_id) for fact in facts.publications}
    live = [one for one in versions_in(session, stretch) if (one.post_id, one.channel_id) in reported]
    ends = {fact.channel_id: fact.end for fact in facts.levels}
    found = _appearances(session, runtime, stretch, _in_several(live), facts.channels, ends)
    return [PostSides(ref=ref, sides=side_by_side(appearances)) for ref, appearances in sorted(found.items())]


def _in_several(versions: Iterable[Version]) -> list[Version]:
    """Those of posts with more than one language."""
    languages: dict[int, set[str]] = defaultdict(set)
    every = list(versions)
    for one in every:
        languages[one.post_id].add(one.language)
    return [one for one in every if len(languages[one.post_id]) > 1]


def _appearances(
    session: Session,
    runtime: Runtime,
    stretch: Stretch,
    versions: Iterable[Version],
    channels: Iterable[ChannelFact],
    followers: Mapping[int, int | None],
) -> dict[str, list[Appearance]]:
    """The channels of each post by its name; what was not read at the age of a day is None."""
    known, every = {one.id: one for one in channels}, list(versions)
    counted = counted_metrics([known[id_] for id_ in {one.channel_id for one in every}], runtime.catalogue)
    last = max((one.published_at for one in every if one.published_at), default=stretch.starts_at)
    early = replace(stretch, ends_at=min(stretch.ends_at, last + AGE + LEEWAY + INSTANT))
    grown = {(one.post_id, one.channel_id): one.responses for one in grown_in(session, early, counted)}
    found: dict[str, list[Appearance]] = defaultdict(list)
    for one in every:
        found[one.ref].append(
            Appearance(
                channel_id=one.channel_id,
                channel=known[one.channel_id].name,
                language=one.language,
                countable=one.channel_id in counted,
                responses=grown.get((one.post_id, one.channel_id)),
                followers=followers.get(one.channel_id),
            )
        )
    return found
