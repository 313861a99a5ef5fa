"""The transport to the live web: HTTP/1.1 over guarded connections. No proxy, no cookies, nothing from the environment."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import socket
import ssl
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import NamedTuple

import httpx

from crawler.web.bodies import Arriving
from crawler.web.connection import READ_BYTES, Connection, Unanswered
from crawler.web.faults import OutOfFiles, TlsError
from crawler.web.guard import MAX_TRIED, Guard, Resolve, Resolver
from crawler.web.tls import trusting_the_usual

Dial = Callable[[str, int], Awaitable[socket.socket]]
"""A connection to an address and port; raises an OSError where there is none."""

MAX_OPEN = 256  # connections; many systems allow a process 1,024 files
MAX_KEPT = 64  # of them after their answer, for the next question
MAX_BUSY = 2  # of one origin
KEPT_SECONDS = 10.0
CONNECT_SECONDS = 10.0  # to all of a host's addresses, handshake included
OUT_OF_FILES = (errno.EMFILE, errno.ENFILE)
OUT_OF_FILES_SECONDS = 0.05  # before the next look for a free one

_TARGET = re.compile(rb"[\x21-\x7e]+")


class Origin(NamedTuple):
    """What connections may be shared for (RFC 9110 §4.3.1)."""

    scheme: str
    host: str
    port: int


class Engine(httpx.AsyncBaseTransport):
    """Asks as it is told and follows nothing; whatever keeps the answer away is an httpx error."""

    def __init__(
        self,
        guard: Guard,
        *,
        ssl_context: ssl.SSLContext | None = None,
        resolve: Resolve | None = None,
        dial: Dial | None = None,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        self._guard = guard
        self._connect_seconds = connect_seconds
        self._ssl_context = ssl_context
        self._resolver = Resolver()
        self._resolve = resolve or self._resolver
        self._dial = dial or dial_tcp
        self._buffer = memoryview(bytearray(READ_BYTES))
        self._open: set[Connection] = set()
        self._kept: OrderedDict[Origin, Connection] = OrderedDict()  # the one kept longest first
        self._busy: Counter[Origin] = Counter()
        self._busy_in_all = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer, its body unread; raise an httpx error where there is none."""
        url = request.url
        scheme = url.scheme
        port = url.port
        origin = Origin(scheme, url.raw_host.decode("ascii"), (443 if scheme == "https" else 80) if port is None else port)
        asked = _written(request)
        await self._take_a_turn(origin)
        connection: Connection | None = None
        try:
            while True:
                connection = self._kept_for(origin) or await self._connected(origin)
                try:
                    head = await connection.ask(asked)
                except Unanswered:  # RFC 9112 §9.3.1: a GET may be asked again where a kept connection closed meanwhile
                    continue
                break
        except BaseException:
            if connection:
                connection.abort()
            self._end_turn(origin)
            raise
        return httpx.Response(
            head.status,
            headers=head.headers,
            stream=_Body(connection, origin, self),
            extensions={"http_version": b"HTTP/1.1", "reason_phrase": head.reason},
        )

    async def aclose(self) -> None:
        """Close every connection."""
        connections = list(self._open)
        for connection in connections:
            connection.abort()
        self._kept.clear()
        await asyncio.gather(*(connection.closed for connection in connections))
        self._resolver.close()

    def done_with(self, connection: Connection, origin: Origin) -> None:
        """Keep a connection for the next question, or close it."""
        now = asyncio.get_running_loop().time()
        if origin in self._kept or not connection.end():
            connection.abort()
        else:
            self._kept[origin] = connection
        while self._kept and (len(self._kept) > MAX_KEPT or now - next(iter(self._kept.values())).idle_since > KEPT_SECONDS):
            self._kept.popitem(last=False)[1].abort()
        self._end_turn(origin)

    async def _take_a_turn(self, origin: Origin) -> None:
        while self._busy[origin] >= MAX_BUSY or self._busy_in_all >= MAX_OPEN - MAX_KEPT:
            free = asyncio.get_running_loop().create_future()
            self._waiting.append(free)
            await free
        self._busy[origin] += 1
        self._busy_in_all += 1

    def _end_turn(self, origin: Origin) -> None:
        self._busy_in_all -= 1
        self._busy[origin] -= 1
        if not self._busy[origin]:
            del self._busy[origin]
        while self._waiting:
            if not (free := self._waiting.popleft()).done():
                free.set_result(None)

    def _kept_for(self, origin: Origin) -> Connection | None:
        connection = self._kept.pop(origin, None)
        if connection and not connection.is_quiet():
            connection.abort()
            return None
        return connection

    async def _connected(self, origin: Origin) -> Connection:
        """Return a new connection to origin, if all of its addresses may be connected to."""
        clock = asyncio.get_running_loop().time
        patient_until = clock() + self._connect_seconds
        while True:
            try:
                addresses = await self._guard.admitted(origin.host, origin.port, self._resolve)
                return await self._first(origin, addresses[:MAX_TRIED])
            except OSError as error:
                if error.errno not in OUT_OF_FILES:
                    raise
                if clock() > patient_until:
                    raise OutOfFiles("we have too many files open: allow more (ulimit -n), or set `workers` lower") from error
            # No fault of the host's: what we keep open for later must make way.
            while self._kept:
                self._kept.popitem()[1].abort()
            await asyncio.sleep(OUT_OF_FILES_SECONDS)

    async def _first(self, origin: Origin, addresses: Sequence[str]) -> Connection:
        """Return a connection to the first of addresses that answers. A silent one leaves the others their share of the time."""
        clock = asyncio.get_running_loop().time
        ends = clock() + self._connect_seconds
        failure: Exception = httpx.ConnectError(f"{origin.host} has no address")
        for tried, address in enumerate(addresses):
            try:
                async with asyncio.timeout((ends - clock()) / (len(addresses) - tried)):
                    return await self._begun(origin, await self._dial(address, origin.port))
            except TimeoutError as error:
                failure = httpx.ConnectTimeout(f"{address}: {error.strerror or 'no connection within limits.connect_seconds'}")
            except ssl.SSLError as error:
                raise TlsError(str(error)) from error
            except OSError as error:
                if error.errno in OUT_OF_FILES:
                    raise
                # asyncio has no words for a connection that is closed in the handshake.
                why = os.strerror(error.errno) if error.errno else str(error) or "closed before it was ready"
                failure = httpx.ConnectError(f"{address}: {why}")
                failure.__cause__ = error
        raise failure

    async def _begun(self, origin: Origin, sock: socket.socket) -> Connection:
        context = name = None
        if origin.scheme == "https":
            # What is verified and named is the host (RFC 6066 §3: without the dot of the root), whatever was dialled.
            context, name = self._ssl_context or trusting_the_usual(), origin.host.strip("[]").removesuffix(".")
        connection = Connection(sock, self._buffer)
        await asyncio.get_running_loop().create_connection(lambda: connection, sock=sock, ssl=context, server_hostname=name)
        if not connection.closed.done():
            self._open.add(connection)
            connection.closed.add_done_callback(lambda _: self._open.discard(connection))
        return connection


class _Body(Arriving):
    def __init__(self, connection: Connection, origin: Origin, engine: Engine) -> None:
        self._connection: Connection | None = connection
        self._origin = origin
        self._engine = engine

    @property
    def is_here(self) -> bool:
        return self._connection is not None and self._connection.is_done

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._connection:
            async for piece in self._connection.body():
                yield piece

    async def aclose(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            self._engine.done_with(connection, self._origin)


async def dial_tcp(address: str, port: int) -> socket.socket:
    """Return a socket connected to an address."""
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, (address, port))
    except BaseException:
        sock.close()
        raise
    return sock


def _written(request: httpx.Request) -> bytes:
    """Return the request as it goes out: the target as it was given, the headers and no others."""
    if request.method != "GET":
        raise ValueError(f"this engine GETs, and knows no {request.method}")
    target = request.extensions.get("target") or request.url.raw_path
    lines = [b"GET %b HTTP/1.1" % target, *(b"%b: %b" % header for header in request.headers.raw), b"\r\n"]
    written = b"\r\n".join(lines)
    if not _TARGET.fullmatch(target) or written.count(b"\n") != len(lines):
        raise httpx.LocalProtocolError("a request that would not be read as it was meant")
    return written
