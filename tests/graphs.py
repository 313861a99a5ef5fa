"""The graph of a database, apart from ids, runs and times: what two runs over one web must agree on."""

from __future__ import annotations

from sqlite_utils import Database

QUERIES = {
    "pieces": "SELECT key, url, kind, title, byline, site, published_at, state, text_sha256 FROM pieces",
    "tweets": """
SELECT p.key, t.status_id, t.handle, t.author, t.text, t.claimed_on, t.posted_at
FROM tweets AS t JOIN pieces AS p ON p.id = t.piece_id
""",
    "citations": """
SELECT citing.key, cited.key, c.kind, c.position, c.href, c.url, c.text, c.label, tweet.key, c.confidence, c.matched_by,
  c.match_score, r.outcome, c.gone_run_id IS NOT NULL
FROM citations AS c JOIN pieces AS citing ON citing.id = c.citing_id LEFT JOIN pieces AS cited ON cited.id = c.cited_id
LEFT JOIN pieces AS tweet ON tweet.id = c.tweet_id LEFT JOIN resolutions AS r ON r.id = c.resolution_id
""",
    "resolutions": "SELECT url, outcome, detail, final_url, furthest_url, hop_count FROM resolutions",
    "hops": """
SELECT r.url, h.position, h.url, h.status, h.via, h.location FROM hops AS h JOIN resolutions AS r ON r.id = h.resolution_id
""",
    # A killed run's successor may meet a page again that it had captured: two captures, and rightly so.
    "captures": "SELECT DISTINCT p.key, c.url, c.content_sha256 FROM captures AS c JOIN pieces AS p ON p.id = c.piece_id",
    "frontier": "SELECT url, depth, reach, due_at IS NULL, leased_until, claims FROM frontier",
}


def graph(db: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows that matter, sorted; a row that is there twice is there twice."""
    return {name: sorted(db.conn.execute(sql).fetchall(), key=repr) for name, sql in QUERIES.items()}
