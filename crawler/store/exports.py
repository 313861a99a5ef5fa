"""What an export says: the citations chosen, as readable rows, as a graph, as provenance; all of it of one moment.

Rows are read as they are asked for, so that an export of any size fits in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from sqlite_utils import Database

from crawler.errors import QueryError
from crawler.store.as_of import look_back, run_of
from crawler.store.database import sqlite3
from crawler.store.questions import PIECE_COLUMNS, Answer

# The conditions that a selection is made of; all of those that are set hold.
OF_RUN = """
c.gone_run_id IS NULL AND (c.citing_id IN (SELECT piece_id FROM captures WHERE run_id = :run)
  OR c.url IN (SELECT url FROM resolutions WHERE run_id = :run))
"""
OF_SITE = """
(c.citing_id IN (SELECT id FROM pieces WHERE site = :site) OR c.cited_id IN (SELECT id FROM pieces WHERE site = :site))
"""
OF_PIECE = """
c.citing_id IN (
  WITH RECURSIVE reached (id, depth) AS (
    VALUES (:piece, 1)
    UNION
    SELECT down.cited_id, depth + 1 FROM reached JOIN citations AS down ON down.citing_id = reached.id
    WHERE depth < :depth AND down.cited_id IS NOT NULL
  ) SELECT id FROM reached
)
"""
OF_CITATIONS = "c.id IN (SELECT value FROM json_each(:citations))"
OF_PIECES = """
(c.citing_id IN (SELECT value FROM json_each(:pieces)) OR c.cited_id IN (SELECT value FROM json_each(:pieces)))
"""

# What stands before every question below: the citations chosen, the pieces at their ends, the chains that were followed to those
# and from their links, and the pieces that these led to.
CHOSEN = """
WITH chosen (id) AS MATERIALIZED (SELECT c.id FROM citations AS c WHERE {conditions}),
ends (id) AS MATERIALIZED (
  SELECT citing_id FROM citations WHERE id IN (SELECT id FROM chosen)
  UNION SELECT cited_id FROM citations WHERE id IN (SELECT id FROM chosen) AND cited_id IS NOT NULL
  UNION SELECT tweet_id FROM citations WHERE id IN (SELECT id FROM chosen) AND tweet_id IS NOT NULL
  UNION SELECT id FROM pieces WHERE {whole} OR id = :piece
),
followed (id) AS MATERIALIZED (
  SELECT id FROM resolutions WHERE {of_run} AND (
    {whole} OR url IN (SELECT url FROM citations WHERE id IN (SELECT id FROM chosen))
    OR id IN (SELECT resolution_id FROM captures WHERE piece_id IN (SELECT id FROM ends)))
),
captured (id) AS MATERIALIZED (
  SELECT id FROM captures
  WHERE {of_run} AND (piece_id IN (SELECT id FROM ends) OR resolution_id IN (SELECT id FROM followed))
),
known (id) AS MATERIALIZED (
  SELECT id FROM ends UNION SELECT piece_id FROM resolutions WHERE id IN (SELECT id FROM followed) AND piece_id IS NOT NULL
)
"""
COUNT = "SELECT count(*) FROM chosen"
ROWS = "SELECT * FROM provenance WHERE citation_id IN (SELECT id FROM chosen) ORDER BY citation_id"

NODES = """
SELECT p.id, p.key, p.url, (SELECT name FROM piece_names WHERE piece_id = p.id) AS name, p.kind, p.site, p.byline,
  coalesce(p.published_at, t.posted_at, t.claimed_on) AS published_at, p.language, p.state, t.handle
FROM pieces AS p LEFT JOIN tweets AS t ON t.piece_id = p.id WHERE p.id IN (SELECT id FROM ends) ORDER BY p.id
"""
PIECES = NODES.replace("FROM ends", "FROM known")
# Citations of one link that led to no piece have one end: the first of them names it.
EDGES = """
SELECT c.id, c.citing_id AS citing, c.cited_id AS cited,
  CASE WHEN c.cited_id IS NULL THEN coalesce(
    (SELECT min(o.id) FROM citations AS o WHERE o.key = c.key AND o.cited_id IS NULL AND o.id IN (SELECT id FROM chosen)), c.id
  ) END AS open_end,
  c.tweet_id AS tweet, c.kind, c.label, c.text, c.url, c.confidence, r.outcome, r.landing, r.hop_count, c.matched_by,
  c.match_score, c.first_run_id, c.last_run_id, c.gone_run_id
FROM citations AS c LEFT JOIN resolutions AS r ON r.id = c.resolution_id WHERE c.id IN (SELECT id FROM chosen) ORDER BY c.id
"""

RUNS = """
SELECT id, started_at, finished_at, status, command, crawler_version FROM runs
WHERE {whole} OR id IN (SELECT run_id FROM resolutions WHERE id IN (SELECT id FROM followed))
  OR id IN (SELECT run_id FROM captures WHERE id IN (SELECT id FROM captured)) ORDER BY id
"""
RESOLUTIONS = """
SELECT r.id, r.run_id, run.started_at AS run_started_at, r.url, r.outcome, r.detail, r.landing, r.final_url, r.furthest_url,
  r.started_at, r.elapsed_ms
FROM resolutions AS r JOIN runs AS run ON run.id = r.run_id WHERE r.id IN (SELECT id FROM followed) ORDER BY r.id
"""
HOPS = """
SELECT h.id, h.resolution_id, r.started_at, h.position, h.url, h.status, h.via, h.location, h.fetched_at
FROM hops AS h JOIN resolutions AS r ON r.id = h.resolution_id WHERE r.id IN (SELECT id FROM followed) ORDER BY h.id
"""
LINKS = """
SELECT url FROM hops WHERE resolution_id IN (SELECT id FROM followed)
UNION SELECT url FROM resolutions WHERE id IN (SELECT id FROM followed)
UNION SELECT url FROM citations WHERE id IN (SELECT id FROM chosen) AND cited_id IS NULL AND url IS NOT NULL
UNION SELECT canonical_url FROM pieces WHERE id IN (SELECT id FROM known) AND canonical_url IS NOT NULL
"""
LOST = """
SELECT id, kind, label, text FROM citations
WHERE id IN (SELECT id FROM chosen) AND cited_id IS NULL AND url IS NULL ORDER BY id
"""
# The addresses that are known to be one piece's.
ALIASES = """
SELECT DISTINCT h.url, p.key FROM resolutions AS r JOIN hops AS h ON h.resolution_id = r.id JOIN pieces AS p ON p.id = r.piece_id
WHERE r.id IN (SELECT id FROM followed) AND r.outcome = 'arrived' AND r.landing IS NULL
UNION SELECT canonical_url, key FROM pieces WHERE id IN (SELECT id FROM known) AND canonical_url IS NOT NULL
"""
MEMENTOS = """
SELECT m.memento_url, m.memento_datetime, m.found_at, m.url, p.key
FROM mementos AS m JOIN pieces AS p ON p.id = m.piece_id WHERE p.id IN (SELECT id FROM known) ORDER BY m.id
"""
CAPTURES = """
SELECT cap.id, p.key, cap.run_id, run.started_at AS run_started_at, cap.resolution_id, r.started_at AS resolution_started_at,
  cap.url, cap.media_type, cap.length, cap.content_sha256, cap.captured_at,
  lag(cap.id) OVER (PARTITION BY cap.piece_id ORDER BY cap.id) AS before_id,
  lag(cap.captured_at) OVER (PARTITION BY cap.piece_id ORDER BY cap.id) AS before_captured_at,
  lag(cap.content_sha256) OVER (PARTITION BY cap.piece_id ORDER BY cap.id) AS before_sha256
FROM captures AS cap JOIN pieces AS p ON p.id = cap.piece_id JOIN runs AS run ON run.id = cap.run_id
LEFT JOIN resolutions AS r ON r.id = cap.resolution_id
WHERE cap.id IN (SELECT id FROM captured) ORDER BY cap.id
"""
CITATIONS = """
SELECT c.id, citing.key AS citing, coalesce(tweet.key, citing.key) AS quoting, cited.key AS cited, c.kind, c.label, c.text, c.url,
  c.context, c.confidence, r.outcome, c.matched_by, c.match_score, c.first_run_id, c.last_run_id, c.gone_run_id
FROM citations AS c JOIN pieces AS citing ON citing.id = c.citing_id LEFT JOIN pieces AS cited ON cited.id = c.cited_id
LEFT JOIN pieces AS tweet ON tweet.id = c.tweet_id AND tweet.id <> coalesce(c.cited_id, 0)
LEFT JOIN resolutions AS r ON r.id = c.resolution_id
WHERE c.id IN (SELECT id FROM chosen) ORDER BY c.id
"""
QUESTIONS = {
    "rows": ROWS,
    "nodes": NODES,
    "pieces": PIECES,
    "edges": EDGES,
    "runs": RUNS,
    "resolutions": RESOLUTIONS,
    "hops": HOPS,
    "links": LINKS,
    "lost": LOST,
    "aliases": ALIASES,
    "mementos": MEMENTOS,
    "captures": CAPTURES,
    "citations": CITATIONS,
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which citations are meant: those for which all that is set holds; nothing set: all there are."""

    run: int | None = None  # on a page that this run read, or of a link that it followed, as they stood at its end
    site: str | None = None  # citing or cited
    piece: int | None = None  # this piece's, those of what it cites, …
    depth: int = 10  # … so many citations deep
    citations: tuple[int, ...] | None = None  # these
    pieces: tuple[int, ...] | None = None  # these pieces', and those that lead to them


@dataclass(frozen=True, slots=True)
class Export:
    """The chosen part of a database, to be asked for its rows."""

    db: Database
    selection: Selection

    def count(self) -> int:
        """Return how many citations are chosen."""
        return int(self.cursor(COUNT).fetchone()[0])

    def answer(self, question: str) -> Answer:
        """Return the rows of one of QUESTIONS, with their column names."""
        cursor = self.cursor(QUESTIONS[question])
        return Answer(tuple(column[0] for column in cursor.description), cursor)

    def rows(self, question: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of one of QUESTIONS by their column names."""
        return named_rows(self.cursor(QUESTIONS[question]))

    def cursor(self, question: str, **values: object) -> sqlite3.Cursor:
        """Ask in SQL that stands below CHOSEN, with values of its own."""
        chosen = self.selection
        conditions = {OF_RUN: chosen.run, OF_SITE: chosen.site, OF_PIECE: chosen.piece, OF_CITATIONS: chosen.citations}
        set_ones = [sql for sql, value in (conditions | {OF_PIECES: chosen.pieces}).items() if value is not None]
        sql = (CHOSEN + question).format(
            conditions=" AND ".join(set_ones) or "1",
            whole=int(not set_ones),
            of_run="1" if chosen.run is None else "run_id = :run",
        )
        named = asdict(chosen) | {"citations": json.dumps(chosen.citations), "pieces": json.dumps(chosen.pieces)}
        return self.db.conn.execute(sql, named | values)


def named_rows(cursor: sqlite3.Cursor) -> Iterator[dict[str, Any]]:
    """Yield the rows of a cursor by their column names."""
    columns = [column[0] for column in cursor.description]
    return (dict(zip(columns, row, strict=True)) for row in cursor)


@contextmanager
def exporting(db: Database, selection: Selection) -> Iterator[Export]:
    """Hold a database still, whatever a run writes meanwhile, and give the part that is meant: of a run, as of its end.

    Raises QueryError where a run is meant that nobody knows.
    """
    if selection.run is not None:
        look_back(db, run_of(db, str(selection.run)))
    db.conn.execute("BEGIN")
    try:
        yield Export(db, selection)
    finally:
        db.conn.execute("COMMIT")


def named(answer: Answer) -> dict[str, tuple[int, ...]]:
    """Return what the rows of a query name: citations where they have a citation_id, else the pieces in the columns of their ids.

    Raises QueryError where they name neither.
    """
    columns = [i for i, name in enumerate(answer.columns) if name == "citation_id"]
    what = "citations" if columns else "pieces"
    columns = columns or [i for i, name in enumerate(answer.columns) if name in PIECE_COLUMNS]
    if not columns:
        raise QueryError(
            f"an export needs rows that name citations or pieces, by a column citation_id, {', '.join(PIECE_COLUMNS)}; "
            f"those of this query have {', '.join(answer.columns)}"
        )
    return {what: tuple(dict.fromkeys(id_ for row in answer.rows for i in columns if isinstance(id_ := row[i], int)))}
