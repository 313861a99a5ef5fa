"""Citations: brought up to what a page says now. None is ever deleted, and none is lost because its target was known."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from crawler.core import titles, urls
from crawler.core.model import Citation, CitationKind, Page, PieceKind
from crawler.store import matches
from crawler.store.pieces import see_piece, see_tweet
from crawler.store.runs import Run

LIVE = """
SELECT kind, href, text, label, id, last_run_id FROM citations WHERE citing_id = ? AND gone_run_id IS NULL ORDER BY position, id
"""
ADD = """
INSERT INTO citations (citing_id, cited_id, kind, position, href, url, text, label, context, tweet_id, confidence, resolution_id,
  title_fold, first_run_id, last_run_id)
VALUES (:citing, :cited, :kind, :position, :href, :url, :text, :label, :context, :tweet, :confidence, :resolution,
  :title_fold, :run, :run) RETURNING id
"""
KEEP = """
UPDATE citations SET position = ?, context = ?, confidence = ?, tweet_id = ?, last_run_id = ? WHERE id = ?
"""
LOSE = "UPDATE citations SET gone_run_id = ? WHERE id = ?"


KNOWN_END = """
SELECT max(id), (SELECT piece_id FROM resolutions WHERE url = :url AND piece_id IS NOT NULL ORDER BY id DESC LIMIT 1)
FROM resolutions WHERE url = :url
"""
# The citations of a URL, with any fragment ('$' is the character after '#').
POINT = """
UPDATE citations SET resolution_id = :resolution, cited_id = coalesce(:piece, cited_id)
WHERE url = :url OR (url > :url || '#' AND url < :url || '$')
"""


def point(run: Run, url: str, resolution_id: int, piece_id: int | None) -> None:
    """Give every citation of url its latest resolution, and the piece that it led to if it led anywhere."""
    run.db.conn.execute(POINT, {"resolution": resolution_id, "piece": piece_id, "url": url})


def reconcile(run: Run, page: Page, citing_id: int, now: datetime) -> tuple[int, int]:
    """Bring the citations of a piece up to what its page says now; return how many are new and how many gone.

    The same pointer twice in one piece is two citations, told apart by their order.
    """
    tweet_ids = [see_tweet(run, tweet, now) for tweet in page.tweets]
    live: defaultdict[tuple[str | None, ...], list[tuple[int, int]]] = defaultdict(list)
    for kind, href, text, label, id_, last_run_id in run.db.conn.execute(LIVE, (citing_id,)):
        live[kind, href, text, label].append((id_, last_run_id))
    added = 0
    for citation in page.citations:
        tweet_id = None if citation.tweet is None else tweet_ids[citation.tweet]
        if same := live.get((citation.kind, citation.href, citation.text, citation.label)):
            id_, _ = same.pop(0)
            run.db.conn.execute(KEEP, (citation.position, citation.context, citation.confidence, tweet_id, run.id, id_))
        else:
            _add(run, citation, citing_id, tweet_id, now)
            added += 1
    # Another address of this piece, read in this same run, may show other pointers: that is no change over time.
    lost = [id_ for same in live.values() for id_, last_run_id in same if last_run_id != run.id]
    run.db.conn.executemany(LOSE, [(run.id, id_) for id_ in lost])
    return added, len(lost)


def _add(run: Run, citation: Citation, citing_id: int, tweet_id: int | None, now: datetime) -> None:
    cited_id, resolution_id = _known_end(run, citation, tweet_id, now)
    title = citation.text if citation.kind is CitationKind.READ_MORE and citation.url is None else None
    row = {
        "citing": citing_id,
        "cited": cited_id,
        "kind": citation.kind,
        "position": citation.position,
        "href": citation.href,
        "url": citation.url,
        "text": citation.text,
        "label": citation.label,
        "context": citation.context,
        "tweet": tweet_id,
        "confidence": citation.confidence,
        "resolution": resolution_id,
        "title_fold": titles.fold(title) if title else None,
        "run": run.id,
    }
    (citation_id,) = run.db.conn.execute(ADD, row).fetchone()
    if title:
        matches.match_citation(run.db, citation_id)


def _known_end(run: Run, citation: Citation, tweet_id: int | None, now: datetime) -> tuple[int | None, int | None]:
    """Return the piece and the resolution that a new citation leads to, as far as they are known at this moment."""
    if citation.kind is CitationKind.TWEET:
        return tweet_id, None
    if citation.url is None:
        return None, None
    if urls.MEDIA_PAGE.match(citation.url):
        return see_piece(run, citation.url, PieceKind.MEDIA, now), None
    if urls.TWEET_PAGE.match(citation.url):
        return see_piece(run, citation.url, PieceKind.TWEET, now), None
    resolution_id, piece_id = run.db.conn.execute(KNOWN_END, {"url": urls.without_fragment(citation.url)}).fetchone()
    return piece_id, resolution_id
