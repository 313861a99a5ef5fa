"""Copies of what is lost, sought in a web archive when a run's visits are done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from crawler.clock import Clock
from crawler.core.model import ArchivedCopy, NoCopy, Task
from crawler.fetching import Fetch, SharedFetch
from crawler.store import mementos
from crawler.store.mementos import LookUp
from crawler.store.runs import Run
from crawler.web.mementos import Mementos, closest
from crawler.workers import Workers


@dataclass(frozen=True, slots=True)
class Lookups:
    """What a run asks a web archive for."""

    run: Run
    archive: Mementos
    shared: SharedFetch
    clock: Clock
    failed: Callable[[Task, Exception], None]  # told of each that failed by our own fault
    stop: asyncio.Event

    async def seek(self, workers: int) -> None:
        """Ask for copies of what is lost, workers of them at a time, no more than the archive may be asked for a run."""
        under_way = Workers()
        try:
            for lookup in mementos.due(self.run, self.archive.lookups_per_run, self.clock.now()):
                while len(under_way) >= workers:
                    await under_way.one_ended()
                if self.stop.is_set():
                    break
                under_way.begin(self._look_up(lookup))
            while under_way:
                await under_way.one_ended()
        finally:
            await under_way.aclose()

    async def _look_up(self, lookup: LookUp) -> None:
        try:
            with self.shared.for_one_visit() as fetch:
                came = await self._copy(lookup, fetch)
        except Exception as error:  # noqa: BLE001 - as in a visit: our own fault in one must not end the others
            self.failed(Task(lookup.url, 0, 0), error)
        else:
            if not self.stop.is_set() or came is not NoCopy.NO_ANSWER:  # it may be we who did not wait for it
                mementos.settle(self.run, lookup, came, self.clock.now())

    async def _copy(self, lookup: LookUp, fetch: Fetch) -> ArchivedCopy | NoCopy:
        """Return the archived copy of what is lost that is closest to when it was cited, where the archive has one.

        Where that time is not known, the latest (a replay has another now).
        """
        when = mementos.cited_at(self.run, lookup.cited_url)
        seconds = self.run.limits.chain_seconds
        return await closest(lookup.url, when, self.archive.endpoint, lambda at: fetch(at, seconds, ""))
