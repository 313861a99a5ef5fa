"""The transport to the live web: a small pool an origin, each connection made by the guard."""

from __future__ import annotations

import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import cache

import httpcore
import httpx

from crawler.web.faults import Refused
from crawler.web.guard import Guard, GuardedBackend, Resolve, Resolver

MAX_POOLS = 64  # open at a time; stock httpx keeps one for all, and scans every connection of it for every request
CONNECTIONS = 2  # of one origin
IDLE_SECONDS = 10.0


class Engine(httpx.AsyncBaseTransport):
    """HTTP/1.1 over guarded connections. No proxy, no cookies, nothing from the environment."""

    def __init__(
        self,
        guard: Guard,
        *,
        ssl_context: ssl.SSLContext | None = None,
        resolve: Resolve | None = None,
        backend: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._ssl_context = ssl_context
        self._resolver = Resolver()
        self._backend = GuardedBackend(guard, inner=backend or httpcore.AnyIOBackend(), resolve=resolve or self._resolver)
        self._pools: OrderedDict[tuple[str, str, int | None], _Pool] = OrderedDict()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer, its body unread; raise an httpx error where there is none."""
        if request.url.port == 0:
            raise Refused("port 0 is no port")  # httpcore would take the default one
        pool = await self._pool(request.url)
        pool.asking += 1
        try:
            await pool.drop_leftovers()
            core_request = httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
                ),
                headers=request.headers.raw,
                extensions=request.extensions,
            )
            with _as_httpx():
                response = await pool.connections.handle_async_request(core_request)
        except BaseException:
            pool.asking -= 1
            raise
        return httpx.Response(
            response.status, headers=response.headers, stream=_Stream(response, pool), extensions=response.extensions
        )

    async def aclose(self) -> None:
        """Close every connection."""
        for pool in self._pools.values():
            await pool.connections.aclose()
        self._pools.clear()
        self._resolver.close()

    async def _pool(self, url: httpx.URL) -> _Pool:
        origin = (url.scheme, url.raw_host.decode("ascii"), url.port)
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools[origin] = _Pool(
                httpcore.AsyncConnectionPool(
                    ssl_context=(self._ssl_context or _trusting_the_usual()) if url.scheme == "https" else None,
                    max_connections=CONNECTIONS,
                    max_keepalive_connections=1,
                    keepalive_expiry=IDLE_SECONDS,
                    network_backend=self._backend,
                )
            )
        self._pools.move_to_end(origin)
        for oldest in list(self._pools)[: max(0, len(self._pools) - MAX_POOLS)]:
            if not self._pools[oldest].asking:
                await self._pools.pop(oldest).connections.aclose()
        return pool


@cache
def _trusting_the_usual() -> ssl.SSLContext:
    # One for all, made when the first https host is met: that takes longer than a hundred requests.
    return httpcore.default_ssl_context()


class _Pool:
    """The connections of one origin."""

    def __init__(self, connections: httpcore.AsyncConnectionPool) -> None:
        self.connections = connections
        self.asking = 0  # requests whose answers are not closed yet

    async def drop_leftovers(self) -> None:
        """Close idle connections on which a server sent more than was asked: it would pass for the next answer."""
        for connection in self.connections.connections:
            # httpcore hands these bytes to the next request, and has no public word for them.
            inner = getattr(connection, "_connection", None)
            state = getattr(inner, "_h11_state", None)
            if state is not None and connection.is_idle() and state.trailing_data[0]:
                await connection.aclose()


class _Stream(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response, pool: _Pool) -> None:
        self._response = response
        self._pool: _Pool | None = pool

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for chunk in self._response.aiter_stream():
                yield chunk

    async def aclose(self) -> None:
        if self._pool:
            self._pool.asking -= 1
            self._pool = None
        with _as_httpx():
            await self._response.aclose()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Name httpcore's errors as httpx does: the two trees have the same names."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        kind: type[httpx.TransportError] = getattr(httpx, type(error).__name__)
        raise kind(str(error)) from error
