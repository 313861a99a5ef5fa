"""Pieces: seen when they are cited, described when they are read. Rows are never deleted."""

from __future__ import annotations

from datetime import datetime

from crawler.core import keys, urls
from crawler.core.following import landing
from crawler.core.matching import start_of
from crawler.core.model import (
    READABLE,
    Health,
    Landing,
    Outcome,
    Page,
    PieceKind,
    Plan,
    Resolution,
    Seen,
    Tweet,
    Unread,
    Url,
    Visit,
)
from crawler.core.standing import is_strike
from crawler.store import evidence
from crawler.store.database import utc_text
from crawler.store.runs import Run

SEE_PIECE = """
INSERT INTO pieces (key, url, kind, site, state, first_seen_at, last_seen_at, first_run_id, last_run_id)
VALUES (:key, :url, :kind, :site, 'cited', :now, :now, :run, :run)
ON CONFLICT (key) DO UPDATE SET
  first_seen_at = min(first_seen_at, :now), last_seen_at = max(last_seen_at, :now), last_run_id = :run,
  kind = coalesce(kind, :kind)
RETURNING id
"""
SEE_VISITED = """
INSERT INTO pieces (key, url, kind, site, state, first_seen_at, last_seen_at, first_run_id, last_run_id)
VALUES (:key, :url, :kind, :site, :state, :now, :now, :run, :run)
ON CONFLICT (key) DO UPDATE SET
  first_seen_at = min(first_seen_at, :now), last_seen_at = max(last_seen_at, :now), last_run_id = :run,
  kind = coalesce(kind, :kind), state = iif(state = 'gone' AND NOT :is_there, state, :state)
RETURNING id
"""
SEE_READ = """
INSERT INTO pieces (key, url, kind, site, state, first_seen_at, last_seen_at, first_run_id, last_run_id,
  title, byline, published_at, language, canonical_url, text_sha256, title_start)
VALUES (:key, :url, :kind, :site, :state, :now, :now, :run, :run,
  :title, :byline, :published_at, :language, :canonical_url, :text_sha256, :title_start)
ON CONFLICT (key) DO UPDATE SET
  first_seen_at = min(first_seen_at, :now), last_seen_at = max(last_seen_at, :now), last_run_id = :run,
  state = :state,
  url = :url, kind = iif(kind IN ('tweet', 'media'), kind, :kind),
  title = coalesce(:title, title), byline = coalesce(:byline, byline),
  published_at = coalesce(:published_at, published_at), language = coalesce(:language, language),
  canonical_url = coalesce(:canonical_url, canonical_url), text_sha256 = :text_sha256,
  title_start = coalesce(:title_start, title_start)
RETURNING id
"""
SET_GONE = "UPDATE pieces SET state = 'gone' WHERE key = ? RETURNING id"
SEE_TWEET = """
INSERT INTO tweets (piece_id, status_id, handle, author, text, date_text, claimed_on, posted_at)
VALUES (:piece, :status_id, :handle, :author, :text, :date_text, :claimed_on, :posted_at)
ON CONFLICT (piece_id) DO UPDATE SET handle = coalesce(handle, :handle), author = coalesce(author, :author),
  text = coalesce(text, :text), date_text = coalesce(date_text, :date_text), claimed_on = coalesce(claimed_on, :claimed_on)
"""
ADD_CAPTURE = """
INSERT INTO captures (piece_id, run_id, resolution_id, url, media_type, length, content_sha256, text_sha256, unread_reason,
  captured_at, title, etag, last_modified, warc_record_id)
SELECT :piece, :run, :resolution, :url, :media_type, :length, :content_sha256, :text_sha256, :unread_reason, :captured_at, :title,
  :etag, :last_modified, :warc_record
WHERE :resolution IS NULL OR NOT EXISTS (
  SELECT 1 FROM captures WHERE piece_id = :piece AND run_id = :run AND url = :url AND resolution_id IS NOT NULL)
"""
# What is asked about whether it has changed: what this same crawler read (a later one may read more of it).
SEEN_AT = """
SELECT c.etag, c.last_modified, r.landing FROM captures AS c
JOIN runs AS then_ ON then_.id = c.run_id JOIN runs AS now_ ON now_.id = :run
LEFT JOIN resolutions AS r ON r.id = c.resolution_id
WHERE c.id = (SELECT max(id) FROM captures WHERE url = :url) AND c.text_sha256 IS NOT NULL
  AND (c.etag IS NOT NULL OR c.last_modified IS NOT NULL) AND then_.crawler_version = now_.crawler_version
"""
PIECE_AT = "SELECT piece_id FROM captures WHERE id = (SELECT max(id) FROM captures WHERE url = :url)"
SEE_AGAIN = """
UPDATE pieces SET state = iif(state = 'gone' AND NOT :is_there, state, 'arrived'), last_seen_at = :now, last_run_id = :run
WHERE id = :piece
"""
ADD_UNCHANGED = """
INSERT INTO captures (piece_id, run_id, resolution_id, url, media_type, length, content_sha256, text_sha256, unread_reason,
  captured_at, title, etag, last_modified, warc_record_id, not_modified)
SELECT piece_id, :run, :resolution, url, media_type, length, content_sha256, text_sha256, unread_reason, :captured_at, title,
  ifnull(:etag, etag), ifnull(:last_modified, last_modified), warc_record_id, 1
FROM captures WHERE id = (SELECT max(id) FROM captures WHERE url = :url) AND run_id <> :run
"""
KNOWN_LATER = """
SELECT 1 FROM captures AS c JOIN pieces AS p ON p.id = c.piece_id WHERE p.key = ? AND c.captured_at > ? LIMIT 1
"""
LAST_PIECE = "SELECT coalesce(max(id), 0) FROM pieces"


def see_piece(run: Run, url: str, kind: PieceKind | None, now: datetime) -> int:
    """Return the id of the piece at url, made if it is new."""
    return int(run.db.conn.execute(SEE_PIECE, _seen(run, url, kind, now)).fetchone()[0])


def _seen(run: Run, url: str, kind: PieceKind | None, now: datetime) -> dict[str, object]:
    return {
        "key": keys.key(url),
        "url": url,
        "kind": kind,
        "site": urls.site(url) if urls.is_web(url) else None,
        "now": utc_text(now),
        "run": run.id,
    }


def see_tweet(run: Run, tweet: Tweet, now: datetime) -> int:
    """Return the id of an embedded tweet's piece; what an earlier print of it left out is filled in."""
    piece_id = see_piece(run, keys.tweet_url(tweet), PieceKind.TWEET, now)
    row = {
        "piece": piece_id,
        "status_id": tweet.status_id,
        "handle": tweet.handle,
        "author": tweet.author,
        "text": tweet.text,
        "date_text": tweet.date_text,
        "claimed_on": tweet.claimed_on.isoformat() if tweet.claimed_on else None,
        "posted_at": utc_text(tweet.posted_at) if tweet.posted_at else None,
    }
    run.db.conn.execute(SEE_TWEET, row)
    return piece_id


def see_visited(run: Run, visit: Visit, now: datetime) -> int:
    """Return the id of the piece that a visit led to, its state brought up to date."""
    page = visit.own_page
    url = address_of(visit)
    outcome = visit.resolution.outcome if visit.resolution else Outcome.ARRIVED
    if page:
        row = _seen(run, page.article.canonical_url or url, page.kind, now) | _described(page)
    else:
        row = _seen(run, url, unread_kind(visit.capture.media_type) if visit.capture else None, now)
    # How a link stands decides whether its piece is gone (judge), and what is gone is so until it answers again.
    row["state"] = Outcome.HTTP_ERROR if outcome is Outcome.GONE else outcome
    row["is_there"] = outcome in READABLE and visit.is_of_the_piece
    return int(run.db.conn.execute(SEE_READ if page else SEE_VISITED, row).fetchone()[0])


def address_of(visit: Visit) -> Url:
    """Return the address of what a visit led to."""
    if visit.resolution:
        return visit.resolution.furthest_url
    return visit.capture.url if visit.capture else visit.task.url


def see_past(run: Run, visit: Visit) -> int | None:
    """Return the id of the piece whose page at hand is an older one than the last that was read; None where it is no older."""
    if visit.resolution or visit.capture is None or not isinstance(visit.page, Page):
        return None
    url = visit.page.article.canonical_url or visit.capture.url
    row = run.db.conn.execute(KNOWN_LATER, (keys.key(url), utc_text(visit.capture.captured_at))).fetchone()
    return see_piece(run, url, visit.page.kind, visit.capture.captured_at) if row else None


def add_capture(run: Run, visit: Visit, piece_id: int, resolution_id: int | None) -> None:
    """Write down what came of a piece, read or not: once, where two visits of a run shared one answer."""
    if (capture := visit.capture) is None:
        return
    page = visit.page if isinstance(visit.page, Page) else None
    row = {
        "piece": piece_id,
        "run": run.id,
        "resolution": resolution_id,
        "url": capture.url,
        "media_type": capture.media_type,
        "length": capture.length,
        "content_sha256": capture.content_sha256,
        "text_sha256": visit.page.text_sha256 if isinstance(visit.page, Page) else None,
        "unread_reason": visit.page.reason if isinstance(visit.page, Unread) else visit.page.cut if visit.page else None,
        "captured_at": utc_text(capture.captured_at),
        "title": page.article.title if page else None,
        "etag": capture.etag,
        "last_modified": capture.last_modified,
        "warc_record": evidence.record_id(run, capture.warc_record) if capture.warc_record else None,
    }
    run.db.conn.execute(ADD_UNCHANGED if capture.not_modified else ADD_CAPTURE, row)


def seen_at(run: Run, url: str) -> Seen | None:
    """Return what is known of a URL that was read before, to ask whether it has changed; None where it is to be read anew."""
    row = run.db.conn.execute(SEEN_AT, {"url": url, "run": run.id}).fetchone()
    if row is None:
        return None
    etag, last_modified, landed = row
    return Seen(etag, last_modified, Landing.SOFT_404 if landed == Landing.SOFT_404 else None)


def see_unchanged(run: Run, visit: Visit, url: Url, now: datetime) -> int:
    """Return the id of the piece at url, where a visit found all as it was captured last."""
    (piece_id,) = run.db.conn.execute(PIECE_AT, {"url": url}).fetchone()
    seen = {"now": utc_text(now), "run": run.id, "piece": piece_id, "is_there": visit.is_of_the_piece}
    run.db.conn.execute(SEE_AGAIN, seen)
    return int(piece_id)


def judge(run: Run, resolution: Resolution, plan: Plan) -> None:
    """Let a piece be gone when a link that counts as gone was of no use there once more, and no sooner.

    Where that link leads elsewhere by now, and we are but kept out there, it says nothing of the piece that is there.
    """
    if plan.standing.health is Health.GONE and plan.is_final and is_strike(resolution):
        lost = landing.lost_piece(resolution, is_final=True) or resolution.furthest_url
        passed = [urls.without_fragment(hop.url) for hop in resolution.hops]
        before = passed[: passed.index(lost)] if lost in passed else []
        # An address on the way that the piece moved to, and left before anybody read it there, is no piece that is known.
        for url in (lost, *reversed(before)):
            if run.db.conn.execute(SET_GONE, (keys.key(url),)).fetchall():
                break


def last_piece(run: Run) -> int:
    """Return the highest id so far: what has a higher one later is new."""
    return int(run.db.conn.execute(LAST_PIECE).fetchone()[0])


def unread_kind(media_type: str | None) -> PieceKind:
    """Return what sort of piece a document is that was not read, by its Content-Type."""
    match (media_type or "").partition("/")[0].strip().lower():
        case "image" | "video" | "audio":
            return PieceKind.MEDIA
        case "text":
            return PieceKind.PAGE
        case _:
            return PieceKind.DOCUMENT


def _described(page: Page) -> dict[str, object]:
    article = page.article
    return {
        "title": article.title,
        "byline": article.byline,
        "published_at": article.published_at,
        "language": article.language,
        "canonical_url": article.canonical_url,
        "text_sha256": page.text_sha256,
        "title_start": start_of(article.title) if article.title else None,
    }
