"""A post as its table row describes it, before anything is known about the channels it is for."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from connectors.contract import Labels
from scheduler.core.lateness import Lateness

AUDIENCE = "audience"
TEXT = "text."


class Cut(NamedTuple):
    """Which readers a text is for: a language, and a platform if it is only for that one."""

    language: str
    platform: str = ""

    @property
    def column(self) -> str:
        """The heading it has in a table."""
        return f"{TEXT}{self.language}@{self.platform}" if self.platform else f"{TEXT}{self.language}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The text of one cut, and one alt text for each image of the post."""

    text: str
    alts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A post as its row describes it; `wall_at` is naive, `zone` may be `audience`, `media` are paths."""

    row: int
    ref: str
    campaign: str
    wall_at: datetime
    zone: str
    fold: int | None
    lateness: Lateness
    selectors: tuple[str, ...]
    link: str | None
    labels: Labels
    media: tuple[str, ...]
    wordings: Mapping[Cut, Wording]

    def source_hash(self, fingerprints: Sequence[str]) -> str:
        """Hex SHA-256 of all that was asked for; `fingerprints` are of the image files' bytes."""
        wordings = {cut.column: [said.text, said.alts] for cut, said in self.wordings.items()}
        told: list[Any] = [self.campaign, self.wall_at.isoformat(), self.zone, self.fold, self.lateness]
        told += [self.selectors, self.link, self.labels.ai_generated, self.labels.paid]
        told += [self.labels.affiliation, list(fingerprints), wordings]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
