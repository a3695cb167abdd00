"""A connector that answers at once, without network: what is left is the product's own bookkeeping.

It is found as a third party's is, by the entry-point group, and only in the processes of a benchmark.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from connectors.capabilities import Family, MetricDefinition
from connectors.contract import Key, Outgoing, Profile, Published, Session, Staged
from connectors.mastodon.capabilities import CAPABILITIES
from connectors.mastodon.connector import Mastodon

INSTANT = "instant"
FAMILIES = {
    "bookmarks": Family.SAVE,
    "clicks": Family.CLICK,
    "comments": Family.COMMENT,
    "likes": Family.REACTION,
    "quotes": Family.SHARE,
    "reposts": Family.SHARE,
    "saves": Family.SAVE,
    "views": Family.EXPOSURE,
}
METRICS = tuple(
    MetricDefinition(name=name, family=family, subject="publication") for name, family in FAMILIES.items()
)
_METADATA = "Metadata-Version: 2.1\nName: postroad-bench\nVersion: 1\n"
_ENTRY_POINTS = f"[postroad.connectors]\n{INSTANT} = bench.instant:connector\n"


class Instant(Mastodon):
    """Mastodon's connector, its platform left out; there are no quotas."""

    capabilities = replace(CAPABILITIES, platform=INSTANT, title="Instant", metrics=METRICS, quotas=())

    async def check(self, session: Session) -> Profile:  # noqa: ARG002 - the contract's signature
        """Always the same account."""
        return Profile(remote_id="1", handle="@bench", title="Bench", url="http://bench.test/@bench")

    def needs_staging(self, outgoing: Outgoing) -> bool:  # noqa: ARG002 - the contract's signature
        """Never."""
        return False

    async def publish(
        self,
        session: Session,  # noqa: ARG002 - the contract's signature
        outgoing: Outgoing,  # noqa: ARG002
        key: Key,
        staged: Staged,  # noqa: ARG002
    ) -> Published:
        """Published, at once."""
        return Published(remote_id=key.value, url=f"http://bench.test/{key.value}")


connector = Instant()


def register(folder: Path) -> Mapping[str, str]:
    """The environment in which Python finds this connector, its registration written below the folder."""
    record = folder / "registered" / "postroad_bench-1.dist-info"
    record.mkdir(parents=True)
    (record / "METADATA").write_text(_METADATA)
    (record / "entry_points.txt").write_text(_ENTRY_POINTS)
    return {"PYTHONPATH": ":".join(map(str, _places(record)))}


def _places(record: Path) -> Sequence[Path]:
    return record.parent, Path(__file__).parent.parent
