"""Crawl a web again and again, killed at a different point each time, and compare what is left with an unharmed run's.

Run as `python -m tests.kills MODE STEP FOLDER`: MODE is "fetches" (killed before the nth fetch answers) or "statements"
(killed as the nth SQL statement begins, inside transactions too), for every STEPth n. Every run is a process of its own, forked
from this one, and killed with SIGKILL. Prints the number of kills; exits 1 with the difference if one left anything else behind.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import sys
from pathlib import Path

from crawler.clock import ReplayClock
from crawler.core import documents, urls
from crawler.core.model import Document, ReadAs, Source, Url
from crawler.core.settings import Limits
from crawler.crawl import crawl
from crawler.store import database, records, runs
from tests.graphs import graph
from tests.webs import FakeWeb, read_here, story

FILE = Url("file:///article.txt")
ARTICLE = Document(
    "A headline that is long enough\nCrews still at work, smoke seen 20km awayhttps://t.co/9mXcPd2LsVpic.twitter.com/Qe7TbN3uWa\n"
    "— Coastline (@coastline_news) March 15, 2026\nWorkers said so to https://one.example/story themselves.\n"
    "READ MORE: What the Third Story Is Called\nThe port stays closed.".encode(),
    None,
    None,
)
WEB = {
    "https://t.co/9mXcPd2LsV": "-> https://sho.example/x",
    "https://sho.example/x": "-> https://two.example/story?utm_source=t",
    "https://two.example/story?utm_source=t": story(
        "Two", "https://one.example/story", "https://three.example/story", canonical="https://two.example/story"
    ),
    "https://one.example/story": story("One", "https://gone.example/", "https://sho.example/x"),
    "https://three.example/story": story("What the Third Story Is Called", "https://two.example/story"),
    "https://gone.example/": 410,
    "https://one.example/feed": "<rss><channel><title>The One</title><item><title>One</title><link>https://one.example/story</link>"
    "</item><item><title>Four</title><link>https://one.example/four</link></item></channel></rss>",
    "https://one.example/four": story("Four", "https://sho.example/x"),
}


class Silent:
    def visited(self, visit):
        pass

    def failed(self, task, error):
        raise error


def main(mode: str, step: int, folder: Path) -> int:
    urls.site("https://one.example/")  # read the list of suffixes once, before all forks
    documents.read(ARTICLE)
    expected = _graph(_run_to_the_end(folder / "unharmed.db"))
    kills = 0
    while _run_and_kill(path := folder / f"{kills}.db", mode, kills * step + 1):
        kills += 1
        left = database.open_for_reading(path)
        assert left.conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        acknowledged = left.conn.execute("SELECT count(*) FROM resolutions").fetchone()[0] if _has_runs(left) else 0
        left.close()
        found = _graph(_run_to_the_end(path))
        if found != expected or acknowledged > len(expected["resolutions"]):
            print(
                f"killed at {mode} {(kills - 1) * step + 1}:",
                {name: (found[name], expected[name]) for name in found if found[name] != expected[name]},
            )
            return 1
        for file in folder.glob(f"{kills - 1}.db*"):
            file.unlink()
    print(kills, "kills")
    return 0


def _has_runs(db) -> bool:
    return bool(db.conn.execute("SELECT 1 FROM runs").fetchone())


def _run_to_the_end(path: Path) -> Path:
    if _run_and_kill(path, "never", 0):
        raise RuntimeError("it was not to be killed")
    return path


def _run_and_kill(path: Path, mode: str, nth: int) -> bool:
    """Crawl in a process of its own; return whether it was killed before its end."""
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(_crawl(path, mode, nth))
        finally:
            os._exit(0 if sys.exc_info()[0] is None else 1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status) == signal.SIGKILL
    if os.WEXITSTATUS(status):
        raise RuntimeError("the crawl failed")
    return False


async def _crawl(path: Path, mode: str, nth: int) -> None:
    web, left = FakeWeb(dict(WEB)), nth

    def count_down(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    async def fetch(url, seconds, cookie):
        if mode == "fetches":
            count_down()
        return await web.fetch(url)

    with database.lock(path):
        db = database.open_for_writing(path)
        if mode == "statements":
            db.conn.set_trace_callback(count_down)
        clock = ReplayClock()
        file = Source(FILE, hashlib.sha256(ARTICLE.content).hexdigest())
        feed = Source(Url("https://one.example/feed"), read_as=ReadAs.FEED)
        run = records.begin_run(db, [(file, 2), (feed, 2)], Limits(), "kills", "{}", "0", clock.now())
        if run is not None:
            await crawl(
                run,
                fetch=fetch,
                read=read_here,
                open_document=lambda _: ARTICLE,
                clock=clock,
                stop=asyncio.Event(),
                watcher=Silent(),
                workers=8,
            )
            runs.end_run(run, "done", clock.now())
        db.close()


def _graph(path: Path):
    db = database.open_for_reading(path)
    try:
        return graph(db)
    finally:
        db.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
