"""Texts at the limit and one past it: our count and the platform's verdict are the same."""

import pytest

from connectors.conformance.configuration import Configured
from connectors.conformance.desk import Desk, new_key, new_mark
from connectors.errors import Rejected

UNLIMITED = 20_000
SAMPLES = {
    "latin": "a",
    "han": "汉",
    "arabic": "ع",
    "emoji_zwj": "👩‍👩‍👧‍👦",
    "combining": "e\u0301\u0323",
}


class Limits(Configured):
    """`measure` counts as the platform does, in every script."""

    @pytest.mark.parametrize("script", SAMPLES)
    def test_the_longest_text_is_taken_and_one_more_is_not(self, desk: Desk, script: str) -> None:
        self._try_the_border(desk, SAMPLES[script], images=0)

    def test_the_longest_caption_is_taken_and_one_more_is_not(self, desk: Desk) -> None:
        if not self.connector.capabilities.supports("images"):
            pytest.skip("not claimed")
        self._try_the_border(desk, SAMPLES["emoji_zwj"], images=1)

    def _try_the_border(self, desk: Desk, sample: str, *, images: int) -> None:
        mark = new_mark()
        text = self._longest(desk, f"{mark} ", sample, images)
        desk.publish(self.post(text, images=images), new_key())
        assert len(desk.seen(mark)) == 1
        if self._fits(desk, f"{text}x", images):
            return
        with pytest.raises(Rejected) as refused:
            desk.publish(self.post(f"{text}x", images=images), new_key())
        assert refused.value.field
        assert refused.value.evidence.status, "the verdict must be the platform's"
        assert len(desk.seen(mark)) == 1

    def _fits(self, desk: Desk, text: str, images: int) -> bool:
        measures = self.connector.measure(self.post(text, images=images), desk.account.limits)
        return all(measure.fits for measure in measures)

    def _longest(self, desk: Desk, start: str, sample: str, images: int) -> str:
        low, high = 0, UNLIMITED
        while low < high:
            middle = (low + high + 1) // 2
            fits = self._fits(desk, start + sample * middle, images)
            low, high = (middle, high) if fits else (low, middle - 1)
        text = start + sample * low
        while low < UNLIMITED and self._fits(desk, f"{text}x", images):
            text += "x"
        return text
