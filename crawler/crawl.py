"""The main path, readable top to bottom."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from crawler.clock import Clock
from crawler.core.model import Exchange, Failure, Hop, Limits, Outcome, Resolution, Url
from crawler.core.redirects import Follow, Stop, next_step, read_hop

Fetch = Callable[[Url], Awaitable[Exchange | Failure]]
"""One hop: a GET with its attempts, waits and manners; whatever the web does comes back as data."""


async def follow(url: Url, fetch: Fetch, limits: Limits, clock: Clock) -> tuple[Resolution, Exchange | Failure]:
    """Fetch hop after hop until core.redirects says stop; return the chain and its last answer."""
    started_at, started = clock.now(), clock.monotonic()
    hops: list[Hop] = []
    via = None
    while True:
        answer = await _before(started + limits.chain_seconds, fetch, url, clock)
        hops.append(read_hop(answer, via))
        match next_step(hops, answer, limits):
            case Follow(url, via):
                continue
            case Stop(outcome, detail):
                elapsed_ms = round((clock.monotonic() - started) * 1000)
                return Resolution(hops[0].url, tuple(hops), outcome, detail, started_at, elapsed_ms), answer


async def _before(deadline: float, fetch: Fetch, url: Url, clock: Clock) -> Exchange | Failure:
    """Fetch url, or say that the chain's time was over first."""
    started_at, started = clock.now(), clock.monotonic()
    try:
        async with asyncio.timeout(max(0.0, deadline - started)):
            return await fetch(url)
    except TimeoutError:
        elapsed_ms = round((clock.monotonic() - started) * 1000)
        return Failure(url, Outcome.TIMEOUT, "the chain took longer than limits.chain_seconds", (), started_at, elapsed_ms)
