"""The provenance tree of a piece: what it cites, through which hops, and what that cites in turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlite_utils import Database

from crawler.errors import QueryError

FIND = (
    "SELECT id FROM pieces WHERE key = :name OR url = :name",
    "SELECT piece_id FROM frontier WHERE url = :name AND piece_id IS NOT NULL",
    "SELECT DISTINCT piece_id FROM resolutions WHERE url = :name AND piece_id IS NOT NULL",
    "SELECT id FROM pieces WHERE title = :name",
    "SELECT id FROM pieces WHERE title LIKE '%' || :name || '%' OR url LIKE '%' || :name || '%'",
)
BY_ID = "SELECT id FROM pieces WHERE id = ?"
PIECE = """
SELECT p.id, p.key, p.url, p.kind, p.title, p.site, p.published_at, p.state, t.handle, t.text, t.claimed_on, t.posted_at
FROM pieces AS p LEFT JOIN tweets AS t ON t.piece_id = p.id WHERE p.id = ?
"""
CITATIONS = """
SELECT c.kind, c.label, c.text, c.url, c.matched_by, c.match_score, c.confidence, c.tweet_id, r.outcome, r.landing, r.detail,
  r.furthest_url, c.gone_run_id IS NOT NULL AS gone, c.cited_id, c.resolution_id,
  (SELECT m.memento_url FROM hops AS h JOIN mementos AS m ON m.url = h.url WHERE h.resolution_id = c.resolution_id
   ORDER BY h.position DESC, m.id DESC LIMIT 1) AS memento_url
FROM citations AS c LEFT JOIN resolutions AS r ON r.id = c.resolution_id
WHERE c.citing_id = ? ORDER BY c.gone_run_id IS NOT NULL, c.position, c.id
"""
HOPS = "SELECT url, status, via, location, fetched_at, elapsed_ms FROM hops WHERE resolution_id = ? ORDER BY position"
MAX_NAMED = 8


@dataclass(slots=True)
class TracedPiece:
    """A piece in the tree. Its citations stand where it first comes up; further down only that it does."""

    id: int
    key: str
    url: str
    kind: str | None
    title: str | None
    site: str | None
    published_at: str | None
    state: str
    handle: str | None
    tweet_text: str | None
    claimed_on: str | None
    posted_at: str | None
    seen: str | None = None  # "circle": it is its own ancestor here; "above": its citations stand further up
    citations: list[TracedCitation] = field(default_factory=list)


@dataclass(slots=True)
class TracedHop:
    """A hop of a traced citation's chain."""

    url: str
    status: int | None
    via: str | None
    location: str | None
    fetched_at: str
    elapsed_ms: int


@dataclass(slots=True)
class TracedCitation:
    """A citation in the tree, with its chain and the piece it led to."""

    kind: str
    label: str | None
    text: str | None
    url: str | None
    matched_by: str | None
    match_score: float | None
    confidence: float
    tweet_id: int | None
    outcome: str | None
    landing: str | None  # in place of the piece: "home", "soft_404", …
    detail: str | None
    furthest_url: str | None
    memento_url: str | None  # an archived copy of what is lost
    gone: int  # 1: no longer on the page
    hops: list[TracedHop]
    cited: TracedPiece | None


def find_piece(db: Database, names: Iterator[str]) -> int:
    """Return the id of the one piece that a name means: an id, a key, a URL, a link that led to it, a title or a part of one.

    Raises QueryError where there is none, or more than one.
    """
    said = ""
    for name in names:
        said = said or name
        if name.isdigit() and (row := db.conn.execute(BY_ID, (int(name),)).fetchone()):
            return int(row[0])
        for sql in FIND:
            ids = [row[0] for row in db.conn.execute(f"{sql} LIMIT {MAX_NAMED}", {"name": name})]
            if len(ids) == 1:
                return int(ids[0])
            if ids:
                options = "; ".join(f"{id_}: {_title(db, id_)}" for id_ in ids)
                raise QueryError(f"{said!r} may be several pieces, name one by its id: {options}")
    raise QueryError(f"no piece is known as {said!r}; `crawler query citations` lists what is")


def trace(db: Database, piece_id: int, max_depth: int) -> TracedPiece:
    """Return the tree of a piece, so many citations deep. A piece's citations are told once, and circles marked."""
    told = {piece_id}
    root = _piece(db, piece_id)
    level: list[tuple[TracedPiece, frozenset[int]]] = [(root, frozenset({piece_id}))]
    # Level by level, so that a piece is told where it stands nearest to the root.
    for _ in range(max_depth):
        below: list[tuple[TracedPiece, frozenset[int]]] = []
        for piece, ancestors in level:
            for citation in _citations(db, piece):
                if (cited := citation.cited) is None:
                    continue
                if cited.id in ancestors:
                    cited.seen = "circle"
                elif cited.id in told:
                    cited.seen = "above" if _has_citations(db, cited.id) else None
                else:
                    told.add(cited.id)
                    below.append((cited, ancestors | {cited.id}))
        level = below
    return root


def _citations(db: Database, piece: TracedPiece) -> list[TracedCitation]:
    for row in list(db.query(CITATIONS, (piece.id,))):
        resolution_id, cited_id = row.pop("resolution_id"), row.pop("cited_id")
        hops = [TracedHop(**hop) for hop in db.query(HOPS, (resolution_id,))]
        cited = _piece(db, cited_id) if cited_id is not None else None
        piece.citations.append(TracedCitation(**row, hops=hops, cited=cited))
    return piece.citations


def _piece(db: Database, piece_id: int) -> TracedPiece:
    return TracedPiece(*db.conn.execute(PIECE, (piece_id,)).fetchone())


def _has_citations(db: Database, piece_id: int) -> bool:
    return db.conn.execute("SELECT 1 FROM citations WHERE citing_id = ? LIMIT 1", (piece_id,)).fetchone() is not None


def _title(db: Database, piece_id: int) -> str:
    piece = _piece(db, piece_id)
    return piece.title or piece.url
