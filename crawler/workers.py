"""Work under way, many pieces of it at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine


class Workers:
    """Coroutines under way, each a task of its own; asyncio.wait would look at all of them each time that one ends."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[None]] = set()
        self._ended = asyncio.Event()
        self._failure: BaseException | None = None

    def __len__(self) -> int:
        return len(self._under_way)

    def begin(self, work: Coroutine[None, None, None]) -> None:
        """Let another one begin."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._end)

    async def one_ended(self) -> None:
        """Return when at least one more has ended; raise what made one fail."""
        await self._ended.wait()
        self._ended.clear()
        if self._failure:
            raise self._failure

    async def aclose(self) -> None:
        """End what is under way."""
        tasks = list(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._ended.set()
        if not task.cancelled() and (failure := task.exception()):
            self._failure = self._failure or failure
