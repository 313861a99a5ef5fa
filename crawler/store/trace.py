"""The provenance tree of a piece: what it cites, through which hops, and what that cites in turn; or upward, who cites it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlite_utils import Database

from crawler.core import urls
from crawler.errors import QueryError

FIND = (
    "SELECT id FROM pieces WHERE key = :name",
    "SELECT id FROM pieces WHERE url = :name",
    "SELECT piece_id FROM frontier WHERE url = :name AND piece_id IS NOT NULL",
    "SELECT DISTINCT piece_id FROM resolutions WHERE url = :name AND piece_id IS NOT NULL",
    "SELECT id FROM pieces WHERE title = :name",
    "SELECT id FROM pieces WHERE title LIKE '%' || :name || '%' OR url LIKE '%' || :name || '%'",
)
IS_CITED = "SELECT 1 FROM citations WHERE url = ?"
WHO_CITES = "SELECT citing, kind, outcome, detail FROM provenance WHERE url = :url"
HAS_SITE = "SELECT 1 FROM pieces WHERE site = ? LIMIT 1"
BY_ID = "SELECT id FROM pieces WHERE id = ?"
NAME = "SELECT name FROM piece_names WHERE piece_id = ?"
PIECE = """
SELECT p.id, p.key, p.url, p.kind, p.title, p.site, p.published_at, p.state, t.handle, t.text, t.claimed_on, t.posted_at
FROM pieces AS p LEFT JOIN tweets AS t ON t.piece_id = p.id WHERE p.id = ?
"""
CITATION = """
SELECT c.kind, c.label, c.text, c.url, c.matched_by, c.match_score, c.confidence, c.tweet_id, r.outcome, r.landing, r.detail,
  r.furthest_url, r.started_at AS followed_at, c.gone_run_id IS NOT NULL AS gone, c.citing_id, c.cited_id, c.resolution_id,
  (SELECT m.memento_url FROM hops AS h JOIN mementos AS m ON m.url = h.url WHERE h.resolution_id = c.resolution_id
   ORDER BY h.position DESC, m.id DESC LIMIT 1) AS memento_url
FROM citations AS c LEFT JOIN resolutions AS r ON r.id = c.resolution_id
"""
CITES = f"{CITATION} WHERE c.citing_id = ? ORDER BY c.gone_run_id IS NOT NULL, c.position, c.id LIMIT ?"
CITED_BY = f"{CITATION} WHERE c.cited_id = ? ORDER BY c.gone_run_id IS NOT NULL, c.citing_id, c.position, c.id LIMIT ?"
CITES_COUNT = "SELECT count(*) FROM citations WHERE citing_id = ?"
CITED_BY_COUNT = "SELECT count(*) FROM citations WHERE cited_id = ?"
HOPS = "SELECT url, status, via, location, fetched_at, elapsed_ms FROM hops WHERE resolution_id = ? ORDER BY position"
MAX_NAMED = 8
MAX_CITATIONS = 5000


C = TypeVar("C", bound="TracedCitation")


@dataclass(slots=True)
class TracedPiece(Generic[C]):
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
    more: int = 0  # citations of it that there was no room for
    citations: list[C] = field(default_factory=list)  # what it cites; in a tree upward, what points at it


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
    """A citation in the tree, with its chain."""

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
    followed_at: str | None
    memento_url: str | None  # an archived copy of what is lost
    gone: int  # 1: no longer on the page
    hops: list[TracedHop]


@dataclass(slots=True)
class Cites(TracedCitation):
    """A citation, and the piece it led to."""

    cited: TracedPiece[Cites] | None


@dataclass(slots=True)
class CitedBy(TracedCitation):
    """A citation, and the piece it stands in."""

    citing: TracedPiece[CitedBy]


def find_piece(db: Database, names: Iterator[str]) -> int:
    """Return the id of the one piece that a name means: an id, a key, a URL, a link that led to it, a title or a part of one.

    Raises QueryError where there is none, or more than one.
    """
    tried = tuple(names)
    said = tried[0]
    for name in tried:
        if name.isdigit() and (row := db.conn.execute(BY_ID, (int(name),)).fetchone()):
            return int(row[0])
        for sql in FIND:
            ids = [row[0] for row in db.conn.execute(f"{sql} LIMIT {MAX_NAMED}", {"name": name})]
            if len(ids) == 1:
                return int(ids[0])
            if ids:
                options = "; ".join(f"{id_}: {_name(db, id_)}" for id_ in ids)
                raise QueryError(f"{said!r} may be several pieces, name one by its id: {options}")
    for url in tried:
        if db.conn.execute(IS_CITED, (url,)).fetchone():
            ask = f'crawler query "{WHO_CITES}" {shlex.quote(f"url={url}")}'
            raise QueryError(f"{said!r} is cited, but led to no piece that is known; who cites it: {ask}")
    raise QueryError(f"no piece is known as {said!r}; `crawler query citations` lists what is")


def find_site(db: Database, said: str) -> str:
    """Return the site (a registrable domain) that is meant by its name, one of its hosts or a URL.

    Raises QueryError where no piece of it is known.
    """
    site = urls.site(said if "://" in said else f"https://{said}") or said
    if not db.conn.execute(HAS_SITE, (site,)).fetchone():
        raise QueryError(f"no piece is known of the site {site}; `crawler query most-cited` shows some that are")
    return site


def trace(db: Database, piece_id: int, max_depth: int, max_citations: int = MAX_CITATIONS) -> TracedPiece[Cites]:
    """Return the tree of what a piece cites, so many citations deep and with so many at most, the nearest first.

    A piece's citations are told once, and circles marked.
    """

    def cites(piece: TracedPiece[Cites], most: int) -> Iterator[TracedPiece[Cites] | None]:
        for row in list(db.query(CITES, (piece.id, most))):
            _, cited_id = row.pop("citing_id"), row.pop("cited_id")
            cited: TracedPiece[Cites] | None = _piece(db, cited_id) if cited_id is not None else None
            piece.citations.append(Cites(**_told(db, row), cited=cited))
            yield cited

    return _tree(db, piece_id, max_depth, max_citations, cites, CITES_COUNT)


def trace_up(db: Database, piece_id: int, max_depth: int, max_citations: int = MAX_CITATIONS) -> TracedPiece[CitedBy]:
    """Return the tree of who cites a piece, and who cites that, in the same way."""

    def cited_by(piece: TracedPiece[CitedBy], most: int) -> Iterator[TracedPiece[CitedBy] | None]:
        for row in list(db.query(CITED_BY, (piece.id, most))):
            _, citing_id = row.pop("cited_id"), row.pop("citing_id")
            citing: TracedPiece[CitedBy] = _piece(db, citing_id)
            piece.citations.append(CitedBy(**_told(db, row), citing=citing))
            yield citing

    return _tree(db, piece_id, max_depth, max_citations, cited_by, CITED_BY_COUNT)


def _tree(
    db: Database,
    piece_id: int,
    max_depth: int,
    max_citations: int,
    citations: Callable[[TracedPiece[C], int], Iterator[TracedPiece[C] | None]],
    count: str,
) -> TracedPiece[C]:
    told = {piece_id}
    root: TracedPiece[C] = _piece(db, piece_id)
    room = max_citations
    level: list[tuple[TracedPiece[C], frozenset[int]]] = [(root, frozenset({piece_id}))]
    # Level by level, so that a piece is told where it stands nearest to the root.
    for _ in range(max_depth):
        below: list[tuple[TracedPiece[C], frozenset[int]]] = []
        for piece, ancestors in level:
            for other in citations(piece, room):
                if other is None:
                    continue
                if other.id in ancestors:
                    other.seen = "circle"
                elif other.id in told:
                    other.seen = "above" if _count(db, count, other) else None
                else:
                    told.add(other.id)
                    below.append((other, ancestors | {other.id}))
            room -= len(piece.citations)
            if room == 0:
                piece.more = _count(db, count, piece) - len(piece.citations)
        level = below
    return root


def _told(db: Database, row: dict[str, Any]) -> dict[str, Any]:
    resolution_id = row.pop("resolution_id")
    return {**row, "hops": [TracedHop(**hop) for hop in db.query(HOPS, (resolution_id,))]}


def _piece(db: Database, piece_id: int) -> TracedPiece[Any]:
    return TracedPiece(*db.conn.execute(PIECE, (piece_id,)).fetchone())


def _count(db: Database, count: str, piece: TracedPiece[Any]) -> int:
    return int(db.conn.execute(count, (piece.id,)).fetchone()[0])


def _name(db: Database, piece_id: int) -> str:
    return str(db.conn.execute(NAME, (piece_id,)).fetchone()[0])
