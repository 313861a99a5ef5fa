"""Crawl in a process that may open only so many files more: `python -m tests.few_files SPARE PORT FOLDER`.

Every host is the server at PORT. Prints the outcomes, and what made the crawl end early, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import socket
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

from crawler.core import urls
from crawler.core.model import Document, Source, Url
from crawler.core.settings import Limits
from crawler.crawl import crawl
from crawler.store import database, records
from crawler.web.circuits import Circuits
from crawler.web.client import Client
from crawler.web.engine import Engine, dial_tcp
from crawler.web.guard import Guard, Resolver
from crawler.web.politeness import Manners
from tests.fakes import FakeClock
from tests.runs import Watcher
from tests.standin import PUBLIC, page
from tests.webs import read_here

CHAINS = 30
MANNERS = Manners(obey_robots=False, circuit_failures=1, offline_hosts=2)


async def main(spare: int, port: int, folder: Path) -> None:
    async def dial(_address: str, _port: int) -> socket.socket:
        return await dial_tcp("127.0.0.1", port)

    async def resolve(_host: str, _port: int) -> list[str]:
        return [PUBLIC]

    sources = [(Source(Url(f"http://h{number}.example/")), 0) for number in range(CHAINS)]
    watcher = Watcher()
    clock = FakeClock()
    with closing(database.open_for_writing(folder / "few.db")) as db:
        run = records.begin_run(db, sources, Limits(), "test", "{}", "0", clock.now())
        assert run
        engine = Engine(Guard(), resolve=resolve, dial=dial, connect_seconds=0.5)
        client = Client(Circuits(engine, clock=clock, manners=MANNERS), clock=clock, limits=run.limits, manners=MANNERS)
        # What is read from disk when it is first needed is read before.
        Guard().refusal_of_address(PUBLIC)
        urls.site("http://h.example/")
        await read_here(Document(page("a piece").body, "text/html", "http://h.example/"))
        allow_only(spare)
        ended = await crawl(
            run, fetch=client.fetch, read=read_here, open_document=str, clock=clock, stop=asyncio.Event(),  # type: ignore[arg-type]
            watcher=watcher, workers=CHAINS,
        )  # fmt: skip
        looked_up = await look_up() if not spare else None
        await client.aclose()
        states = dict(db.conn.execute("SELECT state, count(*) FROM pieces GROUP BY state"))
    faults = sorted({repr(error) for _, error in watcher.faults})
    outcomes = Counter(visit.resolution.outcome for visit in watcher.visits if visit.resolution)
    print(json.dumps({"outcomes": outcomes, "ended": ended, "states": states, "looked up": looked_up, "faults": faults}))


def allow_only(spare: int) -> None:
    """Let this process open so many files more."""
    lowest = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + spare, lowest + spare))


async def look_up() -> str:
    """Return what the name service of this machine is said to answer, by the kind of the error."""
    resolver = Resolver()
    try:
        await resolver("nowhere.invalid", 80)
    except OSError as error:
        return type(error).__name__ + f" {error.errno}"
    except Exception as error:  # noqa: BLE001 - it is what is asked for
        return type(error).__name__
    finally:
        resolver.close()
    return "addresses"


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
