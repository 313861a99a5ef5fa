"""Runs: one execution each, with its configuration and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from crawler.core.model import Limits
from crawler.store.database import transaction, utc_text

COUNT_FAULT = "UPDATE runs SET fault_count = fault_count + 1 WHERE id = ?"
END_RUN = "UPDATE runs SET finished_at = ?, status = ? WHERE id = ?"
REPORT = """
SELECT id AS run, status, visit_count AS visits, request_count AS requests, new_piece_count AS new_pieces,
  new_citation_count AS new_citations, gone_citation_count AS gone_citations, fault_count AS faults
FROM runs WHERE id = ?
"""
OUTCOMES = "SELECT outcome, count(*) FROM resolutions WHERE run_id = ? GROUP BY outcome ORDER BY count(*) DESC, outcome"
CITATIONS = """
SELECT kind, count(*), count(cited_id) FROM citations WHERE last_run_id = ? AND gone_run_id IS NULL GROUP BY kind ORDER BY kind
"""


@dataclass(frozen=True, slots=True)
class Run:
    """The run at work: its database, its row, and how far it goes."""

    db: Database
    id: int
    limits: Limits
    last_hop_before: int  # hops with a higher id are this run's


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
    citations: tuple[tuple[str, int, int], ...]  # kind, how many were seen, how many led to a piece
    outcomes: tuple[tuple[str, int], ...]  # outcome, how many links were followed to it


def report(run: Run) -> Report:
    """Return what came of a run."""
    execute = run.db.conn.execute
    cursor = execute(REPORT, (run.id,))
    counts = dict(zip((column[0] for column in cursor.description), cursor.fetchone(), strict=True))
    return Report(**counts, citations=tuple(execute(CITATIONS, (run.id,))), outcomes=tuple(execute(OUTCOMES, (run.id,))))
