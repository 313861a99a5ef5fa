"""One hop: a GET with its attempts, waits and manners. Whatever the web does comes back as data.

The transport is asked directly: httpx.Client would parse each Location by itself, and lose the answer to many.
"""

from __future__ import annotations

import asyncio
import zlib
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_result, stop_after_attempt, wait_exponential

from crawler.clock import Clock
from crawler.core import urls
from crawler.core.model import Attempt, Exchange, Failure, Outcome, Seen, Url, WarcRecord
from crawler.core.redirects import REDIRECTS
from crawler.core.settings import Limits
from crawler.web import bodies, faults
from crawler.web.faults import LATE, OUT_OF_TIME, Fault
from crawler.web.politeness import BUSY, PASSING, Manners, Turn, Turns, retry_after
from crawler.web.recording import WARC_RECORD, text_of
from crawler.web.requests import Fields, Requests, own_fields, split
from crawler.web.robots import Robots

DRAINED_BYTES = 16_384  # of a body nobody reads, so that its connection can be used again
DRAINED_SECONDS = 0.5


class _Question(NamedTuple):
    """What is asked for in each attempt of a hop."""

    url: Url
    fields: Fields
    ends: float  # when the chain's time is over, on the loop's clock
    body_bytes: int  # of the answer, to be read


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one attempt brought."""

    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes
    truncated: bool
    retry_after: float | None  # seconds
    warc_record: WarcRecord | None = None  # where it is kept


class Client:
    """Fetches one hop at a time, over any transport.

    Robots.txt is asked once a host, requests to one host take turns, and what fails in passing is tried again.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, *, clock: Clock, limits: Limits, manners: Manners) -> None:
        self._transport = transport
        self._clock = clock
        self._limits = limits
        self._manners = manners
        self._turns = Turns(clock)
        self._robots = Robots(self._hop, clock=clock, product=manners.product, seconds=limits.chain_seconds)
        self._backoff = wait_exponential(multiplier=manners.backoff_seconds, max=manners.max_retry_after)
        self._requests = Requests(
            [
                ("User-Agent", manners.sent_user_agent),
                ("Accept", manners.accept),
                ("Accept-Language", manners.accept_language),
                ("Accept-Encoding", bodies.ACCEPT_ENCODING),
            ]
        )

    async def fetch(
        self, url: Url, seconds: float | None = None, cookie: str = "", seen: Seen | None = None
    ) -> Exchange | Failure:
        """Return the answer at url, or why there is none, in so many seconds from when it is our turn at its host.

        What its robots.txt took, if that had to be asked for, counts among them. Without a number, limits.chain_seconds.
        The fragment of url stays with it; a user name or password does not.
        The client keeps no cookies: cookie is the field that the caller's chain has for url. Where seen is what it had before,
        the answer may be that it has not changed (304).
        """
        url = urls.without_userinfo(url)
        if not urls.is_web(url):
            return Failure(url, Outcome.REFUSED, "only http and https are asked", (), self._clock.now(), 0)
        host = _host(url)
        seconds, robots_ms = self._limits.chain_seconds if seconds is None else seconds, 0
        seconds_between = self._manners.seconds_between
        if self._turns.is_shortener(host):
            seconds_between = min(seconds_between, self._manners.shortener_seconds_between)
        if self._manners.obey_robots and host not in self._manners.robots_exempt:
            started_at, started = self._clock.now(), self._clock.monotonic()
            verdict = await self._robots.ask(url)
            if verdict.outcome:
                elapsed_ms = round((self._clock.monotonic() - started) * 1000)
                return Failure(
                    url, verdict.outcome, verdict.detail, verdict.attempts, started_at, elapsed_ms, verdict.warc_record
                )
            seconds_between = max(seconds_between, verdict.crawl_delay)
            robots_ms = verdict.elapsed_ms
            seconds = max(0.0, seconds - robots_ms / 1000)
        answer, _ = await self._hop(url, seconds=seconds, seconds_between=seconds_between, fields=own_fields(cookie, seen))
        if isinstance(answer, Exchange):
            self._turns.note(host, answer)
            return replace(answer, robots_ms=robots_ms) if robots_ms else answer
        return answer

    async def aclose(self) -> None:
        """Close the transport."""
        await self._transport.aclose()

    async def _hop(
        self,
        url: Url,
        *,
        seconds: float | None = None,
        seconds_between: float | None = None,
        body_bytes: int | None = None,
        fields: Fields = (),
    ) -> tuple[Exchange | Failure, Fault | None]:
        """Ask for url in its host's turn, as often as it takes; return the last answer, and what kept it away."""
        made: list[Attempt] = []
        between = self._manners.seconds_between if seconds_between is None else seconds_between
        async with self._turns.turn(_host(url), between) as turn:
            started_at, started = self._clock.now(), self._clock.monotonic()
            ends = asyncio.get_running_loop().time() + (self._limits.chain_seconds if seconds is None else seconds)
            answer = await self._attempts(_Question(url, fields, ends, body_bytes or self._limits.body_bytes), turn, made)
            if isinstance(answer, Fault):
                turn.is_used = not answer.is_ours
            elif answer.status in BUSY and (answer.retry_after or 0.0) <= self._manners.max_retry_after:
                turn.hold = answer.retry_after or 0.0
        elapsed_ms = round((self._clock.monotonic() - started) * 1000)
        attempts = tuple(made)
        if isinstance(answer, Fault):
            return Failure(url, answer.outcome, answer.detail, attempts, started_at, elapsed_ms, answer.warc_record), answer
        fetched_at = attempts[-1].started_at
        exchange = Exchange(
            url,
            answer.status,
            answer.headers,
            answer.content,
            answer.truncated,
            attempts,
            fetched_at,
            elapsed_ms,
            answer.warc_record,
        )
        return exchange, None

    async def _attempts(self, question: _Question, turn: Turn, attempts: list[Attempt]) -> _Answer | Fault:
        """Try, and wait, and try again until the chain ends, writing each attempt down; return what the last one brought."""
        first = await self._attempt(question, attempts, turn.waited, turn.reason)
        if not self._is_worth_another(first):  # nearly every time, and tenacity's outfit takes as long as the request
            return first
        made = [first]
        seconds, reason = 0.0, ""

        async def next_attempt() -> _Answer | Fault:
            return made.pop() if made else await self._attempt(question, attempts, seconds, reason)

        def pause(state: RetryCallState) -> float:
            nonlocal seconds, reason
            seconds, reason = self._pause(question.url, state)
            return seconds

        retrying = AsyncRetrying(
            sleep=self._clock.sleep,
            stop=stop_after_attempt(self._limits.max_attempts),
            wait=pause,
            retry=retry_if_result(self._is_worth_another),
            retry_error_callback=_result,
        )
        try:
            async with asyncio.timeout_at(question.ends):
                return await retrying(next_attempt)
        except TimeoutError:
            return OUT_OF_TIME

    def _is_worth_another(self, answer: _Answer | Fault) -> bool:
        if isinstance(answer, Fault):
            return answer.is_passing
        return answer.status in PASSING and (answer.retry_after or 0) <= self._manners.max_retry_after

    def _pause(self, url: Url, state: RetryCallState) -> tuple[float, str]:
        """Return how long to wait before the next attempt, and why: never less than between any two requests."""
        answer, seconds, reason = _result(state), 0.0, "retry_after"
        if isinstance(answer, _Answer):
            seconds = answer.retry_after or 0.0
        if not seconds:
            seconds, reason = self._backoff(state) + self._jitter(url, state.attempt_number), "backoff"
        return max(seconds, self._manners.seconds_between), reason

    def _jitter(self, url: Url, number: int) -> float:
        """Return what keeps those apart who failed together. Not drawn by lot: a replay waits as long."""
        return self._manners.backoff_seconds * zlib.crc32(f"{number} {url}".encode()) / 2**32

    async def _attempt(self, question: _Question, attempts: list[Attempt], waited: float, reason: str) -> _Answer | Fault:
        """Ask once, after so many seconds for that reason; write the attempt down, and return what it brought."""
        started_at = self._clock.now()
        answer = await self._ask(question)
        if isinstance(answer, _Answer):
            status, error = answer.status, None
        elif answer == OUT_OF_TIME or answer.is_ours:
            return answer
        else:
            status, error = None, answer.detail
        wait_ms = round(waited * 1000)
        attempts.append(Attempt(len(attempts) + 1, status, error, wait_ms, reason if wait_ms else None, started_at))
        return answer

    async def _ask(self, question: _Question) -> _Answer | Fault:
        # One deadline from connect to the last byte: httpx's timeouts are per read, and a byte a second outlasts them.
        deadline, ends = asyncio.get_running_loop().time() + self._limits.hop_seconds, question.ends
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

    async def _read(self, request: httpx.Request, response: httpx.Response, deadline: float, body_bytes: int) -> _Answer:
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
        return _Answer(status, headers, content, truncated, wait)


def _host(url: Url) -> str:
    try:
        return split(url)[0].name
    except (httpx.InvalidURL, UnicodeError):
        return ""  # no request will be made


def _result(state: RetryCallState) -> _Answer | Fault:
    assert state.outcome is not None  # noqa: S101 - tenacity asks after an attempt only
    answer: _Answer | Fault = state.outcome.result()
    return answer


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
