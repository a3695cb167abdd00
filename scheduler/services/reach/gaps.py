"""How many of the readings that ranked posts should have had are missing."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from scheduler.core.cadence import rule_of
from scheduler.core.gaps import Gaps, gaps
from scheduler.core.thinning import KEPT_FOR_REPORTS
from scheduler.reports.figures.building import Frame
from scheduler.reports.figures.ranking import Ranking
from scheduler.reports.figures.slicing import Matrix
from scheduler.services.runtime import Runtime
from scheduler.store.metrics.made_looks import Looked, made_looks
from scheduler.store.reach.stretch import Stretch


def gaps_of(
    session: Session, runtime: Runtime, frame: Frame, matrix: Matrix, ranking: Ranking
) -> Mapping[int, Gaps]:
    """By post, over the channels that report responses, until the period ended or until now.

    None of periods so old that their readings may be thinned.
    """
    if frame.now - frame.starts_at > KEPT_FOR_REPORTS:
        return {}
    until = min(frame.now, frame.ends_at)
    stretch = Stretch(organisation_id=runtime.organisation_id, starts_at=frame.starts_at, ends_at=until)
    found: dict[int, Gaps] = {}
    for one in made_looks(session, stretch, {post for post, _ in ranking.channels}):
        if (one.post_id, one.channel_id) in ranking.channels:
            rule = rule_of(frame.catalogue[matrix.channels[one.channel_id].platform])
            known = gaps(one.published_at, rule, one.looks, until=_until(one, until))
            found[one.post_id] = found.get(one.post_id, Gaps()) + known
    return found


def _until(one: Looked, until: datetime) -> datetime:
    return min(until, one.ended_at) if one.ended_at else until
