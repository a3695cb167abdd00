"""A database put back to an earlier day publishes nothing twice: the journal beside it knows better."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from config.settings import Settings
from connectors.contract import Published
from connectors.sandbox import SandboxServer
from scheduler.core.problems import Refused
from scheduler.core.stopping import Scope, Target
from scheduler.services import failpoints
from scheduler.services.desk import pausing
from scheduler.services.desk.attention import attention
from scheduler.services.desk.pausing import LONGEST_MARK
from scheduler.services.desk.queue import show_delivery
from scheduler.services.desk.recalling import recall
from scheduler.services.desk.recovering import Recovery, recover, require_agreement
from scheduler.services.desk.releasing import release
from scheduler.services.desk.resolving import resolve_absent, resolve_published, send_again
from scheduler.services.evidence import journaling
from scheduler.services.evidence.comparing import STRANGE, compare
from scheduler.services.evidence.deciding import AHEAD
from scheduler.services.evidence.journal import DECIDED, Entry
from scheduler.services.members import find_member
from scheduler.services.runtime import Runtime
from scheduler.services.writing.composing import import_posts
from scheduler.store import deliveries
from scheduler.store.tables import Channel, Delivery, Variant
from scheduler.testing import FakeClock, add_channel, add_delivery, approve_delivery
from tests.conftest import START
from tests.servers.backups import Backup
from tests.services.conftest import Restart, refused, states
from tests.services.tables import ONE_DATABASE, POST, admin, enrol_connected, reviewer, write_table
from tests.services.working import Death, add_person, connect_face, dying_at, work
from workers.bootstrap import set_up

BATCH = 60
FACES = ("bluesky", "mastodon", "telegram", "wordpress")


@dataclass(frozen=True, slots=True)
class Centre:
    """An installation with a channel on each platform, whose database can be put back."""

    runtime: Runtime
    clock: FakeClock
    sandbox: SandboxServer
    channels: list[int]
    restart: Restart
    backup: Backup

    def channel(self, face: str) -> int:
        """The channel on this platform."""
        return self.channels[FACES.index(face)]

    def copy(self) -> None:
        """Keep the database as it is now."""
        self.backup.take(self.runtime)

    def put_back(self, used: Runtime, *, later: timedelta = timedelta(0)) -> Runtime:
        """Let the copy take the place of the database that is used so; a process that starts then."""
        self.backup.put_back(used)
        self.clock.advance(later)
        return self.restart()


@pytest.fixture
def centre(
    runtime: Runtime,
    clock: FakeClock,
    sandbox: SandboxServer,
    channels: list[int],
    restart: Restart,
    backup: Backup,
) -> Centre:
    return Centre(runtime, clock, sandbox, channels, restart, backup)


@pytest.fixture
def channels(runtime: Runtime, sandbox: SandboxServer) -> list[int]:
    """A connected channel on each of four platforms."""
    return [connect_face(runtime, sandbox, face) for face in FACES]


def recovered(runtime: Runtime) -> Recovery:
    """What a person does who finds it stopped."""
    return recover(runtime, by=find_member(runtime, "Lin"))


def correct(runtime: Runtime, delivery_id: int, words: str) -> None:
    """Give it other words, approved anew, under a new key."""
    with runtime.begin() as session:
        row = session.get_one(Delivery, delivery_id)
        session.get_one(Variant, row.variant_id).text = words
        assert deliveries.reschedule(session, row, key=f"another-{row.uid}", now=runtime.clock.now())
    with runtime.begin() as session:
        approve_delivery(session, runtime, delivery_id)


def fill_disk(runtime: Runtime, clock: FakeClock) -> None:
    """No line fits into this process's journal any more."""
    runtime.journal.close()
    path = runtime.journal.path(clock.now().date())
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/full")


def spoil_sending(sandbox: SandboxServer, fault: str, **how: int) -> None:
    """Let this happen to the request that makes a post visible, on each platform."""
    for face, match in zip(FACES, ("putRecord", "statuses", "sendMessage", "posts/"), strict=True):
        sandbox.control.add_fault(face, fault, match=match, method="POST", **how)


def test_a_restored_database_publishes_nothing_again(centre: Centre) -> None:
    made = [
        add_delivery(centre.runtime, centre.channels[n % len(centre.channels)], f"post {n} .")
        for n in range(BATCH)
    ]
    centre.copy()
    publishing = centre.restart()
    require_agreement(publishing)
    work(publishing)
    assert states(publishing) == {"published": BATCH}
    restored = centre.put_back(publishing, later=timedelta(minutes=1))
    assert states(restored) == {"scheduled": BATCH}
    assert refused(restored) == AHEAD
    work(restored)
    assert len(centre.sandbox.control.posts()) == BATCH
    assert {one.delivery for one in compare(restored).lost} == set(made)

    done = recovered(restored)
    assert (done.published, done.unconfirmed, done.missing) == (BATCH, 0, 0)
    require_agreement(restored)
    later = add_delivery(restored, centre.channels[0], "later", due_at=centre.clock.now())
    work(restored)
    assert len(centre.sandbox.control.posts()) == BATCH + 1
    assert states(restored) == {"published": BATCH + 1}
    assert show_delivery(restored, made[0]).confirmed_by == "journal"
    assert show_delivery(restored, made[0]).line.url.startswith("http")
    assert show_delivery(restored, later).confirmed_by == "answer"


def test_sent_without_an_outcome_is_looked_for_not_repeated(centre: Centre) -> None:
    made = [add_delivery(centre.runtime, channel, "no answer") for channel in centre.channels]
    due_now = add_delivery(
        centre.runtime, centre.channels[0], "due now", due_at=centre.clock.now() + timedelta(seconds=50)
    )
    centre.copy()
    spoil_sending(centre.sandbox, "drop_after")
    publishing = centre.restart()
    work(publishing)
    assert states(publishing)["unconfirmed"] == len(centre.channels)
    restored = centre.put_back(publishing, later=timedelta(minutes=1))
    assert refused(restored) == AHEAD
    done = recovered(restored)
    assert (done.published, done.unconfirmed, done.held) == (0, len(centre.channels), 1)
    for _ in range(5):
        work(restored)
        centre.clock.advance(timedelta(minutes=2))
    assert [show_delivery(restored, id_).line.state for id_ in made] == [
        "published",
        "published",
        "unconfirmed",
        "published",
    ]
    assert show_delivery(restored, due_now).line.state == "held"
    assert len(centre.sandbox.control.posts()) == len(centre.channels)


def test_a_staged_object_is_known_after_a_restore(centre: Centre) -> None:
    wordpress = centre.channel("wordpress")
    delivery = add_delivery(centre.runtime, wordpress, "one draft")
    centre.copy()
    centre.sandbox.control.add_fault("wordpress", "drop_before", match="posts/", method="POST")
    publishing = centre.restart()
    work(publishing)
    centre.clock.advance(timedelta(seconds=11))
    centre.sandbox.control.add_fault("wordpress", "drop_before", match="posts/", method="POST")
    work(publishing)
    restored = centre.put_back(publishing)
    recovered(restored)
    with restored.begin() as session:
        row = session.get_one(Delivery, delivery)
        assert row.staged
        assert row.first_sent_at == START
    work(restored)
    work(restored)
    assert states(restored) == {"published": 1}
    assert len({entry.remote_id for entry in centre.sandbox.control.log() if entry.effect == "draft"}) == 1


@pytest.mark.parametrize("told", [True, False])
def test_what_is_in_doubt_is_not_sent_again_after_a_restore_that_forgot_its_pause(
    centre: Centre, *, told: bool
) -> None:
    """Until 2026-11-23 it was, where that was safe. A name that is too long to tell pauses everything."""
    bluesky, other = centre.channel("bluesky"), centre.channel("mastodon")
    with centre.runtime.begin() as session:
        channel = session.get_one(Channel, bluesky)
        channel.name += "" if told else "x" * LONGEST_MARK
        target = Target(scope=Scope.CHANNEL, name=channel.name)
    delivery = add_delivery(centre.runtime, bluesky, "they mourn")
    centre.copy()
    publishing = centre.restart()
    centre.sandbox.control.add_fault("bluesky", "drop_before", match="putRecord", method="POST")
    work(publishing)
    assert states(publishing) == {"unconfirmed": 1}
    centre.clock.advance(timedelta(seconds=1))
    pausing.pause(publishing, target, reason="mourning", by=find_member(publishing, "Lin"))
    restored = centre.put_back(publishing)
    paused = recovered(restored).paused
    assert paused == (target if told else Target(scope=Scope.ALL),)
    require_agreement(restored)
    add_delivery(restored, other, "elsewhere", due_at=centre.clock.now())
    for _ in range(5):
        centre.clock.advance(timedelta(minutes=1))
        work(restored)
    assert [post.text for post in centre.sandbox.control.posts()] == ["elsewhere"] * told
    lin, mei = find_member(restored, "Lin"), add_person(restored, "Mei", "publisher")
    for member in (lin, mei):
        pausing.resume(restored, paused[0], reason="it is over", by=member)
    for _ in range(5):
        centre.clock.advance(timedelta(minutes=1))
        work(restored)
    assert show_delivery(restored, delivery).line.state == "published"


@pytest.mark.parametrize(
    ("what", "paused"),
    [
        ("pause", (Target(scope=Scope.ALL),)),
        ("pause --platform bluesky", (Target(scope=Scope.PLATFORM, name="bluesky"),)),
        ("pause --channel of which this database knows nothing", ()),
        ("posts approve", ()),
    ],
)
def test_only_what_was_paused_and_is_there_is_paused_again(
    runtime: Runtime, clock: FakeClock, restart: Restart, what: str, paused: tuple[Target, ...]
) -> None:
    lost = [Entry(kind=DECIDED, delivery=uid, at=clock.now(), what=what) for uid in ("one", "another")]
    runtime.journal.write(lost, durable=True)
    assert recover(restart(), by=find_member(runtime, "Lin")).paused == paused
    assert len(pausing.list_pauses(runtime)) == len(paused)


def test_words_from_before_a_correction_are_not_sent_after_a_restore(centre: Centre) -> None:
    """The journal knows under which key the new words left, not which: the old ones went out under it."""
    made = [add_delivery(centre.runtime, channel, "ten died") for channel in centre.channels]
    centre.copy()
    publishing = centre.restart()
    spoil_sending(centre.sandbox, "drop_before")
    for delivery in made:
        correct(publishing, delivery, "nobody died")
    work(publishing)
    assert states(publishing)["unconfirmed"] == len(centre.channels)
    restored = centre.put_back(publishing)
    recovered(restored)
    for _ in range(8):
        centre.clock.advance(timedelta(minutes=1))
        work(restored)
    assert [post.text for post in centre.sandbox.control.posts()] == []
    assert states(restored) == {"unconfirmed": len(centre.channels)}


def test_what_a_platform_refused_for_now_waits_for_a_person_after_a_restore(centre: Centre) -> None:
    """It was corrected since, under a key that never left. Until 2026-11-23 the old words went out."""
    made = [add_delivery(centre.runtime, channel, "ten died") for channel in centre.channels]
    centre.copy()
    publishing = centre.restart()
    spoil_sending(centre.sandbox, "rate_limit", retry_after=20)
    work(publishing)
    assert states(publishing) == {"retrying": len(centre.channels)}
    for delivery in made:
        correct(publishing, delivery, "nobody died")
    restored = centre.put_back(publishing)
    assert refused(restored) == AHEAD
    done = recovered(restored)
    assert (done.held, done.unconfirmed) == (len(centre.channels), 0)
    for _ in range(8):
        centre.clock.advance(timedelta(minutes=1))
        work(restored)
    assert [post.text for post in centre.sandbox.control.posts()] == []
    assert states(restored) == {"held": len(centre.channels)}


def test_a_refusal_after_a_doubt_ends_no_doubt_after_a_restore(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer, restart: Restart, backup: Backup
) -> None:
    add_delivery(runtime, connect_face(runtime, sandbox, "bluesky"), "in doubt")
    backup.take(runtime)
    publishing = restart()
    sandbox.control.add_fault("bluesky", "drop_before", match="putRecord", method="POST")
    work(publishing)
    clock.advance(timedelta(minutes=1))
    sandbox.control.add_fault("bluesky", "rate_limit", match="putRecord", method="POST", retry_after=20)
    work(publishing)
    kinds = [entry.kind for entry in publishing.journal.read().entries if entry.attempt]
    assert kinds == ["sending", "outcomeunknown", "sending", "ratelimited"]
    backup.put_back(publishing)
    restored = restart()
    done = recovered(restored)
    assert (done.held, done.unconfirmed) == (0, 1)


def test_a_line_of_an_earlier_version_is_read(runtime: Runtime, clock: FakeClock) -> None:
    line = (
        b'{"sum":"03df9d18","kind":"sending","delivery":"d","attempt":1,'
        b'"at":"2026-11-16T08:00:00+00:00","key":"k","due_at":"2026-11-16T08:00:00+00:00"}\n'
    )
    runtime.journal.path(clock.now().date()).write_bytes(line)
    pages = runtime.journal.read()
    assert pages.damaged == 0
    (entry,) = pages.entries
    assert (entry.at, entry.staged, entry.first_sent_at) == (START, {}, None)


def test_an_older_copy_after_a_recovery_is_found_out_as_well(centre: Centre) -> None:
    add_delivery(centre.runtime, centre.channels[0], "once")
    centre.copy()
    for _ in range(2):
        started = centre.restart()
        if compare(started).reason:
            recover(started, by=find_member(started, "Lin"))
        require_agreement(started)
        work(started)
        assert states(started) == {"published": 1}
        restored = centre.put_back(started, later=timedelta(minutes=1))
        assert refused(restored) == AHEAD
        restored.close()


def test_what_the_restored_database_does_not_have_is_named(
    runtime: Runtime, channels: list[int], restart: Restart, backup: Backup
) -> None:
    backup.take(runtime)
    publishing = restart()
    add_delivery(publishing, channels[0], "imported after the backup")
    work(publishing)
    backup.put_back(publishing)
    restored = restart()
    (lost,) = compare(restored).lost
    assert lost.delivery is None
    assert lost.sending.channel.startswith("bluesky")
    assert lost.live
    assert lost.live.url.startswith("http")
    assert recovered(restored).missing == 1
    require_agreement(restored)


def test_what_the_restored_database_does_not_have_is_not_sent_again_by_an_import(
    runtime: Runtime,
    clock: FakeClock,
    sandbox: SandboxServer,
    restart: Restart,
    backup: Backup,
    tmp_path: Path,
) -> None:
    """In the hours after a restore somebody brings the same tables: before `recover`, or after it."""
    enrol_connected(runtime, tmp_path, sandbox)
    mei = reviewer(runtime)

    def load(runtime: Runtime, post: str, channels: str) -> None:
        row = POST | {"at": "2026-11-16 09:00", "zone": "UTC", "post": post, "channels": channels}
        import_posts(runtime, write_table(tmp_path / "posts.csv", [row]), author=admin(runtime), approver=mei)

    backup.take(runtime)
    publishing = restart()
    load(publishing, "museum", "cairo,london")
    load(publishing, "tower", "london")
    recall(publishing, ["tower"], reason="wrong", by=mei)
    clock.advance(timedelta(hours=1))
    work(publishing)
    assert states(publishing) == {"published": 2, "cancelled": 1}
    backup.put_back(publishing)
    clock.advance(-timedelta(minutes=30))
    restored = restart()
    load(restored, "museum", "cairo")
    assert recover(restored, by=mei).missing == 3
    require_agreement(restored)
    for post, channels in (("museum", "cairo,london"), ("tower", "london")):
        with pytest.raises(Refused, match="the journal says"):
            load(restored, post, channels)
    load(restored, "museum anew", "london")
    clock.advance(timedelta(minutes=30))
    work(restored)
    assert states(restored) == {"held": 1, "published": 1}
    assert [cause.reason for cause in attention(restored)] == [deliveries.WENT]


def test_a_copied_folder_is_a_stranger(
    runtime: Runtime, channels: list[int], settings: Settings, restart: Restart
) -> None:
    add_delivery(runtime, channels[0], "on the first machine")
    require_agreement(runtime)
    runtime.close()
    folder = settings.data / "journal"
    shutil.move(folder, settings.data / "elsewhere")
    shutil.copytree(settings.data / "elsewhere", folder)
    copied = restart()
    set_up(settings)
    assert refused(copied) == STRANGE
    work(copied)
    assert states(copied) == {"scheduled": 1}
    recover(copied, by=find_member(copied, "Lin"))
    require_agreement(copied)


def take_back(runtime: Runtime, *delivery_ids: int) -> set[str]:
    posts = [show_delivery(runtime, id_).line.post for id_ in delivery_ids]
    return {
        str(line.receipt) for line in recall(runtime, posts, reason="wrong", by=find_member(runtime, "Lin"))
    }


def work_on(runtime: Runtime, clock: FakeClock, sandbox: SandboxServer) -> None:
    for _ in range(5):
        work(runtime)
        clock.advance(timedelta(minutes=2))
        sandbox.control.set_clock(clock.now())


def test_what_was_recalled_before_it_was_due_does_not_go_out_after_a_restore(centre: Centre) -> None:
    soon = centre.clock.now() + timedelta(minutes=5)
    made = [add_delivery(centre.runtime, channel, "wrong figure", due_at=soon) for channel in centre.channels]
    centre.copy()
    recalling = centre.restart()
    assert take_back(recalling, *made) == {"cancelled"}
    require_agreement(recalling)
    restored = centre.put_back(recalling)
    assert states(restored) == {"scheduled": len(made)}
    assert refused(restored) == AHEAD
    done = recovered(restored)
    assert (done.recalled, done.published, done.unconfirmed, done.held) == (len(made), 0, 0, 0)
    require_agreement(restored)
    work_on(restored, centre.clock, centre.sandbox)
    assert states(restored) == {"cancelled": len(made)}
    assert centre.sandbox.control.posts() == []


def test_what_was_cancelled_and_then_recalled_stays_so_after_a_restore_to_before_both(centre: Centre) -> None:
    made = add_delivery(
        centre.runtime, centre.channels[0], "dropped", due_at=centre.clock.now() + timedelta(minutes=5)
    )
    centre.copy()
    recalling = centre.restart()
    with recalling.begin() as session:
        deliveries.cancel(session, [made], reason="no longer wanted", now=centre.clock.now())
    assert take_back(recalling, made) == {"cancelled"}
    restored = centre.put_back(recalling)
    centre.clock.advance(timedelta(minutes=6))
    recovered(restored)
    release(restored, [made], by=find_member(restored, "Lin"))
    work_on(restored, centre.clock, centre.sandbox)
    assert states(restored) == {"cancelled": 1}
    assert centre.sandbox.control.posts() == []


def test_what_was_found_and_taken_down_is_not_sent_again_after_a_restore(centre: Centre) -> None:
    made = [add_delivery(centre.runtime, channel, "wrong figure") for channel in centre.channels[:2]]
    centre.copy()
    for face, match in zip(FACES[:2], ("putRecord", "statuses"), strict=True):
        centre.sandbox.control.add_fault(face, "drop_after", match=match, method="POST")
    publishing = centre.restart()
    work_on(publishing, centre.clock, centre.sandbox)
    assert {show_delivery(publishing, id_).confirmed_by for id_ in made} == {"look"}
    assert take_back(publishing, *made) == {"deleted"}
    gone_at = centre.clock.now()
    require_agreement(publishing)
    restored = centre.put_back(publishing, later=timedelta(minutes=1))
    assert refused(restored) == AHEAD
    done = recovered(restored)
    assert (done.recalled, done.published, done.unconfirmed) == (2, 2, 0)
    require_agreement(restored)
    assert {show_delivery(restored, id_).line.recalled_at for id_ in made} == {gone_at}
    asked = len(centre.sandbox.control.log())
    work_on(restored, centre.clock, centre.sandbox)
    assert states(restored) == {"published": 2}
    assert len(centre.sandbox.control.log()) == asked


def test_what_was_in_doubt_and_recalled_is_found_and_taken_down_after_a_restore(centre: Centre) -> None:
    applied, dropped = (
        add_delivery(centre.runtime, channel, "wrong figure") for channel in centre.channels[:2]
    )
    centre.copy()
    centre.sandbox.control.add_fault("bluesky", "drop_after", match="putRecord", method="POST")
    centre.sandbox.control.add_fault("mastodon", "drop_before", match="statuses", method="POST")
    publishing = centre.restart()
    work(publishing)
    take_back(publishing, applied, dropped)
    assert len(centre.sandbox.control.posts()) == 1
    restored = centre.put_back(publishing, later=timedelta(minutes=1))
    done = recovered(restored)
    assert (done.recalled, done.published, done.unconfirmed) == (2, 0, 2)
    work_on(restored, centre.clock, centre.sandbox)
    assert centre.sandbox.control.posts() == []
    assert show_delivery(restored, applied).line.recalled_at
    assert show_delivery(restored, dropped).line.state == "unconfirmed"


def test_a_live_post_recalled_after_the_backup_is_known_as_gone(centre: Centre) -> None:
    made = add_delivery(centre.runtime, centre.channels[0], "wrong figure")
    work(centre.runtime)
    centre.copy()
    recalling = centre.restart()
    assert take_back(recalling, made) == {"deleted"}
    restored = centre.put_back(recalling, later=timedelta(minutes=1))
    assert refused(restored) == AHEAD
    done = recovered(restored)
    assert (done.recalled, done.published, done.unconfirmed) == (1, 0, 0)
    assert show_delivery(restored, made).line.recalled_at == START
    assert take_back(restored, made) == {"already_gone"}
    require_agreement(restored)


def test_a_persons_word_outlives_a_restore(centre: Centre) -> None:
    made = add_delivery(centre.runtime, centre.channel("telegram"), "no answer")
    centre.sandbox.control.add_fault("telegram", "drop_after", match="sendMessage", method="POST")
    work(centre.runtime)
    centre.copy()
    resolving = centre.restart()
    link = "https://t.me/centre/1"
    resolve_published(resolving, made, link, reason="seen", by=find_member(resolving, "Lin"))
    require_agreement(resolving)
    restored = centre.put_back(resolving)
    assert refused(restored) == AHEAD
    assert recovered(restored).published == 1
    shown = show_delivery(restored, made)
    assert (shown.line.state, shown.line.url, shown.confirmed_by) == ("published", link, "journal")


def dying(runtime: Runtime, *, committed: bool) -> Runtime:
    """The same process, which dies right after the COMMIT of its first transaction, or right before."""

    @contextmanager
    def begin() -> Iterator[Session]:
        with runtime.begin() as session:
            yield session
            if not committed:
                raise Death
        raise Death

    return replace(runtime, begin=begin)


@pytest.mark.parametrize("committed", [True, False])
def test_a_recall_outlives_the_death_of_its_process_and_a_restore(centre: Centre, *, committed: bool) -> None:
    made = add_delivery(
        centre.runtime, centre.channels[0], "wrong figure", due_at=centre.clock.now() + timedelta(minutes=5)
    )
    post, lin = show_delivery(centre.runtime, made).line.post, find_member(centre.runtime, "Lin")
    centre.copy()
    recalling = centre.restart()
    with pytest.raises(Death):
        recall(dying(recalling, committed=committed), [post], reason="wrong", by=lin)
    restored = centre.put_back(recalling)
    assert compare(restored).reason == ""
    require_agreement(restored)
    assert show_delivery(restored, made).line.state == "cancelled"
    work_on(restored, centre.clock, centre.sandbox)
    assert centre.sandbox.control.posts() == []


def test_a_recall_cut_off_stops_nothing_else(centre: Centre) -> None:
    wrong, right = (add_delivery(centre.runtime, centre.channels[0], text) for text in ("wrong", "right"))
    post, lin = show_delivery(centre.runtime, wrong).line.post, find_member(centre.runtime, "Lin")
    with pytest.raises(Death):
        recall(dying(centre.runtime, committed=False), [post], reason="wrong", by=lin)
    restarted = centre.restart()
    require_agreement(restarted)
    work(restarted)
    assert [show_delivery(restarted, id_).line.state for id_ in (wrong, right)] == ["cancelled", "published"]


@pytest.mark.parametrize("sent_before_the_backup", [True, False])
def test_what_a_person_found_absent_stays_so_after_a_restore(
    centre: Centre, *, sent_before_the_backup: bool
) -> None:
    made = add_delivery(centre.runtime, centre.channel("mastodon"), "no answer")
    centre.sandbox.control.add_fault("mastodon", "drop_before", match="statuses", method="POST")
    if sent_before_the_backup:
        work(centre.runtime)
    centre.copy()
    resolving = centre.restart()
    if not sent_before_the_backup:
        work(resolving)
    centre.clock.advance(deliveries.QUARANTINE)
    resolve_absent(resolving, made, reason="looked", by=find_member(resolving, "Lin"))
    require_agreement(resolving)
    restored = centre.put_back(resolving)
    assert refused(restored) == AHEAD
    done = recovered(restored)
    assert (done.closed, done.unconfirmed, done.published) == (1, 0, 0)
    require_agreement(restored)
    work_on(restored, centre.clock, centre.sandbox)
    assert show_delivery(restored, made).line.state == "cancelled"
    assert centre.sandbox.control.posts() == []


def test_what_a_person_found_absent_stays_so_though_the_journal_has_no_sending(centre: Centre) -> None:
    made = add_delivery(centre.runtime, centre.channel("telegram"), "died before the journal")
    centre.copy()
    dying_worker = centre.restart()

    with dying_at("sending"):
        work(dying_worker)
    centre.clock.advance(deliveries.QUARANTINE)
    resolving = centre.restart()
    work(resolving)
    resolve_absent(resolving, made, reason="looked", by=find_member(resolving, "Lin"))
    dying_worker.close()
    restored = centre.put_back(resolving)
    assert refused(restored) == AHEAD
    assert recovered(restored).closed == 1
    assert show_delivery(restored, made).line.state == "cancelled"
    assert centre.sandbox.control.posts() == []


def test_what_was_sent_again_after_it_was_called_absent_is_in_doubt_after_a_restore(centre: Centre) -> None:
    made = add_delivery(centre.runtime, centre.channel("telegram"), "twice tried")
    centre.copy()
    resolving = centre.restart()
    lin = find_member(resolving, "Lin")
    centre.sandbox.control.add_fault("telegram", "drop_before", match="sendMessage", method="POST")
    work(resolving)
    centre.clock.advance(deliveries.QUARANTINE)
    with pytest.raises(Death):
        resolve_absent(dying(resolving, committed=False), made, reason="looked", by=lin)
    send_again(resolving, made, reason="once more", by=lin)
    centre.sandbox.control.add_fault("telegram", "drop_after", match="sendMessage", method="POST")
    work(resolving)
    restored = centre.put_back(resolving)
    assert recovered(restored).unconfirmed == 1
    assert show_delivery(restored, made).line.state == "unconfirmed"


def test_an_outcome_that_the_database_did_not_take_is_no_restored_backup(centre: Centre) -> None:
    made = add_delivery(centre.runtime, centre.channel("telegram"), "no answer")
    centre.sandbox.control.add_fault("telegram", "drop_after", match="sendMessage", method="POST")
    work(centre.runtime)
    with centre.runtime.begin() as session:
        delivery = session.get_one(Delivery, made)
    live = Published(remote_id="1", url="https://t.me/centre/1")
    journaling.after(centre.runtime, [(delivery, live)], at=centre.clock.now())
    require_agreement(centre.restart())


def test_a_recall_holds_though_the_journal_cannot_be_written(
    runtime: Runtime, clock: FakeClock, channels: list[int]
) -> None:
    made = add_delivery(runtime, channels[0], "wrong", due_at=clock.now() + timedelta(hours=1))
    fill_disk(runtime, clock)
    assert take_back(runtime, made) == {"cancelled"}
    assert show_delivery(runtime, made).line.state == "cancelled"


def test_a_lost_journal_is_noticed(
    runtime: Runtime, channels: list[int], settings: Settings, restart: Restart
) -> None:
    add_delivery(runtime, channels[0], "sent")
    work(runtime)
    runtime.close()
    shutil.rmtree(settings.data / "journal")
    set_up(settings)
    assert refused(restart()) == STRANGE


def test_a_stop_holds_for_processes_that_run_already(
    runtime: Runtime, channels: list[int], sandbox: SandboxServer, restart: Restart, settings: Settings
) -> None:
    running = restart()
    shutil.rmtree(settings.data / "journal")
    refused(restart())
    add_delivery(running, channels[0], "not now")
    work(running)
    assert sandbox.control.posts() == []
    assert states(running) == {"scheduled": 1}
    assert refused(restart()) == STRANGE


def test_a_torn_last_line_tells_nothing_and_hides_nothing(centre: Centre) -> None:
    add_delivery(centre.runtime, centre.channels[0], "whole line")
    centre.copy()
    publishing = centre.restart()
    work(publishing)
    path = publishing.journal.path(centre.clock.now().date())
    with path.open("ab") as file:
        file.write(path.read_bytes().splitlines()[0][:-20])
    publishing.close()
    require_agreement(publishing)
    assert compare(publishing).damaged == 1
    centre.backup.put_back(publishing)
    assert refused(centre.restart()) == AHEAD


@ONE_DATABASE
def test_a_changed_line_is_not_believed(
    runtime: Runtime, clock: FakeClock, channels: list[int], sandbox: SandboxServer
) -> None:
    add_delivery(runtime, channels[0], "as it was")
    work(runtime)
    path = runtime.journal.path(clock.now().date())
    true = path.read_bytes()
    assert runtime.journal.read().damaged == 0
    path.write_bytes(true.replace(b'"attempt":1', b'"attempt":7', 1))
    pages = runtime.journal.read()
    assert pages.damaged == 1
    assert len(pages.entries) == len(true.splitlines()) - 1
    assert all(entry.attempt < 7 for entry in pages.entries)


def test_a_full_disk_sends_nothing_until_the_journal_can_be_written(
    runtime: Runtime, clock: FakeClock, channels: list[int], sandbox: SandboxServer
) -> None:
    work(runtime)
    made = [add_delivery(runtime, channel, "disk full") for channel in channels]
    fill_disk(runtime, clock)
    work(runtime)
    assert sandbox.control.posts() == []
    assert states(runtime) == {"retrying": len(channels)}
    clock.advance(timedelta(seconds=11))
    work(runtime)
    assert states(runtime) == {"published": len(channels)}
    assert show_delivery(runtime, made[0]).line.attempts == 1
    assert len(sandbox.control.posts()) == len(channels)


@ONE_DATABASE
def test_a_bug_in_the_journal_sends_nothing_and_costs_no_outcome(
    runtime: Runtime, clock: FakeClock, channels: list[int], sandbox: SandboxServer
) -> None:
    """Until 2026-11-22 only what the disk says was caught: all that was marked as sending came into doubt."""
    for channel in channels:
        add_delivery(runtime, channel, "nowhere")
    journal, folder = runtime.journal, runtime.journal.folder

    def spoil() -> None:
        journal.close()
        journal.folder = Path("\0")

    spoil()
    work(runtime)
    assert sandbox.control.posts() == []
    assert states(runtime) == {"retrying": len(channels)}
    journal.folder = folder
    failpoints.arm("recorded", spoil)
    clock.advance(timedelta(seconds=11))
    work(runtime)
    assert states(runtime) == {"published": len(channels)}


def test_no_text_and_no_secret_is_in_the_journal(
    runtime: Runtime, clock: FakeClock, sandbox: SandboxServer
) -> None:
    account = sandbox.control.create_account("telegram", "centre")
    channel = add_channel(
        runtime, account.platform, base_url=account.base_url, handle=account.handle, secret=account.secret
    )
    add_delivery(runtime, channel, "confidential until noon")
    work(runtime)
    written = runtime.journal.path(clock.now().date()).read_text()
    assert "confidential" not in written
    assert not any(value in written for value in account.secret.values())
    assert written.count('"kind":"sending"') == written.count('"kind":"published"') == 1


def test_a_file_is_deleted_only_when_both_clocks_say_that_it_is_old(
    runtime: Runtime, clock: FakeClock, channels: list[int]
) -> None:
    folder = runtime.journal.folder
    old, young = folder / "2026-10-01.gone.0.jsonl", folder / "2026-10-02.gone.0.jsonl"
    for path in (old, young):
        path.touch()
    long_ago = datetime(2026, 10, 1, tzinfo=UTC).timestamp()
    os.utime(old, (long_ago, long_ago))
    add_delivery(runtime, channels[0], "a first line")
    runtime.journal.close()
    work(runtime)
    assert not old.exists()
    assert young.exists()
