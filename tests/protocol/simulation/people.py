"""The people of a simulated centre: they pause, cancel, recall, tell what they see, and restore a backup."""

import json
import sqlite3
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import select, update

from connectors.capabilities import Idempotency
from scheduler.core.problems import Refused
from scheduler.core.roles import Person
from scheduler.core.states import State
from scheduler.core.stopping import Scope, Target
from scheduler.services.channels.connecting import connect
from scheduler.services.delivery import planning
from scheduler.services.delivery.stepping import accept
from scheduler.services.desk import pausing
from scheduler.services.desk.recalling import recall
from scheduler.services.desk.recovering import recover, require_agreement
from scheduler.services.desk.releasing import release
from scheduler.services.desk.resolving import resolve_absent, resolve_published, send_again
from scheduler.services.evidence.deciding import deciding
from scheduler.services.members import add_member, find_member
from scheduler.services.runtime import Runtime
from scheduler.store import deliveries
from scheduler.store.tables import Delivery, Post
from scheduler.testing import FakeClock, RecordingDispatcher
from tests.protocol.simulation.centre import Centre
from tests.protocol.simulation.platform import url_of

HOUR = timedelta(hours=1)


class Desk(Centre):
    """A centre with two members, Lin and Mei; `happened` counts what they did."""

    def __init__(self, runtime: Runtime, clock: FakeClock, chance: Random) -> None:
        super().__init__(runtime, clock, chance)
        self.lin: Person = find_member(self.calm, "Lin")
        self.mei: Person = add_member(self.calm, "Mei", "publisher", by=self.lin)
        self.as_saved: tuple[set[int], set[Idempotency]] = (set(), set())

    def pause(self, kind: Idempotency) -> None:
        """Pause a platform."""
        pausing.pause(self.calm, self._target(kind), reason="wait", by=self.lin)
        self.paused.add(kind)
        self.happened["pause"] += 1

    def resume(self) -> None:
        """Resume everything that is paused: one asks, another confirms."""
        for kind in sorted(self.paused):
            for member in (self.lin, self.mei):
                pausing.resume(self.calm, self._target(kind), reason="go on", by=member)
            self.happened["resume"] += 1
        self.paused.clear()

    def withdraw(self, delivery: int) -> None:
        """Withdraw the approval of a delivery, whatever its state."""
        with deciding(self.calm, "withdraw") as session:
            session.execute(update(Delivery).where(Delivery.id == delivery).values(approved_hash=None))
        self.unapproved.add(delivery)
        self.happened["withdraw"] += 1

    def cancel(self, delivery: int) -> None:
        """Try to cancel a delivery."""
        with deciding(self.calm, "cancel") as session:
            reason, now = "no longer wanted", self.clock.now()
            self.happened["cancel"] += len(deliveries.cancel(session, [delivery], reason=reason, now=now))

    def recall(self, *chosen: int) -> None:
        """Take deliveries back, wherever they are; the command may die of it."""
        with self.calm.begin() as session:
            posts = list(session.scalars(select(Post.ref).join(Delivery).where(Delivery.id.in_(chosen))))
        self.recalled.update(chosen)
        self._run(lambda: self._count_receipts(posts))

    def resolve(self, delivery: int) -> None:
        """A person tells what is seen of a doubtful delivery, once nothing of it is under way."""
        kind, text = self.texts[delivery]
        platform = self.platform(kind)
        seen = [post for post in platform.posts if post.text == text]
        with suppress(Refused):
            if seen:
                resolve_published(self.calm, delivery, url_of(seen[0]), reason="seen", by=self.lin)
                self.happened["resolve: published"] += 1
            elif not platform.under_way(text):
                self._say_absent(delivery)

    def resolve_some(self) -> None:
        """People look at what is in doubt."""
        for delivery in self._in(State.UNCONFIRMED)[:10]:
            self.resolve(delivery)

    def release_held(self) -> None:
        """A person lets everything held go on."""
        held = self._in(State.HELD)
        release(self.calm, held, by=self.lin)
        self.happened["release"] += len(held)

    def save(self, file: Path, copy: Path) -> None:
        """Take a backup of the database."""
        self.as_saved = (set(self.unapproved), set(self.paused))
        _copy(file, copy)

    def restore(self, copy: Path, file: Path) -> None:
        """Put the backup back: all starts anew, is found out if need be, and a person recovers.

        What people decided since is found out as well: what they paused is paused again, what they withdrew
        they withdraw again, and they bring new tokens, for these may be spent.
        """
        _copy(copy, file)
        self.happened["restore"] += 1
        try:
            require_agreement(self.calm)
        except Refused:
            done = recover(self.calm, by=self.lin)
            self.happened["recover: published"] += done.published
            self.happened["recover: unconfirmed"] += done.unconfirmed
            self.happened["recover: recalled"] += done.recalled
            self.paused |= {kind for kind in self.connectors if self._target(kind) in done.paused}
            self._decide_again()
        self.paused |= self.as_saved[1]
        self._reconnect()

    def jump_clock(self) -> None:
        """The clock is an hour off for a while; planners and workers go on by it until it is set right."""
        by = timedelta(hours=self.chance.choice((-1, 1)))
        self._step(by)
        for _ in range(4):
            self.tick()
            self.work()
            self.clock.advance(timedelta(seconds=60))
        self._step(-by)
        self.happened["clock off"] += 1

    def stand_still(self) -> None:
        """An hour goes by in which nothing runs here, as on a machine that slept."""
        self.off -= HOUR
        self._step(HOUR)
        self.happened["stand still"] += 1

    def settle(self, *, hours: int = 30) -> None:
        """The platforms answer again, nobody dies: go on until nothing moves or the hours are over."""
        self.storm(faults=0, crashes=0)
        self.chunks = (500,)
        self.resume()
        self.release_held()
        ends = self.clock.now() + timedelta(hours=hours)
        waits_s = [30] * 8 + [300] * 10 + [3600] * hours
        for wait_s in waits_s:
            self.tick()
            while self.hints.waiting:
                self.work()
            self.clock.advance(timedelta(seconds=wait_s))
        self.clock.set(max(ends, self.clock.now()))

    def interfere(self) -> None:
        """Now and then an approval is withdrawn, or a platform paused, while a process is at work."""
        if self.chance.random() < 0.2:
            self.withdraw(self.chance.choice(list(self.texts)))
        elif self.chance.random() < 0.2:
            self.pause(self.chance.choice(list(Idempotency)))

    def _step(self, by: timedelta) -> None:
        """The clock steps; some planner sees it and lives on. Once the clock is right people say so."""
        self.off += by
        self.clock.jump(by)
        planning.tick(self.calm, RecordingDispatcher(), chunk=20)
        if not self.off:
            with suppress(Refused):
                accept(self.calm, reason="it is right", by=self.lin)

    def _decide_again(self) -> None:
        """Withdraw what was withdrawn since the backup."""
        for delivery in sorted(self.unapproved - self.as_saved[0]):
            self.withdraw(delivery)

    def _reconnect(self) -> None:
        """People bring a new token for each channel, undisturbed."""
        crash_rate, self.weather.crash_rate = self.weather.crash_rate, 0
        for kind in self.connectors:
            name, token = self._target(kind).name, f"token {self.chance.getrandbits(64):x}"
            connect(self.calm, f"{name}-{name}", json.dumps({"token": token}), by=self.lin)
        self.weather.crash_rate = crash_rate

    def _count_receipts(self, posts: list[str]) -> None:
        for line in recall(self.calm, posts, reason="no longer true", by=self.lin):
            self.happened[f"recall: {line.receipt}"] += 1

    def _say_absent(self, delivery: int) -> None:
        if self.chance.random() < 0.5:
            resolve_absent(self.calm, delivery, reason="not there", by=self.lin)
            self.closed.add(delivery)
            self.happened["resolve: absent"] += 1
        else:
            send_again(self.calm, delivery, reason="not there", by=self.lin)
            self.happened["resolve: sent again"] += 1

    def _in(self, state: State) -> list[int]:
        with self.calm.begin() as session:
            return list(session.scalars(select(Delivery.id).where(Delivery.state == state)))

    def _target(self, kind: Idempotency) -> Target:
        return Target(scope=Scope.PLATFORM, name=self.connectors[kind].capabilities.platform)


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as reader, closing(sqlite3.connect(target)) as writer:
        reader.backup(writer)
