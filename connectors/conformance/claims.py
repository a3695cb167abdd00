"""Every line of the capability sheet is exercised, or refused loudly."""

import time
from collections.abc import Sequence
from typing import Literal

import pytest

from connectors.conformance.configuration import LANGUAGE, Configured
from connectors.conformance.desk import Desk, new_key, new_mark
from connectors.conformance.faults import lost_after, rewritten, with_unknown_fields
from connectors.contract import AlreadyGone, CannotDelete, Deleted, Labels, Outgoing, Reading
from connectors.errors import OutcomeUnknown, Unsupported

COUNTERS_BEHIND = 20


class Claims(Configured):
    """Nothing is claimed that does not happen, and nothing asked for is dropped in silence."""

    def test_the_language_arrives(self, desk: Desk) -> None:
        mark = new_mark()
        desk.publish(self.post(mark), new_key())
        language = desk.seen(mark)[0].language
        if self.connector.capabilities.supports("language"):
            assert language == LANGUAGE

    def test_images_arrive_with_their_alt_texts(self, desk: Desk) -> None:
        capabilities, mark = self.connector.capabilities, new_mark()
        if not capabilities.supports("images"):
            with pytest.raises(Unsupported):
                desk.publish(self.post(mark, images=1), new_key())
            return
        count = min(2, capabilities.media.max_count)
        desk.publish(self.post(mark, images=count, alt="منظر"), new_key())
        seen = desk.seen(mark)[0]
        assert seen.media_count in (count, None)
        if capabilities.supports("alt_text") and seen.alts is not None:
            assert seen.alts == ("منظر",) * count

    @pytest.mark.parametrize("feature", ["ai_label", "paid_label"])
    def test_a_disclosure_is_never_lost(self, desk: Desk, feature: str) -> None:
        mark = new_mark()
        labels = Labels(ai_generated=feature == "ai_label", paid=feature == "paid_label")
        outgoing = Outgoing(text=mark, language=LANGUAGE, labels=labels)
        if self.connector.capabilities.supports(feature):
            assert desk.publish(outgoing, new_key()).remote_id
            return
        with pytest.raises(Unsupported):
            desk.publish(outgoing, new_key())
        assert desk.seen(mark) == []

    def test_edit_replaces_the_text_in_place(self, desk: Desk) -> None:
        old, new = new_mark(), new_mark()
        remote_id = desk.publish(self.post(old), new_key()).remote_id
        if not self.connector.capabilities.supports("edit"):
            with pytest.raises(Unsupported):
                desk.call(lambda session: self.connector.edit(session, remote_id, self.post(new)))
            return
        edited = desk.call(lambda session: self.connector.edit(session, remote_id, self.post(new)))
        assert edited.remote_id == remote_id
        assert [seen.remote_id for seen in desk.seen(new)] == [remote_id]
        assert desk.seen(old) == []

    def test_delete_twice(self, desk: Desk) -> None:
        mark = new_mark()
        remote_id = desk.publish(self.post(mark), new_key()).remote_id
        first, second = (
            desk.call(lambda session: self.connector.delete(session, remote_id)) for _ in range(2)
        )
        if self.connector.capabilities.supports("delete"):
            assert (first, second) == (Deleted(), AlreadyGone())
            assert desk.seen(mark) == []
        else:
            assert isinstance(first, CannotDelete)
            assert len(desk.seen(mark)) == 1

    def test_a_lost_delete_is_unknown_and_then_gone(self, desk: Desk) -> None:
        if not self.connector.capabilities.supports("delete"):
            pytest.skip("not claimed")
        mark = new_mark()
        remote_id = desk.publish(self.post(mark), new_key()).remote_id
        with desk.relay.breaking(lost_after), pytest.raises(OutcomeUnknown):
            desk.call(lambda session: self.connector.delete(session, remote_id))
        assert desk.call(lambda session: self.connector.delete(session, remote_id)) == AlreadyGone()

    def test_metrics_are_values_or_reasons(self, desk: Desk) -> None:
        remote_id = desk.publish(self.post(new_mark()), new_key()).remote_id
        if not self.connector.capabilities.supports("publication_metrics"):
            with pytest.raises(Unsupported):
                desk.call(lambda session: self.connector.fetch_metrics(session, [remote_id]))
            return
        (reading,) = desk.call(lambda session: self.connector.fetch_metrics(session, [remote_id]))
        assert reading.remote_id == remote_id
        assert not reading.gone
        self._complete(reading, "publication")

    def test_one_deleted_post_does_not_spoil_the_others(self, desk: Desk) -> None:
        capabilities = self.connector.capabilities
        if not (capabilities.supports("delete") and capabilities.supports("publication_metrics")):
            pytest.skip("not claimed")
        ids = [desk.publish(self.post(new_mark()), new_key()).remote_id for _ in range(2)]
        desk.call(lambda session: self.connector.delete(session, ids[0]))
        gone, kept = self._counters_after_deletion(desk, ids)
        assert [gone.remote_id, kept.remote_id] == ids
        assert gone.gone
        assert gone.values == {}
        assert not kept.gone
        self._complete(kept, "publication")

    def _counters_after_deletion(self, desk: Desk, ids: Sequence[str]) -> Sequence[Reading]:
        """The counters, as soon as what counts knows of the deletion: on some platforms a moment later."""
        for _ in range(COUNTERS_BEHIND):
            readings = desk.call(lambda session: self.connector.fetch_metrics(session, ids))
            if readings[0].gone:
                break
            time.sleep(0.25)
        return readings

    def test_the_audience_is_a_value_or_a_reason(self, desk: Desk) -> None:
        if not self.connector.capabilities.supports("audience_metrics"):
            with pytest.raises(Unsupported):
                desk.call(self.connector.fetch_audience)
            return
        reading = desk.call(self.connector.fetch_audience)
        assert reading.remote_id == desk.account.remote_id
        self._complete(reading, "channel")

    def test_unknown_fields_change_nothing(self, desk: Desk) -> None:
        capabilities, mark = self.connector.capabilities, new_mark()
        images = 1 if capabilities.supports("images") else 0
        with desk.relay.breaking(rewritten(with_unknown_fields), reads=True):
            assert desk.call(self.connector.check).remote_id == desk.account.remote_id
            remote_id = desk.publish(self.post(mark, images=images), new_key()).remote_id
            if capabilities.supports("publication_metrics"):
                (reading,) = desk.call(lambda session: self.connector.fetch_metrics(session, [remote_id]))
                self._complete(reading, "publication")
            desk.call(lambda session: self.connector.delete(session, remote_id))
        assert desk.seen(mark) == [] or not capabilities.supports("delete")

    def _complete(self, reading: Reading, subject: Literal["publication", "channel"]) -> None:
        names = {metric.name for metric in self.connector.capabilities.counted(subject)}
        assert reading.values.keys() | reading.missing.keys() == names
        assert not reading.values.keys() & reading.missing.keys()
        assert all(value >= 0 for value in reading.values.values())
        assert all(reading.missing.values())
