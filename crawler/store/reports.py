"""What a report tells of the citations chosen: figures, what is lost, and what changed since the run before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crawler.store import graph
from crawler.store.exports import Export, named_rows
from crawler.store.graph import Graph

# Of the chosen citations, those that stand on their page; of the links in them each once, by its latest following; and how any
# citation is told.
STANDING = """
, standing (id) AS MATERIALIZED (
  SELECT id FROM citations
  WHERE id IN (SELECT id FROM chosen) AND gone_run_id IS NULL
),
links (id) AS MATERIALIZED (
  SELECT DISTINCT resolution_id FROM citations WHERE id IN (SELECT id FROM standing) AND resolution_id IS NOT NULL
),
told AS (
  SELECT c.*, (SELECT name FROM piece_names WHERE piece_id = c.citing_id) AS citing, p.url AS citing_url
  FROM citations AS c JOIN pieces AS p ON p.id = c.citing_id
)
"""
COUNTS = """
SELECT count(*) AS citations, count(DISTINCT citing_id) AS citing_pieces, sum(kind = 'tweet') AS tweets,
  sum(kind = 'read_more') AS read_mores, sum(url IS NULL AND cited_id IS NULL) AS lost_references,
  (SELECT count(*) FROM ends) AS pieces,
  (SELECT count(DISTINCT site) FROM pieces WHERE id IN (SELECT id FROM ends)) AS sites,
  (SELECT count(*) FROM links) AS links
FROM citations WHERE id IN (SELECT id FROM standing)
"""
OUTCOMES = """
SELECT k.found, r.outcome, r.landing, count(*) AS links
FROM resolutions AS r LEFT JOIN link_checks AS k ON k.resolution_id = r.id WHERE r.id IN (SELECT id FROM links)
GROUP BY k.found, r.outcome, r.landing ORDER BY links DESC, k.found, r.outcome, r.landing
"""
HOP_COUNTS = """
SELECT hop_count, count(*) AS links FROM resolutions WHERE id IN (SELECT id FROM links) GROUP BY hop_count ORDER BY hop_count
"""
# How many days before the citing piece the cited one was published.
LAGS = """
SELECT CASE WHEN is_later THEN 'later' WHEN lag_days < 1 THEN 'day' WHEN lag_days < 8 THEN 'week' WHEN lag_days < 32 THEN 'month'
  WHEN lag_days < 367 THEN 'year' ELSE 'older' END AS age, count(*) AS citations
FROM citation_lag WHERE citation_id IN (SELECT id FROM standing) GROUP BY age
"""
SELF_CITATIONS = """
SELECT citing.site, sum(citing.site = cited.site) AS own, sum(citing.site <> cited.site) AS other
FROM edges AS e JOIN pieces AS citing ON citing.id = e.citing_id JOIN pieces AS cited ON cited.id = e.cited_id
WHERE e.citation_id IN (SELECT id FROM standing) AND citing.site IS NOT NULL AND cited.site IS NOT NULL
GROUP BY citing.site ORDER BY count(*) DESC, citing.site
"""
MOST_CITED = """
SELECT p.id, (SELECT name FROM piece_names WHERE piece_id = p.id) AS name, p.url, p.site,
  coalesce(p.published_at, t.posted_at, t.claimed_on) AS published_at, count(DISTINCT e.citing_id) AS citing_pieces
FROM edges AS e JOIN pieces AS p ON p.id = e.cited_id LEFT JOIN tweets AS t ON t.piece_id = p.id
WHERE e.citation_id IN (SELECT id FROM standing)
GROUP BY p.id HAVING citing_pieces > 1 ORDER BY citing_pieces DESC, p.id LIMIT :room
"""
DEAD = """
SELECT r.url, k.found, r.outcome, r.landing, r.furthest_url, r.started_at, count(DISTINCT c.citing_id) AS citing_pieces,
  (SELECT name FROM piece_names WHERE piece_id = c.citing_id) AS citing, citing.url AS citing_url, c.text,
  (SELECT m.memento_url FROM hops AS h JOIN mementos AS m ON m.url = h.url WHERE h.resolution_id = r.id
   ORDER BY h.position DESC, m.id DESC LIMIT 1) AS memento_url
FROM citations AS c JOIN link_checks AS k ON k.resolution_id = c.resolution_id JOIN resolutions AS r ON r.id = c.resolution_id
JOIN pieces AS citing ON citing.id = c.citing_id
WHERE c.id IN (SELECT id FROM standing) AND k.found IN ('failed', 'home_page', 'soft_404')
GROUP BY r.url ORDER BY citing_pieces DESC, r.url LIMIT :room
"""
LOST_REFERENCES = """
SELECT kind, label, text, url, citing, citing_url, count(*) OVER () AS total FROM told
WHERE id IN (SELECT id FROM standing) AND url IS NULL AND cited_id IS NULL ORDER BY id LIMIT :room
"""

RUN = """
SELECT id, started_at, finished_at, status, crawler_version, visit_count, request_count, fault_count
FROM runs WHERE id = coalesce(:run, (SELECT max(id) FROM runs))
"""
RUN_BEFORE = "SELECT id, started_at FROM runs WHERE id < :last ORDER BY id DESC LIMIT 1"
# On pages that were read before: a page's first reading brings citations that are new to us, and no edit of it. Nor is one of
# what only a page older than that had, which is gone since the run that found it.
ADDED = """
SELECT kind, label, text, url, citing, citing_url, count(*) OVER () AS total FROM told
WHERE first_run_id = :last AND gone_run_id IS NOT :last AND id IN (SELECT id FROM chosen)
  AND EXISTS (SELECT 1 FROM readings WHERE piece_id = told.citing_id AND run_id < :last) ORDER BY id LIMIT :room
"""
REMOVED = """
SELECT kind, label, text, url, citing, citing_url, count(*) OVER () AS total FROM told
WHERE gone_run_id = :last AND first_run_id < :last AND citing_id IN (SELECT id FROM ends) ORDER BY id LIMIT :room
"""
CHANGED = """
SELECT now.url, was.found AS was_found, was.outcome AS was_outcome, was.landing AS was_landing, was.furthest_url AS was_url,
  now.found, now.outcome, now.landing, now.furthest_url, count(*) OVER () AS total
FROM link_checks AS now JOIN link_checks AS was ON was.resolution_id = (
  SELECT max(resolution_id) FROM link_checks WHERE url = now.url AND run_id < now.run_id)
WHERE now.run_id = :last AND now.resolution_id IN (SELECT id FROM followed)
  AND (now.found <> was.found OR (now.found IN ('alive', 'moved') AND now.piece_id IS NOT was.piece_id))
ORDER BY now.url LIMIT :room
"""
NAMES = "SELECT (SELECT name FROM piece_names WHERE piece_id = pieces.id) AS name, url FROM pieces WHERE id = :piece"
MOST_TIED = """
SELECT p.id FROM pieces AS p JOIN (
  SELECT citing_id AS id FROM citations WHERE id IN (SELECT id FROM standing)
  UNION ALL SELECT cited_id FROM citations WHERE id IN (SELECT id FROM standing) AND cited_id IS NOT NULL
) AS tie ON tie.id = p.id GROUP BY p.id ORDER BY count(*) DESC, p.id LIMIT :room
"""
ROWS = 200  # of a table that is not cut shorter
DRAWN = 300  # pieces in the picture


@dataclass(frozen=True, slots=True)
class Changes:
    """What the last run found changed since the one before."""

    since: str  # when that began
    added: list[dict[str, Any]]  # citations, on pages that were read before
    removed: list[dict[str, Any]]  # citations
    links: list[dict[str, Any]]  # that ended otherwise, or at another piece


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a report tells. A row is what its query names; where there are more than ROWS, `total` says how many there are."""

    piece: dict[str, Any] | None  # whose report it is, if it is a piece's
    run: dict[str, Any] | None  # the last; None: nothing ran yet
    counts: dict[str, int]
    outcomes: list[dict[str, Any]]  # of links, each counted once
    hop_counts: list[dict[str, Any]]  # of links, each counted once
    lags: dict[str, int]  # citations by the age of what they cite: 'later', 'day', 'week', 'month', 'year', 'older'
    self_citations: list[dict[str, Any]]  # by citing site
    most_cited: list[dict[str, Any]]
    dead: list[dict[str, Any]]  # at most ROWS links
    lost_references: list[dict[str, Any]]  # at most ROWS
    changes: Changes | None  # None: there is no run before
    graph: Graph


def find(chosen: Export) -> Findings:
    """Return what there is to tell of the citations chosen."""
    piece_id = chosen.selection.piece
    run = _first(chosen, RUN)
    return Findings(
        piece=_first(chosen, NAMES),
        run=run,
        counts={name: count or 0 for name, count in _rows(chosen, COUNTS)[0].items()},
        outcomes=_rows(chosen, OUTCOMES),
        hop_counts=_rows(chosen, HOP_COUNTS),
        lags={row["age"]: row["citations"] for row in _rows(chosen, LAGS)},
        self_citations=_rows(chosen, SELF_CITATIONS),
        most_cited=_rows(chosen, MOST_CITED, room=10),
        dead=_rows(chosen, DEAD),
        lost_references=_rows(chosen, LOST_REFERENCES),
        changes=_changes(chosen, run["id"]) if run else None,
        graph=(
            graph.neighbourhood(chosen.db, piece_id, depth=2, limit=DRAWN) if piece_id is not None else
            graph.among(chosen.db, (row["id"] for row in _rows(chosen, MOST_TIED, room=DRAWN)), limit=DRAWN)
        ),
    )  # fmt: skip


def _changes(chosen: Export, last: int) -> Changes | None:
    before = _first(chosen, RUN_BEFORE, last=last)
    if before is None:
        return None
    added, removed, links = (_rows(chosen, sql, last=last) for sql in (ADDED, REMOVED, CHANGED))
    return Changes(before["started_at"], added, removed, links)


def _first(chosen: Export, sql: str, **values: int) -> dict[str, Any] | None:
    return next(iter(_rows(chosen, sql, **values)), None)


def _rows(chosen: Export, sql: str, *, room: int = ROWS, **values: int) -> list[dict[str, Any]]:
    return list(named_rows(chosen.cursor(STANDING + sql, room=room, **values)))
