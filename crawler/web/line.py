"""Our own network, by what visits tell of it: while it is down, nothing that fails says anything of anybody."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from crawler.clock import Clock
from crawler.core.model import Outcome, Visit

OFFLINE_SECONDS = (5.0, 10.0, 20.0, 30.0)  # waited for it, one after the other; then it is given up


@dataclass(slots=True)
class Line:
    """Our line to the web."""

    detail: str | None = None  # in which words it is down
    waits: int = 0  # for it, one after the other

    @property
    def given_up(self) -> str | None:
        """In which words it is down, when waiting does not help."""
        return self.detail if self.waits > len(OFFLINE_SECONDS) else None

    def room(self, workers: int) -> int:
        """Return how many visits there may be: who claims while it is down claims for nothing, and one will tell."""
        if self.detail is None:
            return workers
        return 0 if self.given_up else 1

    def note(self, visit: Visit) -> None:
        """Learn from a visit: it was interrupted by us, or something was asked."""
        if visit.resolution and visit.resolution.outcome is Outcome.INTERRUPTED:
            self.detail = visit.resolution.detail
        elif visit.resolution and visit.resolution.hops[-1].attempts:
            self.detail, self.waits = None, 0

    async def wait(self, clock: Clock, stop: asyncio.Event, under_way: int) -> None:
        """Where it is down, and no visit is under way that may tell otherwise, give it time, each time more; or give it up."""
        if self.detail is None or under_way or stop.is_set():
            return
        self.waits += 1
        if self.given_up:
            return
        either = [asyncio.ensure_future(clock.sleep(OFFLINE_SECONDS[self.waits - 1])), asyncio.ensure_future(stop.wait())]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        for one in either:
            one.cancel()
        await asyncio.gather(*either, return_exceptions=True)
