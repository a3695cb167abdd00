"""What a subclass configures, and the fixtures the cases are written against."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, ClassVar

import pytest
from PIL import Image

from connectors.capabilities import Idempotency
from connectors.conformance.desk import Act, Desk, new_key, new_mark
from connectors.conformance.faults import Answer
from connectors.conformance.place import Place
from connectors.conformance.relay import Relay
from connectors.contract import Connector, MediaFile, Outgoing, Probe, Staged

LANGUAGE = "ar"
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}


class Configured:
    """Set `connector`, give a class-scoped `place` fixture, and say how this platform answers a flood."""

    connector: ClassVar[Connector]

    @pytest.fixture(scope="class")
    @classmethod
    def place(cls) -> Place:
        """Where to publish; every test class has its own account there."""
        raise NotImplementedError

    def too_many_requests(self, wait_s: int | None) -> Answer:
        """The platform's 429 that asks for a wait of so many seconds, or names none."""
        headers = {} if wait_s is None else {"Retry-After": str(wait_s)}
        return Answer(status=429, body=b"{}", headers=headers)

    @pytest.fixture(scope="class")
    @classmethod
    def desk(cls, place: Place) -> Iterator[Desk]:
        """The channel, connected through a relay."""
        with Relay(place.account.base_url) as relay:
            yield Desk(cls.connector, place, relay)

    def post(self, text: str, *, images: int = 0, alt: str = "علم") -> Outgoing:
        """An Arabic post with so many images; Arabic, for it is nobody's default."""
        media = tuple(self.image(alt, shade) for shade in range(images))
        return Outgoing(text=text, language=LANGUAGE, media=media)

    def image(self, alt: str, shade: int = 0) -> MediaFile:
        """A small true image, of a type the sheet allows if it allows any."""
        allowed = self.connector.capabilities.media.mime_types
        kind = next((kind for kind in _FORMATS if kind in allowed), "image/png")
        content = BytesIO()
        Image.new("RGB", (64, 48), (200, 30 * shade, 30)).save(content, _FORMATS[kind])
        name = f"image-{shade}.{_FORMATS[kind].lower()}"
        return MediaFile(name=name, mime_type=kind, content=content.getvalue(), alt=alt, width=64, height=48)

    def every_act(self) -> Mapping[str, Act[Any]]:
        """Each call of the contract on a post that does not exist, by name."""
        outgoing, key, connector = self.post(new_mark()), new_key(), self.connector
        probe = Probe(outgoing=outgoing, key=key, staged=Staged(), since=datetime.now(UTC))
        return {
            "check": connector.check,
            "refresh_credentials": connector.refresh_credentials,
            "stage": lambda session: connector.stage(session, outgoing, key, Staged()),
            "publish": lambda session: connector.publish(session, outgoing, key, Staged()),
            "find_existing": lambda session: connector.find_existing(session, probe),
            "read_back": lambda session: connector.read_back(session, "1"),
            "edit": lambda session: connector.edit(session, "1", outgoing),
            "delete": lambda session: connector.delete(session, "1"),
            "fetch_metrics": lambda session: connector.fetch_metrics(session, ["1"]),
            "fetch_audience": connector.fetch_audience,
        }

    def repeatable(self, desk: Desk) -> bool:
        """True where a repeat with the same key is said to be safe for this account."""
        protection = self.connector.capabilities.protection(desk.account.limits)
        return protection in (Idempotency.KEY, Idempotency.CONTAINER)
