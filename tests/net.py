"""The net under the whole suite: a connection that would leave this machine is refused."""

from __future__ import annotations

import ipaddress


class NetworkReached(RuntimeError):  # noqa: N818 - it says what happened
    """A test tried to reach the network; no table of web faults knows this error, so it can't pass for one."""


def refuse_the_network(event: str, arguments: tuple[object, ...]) -> None:
    # An audit hook sees every socket, whoever opens it, and can't be undone by a test.
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and address and isinstance(address[0], str) and not _is_loopback(address[0]):
            raise NetworkReached(f"{event} {address}")
    elif event == "socket.getaddrinfo":
        host = arguments[0]
        if host is not None and not _is_address(str(host)) and not _is_loopback(str(host)):
            raise NetworkReached(f"{event} {host}")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host.partition("%")[0]).is_loopback)
