"""Lost pieces, what the web archive said of them, and the time that a copy is wanted of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlite_utils import Database

from crawler.core import copies, urls
from crawler.core.model import ArchivedCopy, NoCopy, Url
from crawler.store.database import transaction, utc_text
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
# One that was there again in between is sought anew when it is lost again.
LOSE = """
INSERT INTO memento_lookups (url, cited_url, due_at) VALUES (:url, :cited_url, :now)
ON CONFLICT (url) DO UPDATE SET due_at = :now WHERE due_at IS NULL AND answer IS NOT 'found'
"""
REGAIN = "UPDATE memento_lookups SET due_at = NULL WHERE url = ?"
IS_DUE = "SELECT EXISTS (SELECT 1 FROM memento_lookups WHERE due_at <= ?)"
DUE = "SELECT url, cited_url FROM memento_lookups WHERE due_at <= ? ORDER BY due_at, id LIMIT ?"
SETTLE = "UPDATE memento_lookups SET answer = ?, asked_at = ?, due_at = ? WHERE url = ?"

# Before the archive is asked again. What it does not have it hardly gets once it is lost, but for gifts of other archives.
ASKED_AGAIN = {NoCopy.NONE: timedelta(days=90), NoCopy.NO_ANSWER: timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class LookUp:
    """A copy to ask the archive for."""

    url: Url  # of what is lost
    cited_url: Url  # the link by which it was found to be


def lose(run: Run, lost: LookUp, now: datetime) -> None:
    """Have a copy of a lost piece looked up: by this run or a later one, once [mementos] is on."""
    if not copies.memento(lost.url):
        run.db.conn.execute(LOSE, {"url": lost.url, "cited_url": lost.cited_url, "now": utc_text(now)})


def regain(run: Run, passed: Iterable[Url]) -> None:
    """Have no copy looked up any more of what is there again, at the end of a chain of these URLs."""
    run.db.conn.executemany(REGAIN, [(urls.without_fragment(url),) for url in passed])


def is_due(db: Database, now: datetime) -> bool:
    """Whether the archive is to be asked for anything."""
    return bool(db.conn.execute(IS_DUE, (utc_text(now),)).fetchone()[0])


def due(run: Run, most: int, now: datetime) -> list[LookUp]:
    """Return what has been waiting longest for a look-up, so many at most."""
    return [LookUp(Url(url), Url(cited)) for url, cited in run.db.conn.execute(DUE, (utc_text(now), most))]


def settle(run: Run, lookup: LookUp, came: ArchivedCopy | NoCopy, now: datetime) -> None:
    """Write down what the archive said, and when to ask it again."""
    answer = came if isinstance(came, NoCopy) else "found"
    due_at = utc_text(now + ASKED_AGAIN[came]) if isinstance(came, NoCopy) else None
    with transaction(run.db):
        if isinstance(came, ArchivedCopy):
            _add(run, came, now)
        run.db.conn.execute(SETTLE, (answer, utc_text(now), due_at, lookup.url))


def cited_at(run: Run, url: str) -> datetime | None:
    """Return when url was first cited, as far as what cites it says."""
    (text,) = run.db.conn.execute(CITED_AT, {"url": urls.without_fragment(url)}).fetchone()
    try:
        then = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return then.replace(tzinfo=UTC) if then and then.tzinfo is None else then


def _add(run: Run, copy: ArchivedCopy, now: datetime) -> None:
    archived_at = utc_text(copy.archived_at) if copy.archived_at else None
    run.db.conn.execute(ADD, (see_piece(run, copy.original, None, now), copy.original, copy.url, archived_at, utc_text(now)))
