"""Much at once, handed over in order: what the commands do that take any number of inputs."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeVar

from crawler.errors import CrawlerError

WINDOWS = 4  # how far ahead of the slowest item the others may get, in workers

Item = TypeVar("Item")
Result = TypeVar("Result")


async def in_order(
    items: Iterable[Item], work: Callable[[Item], Awaitable[Result]], workers: int
) -> AsyncIterator[Result | CrawlerError]:
    """Work on so many items at a time, whatever their number; yield in their order, a slow one holding up a window of others."""
    turns = asyncio.Semaphore(workers)

    async def in_turn(item: Item) -> Result | CrawlerError:
        async with turns:
            try:
                return await work(item)
            except CrawlerError as error:
                return error

    window: deque[asyncio.Task[Result | CrawlerError]] = deque()
    for item in items:
        window.append(asyncio.create_task(in_turn(item)))
        if len(window) >= workers * WINDOWS:
            yield await window.popleft()
    while window:
        yield await window.popleft()
