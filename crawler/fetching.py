"""Fetching one URL: what a fetch is, and one request for many who ask."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from crawler.clock import Clock
from crawler.core import urls
from crawler.core.model import Exchange, Failure, Outcome, Url


class Fetch(Protocol):
    """One hop: a GET with its attempts, waits and manners. Whatever the web does comes back as data."""

    async def __call__(self, url: Url, seconds: float, cookie: str) -> Exchange | Failure:
        """Ask for url in so many seconds from when it is its turn at the host; cookie is the field to send, "" for none."""


class SharedFetch:
    """One request for a URL however many visits come by it, from when the first asks until all of them are recorded.

    After that the database knows how the chain goes on (records.rest_of_chain), so nothing is kept for longer. What is
    asked for with a cookie is its own chain's alone.
    """

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._requests: dict[Url, asyncio.Task[Exchange | Failure]] = {}
        self._seconds: dict[Url, float] = {}  # that each request was given
        self._users: dict[Url, int] = {}
        self._halted = asyncio.get_running_loop().create_future()

    @contextmanager
    def for_one_visit(self) -> Iterator[Fetch]:
        """Give one visit its fetch; whatever it asked for is kept until the end of the block."""
        asked: set[Url] = set()

        async def fetch(url: Url, seconds: float, cookie: str) -> Exchange | Failure:
            if cookie:
                return await self._call_alone(url, seconds, cookie)
            target = urls.without_fragment(url)
            is_first = target not in self._requests
            if is_first:
                self._requests[target] = asyncio.create_task(self._call(url, seconds))
                self._seconds[target] = seconds
            if target not in asked:
                asked.add(target)
                self._users[target] = self._users.get(target, 0) + 1
            given = self._seconds[target]
            answer = await self._unless_halted(url, self._requests[target])
            if isinstance(answer, Failure) and answer.outcome is Outcome.TIMEOUT and given < seconds:
                # It was the time of another chain that ran out, which says nothing of this one's.
                return await self._call_alone(url, seconds, "")
            # The attempts belong to the chain that made them.
            return answer if is_first else replace(answer, url=url, attempts=())

        try:
            yield fetch
        finally:
            for target in asked:
                self._users[target] -= 1
                if not self._users[target]:
                    del self._users[target], self._seconds[target]
                    self._requests.pop(target).cancel()

    async def _call(self, url: Url, seconds: float, cookie: str = "") -> Exchange | Failure:
        return await self._fetch(url, seconds, cookie)

    async def _call_alone(self, url: Url, seconds: float, cookie: str) -> Exchange | Failure:
        request = asyncio.create_task(self._call(url, seconds, cookie))
        try:
            return await self._unless_halted(url, request)
        finally:
            request.cancel()

    async def _unless_halted(self, url: Url, request: asyncio.Task[Exchange | Failure]) -> Exchange | Failure:
        await asyncio.wait({request, self._halted}, return_when=asyncio.FIRST_COMPLETED)
        if not request.done():
            return Failure(url, Outcome.INTERRUPTED, "the run was stopped", (), self._clock.now(), 0)
        return request.result()

    def halt(self) -> None:
        """End every fetch under way as interrupted."""
        if not self._halted.done():
            self._halted.set_result(None)

    async def aclose(self) -> None:
        """Cancel what nobody waits for any more."""
        requests = list(self._requests.values())
        for request in requests:
            request.cancel()
        await asyncio.gather(*requests, return_exceptions=True)
