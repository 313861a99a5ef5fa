"""Rows a second: visits recorded as a crawl does, a few in a transaction, against a bare executemany of the very same rows.

One process, processor time, WAL. Then whether the last visits cost what the first did: where every link leads somewhere else,
where half of them end at one home page that all others cite, and where all pages have one title and seek it. Then what a page
of many READ MOREs without their links takes, beside as many pieces of its site and time as each is compared with.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from report import print_machine, print_table

from crawler.core import urls
from crawler.core.model import (
    Article,
    Attempt,
    Capture,
    Citation,
    CitationKind,
    Hop,
    Outcome,
    Page,
    PieceKind,
    Resolution,
    Source,
    Task,
    Tweet,
    Url,
    Via,
    Visit,
)
from crawler.core.schedule import plan
from crawler.core.settings import Limits
from crawler.store import database, records
from crawler.store.matches import MAX_OF_ONE_TIME
from crawler.store.records import Entry

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)
HOME = Url("https://www.harbourpost.example/")
TABLES = ("runs", "pieces", "tweets", "resolutions", "hops", "attempts", "citations", "captures", "frontier")
TITLE = "Harbour fire, live"
WORDS = ("harbour", "storm", "port", "fire", "minister", "council", "bridge", "river", "signal", "market", "tower", "record")
TOGETHER = 8  # visits that end at about the same time, and share a transaction: half of the workers there are by default
FEWER = 10  # times: a step that is not linear would make the benchmark a long one
Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Recording:
    """What one recording of all visits cost, and the rows it left."""

    quarters: tuple[float, ...]  # seconds of processor time
    rows: dict[str, list[Row]]


def scattered(number: int) -> Visit:
    """Return a visit whose link, chain and page are its own."""
    link, onward, page = (Url(f"https://{host}.example/{number}") for host in ("short", "onward", f"site{number % 50}"))
    return _visit((link, onward, page), _page(page, f"https://elsewhere.example/{number}"))


def gathered(number: int) -> Visit:
    """Return by turns a page that cites a home page, and a dead link that is sent on to it."""
    if number % 2:
        return _visit((Url(f"https://short.example/{number}"), HOME), None)
    page = Url(f"https://site{number % 50}.example/{number}")
    return _visit((page,), _page(page, HOME))


def namesakes(number: int) -> Visit:
    """Return a page of a title that all others have, with a READ MORE of that title that lost its link."""
    url = Url(f"https://site{number % 50}.example/{number}")
    page = _page(url, HOME)
    sought = Citation(len(page.citations), CitationKind.READ_MORE, None, None, TITLE, "READ MORE", None, 0.9, None)
    return _visit((url,), replace(page, article=Article(url=url, title=TITLE), citations=(*page.citations, sought)))


def _visit(chain: tuple[Url, ...], page: Page | None) -> Visit:
    hops = tuple(_hop(url, place, 200 if url == chain[-1] else 301) for place, url in enumerate(chain))
    resolution = Resolution(chain[0], hops, Outcome.ARRIVED, None, NOW, 120)
    capture = Capture(chain[-1], "text/html; charset=utf-8", 90_000, "0" * 64, NOW) if page else None
    return Visit(Task(chain[0], 0, 0), resolution, capture, page)


def _hop(url: Url, place: int, status: int) -> Hop:
    return Hop(url, status, Via.LOCATION if place else None, None, NOW, 40, (Attempt(1, status, None, 0, None, NOW),))


def _page(url: str, cites: str) -> Page:
    tweet_url = f"{url}/status"  # of no platform: every page has a tweet of its own
    said = ("harbourpost", "Harbour Post", "Documents show", "March 16, 2026")
    tweet = Tweet("2033463852398728839", tweet_url, *said, None, NOW, (), (), "blockquote")
    pointers = (
        (CitationKind.TWEET, tweet_url, 0),
        (CitationKind.TWEET_LINK, "https://t.co/Hb4rWq7TzK", 0),
        (CitationKind.READ_MORE, f"{url}/before", None),
        *((CitationKind.LINK, f"{url}/{number}", None) for number in range(4)),
        (CitationKind.LINK, cites, None),
    )
    citations = tuple(
        Citation(position, kind, cited, cited, "this newspaper reported", None, of_tweet, 0.9, "The inquiry began on Tuesday.")
        for position, (kind, cited, of_tweet) in enumerate(pointers)
    )
    return Page(Article(url=url, title=f"Piece {url}"), PieceKind.ARTICLE, (tweet,), citations, "0" * 64)


def record_all(visits: list[Visit], path: Path) -> Recording:
    """Record visits as a crawl does."""
    db = database.open_for_writing(path)
    run = records.begin_run(db, ((Source(visit.task.url), 0) for visit in visits), Limits(), "benchmark", "{}", "0", NOW)
    if run is None:
        raise SystemExit("no visits")
    urls.site(HOME)  # reads the list of public suffixes, once a process
    quarters = []
    for quarter in range(4):
        started = time.process_time()
        of_quarter = visits[quarter * len(visits) // 4 : (quarter + 1) * len(visits) // 4]
        for start in range(0, len(of_quarter), TOGETHER):
            ended = of_quarter[start : start + TOGETHER]
            records.record(run, [Entry(visit, plan(visit, run.limits, run.schedule, NOW)) for visit in ended], NOW)
        quarters.append(time.process_time() - started)
    rows = {table: db.conn.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}  # noqa: S608 - names of our own
    db.close()
    return Recording(tuple(quarters), rows)


def copy_all(rows: dict[str, list[Row]], path: Path) -> float:
    """Write the same rows into the same tables in one go; return the seconds of processor time it took."""
    db = database.open_for_writing(path)
    started = time.process_time()
    with database.transaction(db):
        for table, of_table in rows.items():
            marks = ", ".join("?" * len(of_table[0])) if of_table else "NULL"
            db.conn.executemany(f"INSERT INTO {table} VALUES ({marks})", of_table)  # noqa: S608 - names of our own
    spent = time.process_time() - started
    db.close()
    return spent


def recorded(visit: Callable[[int], Visit], count: int) -> Recording:
    with tempfile.TemporaryDirectory() as folder:
        return record_all([visit(number) for number in range(count)], Path(folder, "recorded.db"))


def copied(rows: dict[str, list[Row]]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return copy_all(rows, Path(folder, "copied.db"))


def seconds_lost(count: int) -> float:
    """Return the processor time of recording one page with so many READ MOREs that lost their links, each a title of its own."""
    chance = random.Random(count)
    with tempfile.TemporaryDirectory() as folder:
        db = database.open_for_writing(Path(folder, "lost.db"))
        index = Url("https://www.harbourpost.example/archive")
        run = records.begin_run(db, [(Source(index), 0)], Limits(), "benchmark", "{}", "0", NOW)
        if run is None:
            raise SystemExit("no visits")
        for number in range(MAX_OF_ONE_TIME):
            url = Url(f"https://www.harbourpost.example/{number}")
            article = Article(url=url, title=_title(chance), published_at="2026-03-01")
            visit = _visit((url,), replace(_page(url, HOME), article=article))
            records.record(run, [Entry(visit, plan(visit, run.limits, run.schedule, NOW))], NOW)
        citations = tuple(
            Citation(position, CitationKind.READ_MORE, None, None, _title(chance), "READ MORE", None, 0.9, None)
            for position in range(count)
        )
        article = Article(url=index, title="All that was said", published_at="2026-03-02")
        visit = _visit((index,), Page(article, PieceKind.ARTICLE, (), citations, "0" * 64))
        started = time.process_time()
        records.record(run, [Entry(visit, plan(visit, run.limits, run.schedule, NOW))], NOW)
        spent = time.process_time() - started
        db.close()
    return spent


def _title(chance: random.Random) -> str:
    return "Storm closes the port: " + " ".join(chance.choice(WORDS) for _ in range(8))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=2000)
    parser.add_argument("--lost", type=int, default=10_000, help="READ MOREs without their links on one page")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print_machine()
    urls.site(HOME)  # reads the list of public suffixes, once a process
    spent = []
    for _ in range(options.rounds):
        recording = recorded(scattered, options.visits)
        spent.append((sum(recording.quarters), copied(recording.rows)))
    count = sum(map(len, recording.rows.values()))
    record, copy = (median(seconds) for seconds in zip(*spent, strict=True))
    print_table(
        ("way", "rows/s", "visits/s", "ratio"),
        (
            (f"records.record, {TOGETHER} visits a transaction", count / record, options.visits / record, copy / record),
            ("bare executemany, one transaction", count / copy, options.visits / copy, 1.0),
        ),
    )
    print_table(
        ("ms a visit", "first quarter", "second", "third", "last", "last / first"),
        (
            _growth("scattered", scattered, options.visits),
            _growth("gathered", gathered, options.visits),
            _growth("namesakes", namesakes, max(4, options.visits // FEWER)),
        ),
    )
    print_table(
        ("one page of READ MOREs without links", "seconds", "ms each"),
        (
            (f"{count:,}", spent, 1000 * spent / count)
            for count, spent in ((count, seconds_lost(count)) for count in (options.lost // FEWER, options.lost))
        ),
    )


def _growth(name: str, visit: Callable[[int], Visit], count: int) -> Row:
    quarters = recorded(visit, count).quarters
    return (name, *(4000 * seconds / count for seconds in quarters), quarters[-1] / quarters[0])


if __name__ == "__main__":
    main()
