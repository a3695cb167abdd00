"""Reading back what was published: a silent cut is known to a person, and nothing is sent because of it."""

from collections.abc import Collection
from typing import TypeAlias

from connectors.contract import Absent, CannotTell, ReadBack, Shown, Staged
from connectors.errors import ConnectorError
from scheduler.core.verifying import decide_reading, verify_at
from scheduler.core.wording import N_
from scheduler.services.bugs import bug
from scheduler.services.delivery.outgoing import outlines_of
from scheduler.services.delivery.packing import pack
from scheduler.services.delivery.parcels import Parcel, note_credential, parcel_of, signed_by
from scheduler.services.runtime import Call, Runtime
from scheduler.store.evidence import verifications
from scheduler.store.evidence.verifications import ToRead
from scheduler.store.tables import Publication

UNREADABLE = N_("this platform cannot be read back: look at the channel")
NOTHING = Shown(text="")

Told: TypeAlias = tuple[Publication, ReadBack | ConnectorError, Shown]


def verify(runtime: Runtime, delivery_ids: Collection[int]) -> int:
    """Read back those of the deliveries that wait for it; how many were read."""
    with runtime.begin() as session:
        found = verifications.to_read(session, delivery_ids, now=runtime.clock.now())
    readable = _readable(runtime, found)
    if not readable:
        return 0
    packed, lacking = pack(runtime, [one.delivery for one in readable], outlines_of)
    proofs = {one.delivery.id: one.publication for one in readable}
    told: list[Told] = [(proofs[delivery.id], error, NOTHING) for delivery, error in lacking]
    parcels = [parcel_of(one, Staged()) for one in packed]
    calls = [_reader(parcel, proofs[parcel.delivery.id]) for parcel in parcels]
    for parcel, answer in zip(parcels, runtime.network.gather(calls), strict=True):
        expected = parcel.channel.connector.shown_as(parcel.outgoing)
        told.append((proofs[parcel.delivery.id], _as_answer(runtime, parcel, answer), expected))
    _settle(runtime, told)
    return len(readable)


def _readable(runtime: Runtime, found: Collection[ToRead]) -> list[ToRead]:
    """Those whose platform can be read back and has had its time; of the others it is noted at no cost."""
    sheets = runtime.catalogue
    able = [one for one in found if one.platform in sheets and sheets[one.platform].supports("read_back")]
    ids = {one.publication.id for one in able}
    unable = [one.publication.id for one in found if one.publication.id not in ids]
    now = runtime.clock.now()
    early = [
        (one.publication, at)
        for one in able
        if (at := verify_at(one.published_at, sheets[one.platform].visibility_delay_s)) > now
    ]
    if unable or early:
        with runtime.begin() as session:
            verifications.give_up_readings(session, unable, reason=UNREADABLE)
            verifications.put_off_readings(session, early)
    later = {publication.id for publication, _ in early}
    return [one for one in able if one.publication.id not in later]


def _reader(parcel: Parcel, publication: Publication) -> Call[ReadBack]:
    return lambda http: parcel.channel.connector.read_back(
        parcel.channel.session(http), publication.remote_id
    )


def _as_answer(runtime: Runtime, parcel: Parcel, answer: ReadBack | Exception) -> ReadBack | ConnectorError:
    if isinstance(answer, ConnectorError):
        note_credential(runtime, parcel, answer)
        return answer
    if isinstance(answer, Shown | Absent | CannotTell):
        return answer
    return bug(answer, "reading back")


def _settle(runtime: Runtime, told: Collection[Told]) -> None:
    """All verdicts of a batch in one transaction."""
    signed = signed_by(runtime)
    verdicts = [
        (publication, decide_reading(answer, expected, tries=publication.verify_tries, now=signed.now))
        for publication, answer, expected in told
    ]
    with runtime.begin() as session:
        verifications.write_verdicts(session, verdicts, signed=signed)
