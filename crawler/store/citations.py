"""Citations: brought up to what a page says now. None is ever deleted, and none is lost because its target was known."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec

from crawler.core import keys, urls
from crawler.core.matching import start_of
from crawler.core.model import Citation, CitationKind, Outcome, Page, PieceKind, Resolution, Url
from crawler.store import matches
from crawler.store.pieces import see_piece, see_tweet
from crawler.store.runs import Run

BEARING_TITLES = (CitationKind.READ_MORE, CitationKind.LISTED)  # what such a link says is its piece's title

LIVE = """
SELECT kind, href, text, label, id, last_run_id FROM citations
WHERE citing_id = ? AND gone_run_id IS NULL ORDER BY position, id
"""
EVER = "SELECT kind, href, text, label FROM citations WHERE citing_id = ?"
LAST_ID = "SELECT coalesce(max(id), 0) FROM citations"
ADD = """
INSERT INTO citations (id, citing_id, cited_id, kind, position, href, url, key, text, label, context, tweet_id, confidence,
  resolution_id, title_start, title_site, dated_at, first_run_id, last_run_id)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, (SELECT site FROM pieces WHERE id = ?16), ?17, ?18, ?18)
"""
KEEP = """
UPDATE citations SET position = ?, context = ?, confidence = ?, tweet_id = ?, dated_at = ?, last_run_id = ? WHERE id = ?
"""
KEEP_ALL = "UPDATE citations SET last_run_id = ? WHERE citing_id = ? AND gone_run_id IS NULL"
ADD_ALTERNATIVE = "INSERT INTO alternatives (citation_id, url) VALUES (?, ?)"
LOSE = "UPDATE citations SET gone_run_id = ? WHERE id = ?"


# What is known of a URL, from the surest: where following it led, where a chain that passed it led, the piece with its key.
LATEST_ARRIVAL = "SELECT id, piece_id FROM resolutions WHERE url = ? AND outcome = 'arrived' ORDER BY id DESC LIMIT 1"
KNOWN_END = """
SELECT (SELECT max(id) FROM resolutions WHERE url = :url), coalesce(
  (SELECT piece_id FROM resolutions WHERE url = :url AND piece_id IS NOT NULL ORDER BY id DESC LIMIT 1),
  (SELECT r.piece_id FROM hops AS h JOIN resolutions AS r ON r.id = h.resolution_id
    WHERE h.url = :url AND r.piece_id IS NOT NULL ORDER BY h.id DESC LIMIT 1),
  (SELECT id FROM pieces WHERE key = :key))
"""
# The same from the other side, when a chain has been followed. Which of its URLs are cited at all, or as another cut of a link;
# between a URL and itself with any fragment ('$' comes after '#') stand some others, rarely.
CITED = """
SELECT DISTINCT value, EXISTS (SELECT 1 FROM alternatives WHERE url = value) AS is_doubtful FROM json_each(?)
WHERE is_doubtful OR EXISTS (SELECT 1 FROM citations WHERE url >= value AND url < value || '$')
"""
# The citations of a URL, with any fragment ('$' comes after '#').
POINT_FOLLOWED = """
UPDATE citations SET resolution_id = :resolution, cited_id = coalesce(:piece, cited_id)
WHERE url = :url OR (url > :url || '#' AND url < :url || '$')
"""
POINT_PASSED = """
UPDATE citations SET cited_id = :piece
WHERE (url = :url OR (url > :url || '#' AND url < :url || '$')) AND resolution_id IS NULL
"""
# Where the chain before this one that passed a URL led: if to the same piece, its citations know that piece already.
LAST_PASSED_TO = """
SELECT r.piece_id FROM hops AS h JOIN resolutions AS r ON r.id = h.resolution_id
WHERE h.url = :url AND h.resolution_id < :resolution ORDER BY h.id DESC LIMIT 1
"""
# A cut that led nowhere gives way to another that arrived.
POINT_DOUBTFUL = """
UPDATE citations SET resolution_id = :resolution, cited_id = :piece
WHERE id IN (SELECT citation_id FROM alternatives WHERE url = :url)
  AND resolution_id IN (SELECT id FROM resolutions WHERE id = resolution_id AND outcome <> 'arrived')
"""
DOUBTFUL_OF_URL = "SELECT a.url FROM alternatives AS a JOIN citations AS c ON c.id = a.citation_id WHERE c.url = ? ORDER BY a.id"
DOUBTFUL_OF_PIECE = """
SELECT a.url FROM citations AS c JOIN alternatives AS a ON a.citation_id = c.id JOIN resolutions AS r ON r.id = c.resolution_id
WHERE c.citing_id = ? AND r.outcome IN ('gone', 'http_error') ORDER BY a.id
"""
POINT_WAITING = (
    "UPDATE citations SET cited_id = :piece WHERE key = (SELECT key FROM pieces WHERE id = :piece) AND cited_id IS NULL"
)


def point(run: Run, resolution: Resolution, resolution_id: int, piece_id: int | None) -> None:
    """Point every citation whose link a chain followed, or passed on its way, at the chain's end."""
    execute = run.db.conn.execute
    passed = dict.fromkeys(urls.without_fragment(hop.url) for hop in resolution.hops)
    cited = dict(execute(CITED, (msgspec.json.encode([resolution.url, *passed]).decode(),)))
    end = {"resolution": resolution_id, "piece": piece_id}
    if resolution.url in cited:
        followed = end | {"url": resolution.url}
        execute(POINT_FOLLOWED, followed)
        if cited[resolution.url] and resolution.outcome is Outcome.ARRIVED and piece_id is not None:
            execute(POINT_DOUBTFUL, followed)
        matches.match_links(run, [resolution.url])
    for url in passed.keys() & cited.keys() if piece_id is not None else ():
        at = end | {"url": url}
        if execute(LAST_PASSED_TO, at).fetchone() != (piece_id,):
            execute(POINT_PASSED, at)


def doubtful_of_url(run: Run, url: str) -> list[Url]:
    """Return the other cuts of the links that were cut to url, which leads nowhere."""
    return [Url(other) for (other,) in run.db.conn.execute(DOUBTFUL_OF_URL, (url,))]


def doubtful_of_piece(run: Run, citing_id: int) -> list[Url]:
    """Return the other cuts of a piece's links whose likeliest is known to lead nowhere."""
    return [Url(other) for (other,) in run.db.conn.execute(DOUBTFUL_OF_PIECE, (citing_id,))]


def point_waiting(run: Run, piece_id: int) -> None:
    """Point the citations at a piece that were waiting to know it."""
    run.db.conn.execute(POINT_WAITING, {"piece": piece_id})


def reconcile(run: Run, page: Page, citing_id: int, now: datetime) -> tuple[int, int]:
    """Bring the citations of a piece up to what its page says now; return how many are new and how many gone.

    The same pointer twice in one piece is two citations, told apart by their order.
    """
    tweet_ids = [see_tweet(run, tweet, now) for tweet in page.tweets]
    live: defaultdict[tuple[str | None, ...], list[tuple[int, int]]] = defaultdict(list)
    for kind, href, text, label, id_, last_run_id in run.db.conn.execute(LIVE, (citing_id,)):
        live[kind, href, text, label].append((id_, last_run_id))
    kept: list[tuple[object, ...]] = []
    new: list[tuple[Citation, int | None]] = []
    for citation in page.citations:
        tweet_id = None if citation.tweet is None else tweet_ids[citation.tweet]
        if same := live.get((citation.kind, citation.href, citation.text, citation.label)):
            id_, _ = same.pop(0)
            now_is = (citation.position, citation.context, citation.confidence, tweet_id, citation.dated_at)
            kept.append((*now_is, run.id, id_))
        else:
            new.append((citation, tweet_id))
    run.db.conn.executemany(KEEP, kept)
    lost_links: list[int] = []
    known_links: list[str] = []  # that bear a title
    for (citation, _), (citation_id, resolution_id) in zip(new, _add(run, new, citing_id, now), strict=True):
        if _has_lost_its_link(citation):
            lost_links.append(citation_id)
        elif resolution_id is not None and citation.url and citation.text and citation.kind in BEARING_TITLES:
            known_links.append(citation.url)
    matches.match_citations(run, lost_links)
    matches.match_links(run, known_links)
    # Another address of this piece, read in this same run, may show other pointers: that is no change over time.
    # And what a page that was cut doesn't show may stand in the part that was left out.
    lost = [] if page.cut else [id_ for same in live.values() for id_, last_run_id in same if last_run_id != run.id]
    if lost:
        run.db.conn.executemany(LOSE, [(run.id, id_) for id_ in lost])
    return len(new), len(lost)


def remember(run: Run, page: Page, citing_id: int, now: datetime) -> int:
    """Add the citations that an older page of a piece had and no later one is known to; return how many. They are gone."""
    known = Counter(run.db.conn.execute(EVER, (citing_id,)).fetchall())
    tweet_ids = [see_tweet(run, tweet, now) for tweet in page.tweets]
    missing: list[tuple[Citation, int | None]] = []
    for citation in page.citations:
        name = (citation.kind, citation.href, citation.text, citation.label)
        if known[name]:
            known[name] -= 1
        else:
            missing.append((citation, None if citation.tweet is None else tweet_ids[citation.tweet]))
    run.db.conn.executemany(LOSE, [(run.id, citation_id) for citation_id, _ in _add(run, missing, citing_id, now)])
    return len(missing)


def keep_all(run: Run, citing_id: int) -> None:
    """Note that a piece still cites what it cited: it has not changed."""
    run.db.conn.execute(KEEP_ALL, (run.id, citing_id))


def _add(run: Run, new: Sequence[tuple[Citation, int | None]], citing_id: int, now: datetime) -> list[tuple[int, int | None]]:
    """Add citations, each with its tweet's id; return each one's id, and the resolution that it leads to."""
    (last_id,) = run.db.conn.execute(LAST_ID).fetchone()
    rows: list[tuple[object, ...]] = []
    added: list[tuple[int, int | None]] = []
    for id_, (citation, tweet_id) in enumerate(new, last_id + 1):
        key = keys.key(citation.url) if citation.url else None
        cited_id, resolution_id = _known_end(run, citation, key, tweet_id, now)
        title = citation.text if citation.kind in BEARING_TITLES else None
        row = (
            id_,
            citing_id,
            cited_id,
            citation.kind.value,  # sqlite3 looks for an adapter for whatever is not exactly a str
            citation.position,
            citation.href,
            citation.url,
            key,
            citation.text,
            citation.label,
            citation.context,
            tweet_id,
            citation.confidence,
            resolution_id,
            start_of(title) if title else None,
            citing_id if _has_lost_its_link(citation) else None,
            citation.dated_at,
            run.id,
        )
        rows.append(row)
        added.append((id_, resolution_id))
    run.db.conn.executemany(ADD, rows)
    others = [(id_, other) for (citation, _), (id_, _) in zip(new, added, strict=True) for other in citation.alternatives]
    run.db.conn.executemany(ADD_ALTERNATIVE, others)
    for _, other in others:
        _point_at_known(run, other)
    return added


def _has_lost_its_link(citation: Citation) -> bool:
    return citation.kind is CitationKind.READ_MORE and citation.url is None and citation.text is not None


def _point_at_known(run: Run, url: str) -> None:
    """Point a doubtful link just added at where another cut of it is known to have led."""
    row = run.db.conn.execute(LATEST_ARRIVAL, (url,)).fetchone()
    if row:
        run.db.conn.execute(POINT_DOUBTFUL, {"resolution": row[0], "piece": row[1], "url": url})


def _known_end(
    run: Run, citation: Citation, key: str | None, tweet_id: int | None, now: datetime
) -> tuple[int | None, int | None]:
    """Return the piece and the resolution that a new citation leads to, as far as they are known at this moment."""
    if citation.kind is CitationKind.TWEET:
        return tweet_id, None
    if citation.url is None:
        return None, None
    if keys.MEDIA_PAGE.match(citation.url):
        return see_piece(run, citation.url, PieceKind.MEDIA, now), None
    if keys.TWEET_PAGE.match(citation.url):
        return see_piece(run, citation.url, PieceKind.TWEET, now), None
    known = {"url": urls.without_fragment(citation.url), "key": key}
    resolution_id, piece_id = run.db.conn.execute(KNOWN_END, known).fetchone()
    return piece_id, resolution_id
