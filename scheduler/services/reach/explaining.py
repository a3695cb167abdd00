"""Why ranked posts did well or badly, from the books of the 26 weeks before a report's cut-off."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy.orm import Session

from scheduler.core.grown import of_one_definition
from scheduler.core.reasons import History, Why, why
from scheduler.core.time import zone
from scheduler.reports.dataset import ReachDataset
from scheduler.reports.figures.building import Frame
from scheduler.reports.figures.ranking import Ranking, Standing
from scheduler.reports.figures.slicing import Matrix
from scheduler.services.reach.hours import LOOK_BACK, counted_metrics
from scheduler.services.runtime import Runtime
from scheduler.store.reach import watching
from scheduler.store.reach.grown import grown_in
from scheduler.store.reach.made import made_in
from scheduler.store.reach.stretch import Stretch


def reasons(
    session: Session, runtime: Runtime, frame: Frame, matrix: Matrix, ranking: Ranking
) -> tuple[list[Why], list[Why]]:
    """(best, weakest) in the order of the ranking, each post on the channel where it did best."""
    stretch = Stretch(
        organisation_id=runtime.organisation_id,
        starts_at=frame.cut_off_at - LOOK_BACK,
        ends_at=frame.cut_off_at,
    )
    channels = [matrix.channels[one.best_channel] for one in (*ranking.best, *ranking.weakest)]
    counted = counted_metrics(channels, frame.catalogue)
    grown = of_one_definition(grown_in(session, stretch, counted))
    made = made_in(session, stretch, counted)
    zones = watching.zones_of(session, runtime.organisation_id)
    histories = {
        id_: History(zone(zones[id_]), [one for one in grown if one.channel_id == id_], made[id_])
        for id_ in counted
    }
    return (
        _each(matrix, histories, ranking.best, good=True),
        _each(matrix, histories, ranking.weakest, good=False),
    )


def _each(
    matrix: Matrix, histories: dict[int, History], standings: Iterable[Standing], *, good: bool
) -> list[Why]:
    return [
        why(matrix.channels[one.best_channel].name, one.post_id, histories[one.best_channel], good=good)
        for one in standings
    ]


def explained(dataset: ReachDataset, why: tuple[list[Why], list[Why]]) -> ReachDataset:
    """The dataset with a reason under each ranked post."""
    best, weakest = (
        tuple(replace(post, why=one) for post, one in zip(posts, known, strict=True))
        for posts, known in zip((dataset.best, dataset.weakest), why, strict=True)
    )
    return replace(dataset, best=best, weakest=weakest)
