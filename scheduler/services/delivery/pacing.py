"""Keeping to the platforms' quotas: what is sent is counted, what would not fit waits for its turn.

The planner paces before it makes deliveries ready, so that no platform has to turn anything away. A wait
that a platform asks for holds for the whole channel, or for all that share its application.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connectors.capabilities import Quota
from connectors.contract import Connector, PublishResult
from connectors.errors import ConnectorError, QuotaSeen, RateLimited
from scheduler.core.lateness import Lateness, latest
from scheduler.core.outcomes import Decision
from scheduler.core.quotas import Gate, Spent, Turn, Waiting, application_of, turns
from scheduler.core.states import State
from scheduler.services.delivery.gates import Place, costing, gates_of, places, quota_name, windows_s
from scheduler.services.delivery.parcels import Parcel
from scheduler.services.runtime import Runtime
from scheduler.store.deliveries import waiting
from scheduler.store.deliveries.waiting import InLine, Rest
from scheduler.store.holding import quotas
from scheduler.store.holding.quotas import LINE, WAIT, Saying, subject_of
from scheduler.store.tables import Delivery

PAGE = 2_000
PAGES = 5
PUT_OFF_A_TICK = 10_000
LONGEST_WAIT = timedelta(days=1)
SMALL_SHIFT = timedelta(minutes=1)


def spend(session: Session, parcels: Iterable[Parcel], *, now: datetime) -> None:
    """Count what is about to be sent; call it in the transaction that marks it sending."""
    quotas.record_spending(session, _costs(parcels, at=now))


def give_back(session: Session, parcels: Iterable[Parcel]) -> None:
    """Count no more what certainly never left; call it once, in the transaction that records that."""
    counted: dict[datetime, list[Parcel]] = defaultdict(list)
    for parcel in parcels:
        if parcel.counted_at:
            counted[parcel.counted_at].append(parcel)
    for at, unsent in counted.items():
        costs = _costs(unsent, at=at).items()
        quotas.record_spending(
            session, {id_: replace(one, posts=-one.posts, images=-one.images) for id_, one in costs}
        )


def learn(runtime: Runtime, outcomes: Collection[tuple[Parcel, PublishResult | ConnectorError]]) -> None:
    """Keep what these outcomes say about quotas; whoever shares a wait no longer knocks meanwhile."""
    now = runtime.clock.now()
    sayings = [saying for parcel, outcome in outcomes for saying in _sayings(parcel, outcome, now)]
    if not sayings:
        return
    shut = {saying.subject for saying in sayings if saying.name == WAIT}
    with runtime.begin() as session:
        quotas.keep(session, sayings)
        if shut:
            everywhere = places(session, runtime.connectors).values()
            theirs = [place.id for place in everywhere if {place.subject, place.application} & shut]
            waiting.take_back(session, theirs, now=now)


def in_time(decision: Decision, outcome: PublishResult | ConnectorError, delivery: Delivery) -> Decision:
    """The decision, or to hold it at once where the platform's wait outlasts the delivery's tolerance."""
    if not isinstance(outcome, RateLimited) or decision.state is not State.RETRYING or not decision.next_at:
        return decision
    wanted_at = delivery.released_at or delivery.due_at
    if decision.next_at <= latest(Lateness(delivery.lateness), wanted_at):
        return decision
    return replace(decision, state=State.HELD, reason=waiting.TOO_FULL, next_at=None)


def pace(
    session: Session, connectors: Mapping[str, Connector], *, now: datetime, by: datetime
) -> Collection[Rest]:
    """Give a turn to what is due by then and would not fit now; hold what would get it too late.

    What it returns is due but stands behind a line: it must not be made ready at this tick. Where no quota is
    near that is found out by a few grouped queries, and nothing is written.
    """
    due = waiting.count_due(session, by=by)
    if not due:
        return ()
    everywhere = places(session, connectors)
    quotas.purge(session, now=now, longest_s=max(windows_s(everywhere.values()), default=0))
    crowded = _crowded(session, everywhere, due, now=now, by=by)
    if not crowded:
        return ()
    gates = gates_of(session, everywhere, crowded, now=now)
    return _line_up(session, crowded, gates, now=now, by=by)


def _costs(parcels: Iterable[Parcel], *, at: datetime) -> dict[int, Spent]:
    """What these take of the quotas of each channel that has any."""
    posts, images = Counter[int](), Counter[int]()
    for parcel in parcels:
        channel = parcel.channel.channel
        if channel.spacing_s or costing(parcel.channel.connector.capabilities):
            posts[channel.id] += 1
            images[channel.id] += len(parcel.outgoing.media)
    return {id_: Spent(at=at, posts=number, images=images[id_]) for id_, number in posts.items()}


def _sayings(parcel: Parcel, outcome: PublishResult | ConnectorError, now: datetime) -> Iterable[Saying]:
    channel = parcel.channel.channel
    own = subject_of(channel.id)
    shared = application_of(channel.platform, channel.base_url, channel.application)
    if isinstance(outcome, RateLimited):
        subject = own if outcome.scope == "channel" else shared
        yield Saying(subject=subject, name=WAIT, remaining=0, seen_at=now, resets_at=outcome.until)
    seen = outcome.evidence.quota
    if seen and seen.resets_at > now and seen.remaining * 2 < seen.limit:
        quota = _meant(parcel.channel.connector.capabilities.quotas, seen)
        yield Saying(
            subject=shared if quota and quota.scope != "channel" else own,
            name=quota_name(quota) if quota else f"limit {seen.limit}",
            remaining=seen.remaining,
            seen_at=now,
            resets_at=min(seen.resets_at, now + LONGEST_WAIT),
        )


def _meant(known: Iterable[Quota], seen: QuotaSeen) -> Quota | None:
    """The quota of the sheet that an answer speaks of, as far as limit and window tell."""
    return next((q for q in known if q.limit == seen.limit and seen.window_s in (None, q.window_s)), None)


def _crowded(
    session: Session,
    everywhere: Mapping[int, Place],
    due: Mapping[int, tuple[int, int]],
    *,
    now: datetime,
    by: datetime,
) -> set[int]:
    """The channels where something might not fit now; the others need no care."""
    coming = waiting.count_under_way(session)
    for id_, (number, _) in due.items():
        coming[id_] = coming.get(id_, 0) + number
    spent = quotas.loads(session, windows_s(everywhere.values()), now=now)
    most = {id_: number * everywhere[id_].max_images for id_, number in coming.items()}
    full = _overfull(everywhere, spent, coming, most)
    if full:
        doubtful = [id_ for id_ in coming if {everywhere[id_].subject, everywhere[id_].application} & full]
        images = waiting.count_images(session, doubtful, by=by)
        full = _overfull(everywhere, spent, coming, {**most, **dict.fromkeys(doubtful, 0), **images})
    allowances = quotas.allowances(session, now=now)
    full |= {one.subject for one in allowances if one.name != LINE}
    lined = {one.subject for one in allowances if one.name == LINE}
    return {
        id_
        for id_, (_, fresh) in due.items()
        for place in [everywhere[id_]]
        if {place.subject, place.application} & full or (fresh and place.subject in lined)
    }


def _overfull(
    everywhere: Mapping[int, Place],
    spent: Mapping[tuple[int, int], tuple[int, int]],
    posts: Mapping[int, int],
    images: Mapping[int, int],
) -> set[str]:
    """The subjects of which some quota would be overdrawn if all these posts and images went out now."""
    load: dict[tuple[str, Quota], int] = defaultdict(int)
    for id_ in {*posts, *(channel_id for channel_id, _ in spent)}:
        place = everywhere[id_]
        for subject, counted in ((place.subject, place.own), (place.application, place.shared)):
            for quota in counted:
                sent, shown = spent.get((id_, quota.window_s), (0, 0))
                more = posts.get(id_, 0), images.get(id_, 0)
                load[subject, quota] += quota.cost(posts=sent + more[0], images=shown + more[1])
    return {subject for (subject, quota), units in load.items() if units > quota.limit}


def _line_up(
    session: Session,
    crowded: Collection[int],
    gates: Mapping[int, Sequence[Gate]],
    *,
    now: datetime,
    by: datetime,
) -> Collection[Rest]:
    """Give out turns; who stands behind the line, and looks again when its last turn has come."""
    line, given, rests = _walk(session, crowded, gates, now=now, by=by)
    standing = {one.id: one for one in line}
    ends = _ends(standing, given, by)
    moved = {
        turn.id: turn.at for turn in given if turn.at is not None and _moves(standing[turn.id], turn.at, now)
    }
    waiting.put_off(session, moved, now=now)
    waiting.hold_back(session, [turn.id for turn in given if turn.at is None], now=now)
    if rests:
        waiting.put_off_rest(session, rests, ends, by=by, limit=PUT_OFF_A_TICK)
    quotas.keep(
        session,
        [
            Saying(subject=subject_of(id_), name=LINE, remaining=0, seen_at=now, resets_at=at)
            for id_, at in ends.items()
        ],
    )
    return rests


def _walk(
    session: Session,
    crowded: Collection[int],
    gates: Mapping[int, Sequence[Gate]],
    *,
    now: datetime,
    by: datetime,
) -> tuple[list[InLine], list[Turn], list[Rest]]:
    """The front of the line with its turns, and what stands behind it.

    It is read page by page, at most PAGES, and of a channel no further than to a page where one has to wait:
    a long line keeps nobody else waiting.
    """
    line: list[InLine] = []
    given: list[Turn] = []
    rests: list[Rest] = []
    reading = set(crowded)
    for _ in range(PAGES):
        page = waiting.line_up(session, reading, by=by, after=line[-1].order if line else None, limit=PAGE)
        line += page
        given = list(turns([_waiting(one, now) for one in line], gates))
        if len(page) < PAGE:
            return line, given, rests
        ended = reading & _ends({one.id: one for one in line}, given, by).keys()
        rests.append(Rest(ended, line[-1].order))
        reading -= ended
        if not reading:
            return line, given, rests
    return line, given, [*rests, Rest(reading, line[-1].order)]


def _ends(standing: Mapping[int, InLine], given: Iterable[Turn], by: datetime) -> dict[int, datetime]:
    """The last turn on each channel where somebody has to wait."""
    return {standing[turn.id].channel_id: turn.at for turn in given if turn.at is not None and turn.at > by}


def _waiting(one: InLine, now: datetime) -> Waiting:
    at = max(one.turn_at, now) if one.due else now
    return Waiting(id=one.id, channel=one.channel_id, at=at, latest=one.latest, images=one.images)


def _moves(one: InLine, at: datetime, now: datetime) -> bool:
    """True when the turn must be written: small shifts of a turn still to come are left to that turn."""
    return at > max(one.turn_at, now) if one.due else abs(at - one.turn_at) > SMALL_SHIFT
