"""The one text of a dataset: the same values always give the same bytes, whose hash anyone can check."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from scheduler.reports.dataset import ReachDataset
from scheduler.reports.figures.collecting import collecting_nothing

FIRST_FORMAT = "postroad-weekly/1"
_ADAPTER = TypeAdapter(ReachDataset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody wrote under a section, in the language they write in; it came with this edition."""

    edition: int
    section: str
    text: str
    author: str
    written_at: datetime


_COMMENTS = TypeAdapter(tuple[Comment, ...])


@dataclass(frozen=True)
class FrozenReport:
    """A dataset with its canonical JSON text: what is stored, exported and hashed. Comments stand apart.

    So do `pictures`: small JPEGs by the SHA-256 of the image that each shows, none of those that are gone.
    Without slots: the hash of 9 MB is worked out once for all files.
    """

    dataset: ReachDataset
    text: str
    comments: tuple[Comment, ...] = ()
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def edition(self) -> int:
        """1 without commentary, and one more with each comment that was ever written on the period."""
        return max((one.edition for one in self.comments), default=1)

    def export(self) -> str:
        """The text; where there are comments, followed by `edition`, `dataset_sha256` and `comments`.

        The same edition is always the same text. Without those three it is the frozen one, of that hash.
        """
        if not self.comments:
            return self.text
        comments = _COMMENTS.dump_python(self.comments, mode="json")
        said = {"edition": self.edition, "dataset_sha256": self.sha256, "comments": comments}
        return f"{self.text[:-1]},{_canonical(said)[1:]}"

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the UTF-8 bytes of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def freeze(dataset: ReachDataset) -> FrozenReport:
    """The dataset as canonical JSON: keys in the dataset's own order, no spaces, its own characters."""
    return FrozenReport(dataset, _ADAPTER.dump_json(dataset).decode())


def thaw(text: str) -> FrozenReport:
    """The report whose canonical text this is; pydantic's ValidationError when it is none."""
    with collecting_nothing():
        if text.startswith(f'{{"format":"{FIRST_FORMAT}"'):
            return FrozenReport(_ADAPTER.validate_python(_read_first_format(json.loads(text))), text)
        return FrozenReport(_ADAPTER.validate_json(text), text)


def _canonical(plain: dict[str, Any]) -> str:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _read_first_format(plain: dict[str, Any]) -> dict[str, Any]:
    """Reports of before November 2026 were all of weeks; they keep their text and their hash."""
    period = {**plain["period"], "kind": "week", "name": plain["period"]["week"]}
    del period["week"]
    rest = {name: value for name, value in plain.items() if name != "previous_week"}
    return {**rest, "period": period, "previous": plain["previous_week"], "year_before": ""}
