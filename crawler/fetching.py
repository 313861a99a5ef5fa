"""Fetching one URL: what a fetch is, and one request for many who ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from crawler.clock import Clock
from crawler.core import urls
from crawler.core.model import Exchange, Failure, Outcome, Url

Fetch = Callable[[Url, float], Awaitable[Exchange | Failure]]
"""One hop: a GET with its attempts, waits and manners, in so many seconds from when it is its turn at the host.

Whatever the web does comes back as data.
"""


class SharedFetch:
    """One request for a URL however many visits come by it, from when the first asks until all of them are recorded.

    After that the database knows how the chain goes on (records.rest_of_chain), so nothing is kept for longer.
    """

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._requests: dict[Url, asyncio.Task[Exchange | Failure]] = {}
        self._users: dict[Url, int] = {}
        self._halted = asyncio.get_running_loop().create_future()

    @contextmanager
    def for_one_visit(self) -> Iterator[Fetch]:
        """Give one visit its fetch; whatever it asked for is kept until the end of the block."""
        asked: set[Url] = set()

        async def fetch(url: Url, seconds: float) -> Exchange | Failure:
            target = urls.without_fragment(url)
            is_first = target not in self._requests
            if is_first:
                self._requests[target] = asyncio.create_task(self._call(url, seconds))
            if target not in asked:
                asked.add(target)
                self._users[target] = self._users.get(target, 0) + 1
            request = self._requests[target]
            await asyncio.wait({request, self._halted}, return_when=asyncio.FIRST_COMPLETED)
            if not request.done():
                return Failure(url, Outcome.INTERRUPTED, "the run was stopped", (), self._clock.now(), 0)
            answer = request.result()
            # The attempts belong to the chain that made them.
            return answer if is_first else replace(answer, url=url, attempts=())

        try:
            yield fetch
        finally:
            for target in asked:
                self._users[target] -= 1
                if not self._users[target]:
                    del self._users[target]
                    self._requests.pop(target).cancel()

    async def _call(self, url: Url, seconds: float) -> Exchange | Failure:
        return await self._fetch(url, seconds)

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
