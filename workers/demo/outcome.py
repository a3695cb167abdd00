"""What came of an act of the demo."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What went wrong, and by number the deliveries worth a look afterwards; both in the reader's words."""

    wrong: tuple[str, ...] = ()
    remarkable: Mapping[int, str] = field(default_factory=dict)

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(wrong=self.wrong + other.wrong, remarkable={**self.remarkable, **other.remarkable})
