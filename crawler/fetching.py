"""Fetching one URL: what a fetch is, and one request for many who ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from crawler.clock import Clock
from crawler.core import urls
from crawler.core.model import Exchange, Failure, Outcome, Seen, Url

Answer = Exchange | Failure


class Fetch(Protocol):
    """One hop: a GET with its attempts, waits and manners. Whatever the web does comes back as data."""

    async def __call__(self, url: Url, seconds: float, cookie: str, seen: Seen | None = None) -> Exchange | Failure:
        """Ask for url in so many seconds from when it is its turn at the host; cookie is the field to send, "" for none.

        Where seen is what was there before, the answer may be that it has not changed.
        """


@dataclass(slots=True)
class _Request:
    """One request, and who needs its answer."""

    answer: asyncio.Future[Answer]
    ask: Fetch
    seconds: float  # that it was given
    users: int = 0


class SharedFetch:
    """One request for a URL however many visits come by it, from when the first asks until all of them are recorded.

    After that the database knows how the chain goes on (records.rest_of_chain), so nothing is kept for longer. What is
    asked for with a cookie is its own chain's alone.
    """

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._requests: dict[tuple[Url, Seen | None], _Request] = {}
        self._asking: set[asyncio.Task[object]] = set()
        self._is_halted = False

    @contextmanager
    def for_one_visit(self) -> Iterator[Fetch]:
        """Give one visit its fetch; whatever it asked for is kept until the end of the block."""
        used: dict[tuple[Url, Seen | None], _Request] = {}

        async def fetch(url: Url, seconds: float, cookie: str, seen: Seen | None = None) -> Answer:
            ask = partial(self._fetch, seen=seen) if seen else self._fetch
            if cookie:
                return await self._unless_halted(url, lambda: ask(url, seconds, cookie))
            target = (urls.without_fragment(url), seen)  # who has seen nothing has no use for "not modified"
            request = self._requests.get(target)
            if is_first := request is None:
                request = self._requests[target] = _Request(asyncio.get_running_loop().create_future(), ask, seconds)
            if target not in used:
                used[target] = request
                request.users += 1
            if is_first:
                return await self._answered(request, url)
            answer = await self._unless_halted(url, lambda: asyncio.shield(request.answer))
            if isinstance(answer, Failure) and answer.outcome is Outcome.TIMEOUT and request.seconds < seconds:
                # It was the time of another chain that ran out, which says nothing of this one's.
                return await self._unless_halted(url, lambda: ask(url, seconds, ""))
            # The attempts belong to the chain that made them.
            return replace(answer, url=url, attempts=())

        try:
            yield fetch
        finally:
            for target, request in used.items():
                request.users -= 1
                if not request.users:
                    del self._requests[target]

    async def _answered(self, request: _Request, url: Url) -> Answer:
        """Make a request for all who wait for its answer."""
        try:
            answer = await self._unless_halted(url, lambda: request.ask(url, request.seconds, ""))
        except Exception as fault:
            request.answer.set_exception(fault)
            request.answer.exception()  # it is told here, whoever else waits for it
            raise
        except BaseException:
            request.answer.cancel()
            raise
        request.answer.set_result(answer)
        return answer

    async def _unless_halted(self, url: Url, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        if self._is_halted:
            return self._interrupted(url)
        asking = asyncio.current_task()
        assert asking is not None  # noqa: S101 - a coroutine runs in a task
        self._asking.add(asking)
        try:
            return await ask()
        except asyncio.CancelledError:
            if not self._is_halted or asking.uncancel():  # it is the visit itself that is to end
                raise
            return self._interrupted(url)
        finally:
            self._asking.discard(asking)

    def _interrupted(self, url: Url) -> Failure:
        return Failure(url, Outcome.INTERRUPTED, "the run was stopped", (), self._clock.now(), 0)

    def halt(self) -> None:
        """End every fetch under way as interrupted."""
        if not self._is_halted:
            self._is_halted = True
            for asking in self._asking:
                asking.cancel()
