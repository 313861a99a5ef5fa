"""Archived copies of lost pieces, and the time that one is wanted of."""

from __future__ import annotations

from datetime import UTC, datetime

from crawler.core import urls
from crawler.core.model import ArchivedCopy
from crawler.store.database import utc_text
from crawler.store.pieces import see_piece
from crawler.store.runs import Run

# When a link was cited first: the citing piece says when it was published, or a tweet in it when it was posted.
CITED_AT = """
SELECT min(coalesce(p.published_at, t.posted_at, t.claimed_on))
FROM citations AS c JOIN pieces AS p ON p.id = c.citing_id LEFT JOIN tweets AS t ON t.piece_id = c.tweet_id
WHERE c.url = :url OR (c.url > :url || '#' AND c.url < :url || '$')
"""
ADD = """
INSERT INTO mementos (piece_id, url, memento_url, memento_datetime, found_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (piece_id, memento_url) DO NOTHING
"""


def cited_at(run: Run, url: str) -> datetime | None:
    """Return when url was first cited, as far as what cites it says."""
    (text,) = run.db.conn.execute(CITED_AT, {"url": urls.without_fragment(url)}).fetchone()
    try:
        then = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return then.replace(tzinfo=UTC) if then and then.tzinfo is None else then


def add(run: Run, copy: ArchivedCopy, now: datetime) -> None:
    """Write down an archived copy of a piece."""
    archived_at = utc_text(copy.archived_at) if copy.archived_at else None
    run.db.conn.execute(ADD, (see_piece(run, copy.original, None, now), copy.original, copy.url, archived_at, utc_text(now)))
