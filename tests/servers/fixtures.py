"""Session-wide real servers as pytest fixtures; a test is skipped, by name, when one cannot be had here."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.servers.bluesky import BlueskyNetwork, bluesky_network
from tests.servers.postgres import Postgres, postgres
from tests.servers.processes import ServerUnavailable
from tests.servers.valkey import Valkey, valkey
from tests.servers.wordpress import WordPress, wordpress


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """One PostgreSQL for the session; make a database of your own in it."""
    with skipping_unavailable(), postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """One Valkey for the session; flush it before you use it."""
    with skipping_unavailable(), valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture(scope="session")
def bluesky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlueskyNetwork]:
    """One Bluesky network for the session; sign up accounts with handles of your own."""
    with skipping_unavailable(), bluesky_network(tmp_path_factory.mktemp("bluesky")) as network:
        yield network


@pytest.fixture(scope="session")
def wordpress_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WordPress]:
    """One WordPress site for the session."""
    with skipping_unavailable(), wordpress(tmp_path_factory.mktemp("wordpress")) as site:
        yield site


@contextmanager
def skipping_unavailable() -> Iterator[None]:
    """Skip the test, with the reason, when a server cannot be installed or found."""
    try:
        yield
    except ServerUnavailable as missing:
        pytest.skip(str(missing))
