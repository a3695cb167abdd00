"""The usual design under the same faults on the same sandbox, judged by the sandbox's own log."""

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from psycopg.rows import class_row

from connectors.sandbox import SandboxServer
from tests.fire.kind import Result
from tests.fire.kinds import KINDS
from tests.fire.running import rounds
from tests.fire.usual import BROKER, DATABASE, HOUR_S, TABLE, VISIBILITY_S, insert, make_app
from tests.servers.ports import LOOPBACK
from tests.servers.postgres import postgres
from tests.servers.processes import ServerProcess
from tests.servers.valkey import Valkey, valkey

CELERY = Path(sys.executable).with_name("celery")
RELEASES: Mapping[str, str] = {
    "telegram": "/sendMessage",
    "mastodon": "/api/v1/statuses",
    "wordpress": "/wp/v2/posts/",
}
POSTS = 170
LATENCY_S = 0.3
LEAD_S = 3.0
QUIET_S = 20.0
TURN_S = 1.0
SEARCHED = "kombu looks for what timed out each second, not each 100 s, and locks that for 5 s, not 300 s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What became of so many due posts; `false_failed` ones are called failed and are visible."""

    posts: int
    duplicates: int
    lost: int
    false_failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a post ended."""

    text: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The running parts that a fault may reach."""

    sandbox: SandboxServer
    broker: Valkey
    workers: list[ServerProcess]
    database: str
    random: random.Random

    def break_answers(self, kind: str, *, share: float, **details: object) -> None:
        """Order a fault for a share of the requests that make a post visible."""
        for face, match in RELEASES.items():
            self.sandbox.control.add_fault(
                face, kind, times=100_000, match=match, method="POST", chance=share, **details
            )


def nothing(_stage: Stage) -> None:
    """Disturb nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualKind:
    """One fault: `before` is done once, `each_second` for the first `storm_s` seconds.

    `ours` is the kind that does the same to Postroad; `assumed` is what was shortened to see it in a test.
    """

    name: str
    ours: str = ""
    before: Callable[[Stage], None] = nothing
    each_second: Callable[[Stage], None] = nothing
    storm_s: float = 12
    visibility_s: float = HOUR_S
    lead_s: float = LEAD_S
    copies: int = 1
    assumed: str = ""


def kill_one(stage: Stage) -> None:
    """End one worker as a crash would, and start it again as a supervisor would."""
    victim = stage.random.choice(stage.workers)
    victim.kill()
    victim.start()


def restart_broker(stage: Stage) -> None:
    """Let the broker forget everything, once."""
    if not stage.broker.process.log.with_suffix(".restarted").exists():
        stage.broker.process.log.with_suffix(".restarted").touch()
        stage.broker.process.kill()
        stage.broker.process.start()


def fall_silent(stage: Stage) -> None:
    """A share of the requests is taken and never answered, some of them done."""
    for applied in (False, True):
        stage.break_answers("silence", share=0.15, applied=applied)


USUAL_KINDS = (
    UsualKind(
        name="a worker is killed again and again",
        ours="worker-killed-at-failpoints",
        each_second=kill_one,
        storm_s=40,
        visibility_s=10,
        assumed="visibility timeout 10 s, else what the dead worker held waits for an hour; " + SEARCHED,
    ),
    UsualKind(
        name="reset after the body, 30 %",
        ours="network-reset-after-the-body",
        before=lambda stage: stage.break_answers("drop_after", share=0.3, reset=True),
    ),
    UsualKind(
        name="5xx, yet applied, 30 %",
        ours="answers-5xx-applied",
        before=lambda stage: stage.break_answers("applied_status", share=0.3, status=500),
    ),
    UsualKind(name="no answer, 28 %, half of it applied", ours="network-black-hole", before=fall_silent),
    UsualKind(
        name="FLUSHALL each second", ours="broker-flushed", each_second=lambda stage: stage.broker.flush()
    ),
    UsualKind(
        name="broker restarted without persistence", ours="broker-restarted", each_second=restart_broker
    ),
    UsualKind(name="each message ten times", ours="hints-ten-times", copies=10),
    UsualKind(
        name="due after the visibility timeout",
        visibility_s=4,
        lead_s=15,
        assumed="visibility timeout 4 s, due in 15 s, as 1 h and 4 h are by default; " + SEARCHED,
    ),
)


def compare(
    folder: Path, *, seed: int, posts: int | None
) -> Iterator[tuple[UsualKind, Result | None, Score]]:
    """Each fault against Postroad, where it has the part that the fault is about, and the usual design."""
    for number, kind in enumerate(USUAL_KINDS):
        ours, theirs = folder / f"postroad-{number}", folder / f"usual-{number}"
        for place in (ours, theirs):
            place.mkdir(parents=True)
        wanted = [one for one in KINDS if one.name == kind.ours]
        played = list(rounds(wanted, ours, seed=seed, deliveries=posts))
        yield kind, next(iter(played), None), run_usual(kind, theirs, seed=seed, posts=posts or POSTS)


def run_usual(kind: UsualKind, folder: Path, *, seed: int, posts: int) -> Score:
    """Schedule so many posts on three platforms, let the fault rage, and count once all is quiet."""
    with _stage(folder, kind, seed) as stage, psycopg.connect(stage.database, autocommit=True) as connection:
        connection.execute(TABLE)
        kind.before(stage)
        stage.break_answers("delay", share=1.0, seconds=LATENCY_S)
        texts = _schedule(stage, connection, kind, posts)
        _rage(stage, connection, kind)
        rows = connection.cursor(row_factory=class_row(Ended)).execute("SELECT text, state FROM post")
        return _judge(stage, texts, {row.text: row.state for row in rows})


def _judge(stage: Stage, texts: list[str], states: Mapping[str, str]) -> Score:
    created = Counter(entry.text for entry in stage.sandbox.control.log() if entry.effect == "create")
    shown = {text: sum(count for seen, count in created.items() if text in seen) for text in texts}
    return Score(
        posts=len(texts),
        duplicates=sum(max(count - 1, 0) for count in shown.values()),
        lost=sum(not shown[text] and states[text] != "failed" for text in texts),
        false_failed=sum(bool(shown[text]) and states[text] == "failed" for text in texts),
    )


@contextmanager
def _stage(folder: Path, kind: UsualKind, seed: int) -> Iterator[Stage]:
    with ExitStack() as stack:
        sandbox = stack.enter_context(SandboxServer(seed=seed))
        sandbox.control.set_quotas(enforced=False)
        broker = stack.enter_context(valkey(folder))
        server = stack.enter_context(postgres(folder))
        database = f"postgresql://postgres@{LOOPBACK}:{server.port}/postgres"
        environment = {BROKER: broker.url, DATABASE: database, VISIBILITY_S: str(kind.visibility_s)}
        workers = [stack.enter_context(_worker(folder, number, environment)) for number in range(2)]
        yield Stage(
            sandbox=sandbox,
            broker=broker,
            workers=workers,
            database=database,
            random=random.Random(seed),  # noqa: S311 - a repeatable fault run, not a secret
        )


def _worker(folder: Path, number: int, environment: Mapping[str, str]) -> ServerProcess:
    options = ["--concurrency=4", "--loglevel=INFO", f"--hostname=usual{number}@fire"]
    process = ServerProcess(
        name=f"usual-{number}",
        arguments=[CELERY, "-A", "tests.fire.usual", "worker", *options],
        folder=folder,
        ready=lambda: process.log.exists() and "ready." in process.log.read_text(errors="replace"),
        environment={**environment, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    return process


def _schedule(stage: Stage, connection: psycopg.Connection[object], kind: UsualKind, posts: int) -> list[str]:
    """Posts due one after the other from the kind's lead on; their texts."""
    accounts = [stage.sandbox.control.create_account(face, "usual") for face in RELEASES]
    texts = []
    with make_app(stage.broker.url, visibility_s=kind.visibility_s) as app:
        for number in range(posts):
            text = f"post {number} of the usual design."
            due_at = datetime.now(UTC) + timedelta(seconds=kind.lead_s + number * kind.storm_s / posts)
            post_id = insert(connection, accounts[number % len(accounts)], text, due_at)
            for _ in range(kind.copies):
                app.send_task("tests.fire.usual.publish", args=[post_id], eta=due_at)
            texts.append(text)
    return texts


def _rage(stage: Stage, connection: psycopg.Connection[object], kind: UsualKind) -> None:
    """Disturb for a while, then wait until nothing has moved for some time."""
    begun = changed_at = time.monotonic()
    seen: object = None
    while (now := time.monotonic()) < changed_at + QUIET_S + kind.lead_s:
        if now < begun + kind.lead_s + kind.storm_s:
            kind.each_second(stage)
            changed_at = now
        states = connection.execute("SELECT state, count(*) FROM post GROUP BY state ORDER BY state")
        latest = (states.fetchall(), len(stage.sandbox.control.log()))
        if latest != seen:
            seen, changed_at = latest, now
        time.sleep(TURN_S)
