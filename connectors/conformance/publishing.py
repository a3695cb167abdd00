"""Once and only once: repeats, crashes and lost answers."""

from datetime import UTC, datetime

import pytest

from connectors.capabilities import Idempotency
from connectors.conformance.configuration import Configured
from connectors.conformance.desk import Desk, new_key, new_mark
from connectors.conformance.faults import (
    Answer,
    Fault,
    after,
    cut,
    instead,
    lost_after,
    lost_before,
    malformed,
    rewritten,
)
from connectors.contract import Absent, CannotTell, Finding, Found, Probe, Staged
from connectors.errors import OutcomeUnknown

HTML = Answer(
    status=200, body=b"<!doctype html><title>Sign in</title>", headers={"Content-Type": "text/html"}
)
ERROR_IN_200 = Answer(status=200, body=b'{"error": "internal"}', headers={"Content-Type": "application/json"})
AMBIGUOUS: dict[str, Fault] = {
    "lost_before": lost_before,
    "lost_after": lost_after,
    "cut": rewritten(cut),
    "malformed": rewritten(malformed),
    "html": instead(HTML),
    "html_after": after(HTML),
    "error_in_200": instead(ERROR_IN_200),
    "error_in_200_after": after(ERROR_IN_200),
    "500": instead(Answer(status=500)),
    "500_after": after(Answer(status=500, body=b'{"error": "InternalServerError"}')),
    "502_after": after(Answer(status=502, body=b"<html>Bad Gateway</html>")),
    "503": instead(Answer(status=503)),
    "504_after": after(Answer(status=504)),
    "unlisted_4xx": instead(Answer(status=418, body=b'{"error": "teapot"}')),
}


class Publishing(Configured):
    """The heart: what the sheet says about repeats and finding is what happens."""

    def test_a_post_is_live_under_its_id(self, desk: Desk) -> None:
        mark = new_mark()
        published = desk.publish(self.post(f"{mark} نص"), new_key())
        assert published.remote_id
        assert published.url.startswith(("http://", "https://"))
        assert [seen.remote_id for seen in desk.seen(mark)] == [published.remote_id]

    def test_an_address_leads_back_to_its_id(self, desk: Desk) -> None:
        outgoing = self.post(new_mark())
        published = desk.publish(outgoing, new_key())
        elsewhere = self.connector.remote_id_of(desk.account, outgoing, "https://elsewhere.invalid/a/1")
        assert elsewhere is None, "an address of somebody else is nobody's id"
        found = self.connector.remote_id_of(desk.account, outgoing, published.url)
        assert found in (published.remote_id, None), "an address of ours is another post's id"

    def test_staging_shows_nothing(self, desk: Desk) -> None:
        mark = new_mark()
        images = 1 if self.connector.capabilities.supports("images") else 0
        desk.stage(self.post(mark, images=images), new_key())
        assert desk.seen(mark) == []

    def test_what_needs_no_staging_is_published_without(self, desk: Desk) -> None:
        mark = new_mark()
        outgoing = self.post(mark)
        key, needed = new_key(), self.connector.needs_staging(outgoing)
        desk.release(outgoing, key, desk.stage(outgoing, key) if needed else Staged(complete=True))
        assert len(desk.seen(mark)) == 1

    def test_a_repeat_with_the_same_key_is_one_post(self, desk: Desk) -> None:
        if not self.repeatable(desk):
            pytest.skip("not claimed for this account")
        mark, key = new_mark(), new_key()
        outgoing = self.post(mark)
        staged = desk.stage(outgoing, key)
        first, second = (desk.release(outgoing, key, staged) for _ in range(2))
        assert first.remote_id == second.remote_id
        assert len(desk.seen(mark)) == 1

    def test_the_sheet_does_not_claim_more_than_its_class(self) -> None:
        capabilities = self.connector.capabilities
        if capabilities.idempotency in (Idempotency.LISTING, Idempotency.NOTHING):
            assert capabilities.idempotency_window_s is None
            assert capabilities.find_existing != "exact"
        assert capabilities.supports("find_existing") == (capabilities.find_existing != "none")

    def test_two_keys_are_two_posts(self, desk: Desk) -> None:
        mark = new_mark()
        first, second = (desk.publish(self.post(f"{mark} {n}"), new_key()) for n in range(2))
        assert first.remote_id != second.remote_id
        assert len(desk.seen(mark)) == 2

    def test_a_crash_after_the_answer_can_be_found(self, desk: Desk) -> None:
        images = min(2, self.connector.capabilities.media.max_count)
        outgoing, key, since = self.post(new_mark(), images=images), new_key(), datetime.now(UTC)
        staged = desk.stage(outgoing, key)
        published = desk.release(outgoing, key, staged)
        finding = desk.find(Probe(outgoing=outgoing, key=key, staged=staged, since=since))
        self._settled(finding, [published.remote_id])

    def test_what_was_never_sent_is_not_found(self, desk: Desk) -> None:
        probe = Probe(outgoing=self.post(new_mark()), key=new_key(), staged=Staged(), since=datetime.now(UTC))
        self._settled(desk.find(probe), [])

    @pytest.mark.parametrize("fault", AMBIGUOUS)
    def test_an_unclear_answer_is_unknown_and_then_settled(self, desk: Desk, fault: str) -> None:
        mark, key, since = new_mark(), new_key(), datetime.now(UTC)
        outgoing = self.post(mark)
        staged = desk.stage(outgoing, key)
        with desk.relay.breaking(AMBIGUOUS[fault]), pytest.raises(OutcomeUnknown):
            desk.release(outgoing, key, staged)
        live = [seen.remote_id for seen in desk.seen(mark)]
        assert len(live) <= 1
        self._settled(desk.find(Probe(outgoing=outgoing, key=key, staged=staged, since=since)), live)
        if self.repeatable(desk):
            again = desk.release(outgoing, key, staged)
            assert [seen.remote_id for seen in desk.seen(mark)] == [again.remote_id]

    def _settled(self, finding: Finding, live: list[str]) -> None:
        claim = self.connector.capabilities.find_existing
        if claim == "none":
            assert isinstance(finding, CannotTell)
        elif live:
            assert isinstance(finding, Found)
            assert [finding.published.remote_id] == live
        else:
            assert isinstance(finding, Absent)
            assert not finding.proof or claim == "exact", "a listing proves no absence"
