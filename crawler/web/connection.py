"""One connection, that is asked one question at a time."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator
from typing import cast

import httpx

from crawler.web.answers import Answer, Head
from crawler.web.faults import TlsError

READ_BYTES = 65_536
QUEUED_BYTES = 65_536  # of a body nobody has taken yet; past these the server is kept waiting


class Unanswered(httpx.RemoteProtocolError):
    """A connection that was kept from an earlier question closed before one byte of this answer came."""


class Connection(asyncio.BufferedProtocol):
    """An open connection to one server."""

    def __init__(self, sock: socket.socket, buffer: memoryview) -> None:
        loop = asyncio.get_running_loop()
        self.closed = loop.create_future()
        self.idle_since = 0.0
        self._loop = loop
        self._socket = sock
        self._buffer = buffer  # one for all connections: it is read out before the next one reads
        self._transport: asyncio.Transport
        self._answer: Answer | None = None
        self._pieces: deque[bytes] = deque()
        self._queued = 0
        self._is_paused = False
        self._failure: Exception | None = None
        self._news: asyncio.Future[None] | None = None  # somebody waits for the answer to go on
        self._was_used = False

    async def ask(self, request: bytes) -> Head:
        """Send a request; return how its answer begins. Raises an httpx error where there is none."""
        answer = self._answer = Answer()
        self._transport.write(request)
        while answer.head is None:
            if self._failure:
                raise self._failure
            await self._wait()
        return answer.head

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes. The server is kept waiting while nobody asks for more."""
        answer = self._answer
        while answer is not None:
            while self._pieces:
                piece = self._pieces.popleft()
                self._queued -= len(piece)
                yield piece
            if answer.is_done:
                return
            if self._failure:
                raise self._failure
            if self._is_paused:
                self._is_paused = False
                self._transport.resume_reading()
            await self._wait()

    @property
    def is_done(self) -> bool:
        """Whether all of the answer has come."""
        return self._answer is not None and self._answer.is_done

    def end(self) -> bool:
        """Be done with the answer; return whether another question can be asked, or else hang up."""
        answer, self._answer = self._answer, None
        if answer and answer.can_go_on and answer.is_done and not self._failure and not self._transport.is_closing():
            self._pieces.clear()
            self._queued = 0
            self._was_used = True
            self.idle_since = self._loop.time()
            return True
        self.abort()
        return False

    def is_quiet(self) -> bool:
        """Whether the server has sent nothing since, nor closed: what it sent would pass for the next answer."""
        if self._transport.is_closing():
            return False
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def abort(self) -> None:
        """Close, whatever is under way."""
        self._transport.abort()

    async def _wait(self) -> None:
        self._news = self._loop.create_future()
        try:
            await self._news
        finally:
            self._news = None

    def _tell(self) -> None:
        if self._news and not self._news.done():
            self._news.set_result(None)

    def _take(self, data: bytes) -> None:
        answer = self._answer
        if answer is None or self._failure:  # nothing was asked
            self.abort()
            return
        try:
            for piece in answer.feed(data):
                self._pieces.append(piece)
                self._queued += len(piece)
        except httpx.RemoteProtocolError as error:
            self._failure = Unanswered(str(error)) if self._was_used and not answer.is_begun else error
            self.abort()
        if self._queued > QUEUED_BYTES and not answer.is_done and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()
        self._tell()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)  # as a stream's is, of whatever class another loop has

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - the signature is asyncio's
        """Return where the next bytes go."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Read so many bytes."""
        self._take(bytes(self._buffer[:nbytes]))

    def eof_received(self) -> None:
        """Read the end of the stream, which ends some answers; asyncio closes its side."""
        if self._answer and not self._answer.is_done:
            self._take(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        answer = self._answer
        if answer and not answer.is_done and not self._failure:
            detail = str(exc or "the connection was closed")
            if isinstance(exc, ssl.SSLError):
                self._failure = TlsError(detail)
            elif self._was_used and not answer.is_begun:
                self._failure = Unanswered(detail)
            else:
                self._failure = httpx.ReadError(detail)
        self._tell()
        if not self.closed.done():
            self.closed.set_result(None)
