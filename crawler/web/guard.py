"""Which addresses may be connected to: public ones, on the ports of the web.

The rule is applied where a connection is made, to the very address it is made to: each name is resolved once, every
address of it must pass, and the checked one is dialled. Checking first and fetching then loses to a name server that
gives another answer the second time.
"""

from __future__ import annotations

import asyncio
import errno
import re
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

from crawler.errors import ConfigError
from crawler.web.faults import Refused, UnknownHost

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]
"""A name's addresses, in the order to try them."""

MAX_LOOKUPS = 64  # at a time; the loop's own pool is small, and a few dead name servers would stop every host
MAX_TRIED = 4  # addresses of one name
MAX_KNOWN = 10_000  # names whose addresses are remembered
KNOWN_SECONDS = 600.0
FILES_OF_LOOKUP = 4  # that may be open at once: the hosts file, the name servers' list, two sockets

# IANA's IPv4 special-purpose registry, multicast and the class E space, and two metadata services on public ground.
# ipaddress.is_global knows fewer of them.
NOT_PUBLIC_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # Azure's WireServer
    )
)  # fmt: skip

# All of IPv6 that is assigned to the public, but for what IANA's registry takes out of it again.
PUBLIC_V6 = IPv6Network("2000::/3")
NOT_PUBLIC_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32", "2002::/16",  # documentation, 6to4
        "3fff::/20",  # documentation (RFC 9637)
    )
)  # fmt: skip
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address as an IPv6-only network sees it

ISATAP = 0x5EFE  # RFC 5214: the third word from the end, before an embedded IPv4 address; its universal bit may be set

HOST_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
# Names that mean a machine of the neighbourhood wherever they are asked (RFC 6761, 6762, 8375; ICANN's .internal).
LOCAL_SUFFIXES = frozenset(
    {"localhost", "localdomain", "local", "internal", "arpa", "lan", "home", "corp", "intranet", "private", "svc"}
)
LOCAL_NAMES = frozenset({"metadata.goog"})


@dataclass(frozen=True, slots=True)
class Guard:
    """Where we may connect to. Field names are those of config.toml's [guard]."""

    allow: tuple[str, ...] = ()  # networks open to us though they aren't public: "10.1.0.0/16", "127.0.0.1"
    ports: tuple[int, ...] = (80, 443, 8080, 8443)

    def __post_init__(self) -> None:
        for network in self.allow:
            try:
                ip_network(network)
            except ValueError as error:
                raise ConfigError(f"guard.allow: {network!r} is no network such as '10.1.0.0/16': {error}") from error

    def refusal_of_name(self, host: str, port: int) -> str | None:
        """Return why host is not even looked up, or None."""
        if port not in self.ports:
            return f"port {port} is not one of guard.ports"
        if _address(host):
            return None
        name = host.lower().removesuffix(".")
        label = name.rpartition(".")[2]
        if not HOST_NAME.fullmatch(name) or _is_number(label):
            return f"{host} is no host name"
        if not self.allow and (label == name or label in LOCAL_SUFFIXES or name in LOCAL_NAMES):
            return f"{host} is a name of the local network"
        return None

    async def admitted(self, host: str, port: int, resolve: Resolve) -> list[str]:
        """Return the addresses of host, each of which may be connected to; raise Refused where one may not."""
        if reason := self.refusal_of_name(host, port):
            raise Refused(reason)
        addresses = [host.strip("[]")] if _address(host) else await resolve(host, port)
        for address in addresses:
            if reason := self.refusal_of_address(address):
                raise Refused(reason if _address(host) else f"{host}: {reason}")
        return addresses

    def refusal_of_address(self, address: str) -> str | None:
        """Return why address is not connected to, or None."""
        parsed = _address(address)
        if parsed is None:
            return f"{address} is no address"
        if any(parsed in network for network in _networks(self.allow)):
            return None
        if not _is_public(parsed):
            return f"{address} is not a public address"
        if _is_own(parsed):
            return f"{address} is an address of this machine"
        return None


def _is_number(label: str) -> bool:
    """Whether label is a number in some script's digits: other parsers than ours read an address there."""
    if not label.startswith("xn--"):
        return label.isdigit()
    try:
        return label[4:].encode("ascii").decode("punycode").isdigit()
    except UnicodeError:
        return False


@lru_cache
def _networks(allow: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(network) for network in allow)


def _address(text: str) -> Address | None:
    try:
        return ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_PUBLIC_V4)
    embedded = IPv4Address(int(address) & 0xFFFF_FFFF)
    if address in NAT64:
        return _is_public(embedded)
    if (int(address) >> 32) & 0xFDFF_FFFF == ISATAP and not _is_public(embedded):
        return False
    return address in PUBLIC_V6 and not any(address in network for network in NOT_PUBLIC_V6)


def _is_own(address: Address) -> bool:
    """Whether address is one of this machine's: it can be bound to. Nothing is sent."""
    return _can_bind(str(address), address.version) and not _binds_anything()


@lru_cache
def _binds_anything() -> bool:
    # Machines that stand in for others may bind to what isn't theirs (ip_nonlocal_bind); there we can't know.
    return _can_bind("192.0.2.1", 4)


def _can_bind(address: str, version: int) -> bool:
    try:
        probe = socket.socket(socket.AF_INET if version == 4 else socket.AF_INET6, socket.SOCK_DGRAM)
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            raise  # which says nothing about the address
        return False
    with probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


class Resolver:
    """The system's name service, asked from threads of its own, and once in a while for one name."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(MAX_LOOKUPS, thread_name_prefix="lookup")
        self._known: OrderedDict[str, tuple[float, list[str]]] = OrderedDict()  # until when, on the loop's clock

    async def __call__(self, host: str, port: int) -> list[str]:
        """Return the addresses of host."""
        loop = asyncio.get_running_loop()
        until, addresses = self._known.get(host, (0.0, []))
        if until > loop.time():
            return addresses
        try:
            found = await loop.run_in_executor(self._threads, _look_up, host, port)
        except socket.gaierror as error:
            if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None)):
                raise UnknownHost(f"{host}: {error.strerror}") from error
            raise httpx.ConnectError(f"{host}: {error.strerror}") from error
        except UnicodeError as error:  # a label too long or empty, which no name has
            raise UnknownHost(f"{host} is no host name: {error}") from error
        addresses = list(dict.fromkeys(found))
        self._known[host] = (loop.time() + KNOWN_SECONDS, addresses)
        self._known.move_to_end(host)
        if len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)
        return addresses

    def close(self) -> None:
        """Let go of the threads; a lookup that hangs is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int) -> list[str]:
    try:
        return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except socket.gaierror:
        # Where it may open no files, glibc is as sure that there is no such name as where it has asked.
        with ExitStack() as spare:
            for _ in range(FILES_OF_LOOKUP):
                spare.enter_context(socket.socket())
        raise
