"""Recording: exchanges as they are kept, failures too, and a transport that passes requests on and has each kept."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

import httpx

from crawler.web import faults
from crawler.web.bodies import PAGE_WANTED
from crawler.web.redaction import cookie_mark

_AUTHORITY = re.compile(rb"(?:\s*+(?:[A-Za-z][A-Za-z0-9+.-]*+:)?+[/\\]{2}[^/\\?#]*+)?+")
_ASCII = "".join(map(chr, range(128)))

WARC_RECORD = "warc_record"  # request extension: what its exchange is kept as, when its body is done with

ERROR_HEADER = "X-Crawler-Error"  # of a failure: its class, and in a second field its message
CUT_HEADER = "X-Crawler-Cut"  # of an answer whose body was not recorded to its end

BROKEN: tuple[type[BaseException], ...] = (asyncio.CancelledError, *faults.KINDS)
End = Literal["whole", "cut"]
Done = Callable[[bytes, BaseException | End], None]


@dataclass(frozen=True, slots=True)
class Recording:
    """One exchange: what was asked for, and what came."""

    method: str
    url: str
    status: int  # 0: a failure
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    cookie: str = ""  # the mark of the cookies that were sent


class RecordingTransport(httpx.AsyncBaseTransport):
    """Passes each request on to another transport. Where what came is kept is its subclasses' affair."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    def keep(self, request: httpx.Request, response: httpx.Response | None, recording: Recording) -> None:
        """Write an exchange down, when its body is done with; without a response, why there is none."""
        raise NotImplementedError

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the other transport's answer; it is written down when its body is done with."""
        try:
            response = await self._inner.handle_async_request(request)
        except asyncio.CancelledError:
            self._write_failure(request, _given_up(request))
            raise
        except faults.KINDS as error:
            self._write_failure(request, error)
            raise
        tee = _Tee(response, lambda body, end: self._write(request, response, body, end))
        return httpx.Response(response.status_code, headers=response.headers, stream=tee, extensions=response.extensions)

    async def aclose(self) -> None:
        """Close the other transport."""
        await self._inner.aclose()

    def _write(self, request: httpx.Request, response: httpx.Response, body: bytes, end: BaseException | End) -> None:
        # A body that nobody wanted may break off: the answer stands without it.
        if isinstance(end, BaseException) and request.extensions.get(PAGE_WANTED, True):
            self._write_failure(request, _given_up(request) if isinstance(end, asyncio.CancelledError) else end)
            return
        headers = [(name.decode("latin-1"), text_of(name, value)) for name, value in response.headers.raw]
        if end == "cut":
            headers.append((CUT_HEADER, "true"))
        reason = response.extensions.get("reason_phrase", b"").decode("latin-1")
        status = response.status_code
        self.keep(
            request,
            response,
            Recording(request.method, url_of(request), status, reason, tuple(headers), body, cookie_of(request)),
        )

    def _write_failure(self, request: httpx.Request, error: BaseException | None) -> None:
        if error is None:
            return
        error = faults.recordable(error)
        headers = ((ERROR_HEADER, type(error).__name__), (ERROR_HEADER, str(error)))
        self.keep(request, None, Recording(request.method, url_of(request), 0, "", headers, b"", cookie_of(request)))


class _Tee(httpx.AsyncByteStream):
    """A body that is passed on and kept, and told of when it is done with: whole, cut short, or broken off."""

    def __init__(self, response: httpx.Response, done: Done) -> None:
        self._response = response
        self._done: Done | None = done
        self._body = bytearray()
        self._end: BaseException | End = "cut"

    async def __aiter__(self) -> AsyncIterator[bytes]:
        stream = self._response.stream
        assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101 - what an asynchronous transport gives
        try:
            async for chunk in stream:
                self._body += chunk
                yield chunk
            self._end = "whole"
        except BROKEN as error:
            self._end = error
            raise

    async def aclose(self) -> None:
        done, self._done = self._done, None
        try:
            await self._response.aclose()
        finally:
            if done:
                done(bytes(self._body), self._end)


def url_of(request: httpx.Request) -> str:
    """Return the URL that a request asks for, as it goes out."""
    target = request.extensions.get("target", request.url.raw_path)
    return f"{request.url.scheme}://{request.url.netloc.decode('ascii')}{target.decode('ascii')}"


def cookie_of(request: httpx.Request) -> str:
    """Return the mark of the cookies that a request bears."""
    return cookie_mark(request.headers.get("cookie", ""))


def text_of(name: bytes, value: bytes) -> str:
    """Return a header value as text: UTF-8 where it is that, else Latin-1. No RFC allows more than ASCII, and sites send both.

    Of a Location that is no UTF-8 the bytes behind the host are what is asked for next: they are escaped, as browsers do it.
    """
    try:
        return value.decode()
    except UnicodeDecodeError:
        split = len(value)
        if name.lower() == b"location" and (authority := _AUTHORITY.match(value)):
            split = authority.end()
        return value[:split].decode("latin-1") + quote(value[split:], safe=_ASCII)


def _given_up(request: httpx.Request) -> httpx.ReadTimeout | None:
    """Return what is to be recorded where we were cancelled; None where no time ran out: we were stopped, and know nothing."""
    now = asyncio.get_running_loop().time()
    if now >= request.extensions.get("ends", float("inf")):
        return faults.OutOfTime(faults.OUT_OF_TIME.detail)
    if now >= request.extensions.get("deadline", float("inf")):
        return httpx.ReadTimeout(faults.LATE)
    return None
