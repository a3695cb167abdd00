"""A person's word on a delivery that may be live: the link, that it is absent, or to send it again."""

from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors.contract import Published
from scheduler.core.problems import Refused, refuse, require_reason
from scheduler.core.roles import Person, Right
from scheduler.core.states import State
from scheduler.core.wording import N_
from scheduler.services.channels.credentials import account_of
from scheduler.services.delivery.outgoing import outlines_of
from scheduler.services.evidence import journaling
from scheduler.services.evidence.deciding import deciding
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.evidence.ledger import Line, Signed
from scheduler.store.tables import Attempt, Channel, Delivery, Publication
from scheduler.store.turns import take_turn
from scheduler.store.unit_of_work import anew

NO_DELIVERY = N_("there is no delivery {delivery}: see postroad queue")
NOT_IN_DOUBT = N_("delivery {delivery} is {words}: only an unconfirmed one is resolved")
QUARANTINED = N_("it was sent at {at} (UTC) and may still appear: look again after {minutes} minutes")
WAS_RECALLED = N_("it was recalled and is not sent again")
NO_LINK = N_("{url} is no link: give the address of the post, with https://")
ANOTHERS_LINK = N_("{url} is the post of another delivery: give the address of this one")


def resolve_published(runtime: Runtime, delivery_id: int, url: str, *, reason: str, by: Person) -> None:
    """It is live at `url`: keeps the proof, confirmed by a person. Refused when it is not in doubt.

    Where the platform's links hold its own id, its counters are read and its recall needs nobody.
    """
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise refuse(NO_LINK, url=url)
    _settle(runtime, delivery_id, State.PUBLISHED, reason=reason, by=by, url=url)


def resolve_absent(runtime: Runtime, delivery_id: int, *, reason: str, by: Person) -> None:
    """It is not there, and is not sent any more. Refused before its quarantine is over."""
    _settle(runtime, delivery_id, State.CANCELLED, reason=reason, by=by)


def send_again(runtime: Runtime, delivery_id: int, *, reason: str, by: Person) -> None:
    """Send it once more, by the same key. Refused before its quarantine is over, and after a recall."""
    _settle(runtime, delivery_id, State.READY, reason=reason, by=by)


@anew
def _settle(
    runtime: Runtime, delivery_id: int, state: State, *, reason: str, by: Person, url: str = ""
) -> None:
    by.require(Right.RESOLVE)
    signed = Signed(worker=by.name, now=runtime.clock.now())
    why, shown = require_reason(reason), {"url": url} if url else {}
    said = Line(kind="resolve", state=state, reason=why, evidence=shown)
    with deciding(runtime, "resolve") as session:
        if state is State.PUBLISHED:  # of two with one link the second sees what the first proved
            take_turn(session, runtime.organisation_id)
        delivery = _find(session, runtime, delivery_id)
        if not deliveries.settle(session, delivery_id, state, said=said, signed=signed):
            raise _refusal(session, delivery, state)
        if state is State.PUBLISHED:
            live = Published(remote_id=_remote_id(session, runtime, delivery, url), url=url)
            _prove(session, delivery, live, signed)
        told = journaling.closing(delivery, at=signed.now) if state is State.CANCELLED else []
        journaling.intend(runtime, told)
    journaling.confirm(runtime, told)
    if state is State.PUBLISHED:
        journaling.found(runtime, delivery, live, at=signed.now, durable=True)


def _remote_id(session: Session, runtime: Runtime, delivery: Delivery, url: str) -> str:
    """The platform's own id as far as the link tells; empty when it does not."""
    channel = session.get_one(Channel, delivery.channel_id)
    connector = runtime.connectors.get(channel.platform)
    if connector is None:
        return ""
    outgoing = outlines_of(session, runtime, [delivery.id])[delivery.id]
    return connector.remote_id_of(account_of(channel), outgoing, url) or ""


def _prove(session: Session, delivery: Delivery, live: Published, signed: Signed) -> None:
    """Refused where it proves another delivery: by its link, or by its id, which a channel has once."""
    if _is_anothers(session, delivery, live.url):
        raise refuse(ANOTHERS_LINK, url=live.url)
    try:
        deliveries.add_publication(session, delivery, live, confirmed_by="person", now=signed.now)
    except IntegrityError:
        raise refuse(ANOTHERS_LINK, url=live.url) from None


def _is_anothers(session: Session, delivery: Delivery, url: str) -> bool:
    """Whether the link is known as another delivery's on the channel."""
    bare = url.rstrip("/")
    linked = select(Publication.id).where(
        Publication.channel_id == delivery.channel_id,
        Publication.url.in_((bare, f"{bare}/")),
        Publication.delivery_id != delivery.id,
    )
    return session.scalar(linked.limit(1)) is not None


def _find(session: Session, runtime: Runtime, delivery_id: int) -> Delivery:
    mine = (Delivery.id == delivery_id, Delivery.organisation_id == runtime.organisation_id)
    found = session.scalar(select(Delivery).where(*mine))
    if found is None:
        raise refuse(NO_DELIVERY, delivery=delivery_id)
    return found


def _refusal(session: Session, delivery: Delivery, wanted: State) -> Refused:
    """Why the store would not settle it."""
    session.refresh(delivery)
    if delivery.state != State.UNCONFIRMED:
        return refuse(NOT_IN_DOUBT, delivery=delivery.id, words=delivery.state)
    if wanted is State.READY and delivery.recall_at is not None:
        return refuse(WAS_RECALLED)
    sent = select(func.max(Attempt.at)).where(Attempt.delivery_id == delivery.id, Attempt.kind == "sending")
    at = session.scalar(sent) or delivery.first_sent_at or delivery.updated_at
    minutes = int(deliveries.QUARANTINE.total_seconds() // 60)
    return refuse(QUARANTINED, at=f"{at:%Y-%m-%d %H:%M:%S}", minutes=minutes)
