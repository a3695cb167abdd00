"""A running sandbox, accounts on it, and pictures to upload; plain httpx is the client."""

import io
from collections.abc import Callable, Iterator
from typing import TypeAlias

import httpx
import pytest
from PIL import Image

from connectors.sandbox import SandboxAccount, SandboxServer

OpenAccount: TypeAlias = Callable[[str], SandboxAccount]


@pytest.fixture(scope="session")
def shared() -> Iterator[SandboxServer]:
    """One sandbox for the tests that leave its clock, quotas and faults alone."""
    with SandboxServer(seed=7) as sandbox:
        sandbox.control.set_quotas(enforced=False)
        yield sandbox


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """A sandbox of one's own, with its limits on."""
    with SandboxServer(seed=7) as sandbox:
        yield sandbox


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """An account name no other test uses."""
    return "".join(letter if letter.isalnum() else "-" for letter in request.node.name)


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """A client without redirects, proxies or retries."""
    with httpx.Client(trust_env=False, timeout=10) as client:
        yield client


def picture(side: int = 32, *, kind: str = "PNG") -> bytes:
    """A square picture."""
    content = io.BytesIO()
    Image.new("RGB", (side, side), "firebrick").save(content, kind)
    return content.getvalue()


def heavy_picture(at_least: int) -> bytes:
    """A real picture of at least so many bytes: a small one with a long tail, as cameras write them."""
    return picture(kind="JPEG") + b"\0" * at_least
