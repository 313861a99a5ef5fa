"""A graph written down fact by fact, over several runs: what no single crawl of a small web would bring together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from crawler.core.model import Hop, Landing, Outcome, Resolution, Standing, Url
from crawler.core.settings import Schedule
from crawler.core.standing import judged
from crawler.store import database


class Facts:
    """A database that is told what each run saw. Pieces are called by their names: `a` is http://a.example/a."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.db: Database = database.open_for_writing(path)
        self.run = 0
        self.standings: dict[str, Standing] = {}

    def begin_run(self, day: str) -> None:
        self.run += 1
        self.at = f"{day}T12:00:00.000Z"
        row = {"started_at": self.at, "finished_at": self.at, "status": "done", "command": "", "config_json": "{}"}
        self._add("runs", **row, crawler_version="0")

    def piece(self, name: str, published_at: str | None = None, *, site: str | None = None, kind: str = "article") -> int:
        """Say that a piece was read in this run; the first time, that it is there."""
        site = site or f"{name}.example"
        url = f"http://{site}/{name}"
        known = self.db.execute("SELECT id FROM pieces WHERE key = ?", (url,)).fetchone()
        seen = {"first_seen_at": self.at, "last_seen_at": self.at, "first_run_id": self.run, "last_run_id": self.run}
        described = {"title": name, "site": site, "published_at": published_at, "state": "arrived", "text_sha256": "0"}
        id_ = known[0] if known else self._add("pieces", key=url, url=url, kind=kind, **described, **seen)
        self._add("captures", piece_id=id_, run_id=self.run, url=url, text_sha256="0", captured_at=self.at)
        return id_

    def tweet(self, name: str, *, claimed_on: str | None = None, posted_at: str | None = None) -> int:
        id_ = self.piece(name, site="x.com", kind="tweet")
        self._add("tweets", piece_id=id_, handle=name, text=f"{name} says", claimed_on=claimed_on, posted_at=posted_at)
        return id_

    def cite(self, citing: int, cited: int | None, kind: str = "link", url: str | None = None, tweet: int | None = None) -> int:
        row = {"citing_id": citing, "cited_id": cited, "kind": kind, "position": 0, "url": url, "text": url, "tweet_id": tweet}
        return self._add("citations", **row, confidence=0.9, first_run_id=self.run, last_run_id=self.run)

    def drop(self, citation: int) -> None:
        """Say that a citation was no longer on its page in this run."""
        self.db.execute("UPDATE citations SET gone_run_id = ? WHERE id = ?", (self.run, citation))

    def follow(
        self,
        url: str,
        outcome: str,
        *hops: tuple[int | None, str],
        piece: int | None = None,
        landing: str | None = None,
        via: str = "location",
    ) -> int:
        """Say where a link led in this run; its citations point there from now on. Without hops it is asked itself."""
        hops = hops or ((200 if outcome == "arrived" else None, url),)
        final_url = hops[-1][1] if outcome == "arrived" else None
        row = {"run_id": self.run, "url": url, "outcome": outcome, "final_url": final_url, "furthest_url": hops[-1][1]}
        spent = {"hop_count": len(hops), "started_at": self.at, "elapsed_ms": 1}
        standing = self._judged(url, outcome, hops, landing)
        judged = {"health": standing.health, "strikes": standing.strikes}
        id_ = self._add("resolutions", **row, **spent, **judged, piece_id=piece, landing=landing)
        for position, (status, hop) in enumerate(hops):
            came = {"via": via if position else None, "fetched_at": self.at, "elapsed_ms": 1}
            self._add("hops", resolution_id=id_, position=position, url=hop, status=status, **came)
        self.db.execute(
            "UPDATE citations SET resolution_id = ?, cited_id = coalesce(?, cited_id) WHERE url = ?", (id_, piece, url)
        )
        return id_

    def _judged(self, url: str, outcome: str, hops: Iterable[tuple[int | None, str]], landing: str | None) -> Standing:
        at = datetime.fromisoformat(self.at)
        chain = tuple(Hop(Url(hop), status, None, None, at, 1) for status, hop in hops)
        came = Resolution(Url(url), chain, Outcome(outcome), None, at, 1, Landing(landing) if landing else None)
        self.standings[url] = judged(self.standings.get(url, Standing()), came, Schedule())
        return self.standings[url]

    def memento(self, piece: int, url: str, memento_url: str) -> None:
        times = {"memento_datetime": "2016-10-24T12:00:00.000Z", "found_at": self.at}
        self._add("mementos", piece_id=piece, url=url, memento_url=memento_url, **times)

    def ask(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        return self.db.execute(sql, values).fetchall()

    def _add(self, table: str, **row: object) -> int:
        columns, marks = ", ".join(row), ", ".join("?" * len(row))
        cursor = self.db.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING rowid", tuple(row.values()))
        return int(cursor.fetchone()[0])


@contextmanager
def facts_at(path: Path) -> Iterator[Facts]:
    facts = Facts(path)
    try:
        yield facts
    finally:
        facts.db.close()
