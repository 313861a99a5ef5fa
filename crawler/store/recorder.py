"""Recording visits as they end, those that end at about the same time in one transaction: it costs hardly more than for one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from crawler.clock import Clock
from crawler.errors import DatabaseError
from crawler.store import records
from crawler.store.records import Entry
from crawler.store.runs import Run

WAIT_SECONDS = 0.01  # that a visit at most waits for others to end


class Recorder:
    """Writes visits down, up to most of them at a time. One that is not committed is as if never made."""

    def __init__(self, run: Run, clock: Clock, most: int) -> None:
        self._run = run
        self._clock = clock
        self._most = most
        self._waiting: list[tuple[Entry, asyncio.Future[None]]] = []
        self._timer: asyncio.TimerHandle | None = None

    async def record(self, entry: Entry) -> None:
        """Return when an entry is committed, alone or with others; raise what prevents that."""
        loop = asyncio.get_running_loop()
        committed = loop.create_future()
        self._waiting.append((entry, committed))
        if len(self._waiting) >= self._most:
            self._commit_waiting()
        elif self._timer is None:
            self._timer = loop.call_later(WAIT_SECONDS, self._commit_waiting)
        await committed

    def close(self) -> None:
        """Let go of what is not committed: whoever waited for it has gone."""
        self._waiting.clear()
        if self._timer:
            self._timer.cancel()

    def _commit_waiting(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None
        waiting, self._waiting = self._waiting, []
        self._commit(waiting)

    def _commit(self, waiting: Sequence[tuple[Entry, asyncio.Future[None]]]) -> None:
        failure: Exception | None = None
        try:
            records.record(self._run, [entry for entry, _ in waiting], self._clock.now())
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            if len(waiting) > 1 and not isinstance(error, DatabaseError):
                for one in waiting:  # all were taken back; only the one that is at fault shall fail
                    self._commit([one])
                return
            failure = error
        for _, committed in waiting:
            if committed.done():
                continue
            if failure:
                committed.set_exception(failure)
            else:
                committed.set_result(None)
