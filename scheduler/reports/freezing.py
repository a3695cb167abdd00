"""The one text of a dataset: the same values always give the same bytes, whose hash anyone can check."""

import hashlib
import json
from dataclasses import dataclass

from pydantic import TypeAdapter

from scheduler.reports.dataset import WeeklyDataset

_ADAPTER = TypeAdapter(WeeklyDataset)


@dataclass(frozen=True, slots=True)
class FrozenReport:
    """A dataset with its canonical JSON text: what is stored, exported and hashed."""

    dataset: WeeklyDataset
    text: str

    @property
    def sha256(self) -> str:
        """Hex digest of the UTF-8 bytes of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def freeze(dataset: WeeklyDataset) -> FrozenReport:
    """The dataset as canonical JSON: keys in the dataset's own order, no spaces, its own characters."""
    plain = _ADAPTER.dump_python(dataset, mode="json")
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return FrozenReport(dataset, text)


def thaw(text: str) -> FrozenReport:
    """The report whose canonical text this is; pydantic's ValidationError when it is none."""
    return FrozenReport(_ADAPTER.validate_json(text), text)
