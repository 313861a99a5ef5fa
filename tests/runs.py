"""One run over a web in a dictionary, and what came of it."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta

from crawler.core.model import Source, Task, Url, Visit
from crawler.core.settings import Limits, Schedule
from crawler.crawl import crawl
from crawler.store import records, runs
from tests.webs import read_here

A, B, C, D = (Url(f"https://site-{name}.example/story") for name in "abcd")

NEVER = Schedule(articles=(), links=(), strikes=())  # is anything looked at again that answered


class Clock:
    """Stands still until it is moved."""

    def __init__(self):
        self.time = datetime(2026, 3, 18, 12, tzinfo=UTC)

    def now(self):
        return self.time

    def monotonic(self):
        return self.time.timestamp()

    async def sleep(self, seconds):
        self.time += timedelta(seconds=seconds)
        await asyncio.sleep(0)


class Watcher:
    def __init__(self):
        self.visits: list[Visit] = []
        self.faults: list[tuple[Task, Exception]] = []
        self.ended: str | None = None

    def visited(self, visit):
        self.visits.append(visit)

    def failed(self, task, error):
        self.faults.append((task, error))


async def run_over(
    db,
    web,
    *sources,
    depth=1,
    documents=None,
    clock=None,
    limits=None,
    stop=None,
    fetch=None,
    read=read_here,
    schedule=None,
    **rest,
):
    """Make one run over a web; return its watcher, or None where nothing was due."""
    clock = clock or Clock()
    known = documents or {}
    starts = [(Source(url, hashlib.sha256(known[url].content).hexdigest() if url in known else None), depth) for url in sources]
    most = rest["archive"].lookups_per_run if rest.get("archive") else 0
    run = records.begin_run(db, starts, limits or Limits(), "test", "{}", "0", clock.now(), schedule or NEVER, most_lookups=most)
    if run is None:
        return None
    watcher = Watcher()
    watcher.ended = await crawl(
        run,
        fetch=fetch or web.fetch,
        read=read,
        open_document=known.__getitem__,
        clock=clock,
        stop=stop or asyncio.Event(),
        watcher=watcher,
        workers=4,
        **rest,
    )
    runs.end_run(run, "done", clock.now())
    return watcher


def titles(db):
    return {key for (key,) in db.conn.execute("SELECT key FROM pieces WHERE text_sha256 IS NOT NULL")}
