"""Every chain of tests/chains.py, crawled over a web on loopback while it is recorded, and again from the recording."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import ada_url
import pytest
from sqlite_utils import Database

from crawler.core.model import Document, Landing, Outcome, Source, Url
from crawler.core.settings import Limits
from crawler.crawl import crawl
from crawler.store import database, records, runs
from crawler.store.evidence import known
from crawler.store.runs import Settings
from crawler.verify import Verified, verify
from crawler.web.cassettes import RecordTransport, ReplayTransport
from crawler.web.circuits import Circuits
from crawler.web.client import Client
from crawler.web.evidence import Evidence, EvidenceTransport
from crawler.web.faults import OUT_OF_TIME
from crawler.web.mementos import Mementos
from crawler.web.politeness import Manners
from tests.chains import ARCHIVE, CITED_ON, CONNECT_SECONDS, NAMED, PATIENT, ROWS, Row
from tests.fakes import FakeClock
from tests.runs import Watcher
from tests.standin import Request, Standin, certificate_for
from tests.webs import read_here

CITING = Url("file:///links.html")
MANNERS = Manners(contact="https://crawler.example/about")

RESOLUTION = """
SELECT id, outcome, coalesce(detail, ''), furthest_url, final_url, landing, piece_id FROM resolutions WHERE url = ? ORDER BY id LIMIT 1
"""
HOPS = "SELECT via, status, url FROM hops WHERE resolution_id = ? ORDER BY position"
ATTEMPTS = """
SELECT a.status, a.wait_reason, a.waited_ms, a.error FROM attempts AS a JOIN hops AS h ON h.id = a.hop_id
WHERE h.resolution_id = ? AND h.position = (SELECT max(position) FROM hops WHERE resolution_id = h.resolution_id) ORDER BY a.number
"""
COPIES = "SELECT memento_url FROM mementos WHERE url IN (SELECT url FROM hops WHERE resolution_id = ?)"
KEY = "SELECT key FROM pieces WHERE id = ?"


@dataclass(frozen=True)
class Crawl:
    """Rows that are crawled one after the other, and where to."""

    rows: Sequence[Row]
    folder: Path

    @property
    def limits(self) -> Limits:
        return self.rows[0].limits


async def crawl_live(crawls: Sequence[Crawl], certificate: Path) -> list[Request]:
    """Crawl all of them at a time over one web, recording; return the requests that were made."""
    table: dict[str, Any] = {}
    names: dict[str, Any] = {}
    for row in ROWS.values():
        assert not table.keys() & row.web.keys(), f"{row.start} stands in two rows"
        table |= row.web
        names |= row.names
    async with Standin(table, certificate=certificate, names=names) as web:

        async def live(each: Crawl) -> None:
            clock = FakeClock()
            circuits = Circuits(web.engine(connect_seconds=CONNECT_SECONDS), clock=clock, manners=MANNERS)
            evidence = Evidence(each.folder / "evidence", clock, 1_000_000_000)
            transport = EvidenceTransport(RecordTransport(circuits, each.folder / "tapes"), evidence, clock)
            await crawl_into(each.folder / "live.db", each, transport, clock, evidence)
            evidence.close()

        patient, *hasty = crawls  # apart, for time runs out for who waits for the other's work
        await asyncio.gather(*map(live, hasty))
        await live(patient)
        return web.requests


async def crawl_into(path: Path, rows: Crawl, transport: Any, clock: FakeClock, evidence: Evidence | None = None) -> None:
    """Crawl one row after the other, so that ids, too, are the same each time."""
    client = Client(transport, clock=clock, limits=rows.limits, manners=MANNERS)
    watcher = Watcher()
    citing = listing(rows.rows)
    source = Source(CITING, hashlib.sha256(citing.content).hexdigest())
    with closing(database.open_for_writing(path)) as db:
        run = records.begin_run(db, [(source, 1)], rows.limits, "test", "{}", "0", clock.now())
        assert run
        if evidence:
            evidence.begin(run.id, partial(known, db))
        ended = await crawl(
            run,
            fetch=client.fetch,
            read=read_here,
            open_document=lambda _: evidence.keep_document(CITING, citing) if evidence else citing,
            clock=clock,
            stop=asyncio.Event(),
            watcher=watcher,
            workers=1,
            archive=Mementos(endpoint=ARCHIVE, lookups_per_run=len(ROWS)),
        )
        runs.end_run(run, "done", clock.now())
    await client.aclose()
    assert (ended, watcher.faults) == (None, [])


async def verified(crawls: Iterable[Crawl]) -> list[str]:
    """Return in what the evidence of crawls differs from their databases."""
    differences = []
    for each in crawls:
        counted = Verified()
        with database.reading(each.folder / "live.db") as db:
            differences += [
                str(one) async for one in verify(db, 1, each.folder / "evidence", Settings(each.limits), read_here, counted)
            ]
        assert counted.chains >= len(each.rows)
        with closing(Database(each.folder / "live.db")) as db:
            ours = db.conn.execute("SELECT count(*) FROM resolutions WHERE detail = ?", [OUT_OF_TIME.detail]).fetchone()[0]
        assert counted.unkept <= ours, "all else can be derived: what robots.txt, the guard and broken lines did too"
    return differences


def listing(rows: Iterable[Row]) -> Document:
    """Return an article that cites where the rows start."""
    links = "".join(f'<p>It was said before, in <a href="{escape(row.start)}">a piece</a> we read with care.</p>' for row in rows)
    head = f'<title>Links</title><meta property="article:published_time" content="{CITED_ON}">'
    return Document(f"<!doctype html><html lang=en>{head}<article><h1>Links</h1>{links}</article>".encode(), "text/html", None)


def came_out(db: Database, row: Row) -> dict[str, Any]:
    """Return what a database says of a row's chain."""
    ((id_, outcome, detail, furthest_url, final_url, landing, piece_id),) = db.conn.execute(RESOLUTION, [row.start])
    attempts = list(db.conn.execute(ATTEMPTS, [id_]))
    assert all(bool(waited) is bool(reason) and (status is None) is bool(error) for status, reason, waited, error in attempts)
    return {
        "hops": db.conn.execute(HOPS, [id_]).fetchall(),
        "outcome": outcome,
        "says": row.says if row.says in detail else detail,
        "is unexplained": not detail,
        "furthest": furthest_url,
        "final": final_url,
        "landing": landing,
        "attempts": [said(*attempt[:3]) for attempt in attempts] if row.attempts else [],
        "copies": [url for (url,) in db.conn.execute(COPIES, [id_])],
        "key": db.conn.execute(KEY, [piece_id]).fetchone()[0] if row.key else None,
    }


def expected(row: Row) -> dict[str, Any]:
    """Return what it has to say."""
    furthest = row.expected[-1][2]
    return {
        "hops": row.expected,
        "outcome": row.outcome,
        "says": row.says,
        "is unexplained": row.outcome == "arrived",
        "furthest": furthest,
        "final": furthest if row.outcome == "arrived" else None,
        "landing": row.landing,
        "attempts": list(row.attempts),
        "copies": [row.copy] if row.copy else [],
        "key": row.key,
    }


def said(status: int | None, reason: str | None, waited_ms: int) -> str:
    """Return an attempt as rows have it."""
    words = ["-" if status is None else str(status), reason or ""]
    if reason in ("pace", "retry_after"):
        words.append(f"{waited_ms / 1000:g}")
    return " ".join(words).strip()


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, but for times, and for where its evidence is kept."""
    with closing(Database(path)) as db:
        return {
            table.name: sorted(db.conn.execute(f"SELECT {timeless(table.columns_dict)} FROM [{table.name}]"), key=repr)
            for table in db.tables
            if table.name != "warc_records"
        }


def timeless(columns: Iterable[str]) -> str:
    return ", ".join(f"[{name}]" for name in columns if not re.search(r"_at$|^leased_until$|^elapsed_ms$|^warc_record_id$", name))


@pytest.fixture
def certificate(tmp_path) -> Path:
    hosts = {ada_url.URL(url).hostname for row in ROWS.values() for _, _, url in row.expected if url.startswith("https:")}
    made = certificate_for({host for host in hosts if not host.startswith("stranger.")}, tmp_path)
    return made or pytest.skip("no openssl here to make a certificate with")


# One test, for all rows share one web: apart they would take a minute.
def test_every_chain_ends_as_its_row_says_and_leaves_the_same_database_when_it_is_replayed(tmp_path, certificate):
    patient = [row for row in ROWS.values() if row.limits is PATIENT]
    groups = [patient, *([row] for row in ROWS.values() if row.limits is not PATIENT)]
    crawls = [Crawl(group, tmp_path / str(number)) for number, group in enumerate(groups)]
    for each in crawls:
        each.folder.mkdir()
    requests = asyncio.run(crawl_live(crawls, certificate))
    for each in crawls:
        replay = ReplayTransport(each.folder / "tapes")
        asyncio.run(crawl_into(each.folder / "replayed.db", each, replay, FakeClock()))

    wrong = {}
    names = {id(row): name for name, row in ROWS.items()}
    for each in crawls:
        with closing(Database(each.folder / "live.db")) as db:
            for row in each.rows:
                came, wanted = came_out(db, row), expected(row)
                if came != wanted:
                    wrong[names[id(row)]] = {key: (came[key], wanted[key]) for key in came if came[key] != wanted[key]}
    assert wrong == {}
    for each in crawls:
        assert contents(each.folder / "replayed.db") == contents(each.folder / "live.db")

    assert asyncio.run(verified(crawls)) == []

    last = {ada_url.URL(request.url).hostname: dict(request.headers) for request in requests}
    for name, row in ROWS.items():
        fields = last.get(ada_url.URL(row.expected[-1][2]).hostname, {})
        assert {field: fields.get(field, "") for field in row.sent} == row.sent, name


def test_the_table_holds_enough():
    assert len(ROWS) == len(NAMED) >= 400, "or two rows have one name"
    assert {hop[0] for row in ROWS.values() for hop in row.expected} == {
        None,
        "location",
        "refresh_header",
        "meta_refresh",
        "script",
        "inferred",
    }
    outcomes = {row.outcome for row in ROWS.values()}
    assert outcomes == {*Outcome} - {Outcome.INTERRUPTED}, "which is ours, and told by other tests"
    assert {row.landing for row in ROWS.values()} == {None, *Landing}
