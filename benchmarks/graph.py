"""Questions to a graph of a million citations and 200,000 pieces, each asked as its users ask it: a canned query or a view.

The graph is drawn from a seed. Out of 2,000 sites a few publish most; a piece cites by a power law (five on average, hundreds at
most), half of the time what is cited often already, one time in five of its own site, now and then what is later: so there are
hubs, circles and self-citations. The times are the processor's, in milliseconds: the median over the pieces asked, and the worst.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from statistics import median

from report import print_machine, print_table
from sqlite_utils import Database

from crawler.store import database
from crawler.store.questions import ask, questions

BATCH = 50_000
DAYS = 3650
SITES = 2000
MOST_CITED_BY_ONE = 300
RUN = """
INSERT INTO runs (id, started_at, status, command, config_json, crawler_version) VALUES (1, '2026-01-01', 'done', '', '{}', '0')
"""
PIECE = """
INSERT INTO pieces (id, key, url, kind, title, site, published_at, state, first_seen_at, last_seen_at, first_run_id, last_run_id)
VALUES (?, ?, ?, 'article', ?, ?, ?, 'arrived', '2026-01-01', '2026-01-01', 1, 1)
"""
RESOLUTION = """
INSERT INTO resolutions (id, run_id, url, outcome, final_url, furthest_url, hop_count, started_at, elapsed_ms, piece_id)
VALUES (?, 1, ?, 'arrived', ?, ?, 2, '2026-01-01', 80, ?)
"""
HOP = """
INSERT INTO hops (resolution_id, position, url, status, via, location, fetched_at, elapsed_ms)
VALUES (?, ?, ?, ?, ?, ?, '2026-01-01', 40)
"""
CITATION = """
INSERT INTO citations (citing_id, cited_id, kind, position, href, url, key, text, confidence, resolution_id, first_run_id,
  last_run_id)
VALUES (?, ?, 'link', ?, ?, ?, ?, 'this newspaper reported', 0.9, ?, 1, 1)
"""


Values = dict[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """A question, the values it is asked with one after the other, and how long it may take."""

    name: str
    sql: str
    values: list[Values]
    most_ms: float
    rows: int | None = None  # how many are taken; None: all


def fill(db: Database, pieces: int, citations: int, seed: int) -> None:
    """Write the graph: pieces, their citations, and a short link of two hops to each piece."""
    chance = random.Random(seed)
    sites = chance.choices(range(SITES), [1 / (rank + 1) for rank in range(SITES)], k=pieces)
    days = [DAYS * number // pieces for number in range(pieces)]
    with database.transaction(db):
        db.conn.execute(RUN)
        _write(db, PIECE, (
            (number + 1, f"https://site{site}.example/{number}", f"https://site{site}.example/{number}", f"Piece {number}",
             f"site{site}.example", f"{2016 + day // 365}-{1 + day % 365 // 31:02}-{1 + day % 365 % 28:02}T12:00:00Z")
            for number, (site, day) in enumerate(zip(sites, days, strict=True))
        ))  # fmt: skip
        _write(db, RESOLUTION, (
            (number + 1, f"https://short.example/{number}", page := f"https://site{site}.example/{number}", page, number + 1)
            for number, site in enumerate(sites)
        ))  # fmt: skip
        _write(db, HOP, (
            hop for number, site in enumerate(sites) for hop in (
                (number + 1, 0, f"https://short.example/{number}", 301, None, f"https://site{site}.example/{number}"),
                (number + 1, 1, f"https://site{site}.example/{number}", 200, "location", None),
            )
        ))  # fmt: skip
        _write(db, CITATION, (
            (citing + 1, cited + 1, position, link := f"https://short.example/{cited}", link, link, cited + 1)
            for citing, cited, position in edges(chance, sites, citations)
        ))  # fmt: skip


def edges(chance: random.Random, sites: list[int], citations: int) -> Iterator[tuple[int, int, int]]:
    """Yield so many citations: citing piece, cited piece, position. Preferential attachment, with some noise."""
    pieces = len(sites)
    of_site: dict[int, list[int]] = {}
    ends: list[int] = [0]  # every end of a citation so far: drawn from it, a piece comes as often as it is cited
    left = citations
    for citing in range(pieces):
        of_site.setdefault(sites[citing], []).append(citing)
        share = left / (pieces - citing)
        count = min(MOST_CITED_BY_ONE, round(share * 0.55 * chance.paretovariate(1.9))) if citing < pieces - 1 else left
        count = min(count, left)
        left -= count
        for position in range(count):
            draw = chance.random()
            if draw < 0.2:
                cited = chance.choice(of_site[sites[citing]])
            elif draw < 0.7:
                cited = chance.choice(ends)
            elif draw < 0.97:
                cited = chance.randrange(citing + 1)
            else:
                cited = min(pieces - 1, citing + chance.randrange(2000))
            ends.append(cited)
            yield citing, cited, position


def _write(db: Database, sql: str, rows: Iterable[tuple[object, ...]]) -> None:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        db.conn.executemany(sql, batch)


def cases(db: Database, chance: random.Random) -> Iterator[Case]:
    """Yield what is asked: of pieces drawn by chance, of the newest, and of the hubs."""
    named = questions()
    (newest,) = db.conn.execute("SELECT max(id) FROM pieces").fetchone()
    hubs = [str(piece_id) for (piece_id,) in db.conn.execute("SELECT piece_id FROM most_cited LIMIT 5")]
    drawn = [str(1 + chance.randrange(newest)) for _ in range(20)] + [str(newest - number) for number in range(5)]
    of_pieces = [{"piece": piece, "depth": "6"} for piece in (*drawn, *hubs)]
    yield Case("ancestors to depth 6", named["ancestors"].sql, of_pieces, 100)
    ways = [{"from": start, "to": end, "depth": "6"} for start, end in pairwise(drawn)]
    yield Case("path between two drawn by chance", named["path"].sql, ways, 100)
    yield Case("path to a hub", named["path"].sql, [{"from": start, "to": hubs[0], "depth": "6"} for start in drawn], 100)
    far = [{"from": start, "to": end, "depth": "6"} for start in drawn[:10] for end in _farthest(db, start)]
    yield Case("path to the farthest there is", named["path"].sql, far, 100)
    yield Case("top cited", named["most-cited"].sql, [{}], 100)
    yield Case("self-citation share, all sites", "SELECT * FROM self_citation_share", [{}], 100)
    circles = [{"piece": piece, "length": "4"} for piece in (*drawn, *hubs)]
    yield Case("circles up to length 4", named["circles-of"].sql, circles, 300)
    provenance = "SELECT * FROM provenance WHERE citing_site = :site"
    yield Case(
        "provenance of a site in the middle", provenance, [{"site": f"site{rank}.example"} for rank in (100, 300, 900)], 200
    )
    yield Case("provenance of the largest, a page", f"{provenance} LIMIT 1000", [{"site": "site0.example"}], 200)
    yield Case("what a site cites, a page", named["site-cites"].sql, [{"site": "site0.example"}], 200, rows=1000)
    yield Case("what cites a site, a page", named["site-cited-by"].sql, [{"site": "site0.example"}], 200, rows=1000)
    yield Case("what became of links, a page", "SELECT * FROM link_rot", [{}], 200, rows=100)
    yield Case("all circles", "SELECT * FROM circles", [{}], 5000)
    yield Case("origins", named["origins-of"].sql, [{"piece": piece} for piece in drawn], 100)
    yield Case("single sources, all", "SELECT * FROM single_source", [{}], 10_000)
    yield Case("timeline", named["timeline"].sql, [{"piece": piece, "depth": "2"} for piece in drawn], 200)


def _farthest(db: Database, start: str) -> list[str]:
    """Return the piece that is the most citations away from start, if there is any."""
    reached = list(ask(db, questions()["ancestors"].sql, {"piece": start, "depth": "6"}).rows)
    return [str(reached[-1][1])] if reached else []


def asked(db: Database, case: Case) -> tuple[object, ...]:
    spent, counts = [], []
    for values in case.values:
        started = time.process_time()
        counts.append(len(list(islice(ask(db, case.sql, values).rows, case.rows))))
        spent.append(1000 * (time.process_time() - started))
    verdict = "" if max(spent) < case.most_ms else "TOO SLOW"
    return case.name, len(spent), max(counts), median(spent), max(spent), f"< {case.most_ms:g}", verdict


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=int, default=200_000)
    parser.add_argument("--citations", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--keep", type=Path, metavar="F", help="keep the database there, and ask it again if it is there already")
    options = parser.parse_args()
    print_machine()
    with tempfile.TemporaryDirectory() as scratch:
        path = options.keep or Path(scratch, "graph.db")
        if not path.exists():
            make(path, options.pieces, options.citations, options.seed)
        with database.reading(path) as db:
            print_table(
                ("question", "times asked", "most rows", "median, ms", "worst, ms", "aim, ms", ""),
                [asked(db, case) for case in cases(db, random.Random(options.seed))],
            )


def make(path: Path, pieces: int, citations: int, seed: int) -> None:
    started = time.process_time()
    with closing(database.open_for_writing(path)) as db:
        db.conn.execute("PRAGMA synchronous = OFF")
        db.conn.execute("PRAGMA cache_size = -400000")  # kB
        fill(db, pieces, citations, seed)
        counts = db.conn.execute("SELECT (SELECT count(*) FROM pieces), (SELECT count(*) FROM citations)").fetchone()
    seconds = time.process_time() - started
    megabytes = path.stat().st_size / 1e6
    print(f"{counts[0]:,} pieces, {counts[1]:,} citations, {megabytes:,.0f} MB, made in {seconds:.0f} s of processor time")


if __name__ == "__main__":
    main()
