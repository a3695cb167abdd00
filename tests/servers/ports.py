"""Free loopback ports."""

import socket
from contextlib import ExitStack
from secrets import SystemRandom

LOOPBACK = "127.0.0.1"
# Below the range Linux gives to outgoing connections (32768-60999): while a server restarts, no client's own
# end of a connection can take its port, and a client that keeps knocking cannot connect to itself.
_CANDIDATES = range(15_000, 32_000)


def free_ports(count: int) -> list[int]:
    """Return different TCP ports that nothing listens on at 127.0.0.1 at this moment."""
    with ExitStack() as held:
        found: list[int] = []
        for port in SystemRandom().sample(_CANDIDATES, k=len(_CANDIDATES)):
            if len(found) == count:
                return found
            sock = held.enter_context(socket.socket())
            if _bound(sock, port):
                found.append(port)
    message = f"fewer than {count} free loopback ports between {_CANDIDATES.start} and {_CANDIDATES.stop}"
    raise OSError(message)


def free_port() -> int:
    """Return one free port."""
    return free_ports(1)[0]


def accepts(port: int) -> bool:
    """Tell whether something accepts connections on the loopback port."""
    with socket.socket() as sock:
        sock.settimeout(1)
        return sock.connect_ex((LOOPBACK, port)) == 0


def _bound(sock: socket.socket, port: int) -> bool:
    """Bind as servers do, old connections in TIME_WAIT being no hindrance; False when the port is taken."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((LOOPBACK, port))
        sock.listen()
    except OSError:
        return False
    return True
