"""One request, and what comes in answer, its body as far as it is wanted. Whatever keeps the answer away comes as a Fault.

The transport is asked directly: httpx.Client would parse each Location by itself, and lose the answer to many.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple

import httpx

from crawler.clock import Clock
from crawler.core.model import Outcome, Url, WarcRecord
from crawler.core.redirects import REDIRECTS
from crawler.web import bodies, faults
from crawler.web.faults import LATE, OUT_OF_TIME, Fault
from crawler.web.politeness import retry_after
from crawler.web.recording import WARC_RECORD, text_of
from crawler.web.requests import Fields, Requests

DRAINED_BYTES = 16_384  # of a body nobody reads, so that its connection can be used again
DRAINED_SECONDS = 0.5


class Question(NamedTuple):
    """What is asked for: the same in each attempt of a hop."""

    url: Url
    fields: Fields
    ends: float  # when the chain's time is over, on the loop's clock
    body_bytes: int  # of the answer, to be read


@dataclass(frozen=True, slots=True)
class Received:
    """What came in answer to one request."""

    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes
    truncated: bool
    retry_after: float | None  # seconds
    warc_record: WarcRecord | None = None  # where it is kept


class Asker:
    """Asks over a transport, each time for so many seconds, from connect to the last byte."""

    def __init__(self, transport: httpx.AsyncBaseTransport, requests: Requests, clock: Clock, hop_seconds: float) -> None:
        self._transport = transport
        self._requests = requests
        self._clock = clock
        self._hop_seconds = hop_seconds

    async def ask(self, question: Question) -> Received | Fault:
        """Ask once; return what came, or what kept it away."""
        # One deadline from connect to the last byte: httpx's timeouts are per read, and a byte a second outlasts them.
        deadline, ends = asyncio.get_running_loop().time() + self._hop_seconds, question.ends
        request: httpx.Request | None = None
        try:
            async with asyncio.timeout_at(min(deadline, ends)):
                request = self._requests.make(question.url, question.fields, deadline, ends)
                response = await self._transport.handle_async_request(request)
                try:
                    answer = await self._read(request, response, min(deadline, ends), question.body_bytes)
                finally:
                    await _stream(response).aclose()
        except faults.KINDS as error:
            kept = request.extensions.get(WARC_RECORD) if request else None
            if not isinstance(error, TimeoutError):
                return replace(faults.read(error), warc_record=kept)
            if ends < deadline:
                return OUT_OF_TIME
            return Fault(Outcome.TIMEOUT, LATE, is_passing=True, at_connect=False, warc_record=kept)
        kept = request.extensions.get(WARC_RECORD)
        return replace(answer, warc_record=kept) if kept else answer

    async def _read(self, request: httpx.Request, response: httpx.Response, deadline: float, body_bytes: int) -> Received:
        headers = tuple((name.decode("latin-1").lower(), text_of(name, value)) for name, value in response.headers.raw)
        fields: dict[str, list[str]] = {}
        for name, value in headers:
            fields.setdefault(name, []).append(value)
        status = response.status_code
        content, truncated = b"", False
        encodings = bodies.layers(fields.get("content-encoding", ()))
        content_type = fields.get("content-type", [None])[0]
        path = request.extensions["target"].decode("ascii")
        # A body in a coding we did not ask for and can't bound stays unread: it comes as no content.
        is_wanted = _has_page(status, fields) and encodings is not None and bodies.is_worth_reading(content_type, path)
        request.extensions[bodies.PAGE_WANTED] = is_wanted
        if is_wanted and encodings is not None:
            content, truncated = await bodies.read(_stream(response), encodings, body_bytes)
        elif not (isinstance(response.stream, bodies.Arriving) and response.stream.is_here):
            await _drain(response, deadline)
        wait = retry_after(fields["retry-after"][0], self._clock.now()) if "retry-after" in fields else None
        return Received(status, headers, content, truncated, wait)

    async def aclose(self) -> None:
        """Close the transport."""
        await self._transport.aclose()


def _has_page(status: int, fields: dict[str, list[str]]) -> bool:
    """Whether the body may be read: not that of an error, nor of a redirect (an endless one cost others their memory)."""
    return 200 <= status < 300 or (status in REDIRECTS and "location" not in fields)


def _stream(response: httpx.Response) -> httpx.AsyncByteStream:
    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101 - what an asynchronous transport gives
    return stream


async def _drain(response: httpx.Response, deadline: float) -> None:
    """Read a small body to its end; of a large or slow or broken one take leave. The answer stands either way."""
    left = DRAINED_BYTES
    enough = min(asyncio.get_running_loop().time() + DRAINED_SECONDS, deadline - DRAINED_SECONDS / 10)
    with suppress(*faults.KINDS):
        async with asyncio.timeout_at(enough):
            async for chunk in _stream(response):
                left -= len(chunk)
                if left < 0:
                    return
