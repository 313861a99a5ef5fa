"""READ MORE references that lost their link, matched to pieces by title as soon as both are known."""

from __future__ import annotations

from sqlite_utils import Database

from crawler.core.matching import Candidate, best_match

# A title that more pieces bear ("Live updates", "Page not found") names none of them, and would be weighed for ever.
MAX_NAMESAKES = 8

NAMESAKES = """
SELECT count(*) FROM (
  SELECT 1 FROM pieces WHERE title_fold = (SELECT title_fold FROM pieces WHERE id = :piece) LIMIT :most + 2
)
"""
OPEN_WITH_TITLE_OF = """
SELECT citations.id FROM citations JOIN pieces ON pieces.title_fold = citations.title_fold WHERE pieces.id = ?
"""
TITLE_SOUGHT = """
SELECT citations.text, citations.title_fold, citations.citing_id, pieces.site
FROM citations JOIN pieces ON pieces.id = citations.citing_id WHERE citations.id = ?
"""
WITH_TITLE = "SELECT id, title, site FROM pieces WHERE title_fold = ? LIMIT ?"
MATCH = "UPDATE citations SET cited_id = ?, matched_by = ?, match_score = ? WHERE id = ?"


def match_piece(db: Database, piece_id: int) -> None:
    """Match every READ MORE that may mean this piece, whose title has just been read.

    Those matched before are weighed again: the answer depends on what is known, not on the order it came in.
    """
    (namesakes,) = db.conn.execute(NAMESAKES, {"piece": piece_id, "most": MAX_NAMESAKES}).fetchone()
    if namesakes > MAX_NAMESAKES + 1:
        return  # they were let go when it became one too many
    for (citation_id,) in db.conn.execute(OPEN_WITH_TITLE_OF, (piece_id,)).fetchall():
        match_citation(db, citation_id)


def match_citation(db: Database, citation_id: int) -> None:
    """Match one READ MORE to the piece its title means; leave it open where none is known, or more than one."""
    title, fold, citing_id, site = db.conn.execute(TITLE_SOUGHT, (citation_id,)).fetchone()
    namesakes = [Candidate(*row) for row in db.conn.execute(WITH_TITLE, (fold, MAX_NAMESAKES + 1))]
    candidates = [candidate for candidate in namesakes if candidate.piece_id != citing_id]
    match = best_match(title, site, candidates) if len(namesakes) <= MAX_NAMESAKES else None
    found = (match.piece_id, match.matched_by, match.score) if match else (None, None, None)
    db.conn.execute(MATCH, (*found, citation_id))
