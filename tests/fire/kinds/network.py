"""What lies between a worker and a platform: no name, no encryption, no listener, resets, silence."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select, update

from scheduler.store.tables import Channel
from tests.fire.fleet import Fleet
from tests.fire.kind import Kind
from tests.fire.kinds.answers import break_releases, breaking, watch
from tests.servers.ports import LOOPBACK

BLACKOUT_S = 10


@contextmanager
def moved(fleet: Fleet, address: Callable[[str], str]) -> Iterator[None]:
    """While inside, each channel's platform is thought to be at `address` of its real one."""
    with fleet.runtime.begin() as session:
        before = {row.id: row.base_url for row in session.execute(select(Channel.id, Channel.base_url))}
    _move(fleet, {id_: address(url) for id_, url in before.items()})
    try:
        yield
    finally:
        _move(fleet, before)


def _move(fleet: Fleet, urls: dict[int, str]) -> None:
    with fleet.runtime.begin() as session:
        for id_, url in urls.items():
            session.execute(update(Channel).where(Channel.id == id_).values(base_url=url))


def lose_names(fleet: Fleet) -> None:
    """The platforms' names do not resolve while the burst falls due (.invalid, RFC 6761)."""
    with moved(fleet, lambda url: f"http://{urlsplit(url).path.strip('/')}.invalid"):
        fleet.pause(BLACKOUT_S)


def refuse_connections(fleet: Fleet) -> None:
    """Nothing listens at the platforms' port while the burst falls due."""
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        with moved(fleet, lambda url: f"http://{LOOPBACK}:{taken.getsockname()[1]}{urlsplit(url).path}"):
            fleet.pause(BLACKOUT_S)


def fail_encryption(fleet: Fleet) -> None:
    """First the platforms answer a TLS client in plain text, then with a certificate nobody vouches for."""
    with moved(fleet, lambda url: url.replace("http://", "https://")):
        fleet.pause(BLACKOUT_S / 2)
    with (
        impostor(fleet.installation.folder) as port,
        moved(fleet, lambda url: f"https://{LOOPBACK}:{port}{urlsplit(url).path}"),
    ):
        fleet.pause(BLACKOUT_S / 2)


@contextmanager
def impostor(folder: Path) -> Iterator[int]:
    """The port of a TLS server whose certificate it signed itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder / "impostor.pem"))
    with socket.create_server((LOOPBACK, 0)) as listening:
        threading.Thread(target=_shake_hands, args=(listening, context), daemon=True).start()
        yield listening.getsockname()[1]
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)


def _shake_hands(listening: socket.socket, context: ssl.SSLContext) -> None:
    with suppress(OSError):
        while True:
            client, _ = listening.accept()
            with suppress(OSError), context.wrap_socket(client, server_side=True) as wrapped:
                wrapped.recv(65_536)


def _certificate(path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "platform.invalid")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def fall_silent(fleet: Fleet) -> None:
    """A share of the requests is taken and never answered, some of them done."""
    for applied in (False, True):
        break_releases(fleet, "silence", share=0.15, applied=applied)
    watch(fleet)


def _kind(name: str, play: Callable[[Fleet], None], *, doubtful: bool) -> Kind:
    return Kind(name=f"network-{name}", group="network", play=play, doubtful=doubtful)


KINDS = (
    _kind("dns", lose_names, doubtful=False),
    _kind("tls", fail_encryption, doubtful=False),
    _kind("refused", refuse_connections, doubtful=False),
    _kind("reset-before-the-body", breaking("drop_before", reset=True), doubtful=True),
    _kind("reset-after-the-body", breaking("drop_after", reset=True), doubtful=True),
    _kind("black-hole", fall_silent, doubtful=True),
)
