"""A network of make-believe platforms on loopback, strict as the real ones, for demo, tests and fault runs.

with SandboxServer(seed=1) as sandbox:
    account = sandbox.control.create_account("bluesky", "pekingnews-ar")
"""

from connectors.sandbox.control import ControlRefused, SandboxAccount, SandboxControl, VisiblePost
from connectors.sandbox.log import LogEntry
from connectors.sandbox.serving import SandboxServer, serve

__all__ = [
    "ControlRefused",
    "LogEntry",
    "SandboxAccount",
    "SandboxControl",
    "SandboxServer",
    "VisiblePost",
    "serve",
]
