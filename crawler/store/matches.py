"""READ MORE references that lost their link, matched to pieces by title as soon as both are known."""

from __future__ import annotations

from sqlite_utils import Database

from crawler.core.matching import Candidate, best_match

OPEN_WITH_TITLE_OF = """
SELECT citations.id FROM citations JOIN pieces ON pieces.title_fold = citations.title_fold WHERE pieces.id = ?
"""
TITLE_SOUGHT = """
SELECT citations.text, citations.title_fold, citations.citing_id, pieces.site
FROM citations JOIN pieces ON pieces.id = citations.citing_id WHERE citations.id = ?
"""
WITH_TITLE = "SELECT id, title, site FROM pieces WHERE title_fold = ? AND id <> ?"
MATCH = "UPDATE citations SET cited_id = ?, matched_by = ?, match_score = ? WHERE id = ?"


def match_piece(db: Database, piece_id: int) -> None:
    """Match every READ MORE that may mean this piece, whose title has just been read.

    Those matched before are weighed again: the answer depends on what is known, not on the order it came in.
    """
    for (citation_id,) in db.conn.execute(OPEN_WITH_TITLE_OF, (piece_id,)).fetchall():
        match_citation(db, citation_id)


def match_citation(db: Database, citation_id: int) -> None:
    """Match one READ MORE to the piece its title means; leave it open where none is known, or more than one."""
    title, fold, citing_id, site = db.conn.execute(TITLE_SOUGHT, (citation_id,)).fetchone()
    match = best_match(title, site, (Candidate(*row) for row in db.conn.execute(WITH_TITLE, (fold, citing_id))))
    found = (match.piece_id, match.matched_by, match.score) if match else (None, None, None)
    db.conn.execute(MATCH, (*found, citation_id))
