"""The sandbox as a process of its own, without the audience: `python -m tests.fire.platforms PORT SEED`."""

import signal
import sys

from connectors.sandbox import SandboxServer


def main() -> None:
    """Serve until a signal ends it."""
    port, seed = map(int, sys.argv[1:])
    with SandboxServer(port=port, seed=seed) as server:
        server.control.set_quotas(enforced=False)
        signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main()
