"""Runs: one execution each, with its configuration and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlite_utils import Database

from crawler.core.settings import Limits, Schedule
from crawler.errors import QueryError
from crawler.store.database import transaction, utc_text

COUNT_FAULT = "UPDATE runs SET fault_count = fault_count + 1 WHERE id = ?"
KEEP_REPORT = "UPDATE runs SET report_json = ? WHERE id = ?"
END_RUN = "UPDATE runs SET finished_at = ?, status = ? WHERE id = ?"
REPORT = """
SELECT id AS run, status, visit_count AS visits, request_count AS requests, new_piece_count AS new_pieces,
  new_citation_count AS new_citations, gone_citation_count AS gone_citations, fault_count AS faults,
  round((julianday(finished_at) - julianday(started_at)) * 86400, 1) AS seconds
FROM runs WHERE id = ?
"""
# What a run came to is found by the ids of its rows, so that its end takes as long however many runs there were.
OUTCOMES = "SELECT outcome, count(*) FROM resolutions WHERE id > ? GROUP BY outcome ORDER BY count(*) DESC, outcome"
CITATIONS = """
SELECT kind, count(*), count(cited_id) FROM citations
WHERE citing_id IN (SELECT piece_id FROM captures WHERE id > :last) AND last_run_id = :run AND gone_run_id IS NULL
GROUP BY kind ORDER BY kind
"""

# Lists that gave nothing, or not all, in this run.
BAD_SOURCES = """
SELECT f.url,
  ifnull(iif(r.outcome IN ('arrived', 'too_large'), NULL, r.outcome || ifnull(': ' || r.detail, '')), c.unread_reason) AS said
FROM frontier AS f
LEFT JOIN resolutions AS r ON r.id = (SELECT max(id) FROM resolutions WHERE url = f.url AND run_id = :run)
LEFT JOIN captures AS c ON c.id = (SELECT max(id) FROM captures WHERE piece_id = f.piece_id AND run_id = :run)
WHERE f.read_as <> 'page' AND said IS NOT NULL ORDER BY +f.id LIMIT :most -- +: not by its rows, but by the index of lists
"""
MOST_BAD_SOURCES = 100
FAILURES = """
SELECT outcome, ifnull(detail, ''), count(*) FROM resolutions
WHERE id > ? AND outcome <> 'arrived' GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 20
"""
HOSTS = """
SELECT substr(rest, 1, instr(rest || '/', '/') - 1) AS host, count(*), sum(status IS NULL), sum(status IN (429, 503)) AS busy,
  CAST(avg(elapsed_ms) AS INTEGER) AS mean_ms
FROM (SELECT substr(url, instr(url, '://') + 3) AS rest, status, elapsed_ms FROM hops
  WHERE id > :last AND EXISTS (SELECT 1 FROM attempts WHERE hop_id = hops.id))
GROUP BY 1 HAVING sum(status IS NULL) OR busy OR mean_ms >= :slow_ms ORDER BY 3 DESC, 4 DESC, 5 DESC, 1 LIMIT 20
"""
SLOW_MS = 5_000
# Bytes of what was read, and pieces that read otherwise than the last time.
READ = """
SELECT ifnull(sum(length), 0), ifnull(sum(text_sha256 <> (
  SELECT text_sha256 FROM captures AS before WHERE before.piece_id = c.piece_id AND before.url = c.url AND before.id < c.id
  ORDER BY before.id DESC LIMIT 1)), 0)
FROM captures AS c WHERE c.id > ? AND run_id = ? AND NOT not_modified
"""
PASSED_BITS = 1 << 23  # a megabyte: of half a million URLs, one in seventeen is looked up for nothing


class Passed:
    """The URLs that a run has passed, in a fixed amount of memory: one that it has not may seem to be among them, seldom."""

    def __init__(self) -> None:
        self._bits = bytearray(PASSED_BITS // 8)

    def add(self, url: str) -> None:
        """Remember a URL."""
        bit = hash(url) % PASSED_BITS
        self._bits[bit >> 3] |= 1 << (bit & 7)

    def __contains__(self, url: str) -> bool:
        bit = hash(url) % PASSED_BITS
        return bool(self._bits[bit >> 3] & 1 << (bit & 7))


@dataclass(frozen=True, slots=True)
class Run:
    """The run at work: its database, its row, and how far it goes."""

    db: Database
    id: int
    limits: Limits
    last_hop_before: int  # hops with a higher id are this run's
    last_capture_before: int  # and captures
    last_resolution_before: int  # and resolutions
    schedule: Schedule = field(default_factory=Schedule)
    passed: Passed = field(default_factory=Passed)  # in this run, so that the database is not asked for each new URL


def end_run(run: Run, status: str, now: datetime) -> None:
    """Close a run: 'done', 'failed' or 'interrupted'."""
    with transaction(run.db):
        run.db.conn.execute(END_RUN, (utc_text(now), status, run.id))


def count_fault(run: Run) -> None:
    """Count a visit that failed by our own fault."""
    with transaction(run.db):
        run.db.conn.execute(COUNT_FAULT, (run.id,))


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run."""

    run: int
    status: str
    visits: int
    requests: int
    new_pieces: int
    new_citations: int
    gone_citations: int
    faults: int
    seconds: float
    bytes: int  # of what was read, decoded
    changed_pieces: int  # read before, and otherwise now
    citations: tuple[tuple[str, int, int], ...]  # kind, how many were seen, how many led to a piece
    outcomes: tuple[tuple[str, int], ...]  # outcome, how many links were followed to it
    failures: tuple[tuple[str, str, int], ...]  # outcome, detail, how many links ended so
    hosts: tuple[tuple[str, int, int, int, int], ...]  # slow or refusing: requests, without an answer, busy, mean milliseconds
    bad_sources: tuple[tuple[str, str], ...]  # URL, what was wrong with it or is missing from it


def report(run: Run) -> Report:
    """Return what came of a run that has ended, and keep it with the run."""
    execute = run.db.conn.execute
    cursor = execute(REPORT, (run.id,))
    counts = dict(zip((column[0] for column in cursor.description), cursor.fetchone(), strict=True))
    length, changed = execute(READ, (run.last_capture_before, run.id)).fetchone()
    found = Report(
        **counts,
        bytes=length,
        changed_pieces=changed,
        failures=tuple(execute(FAILURES, (run.last_resolution_before,))),
        hosts=tuple(execute(HOSTS, {"last": run.last_hop_before, "slow_ms": SLOW_MS})),
        citations=tuple(execute(CITATIONS, {"last": run.last_capture_before, "run": run.id})),
        outcomes=tuple(execute(OUTCOMES, (run.last_resolution_before,))),
        bad_sources=tuple(execute(BAD_SOURCES, {"run": run.id, "most": MOST_BAD_SOURCES})),
    )
    with transaction(run.db):
        execute(KEEP_REPORT, (msgspec.json.encode(found).decode(), run.id))
    return found


CONFIG_JSON = "SELECT config_json FROM runs WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Named:
    """How a run called itself."""

    user_agent: str = "link-provenance-crawler"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run was told that decides what it makes of an answer."""

    limits: Limits = field(default_factory=Limits)
    manners: Named = field(default_factory=Named)  # which robots.txt may speak of
    labels: tuple[str, ...] = ()


def settings(db: Database, run_id: int) -> Settings:
    """Return what a run was told. Raises QueryError where there is no such run."""
    row = db.conn.execute(CONFIG_JSON, (run_id,)).fetchone()
    if row is None:
        raise QueryError(f"there is no run {run_id}; `crawler query runs` lists them")
    return msgspec.json.decode(row[0], type=Settings)
