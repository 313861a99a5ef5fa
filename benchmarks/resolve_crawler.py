"""The crawler's side of resolution.py: links resolved by the parts that `crawler run` is wired of, recorded or not.

A script of its own, so that processor time and memory are its own. Prints its cost as one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from cost import cost_of
from server import Web, add_options, links

from crawler.cli.wiring import Parts, wired
from crawler.config import Config
from crawler.core.model import Outcome, Source, Task, Url, Visit
from crawler.core.settings import Limits
from crawler.crawl import crawl
from crawler.following import follow
from crawler.store import database, records, runs
from crawler.web.guard import Guard
from crawler.web.politeness import Manners
from crawler.web.tls import Tls


class _Strict:
    """Lets no fault pass: a visit that fails is quick, and would be counted as speed."""

    def visited(self, visit: Visit) -> None:
        if visit.resolution is None or visit.resolution.outcome is not Outcome.ARRIVED:
            raise SystemExit(f"{visit.task.url} did not arrive")

    def failed(self, task: Task, error: Exception) -> None:
        raise SystemExit(f"{task.url} could not be visited: {error!r}")


async def record(parts: Parts, count: int, web: Web, workers: int, path: Path) -> int:
    """Crawl a frontier of links into a database; return how many requests that took."""
    db = database.open_for_writing(path)
    starts = ((Source(Url(link)), 0) for link in links(count, web))
    run = records.begin_run(db, starts, Limits(), "benchmark", "{}", "0", datetime.now(UTC))
    if run is None:
        raise SystemExit("no links")
    await crawl(
        run,
        fetch=parts.client.fetch,
        read=parts.readers.read,
        open_document=parts.shelf.open,
        clock=parts.clock,
        stop=asyncio.Event(),
        watcher=_Strict(),
        workers=workers,
    )
    runs.end_run(run, "done", datetime.now(UTC))
    requests = runs.report(run).requests
    db.close()
    return requests


async def follow_only(parts: Parts, count: int, web: Web, workers: int) -> int:
    """Follow links and forget them; return how many requests that took."""
    waiting = links(count, web)
    requests = 0

    async def work() -> None:
        nonlocal requests
        for link in waiting:
            resolution, _ = await follow(Url(link), parts.client.fetch, Limits(), parts.clock)
            if resolution.outcome is not Outcome.ARRIVED:
                raise SystemExit(f"{link} did not arrive")
            requests += sum(len(hop.attempts) for hop in resolution.hops)

    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(work())
    return requests


async def resolve(side: str, count: int, web: Web, workers: int, path: Path) -> int:
    manners = Manners(seconds_between=0)
    guard = Guard(allow=("127.0.0.0/8",), ports=(web.port,))
    async with wired(Config(workers=workers, manners=manners, guard=guard, tls=Tls(web.ca))) as parts:
        if side == "record":
            return await record(parts, count, web, workers, path)
        return await follow_only(parts, count, web, workers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("side", choices=("record", "follow"))
    add_options(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "benchmark.db")
        cost = cost_of(lambda: asyncio.run(resolve(options.side, options.links, Web.of(options), options.workers, path)))
    print(json.dumps(asdict(cost)))


if __name__ == "__main__":
    main()
