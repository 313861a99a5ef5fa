"""One hop: a GET with its attempts, waits and manners. Whatever the web does comes back as data."""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import replace

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_result, stop_after_attempt, wait_exponential

from crawler.clock import Clock
from crawler.core import urls
from crawler.core.model import Attempt, Exchange, Failure, Outcome, Seen, Url
from crawler.core.settings import Limits
from crawler.web import bodies
from crawler.web.asking import Asker, Question, Received
from crawler.web.faults import OUT_OF_TIME, Fault
from crawler.web.politeness import BUSY, PASSING, Manners, Turn, Turns
from crawler.web.requests import Fields, Requests, own_fields, split
from crawler.web.robots import Robots


class Client:
    """Fetches one hop at a time, over any transport.

    Robots.txt is asked once a host, requests to one host take turns, and what fails in passing is tried again.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, *, clock: Clock, limits: Limits, manners: Manners) -> None:
        self._clock = clock
        self._limits = limits
        self._manners = manners
        self._turns = Turns(clock)
        self._robots = Robots(self._hop, clock=clock, product=manners.product, seconds=limits.chain_seconds)
        self._backoff = wait_exponential(multiplier=manners.backoff_seconds, max=manners.max_retry_after)
        requests = Requests(
            [
                ("User-Agent", manners.sent_user_agent),
                ("Accept", manners.accept),
                ("Accept-Language", manners.accept_language),
                ("Accept-Encoding", bodies.ACCEPT_ENCODING),
            ]
        )
        self._asker = Asker(transport, requests, clock, limits.hop_seconds)

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
        await self._asker.aclose()

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
            answer = await self._attempts(Question(url, fields, ends, body_bytes or self._limits.body_bytes), turn, made)
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

    async def _attempts(self, question: Question, turn: Turn, attempts: list[Attempt]) -> Received | Fault:
        """Try, and wait, and try again until the chain ends, writing each attempt down; return what the last one brought."""
        first = await self._attempt(question, attempts, turn.waited, turn.reason)
        if not self._is_worth_another(first):  # nearly every time, and tenacity's outfit takes as long as the request
            return first
        made = [first]
        seconds, reason = 0.0, ""

        async def next_attempt() -> Received | Fault:
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

    def _is_worth_another(self, answer: Received | Fault) -> bool:
        if isinstance(answer, Fault):
            return answer.is_passing
        return answer.status in PASSING and (answer.retry_after or 0) <= self._manners.max_retry_after

    def _pause(self, url: Url, state: RetryCallState) -> tuple[float, str]:
        """Return how long to wait before the next attempt, and why: never less than between any two requests."""
        answer, seconds, reason = _result(state), 0.0, "retry_after"
        if isinstance(answer, Received):
            seconds = answer.retry_after or 0.0
        if not seconds:
            seconds, reason = self._backoff(state) + self._jitter(url, state.attempt_number), "backoff"
        return max(seconds, self._manners.seconds_between), reason

    def _jitter(self, url: Url, number: int) -> float:
        """Return what keeps those apart who failed together. Not drawn by lot: a replay waits as long."""
        return self._manners.backoff_seconds * zlib.crc32(f"{number} {url}".encode()) / 2**32

    async def _attempt(self, question: Question, attempts: list[Attempt], waited: float, reason: str) -> Received | Fault:
        """Ask once, after so many seconds for that reason; write the attempt down, and return what it brought."""
        started_at = self._clock.now()
        answer = await self._asker.ask(question)
        if isinstance(answer, Received):
            status, error = answer.status, None
        elif answer == OUT_OF_TIME or answer.is_ours:
            return answer
        else:
            status, error = None, answer.detail
        wait_ms = round(waited * 1000)
        attempts.append(Attempt(len(attempts) + 1, status, error, wait_ms, reason if wait_ms else None, started_at))
        return answer


def _host(url: Url) -> str:
    try:
        return split(url)[0].name
    except (httpx.InvalidURL, UnicodeError):
        return ""  # no request will be made


def _result(state: RetryCallState) -> Received | Fault:
    assert state.outcome is not None  # noqa: S101 - tenacity asks after an attempt only
    answer: Received | Fault = state.outcome.result()
    return answer
