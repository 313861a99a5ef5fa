"""The main path, readable top to bottom: claim, visit, plan, record."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from crawler.clock import Clock
from crawler.core import urls
from crawler.core.model import (
    Capture,
    Document,
    Exchange,
    Failure,
    Hop,
    Limits,
    Outcome,
    Page,
    Resolution,
    Task,
    Unread,
    Url,
    Via,
    Visit,
)
from crawler.core.redirects import Follow, Stop, next_step, read_hop
from crawler.core.schedule import plan
from crawler.errors import DatabaseError, SourceError
from crawler.store import frontier, records, runs
from crawler.store.records import Rest
from crawler.store.runs import Run

Fetch = Callable[[Url], Awaitable[Exchange | Failure]]
"""One hop: a GET with its attempts, waits and manners. Whatever the web does comes back as data."""

Read = Callable[[Document], Awaitable[Page | Unread]]
"""One document, read where it can do no harm."""


class Watcher(Protocol):
    """Whoever looks on: told of every visit as it is recorded, and of every one that failed by our fault."""

    def visited(self, visit: Visit) -> None:
        """Take note of a visit that is recorded."""

    def failed(self, task: Task, error: Exception) -> None:
        """Take note of a visit that failed by our own fault."""


async def crawl(
    run: Run,
    *,
    fetch: Fetch,
    read: Read,
    open_document: Callable[[Url], Document],
    clock: Clock,
    stop: asyncio.Event,
    watcher: Watcher,
    workers: int,
    max_visits: int | None = None,
) -> None:
    """Visit every URL that is due, workers of them at a time. Kill it at any moment, start it again, and nothing is lost."""
    frontier.free(run)
    shared = SharedFetch(fetch, clock)
    halt = asyncio.create_task(_halt_after(stop, run.limits.grace_seconds, shared))
    visits: set[asyncio.Task[None]] = set()

    async def visit(task: Task) -> None:
        with shared.for_one_visit() as fetch_once:
            try:
                made = await make_visit(task, fetch_once, read, open_document, run, clock)
                records.record(run, made, plan(made, run.limits, clock.now()), clock.now())
            except DatabaseError:
                raise
            except Exception as error:  # noqa: BLE001 - the one place: our own fault in one visit must not end the others
                runs.count_fault(run)
                watcher.failed(task, error)  # its lease stays: this run won't try it again, the next one will
            else:
                watcher.visited(made)

    try:
        left = max_visits
        while True:
            while len(visits) < workers and not stop.is_set() and left != 0 and (task := frontier.claim(run, clock.now())):
                visits.add(asyncio.create_task(visit(task)))
                left = None if left is None else left - 1
            if not visits:
                break
            done, visits = await asyncio.wait(visits, return_when=asyncio.FIRST_COMPLETED)
            for ended in done:
                ended.result()
    finally:
        for unfinished in (halt, *visits):
            unfinished.cancel()
        await asyncio.gather(halt, *visits, return_exceptions=True)
        await shared.aclose()


async def make_visit(
    task: Task, fetch: Fetch, read: Read, open_document: Callable[[Url], Document], run: Run, clock: Clock
) -> Visit:
    """Follow a task's URL to its end and read what is there; a file is read where it lies."""
    if not urls.is_web(task.url):
        return await _read_at_hand(task, read, open_document(task.url), clock)
    resolution, answer = await follow(task.url, fetch, run.limits, clock, recall=lambda url: records.rest_of_chain(run, url))
    if resolution.outcome is not Outcome.ARRIVED or not isinstance(answer, Exchange):
        return Visit(task, resolution, None, None)
    media_type = answer.header("content-type")
    page = await read(Document(answer.content, media_type, answer.url))
    return Visit(task, resolution, _capture(answer.url, media_type, answer.content, clock), page)


async def _read_at_hand(task: Task, read: Read, document: Document, clock: Clock) -> Visit:
    page = await read(document)
    if isinstance(page, Unread):
        raise SourceError(f"{task.url}: {page.reason}")
    return Visit(task, None, _capture(task.url, document.media_type, document.content, clock), page)


def _capture(url: Url, media_type: str | None, content: bytes, clock: Clock) -> Capture:
    digest = hashlib.sha256(content).hexdigest() if content else None
    return Capture(url, media_type, len(content) or None, digest, clock.now())


async def follow(
    url: Url, fetch: Fetch, limits: Limits, clock: Clock, recall: Callable[[Url], Rest | None] = lambda _: None
) -> tuple[Resolution, Exchange | Failure | None]:
    """Fetch hop after hop until core.redirects says stop; return the chain and its last answer.

    Where recall knows how a chain goes on from a URL, that is not fetched again, and there is no answer to return.
    """
    started_at, started = clock.now(), clock.monotonic()
    hops: list[Hop] = []
    at = url
    via: Via | None = None
    while True:
        if (rest := recall(at)) and len(hops) + len(rest.hops) <= limits.max_hops:
            hops += (replace(rest.hops[0], via=via), *rest.hops[1:])
            answer, outcome, detail = None, rest.outcome, rest.detail
            break
        answer = await _before(started + limits.chain_seconds, fetch, at, clock)
        hops.append(read_hop(answer, via))
        match next_step(hops, answer, limits):
            case Follow(at, via):
                continue
            case Stop(outcome, detail):
                break
    elapsed_ms = round((clock.monotonic() - started) * 1000)
    return Resolution(url, tuple(hops), outcome, detail, started_at, elapsed_ms), answer


async def _before(deadline: float, fetch: Fetch, url: Url, clock: Clock) -> Exchange | Failure:
    """Fetch url, or say that the chain's time was over first."""
    started_at, started = clock.now(), clock.monotonic()
    try:
        async with asyncio.timeout(max(0.0, deadline - started)):
            return await fetch(url)
    except TimeoutError:
        elapsed_ms = round((clock.monotonic() - started) * 1000)
        return Failure(url, Outcome.TIMEOUT, "the chain took longer than limits.chain_seconds", (), started_at, elapsed_ms)


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

        async def fetch(url: Url) -> Exchange | Failure:
            target = urls.without_fragment(url)
            is_first = target not in self._requests
            if is_first:
                self._requests[target] = asyncio.create_task(self._call(url))
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

    async def _call(self, url: Url) -> Exchange | Failure:
        return await self._fetch(url)

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


async def _halt_after(stop: asyncio.Event, grace_seconds: float, shared: SharedFetch) -> None:
    await stop.wait()
    await asyncio.sleep(grace_seconds)
    shared.halt()
