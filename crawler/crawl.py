"""The main path, readable top to bottom: claim, visit, plan, record."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from crawler.clock import Clock
from crawler.core import lists, urls
from crawler.core.model import READABLE, Capture, Document, Exchange, Failure, Page, ReadAs, Resolution, Task, Unread, Url, Visit
from crawler.core.redirects import NOT_MODIFIED
from crawler.core.schedule import plan
from crawler.errors import DatabaseError, SourceError
from crawler.fetching import Fetch, SharedFetch
from crawler.following import follow
from crawler.lookups import Lookups
from crawler.store import frontier, pieces, records, runs
from crawler.store.recorder import Recorder
from crawler.store.records import Entry
from crawler.store.runs import Run
from crawler.web.line import Line
from crawler.web.mementos import Mementos
from crawler.workers import Workers

LONGEST_VALIDATOR = 1000  # characters

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
    archive: Mementos | None = None,
) -> str | None:
    """Visit every URL that is due, workers of them at a time. Kill it at any moment, start it again, and nothing is lost.

    archive is the web archive that is asked for copies of what is lost, now or since earlier runs, if any is.
    Return what made it end before that, where it was neither stop nor max_visits: our own network, when waiting does not help.
    """
    frontier.free(run)
    shared = SharedFetch(fetch, clock)
    halt = asyncio.create_task(_halt_after(stop, run.limits.grace_seconds, shared))
    recorder = Recorder(run, clock, most=(workers + 1) // 2)
    line = Line()

    def failed(task: Task, error: Exception) -> None:
        runs.count_fault(run)
        watcher.failed(task, error)

    async def visit(task: Task) -> None:
        with shared.for_one_visit() as fetch_once:
            try:
                made = await make_visit(task, fetch_once, read, open_document, run, clock)
                planned = plan(made, run.limits, run.schedule, clock.now())
                await recorder.record(Entry(made, planned))
            except DatabaseError:
                raise
            except Exception as error:  # noqa: BLE001 - our own fault in one visit must not end the others
                failed(task, error)  # its lease stays: this run won't try it again, the next one will
            else:
                watcher.visited(made)
                line.note(made)

    visits = Workers()
    left = sys.maxsize if max_visits is None else max_visits
    try:
        while True:
            await line.wait(clock, stop, len(visits))
            room = 0 if stop.is_set() else line.room(workers) - len(visits)
            for task in frontier.claim(run, min(room, left), clock.now()):
                visits.begin(visit(task))
                left -= 1
            if not visits:
                break
            await visits.one_ended()
        if archive and not line.given_up:
            await Lookups(run, archive, shared, clock, failed, stop).seek(workers)
        return line.given_up
    finally:
        halt.cancel()
        await asyncio.gather(halt, visits.aclose(), return_exceptions=True)
        recorder.close()


async def make_visit(
    task: Task, fetch: Fetch, read: Read, open_document: Callable[[Url], Document], run: Run, clock: Clock
) -> Visit:
    """Follow a task's URL to its end and read what is there; a file is read where it lies."""
    if not urls.is_web(task.url):
        return await read_at_hand(task, open_document(task.url), read, clock)
    # An index of sitemaps is asked for whole: what it lists may have changed though it has not.
    is_asked_anew = not task.is_known or task.read_as is ReadAs.SITEMAP_INDEX
    resolution, answer = await follow(
        task.url,
        fetch,
        run.limits,
        clock,
        recall=lambda url: records.rest_of_chain(run, url),
        seen_at=(lambda _: None) if is_asked_anew else lambda url: pieces.seen_at(run, url),
    )
    return await read_end(task, resolution, answer, read, clock)


async def read_end(task: Task, resolution: Resolution, answer: Exchange | Failure | None, read: Read, clock: Clock) -> Visit:
    """Read what a chain led to, if that is a document."""
    if resolution.outcome not in READABLE or not isinstance(answer, Exchange):
        return Visit(task, resolution, None, None)
    if answer.status == NOT_MODIFIED:
        return Visit(task, resolution, _capture(answer, clock), None)
    media_type, coding = answer.header("content-type"), answer.header("content-encoding")
    if coding and not answer.content:
        page: Page | Unread = Unread(f"it came in a coding that was not asked for ({coding})")
    else:
        page = await read(_asked_for(task, Document(answer.content, media_type, answer.url, answer.truncated)))
    return Visit(task, resolution, _capture(answer, clock), page)


def _asked_for(task: Task, document: Document) -> Document:
    """Return a document with what it is to be read as, which a source that nobody named so tells by itself."""
    read_as = lists.told(document) if task.read_as is ReadAs.ANY else task.read_as
    return document if read_as is ReadAs.PAGE else replace(document, read_as=read_as, entry_limit=task.entry_limit)


async def read_at_hand(task: Task, document: Document, read: Read, clock: Clock) -> Visit:
    """Read a document that no chain led to. Raises SourceError where it can't be read."""
    page = await read(_asked_for(task, document))
    if isinstance(page, Unread) and document.captured_at is None:  # in an archive it is a fact like others
        raise SourceError(f"{task.url}: {page.reason}")
    digest = hashlib.sha256(document.content).hexdigest()
    captured_at = document.captured_at or clock.now()
    url, kept = Url(document.url) if document.url else task.url, document.warc_record
    capture = Capture(url, document.media_type, len(document.content), digest, captured_at, warc_record=kept)
    return Visit(task, None, capture, page)


def _capture(answer: Exchange, clock: Clock) -> Capture:
    content = answer.content
    return Capture(
        answer.url,
        answer.header("content-type"),
        len(content) or None,
        hashlib.sha256(content).hexdigest() if content else None,
        clock.now(),
        _sendable(answer.header("etag")),
        _sendable(answer.header("last-modified")),
        answer.status == NOT_MODIFIED,
        answer.warc_record,
    )


def _sendable(value: str | None) -> str | None:
    """Return the value of a field, where it is one that can be sent back."""
    return value if value and value.isascii() and value.isprintable() and len(value) <= LONGEST_VALIDATOR else None


async def _halt_after(stop: asyncio.Event, grace_seconds: float, shared: SharedFetch) -> None:
    await stop.wait()
    await asyncio.sleep(grace_seconds)
    shared.halt()
