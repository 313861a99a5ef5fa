"""A part of the graph, to be drawn or exported: pieces as nodes, citations as edges."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from crawler.errors import QueryError

# The pieces most tied to what is there already come first; the index, not the table, leads from a piece to its citations.
NEIGHBOURS = """
SELECT near.id FROM (
  SELECT c.cited_id AS id FROM json_each(:level) AS level CROSS JOIN citations AS c ON c.citing_id = level.value
  UNION ALL
  SELECT c.citing_id FROM json_each(:level) AS level CROSS JOIN citations AS c ON c.cited_id = level.value
) AS near
WHERE near.id IS NOT NULL AND near.id NOT IN (SELECT value FROM json_each(:known))
GROUP BY near.id ORDER BY count(*) DESC, near.id LIMIT :room
"""
KNOWN = "SELECT p.id FROM json_each(:ids) AS ids CROSS JOIN pieces AS p ON p.id = ids.value ORDER BY p.id LIMIT :room"
NODES = """
SELECT p.id, p.key, p.url, (SELECT name FROM piece_names WHERE piece_id = p.id) AS name, p.title, p.kind, p.site,
  coalesce(p.published_at, t.posted_at, t.claimed_on) AS published_at, p.state, t.handle, p.first_seen_at
FROM json_each(:ids) AS ids CROSS JOIN pieces AS p ON p.id = ids.value LEFT JOIN tweets AS t ON t.piece_id = p.id
"""
# Citations that lead to no piece are edges too: what is lost is part of the picture. They come last, and go first.
EDGES = """
SELECT c.id, c.citing_id AS citing, c.cited_id AS cited, c.tweet_id AS tweet, c.kind, c.label, c.text, c.url, r.outcome,
  r.landing, r.hop_count, c.matched_by, run.started_at AS first_seen_at, c.gone_run_id IS NOT NULL AS gone
FROM json_each(:ids) AS ids CROSS JOIN citations AS c ON c.citing_id = ids.value
LEFT JOIN resolutions AS r ON r.id = c.resolution_id LEFT JOIN runs AS run ON run.id = c.first_run_id
WHERE c.cited_id IS NULL OR c.cited_id IN (SELECT value FROM json_each(:ids))
ORDER BY c.cited_id IS NULL, c.citing_id, c.position, c.id LIMIT :room
"""
EDGES_A_NODE = 4


@dataclass(frozen=True, slots=True)
class Node:
    """A piece, as its row says."""

    id: int
    key: str
    url: str
    name: str  # its title, what its tweet says, or its URL
    title: str | None
    kind: str | None
    site: str | None
    published_at: str | None  # a tweet's: when its id says, else the day that it prints
    state: str
    handle: str | None
    first_seen_at: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A citation: from the citing piece, through the tweet whose link it is, to the cited one."""

    id: int
    citing: int
    cited: int | None  # None: it leads to no known piece
    tweet: int | None
    kind: str
    label: str | None
    text: str | None
    url: str | None
    outcome: str | None  # None: it was not followed
    landing: str | None  # what it led to in place of the piece: "home", "soft_404", …
    hop_count: int | None
    matched_by: str | None
    first_seen_at: str
    gone: bool  # no longer on the citing page


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes and the edges between them. Both ends of an edge are among the nodes, or it has no cited end."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    focus: tuple[int, ...] = ()  # the ids of the pieces that the graph is about
    truncated: bool = False  # more would belong to it than was asked for


def neighbourhood(db: Database, piece_id: int, *, depth: int = 2, limit: int = 500) -> Graph:
    """Return the pieces up to so many citations away from one, whichever way they point, and what they cite of each other.

    The nearest pieces come first, at most `limit`, and at most four edges for each of them: the time it takes is bounded by
    `limit` and by how much is cited by, or cites, the pieces on the way. Raises QueryError where there is no such piece.
    """
    known = _known(db, [piece_id], 1)
    if not known:
        raise QueryError(f"there is no piece {piece_id}; `crawler query citations` lists what is")
    level, truncated = known, False
    for _ in range(depth):
        # One more than there is room for tells whether something was left out.
        room = limit - len(known)
        level = _ids(db, NEIGHBOURS, level=json.dumps(level), known=json.dumps(known), room=room + 1)
        truncated = truncated or len(level) > room
        level = level[:room]
        known = known + level
        if not level:
            break
    return _graph(db, known, limit, focus=(piece_id,), truncated=truncated)


def among(db: Database, piece_ids: Iterable[int], *, limit: int = 500) -> Graph:
    """Return these pieces, at most `limit` of them, and what they cite of each other. Ids that are no piece's are passed over."""
    known = _known(db, sorted(set(piece_ids)), limit + 1)
    return _graph(db, known[:limit], limit, focus=(), truncated=len(known) > limit)


def _graph(db: Database, ids: list[int], limit: int, *, focus: tuple[int, ...], truncated: bool) -> Graph:
    chosen, room = json.dumps(ids), EDGES_A_NODE * limit
    nodes = tuple(Node(**row) for row in _rows(db, NODES, ids=chosen))
    edges = tuple(Edge(**row | {"gone": bool(row["gone"])}) for row in _rows(db, EDGES, ids=chosen, room=room + 1))
    return Graph(nodes, edges[:room], focus, truncated or len(edges) > room)


def _known(db: Database, ids: list[int], room: int) -> list[int]:
    return _ids(db, KNOWN, ids=json.dumps(ids), room=room)


def _ids(db: Database, sql: str, **values: object) -> list[int]:
    return [id_ for (id_,) in db.conn.execute(sql, values)]


def _rows(db: Database, sql: str, **values: object) -> Iterable[dict[str, Any]]:
    cursor = db.conn.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)
