"""The demo's scene: an invented centre with an installation of its own, on a sandbox whose time we move."""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from config.reading import ZoneName
from config.settings import Settings
from connectors.sandbox import SandboxControl
from scheduler.cli.wording import _
from scheduler.core.time import zone
from scheduler.core.weeks import Week
from scheduler.services.channels.connecting import connect
from scheduler.services.channels.enrolling import import_channels
from scheduler.services.members import add_member, find_member, list_members
from scheduler.services.runtime import Runtime
from scheduler.services.writing.composing import ImportedPosts, import_posts
from scheduler.testing import FakeClock
from workers.bootstrap import open_runtime, set_up
from workers.demo.matrix import Account, open_accounts, write_channels
from workers.demo.stories import Story, write_posts
from workers.dispatchers import LocalDispatcher

CENTRE = _("Lanchuan International Communication Centre")
TIME_ZONE = "Asia/Shanghai"
AUTHOR, APPROVER, ANALYST = "Lin Wei", "Chen Yu", "Zhao Min"
CAST = {AUTHOR: "editor", APPROVER: "reviewer", ANALYST: "analyst"}
"""Members beside the administrator, who may go by one of these names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What every act of the demo works with; `clock` is the runtime's and stands still until moved."""

    settings: Settings
    control: SandboxControl
    accounts: Sequence[Account]
    clock: FakeClock
    runtime: Runtime
    dispatcher: LocalDispatcher

    @property
    def zone(self) -> ZoneInfo:
        """The centre's zone."""
        return zone(self.settings.time_zone)

    @property
    def week(self) -> Week:
        """The week it is."""
        return Week.of(self.clock.now(), self.zone)

    def move(self, at: datetime) -> None:
        """Let it be `at` for us and for the platforms."""
        self.clock.set(at)
        self.control.set_clock(at)


def demo_settings(settings: Settings, folder: Path) -> Settings:
    """The embedded default in this folder, whatever the environment says of databases and brokers."""
    return replace(
        settings,
        data=folder,
        organisation=CENTRE,
        time_zone=ZoneName(TIME_ZONE),
        database_url=None,
        redis_url=None,
        key_file=None,
    )


@contextmanager
def set_stage(
    settings: Settings, control: SandboxControl, *, starts_at: datetime, only: Collection[str] = ()
) -> Iterator[Stage]:
    """The centre on its first day, `starts_at`, with its channels connected, or only those named."""
    clock = FakeClock(starts_at)
    control.set_clock(starts_at)
    set_up(settings)
    runtime = open_runtime(settings, clock=clock)
    dispatcher = LocalDispatcher(runtime)
    accounts = open_accounts(control, only)
    try:
        _enrol(runtime, accounts, settings.data / "channels.csv")
        yield Stage(
            settings=settings,
            control=control,
            accounts=accounts,
            clock=clock,
            runtime=runtime,
            dispatcher=dispatcher,
        )
    finally:
        dispatcher.close()
        runtime.close()


def submit_posts(runtime: Runtime, path: Path, dated: Sequence[tuple[Story, datetime]]) -> ImportedPosts:
    """Write a table of posts, import it as its author, and have somebody else approve it."""
    write_posts(path, dated)
    author, approver = (find_member(runtime, name) for name in (AUTHOR, APPROVER))
    return import_posts(runtime, path, author=author, approver=approver)


def _enrol(runtime: Runtime, accounts: Sequence[Account], table: Path) -> None:
    """Members, then channels by their table, each connected with its account's own secret."""
    (admin,) = list_members(runtime)
    for name, role in CAST.items():
        if name != admin.name:
            add_member(runtime, name, role, by=admin)
    write_channels(table, accounts)
    import_channels(runtime, table, by=admin)
    for account in accounts:
        connect(runtime, account.channel, json.dumps(account.remote.secret), by=admin)
