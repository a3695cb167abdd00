"""What a connector reads back is what people see, not what was asked for."""

import pytest

from connectors.conformance.configuration import Configured
from connectors.conformance.desk import Desk, new_key, new_mark, outline
from connectors.conformance.faults import Answer, instead
from connectors.contract import Absent, CannotTell, Outgoing, ReadBack, Shown
from connectors.errors import NotSent

WORDS = "{mark} متحف <b>جديد</b> & “e\u0301t” 👩‍👩‍👧‍👦 #وسم\n\nالسطر [الثاني]\nhttps://example.org/a?b=1&c=2"


class ReadingBack(Configured):
    """A cut, a lost image and a missing post are seen; nothing that arrived whole is called a loss."""

    def test_what_arrived_whole_reads_back_as_it_was_sent(self, desk: Desk) -> None:
        images = min(2, self.connector.capabilities.media.max_count)
        outgoing = self.post(WORDS.format(mark=new_mark()), images=images)
        told = self._publish_and_read(desk, outgoing)
        if not self.connector.capabilities.supports("read_back"):
            assert isinstance(told, CannotTell)
            return
        assert isinstance(told, Shown)
        expected = self.connector.shown_as(outline(outgoing))
        assert told.text == expected.text
        assert told.media_count in (expected.media_count, None)
        assert told.language in (expected.language, None)

    def test_a_text_that_was_cut_reads_back_shorter(self, desk: Desk) -> None:
        self._require()
        mark = new_mark()
        told = self._publish_and_read(desk, self.post(f"{mark} first"))
        assert isinstance(told, Shown)
        assert told.text != self.connector.shown_as(self.post(f"{mark} first second")).text

    def test_an_image_that_was_lost_is_not_counted(self, desk: Desk) -> None:
        self._require()
        if not self.connector.capabilities.supports("images"):
            pytest.skip("not claimed")
        mark = new_mark()
        told = self._publish_and_read(desk, self.post(mark))
        assert isinstance(told, Shown)
        assert told.media_count in (0, None)
        assert self.connector.shown_as(self.post(mark, images=1)).media_count == 1

    def test_a_post_that_is_gone_reads_back_as_absent(self, desk: Desk) -> None:
        self._require()
        if not self.connector.capabilities.supports("delete"):
            pytest.skip("not claimed")
        remote_id = desk.publish(self.post(new_mark()), new_key()).remote_id
        desk.call(lambda session: self.connector.delete(session, remote_id))
        told = desk.call(lambda session: self.connector.read_back(session, remote_id))
        assert isinstance(told, Absent)
        assert told.proof

    def test_a_failed_reading_back_can_be_tried_again(self, desk: Desk) -> None:
        self._require()
        remote_id = desk.publish(self.post(new_mark()), new_key()).remote_id
        with desk.relay.breaking(instead(Answer(status=503)), reads=True), pytest.raises(NotSent):
            desk.call(lambda session: self.connector.read_back(session, remote_id))

    def _require(self) -> None:
        if not self.connector.capabilities.supports("read_back"):
            pytest.skip("not claimed")

    def _publish_and_read(self, desk: Desk, outgoing: Outgoing) -> ReadBack:
        remote_id = desk.publish(outgoing, new_key()).remote_id
        return desk.call(lambda session: self.connector.read_back(session, remote_id))
