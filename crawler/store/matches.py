"""READ MORE references that lost their link, matched to pieces by title as soon as both are known.

Whatever is matched is weighed again when another candidate comes: the answer depends on what is known, not on its order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from crawler.core.matching import FUZZY_FLOOR, TIME_AFTER, TIME_BEFORE, Candidate, Neighbours, Sought, best_match, likeness
from crawler.core.model import CitationKind, Page, Task
from crawler.core.titles import fold
from crawler.core.urls import without_fragment
from crawler.store.runs import Run

# A beginning that more titles share ("Live updates", "Page not found") tells nothing, and would be weighed for ever.
MAX_ALIKE = 16
MAX_OF_ONE_TIME = 200  # pieces of one site and one time that are compared word by word
MAX_OFFERS = 1000  # of one visit
MAX_OPEN = 50  # of one site, the latest, that a new piece is compared with

ALIKE = "SELECT count(*) FROM (SELECT 1 FROM pieces WHERE title_start = ? LIMIT ?)"
SOUGHT_BY_START = "SELECT id FROM citations WHERE title_start = ? AND kind = 'read_more' AND url IS NULL"
OPEN_ON_SITE = """
SELECT id, text FROM citations
WHERE title_site = ? AND title_site IS NOT NULL AND (cited_id IS NULL OR matched_by = 'title_fuzzy') ORDER BY id DESC LIMIT ?
"""
STARTS_OF_LINKS = "SELECT DISTINCT title_start FROM citations WHERE url = ? AND title_start IS NOT NULL"
SOUGHT = """
SELECT c.text, c.title_start, c.citing_id, p.site, p.published_at
FROM citations AS c JOIN pieces AS p ON p.id = c.citing_id WHERE c.id = ?
"""
BY_START = "SELECT id, title, site, published_at, 0 FROM pieces WHERE title_start = ? LIMIT ?"
BY_LINK_TEXT = """
SELECT p.id, c.text, p.site, p.published_at, 1 FROM citations AS c JOIN pieces AS p ON p.id = c.cited_id
WHERE c.title_start = ? AND c.resolution_id IS NOT NULL LIMIT ?
"""
BY_CANDIDATE = """
SELECT p.id, c.text, p.site, p.published_at, 1
FROM alternatives AS a JOIN citations AS c ON c.id = a.citation_id JOIN resolutions AS r ON r.url = a.url
JOIN pieces AS p ON p.id = r.piece_id
WHERE a.citation_id = ? AND r.outcome = 'arrived' AND r.landing IS NULL LIMIT ?
"""
SOUGHT_BY_CANDIDATE = """
SELECT a.citation_id FROM alternatives AS a JOIN citations AS c ON c.id = a.citation_id
WHERE a.url = ? AND c.url IS NULL AND c.kind = 'read_more'
"""
# The entries of lists that bear a title sought, and that nobody is on the way to. CROSS JOIN: in the order written.
OFFERS = """
SELECT lost.id, lost.text, listed.url, listed.text, f.depth, f.reach
FROM citations AS {one} CROSS JOIN citations AS {other} CROSS JOIN frontier AS f
WHERE {one}.citing_id = :piece AND {one}.title_start IS NOT NULL AND {other}.title_start = {one}.title_start
  AND lost.kind = 'read_more' AND lost.url IS NULL AND lost.cited_id IS NULL AND lost.gone_run_id IS NULL
  AND listed.kind = 'listed' AND listed.url IS NOT NULL AND listed.gone_run_id IS NULL
  AND f.piece_id = lost.citing_id AND f.reach > 0 AND NOT EXISTS (SELECT 1 FROM frontier WHERE url = listed.url)
LIMIT :most
"""
OFFERS_OF_PIECE = (OFFERS.format(one="lost", other="listed"), OFFERS.format(one="listed", other="lost"))
OFFER = "INSERT INTO alternatives (citation_id, url) VALUES (?, ?) ON CONFLICT DO NOTHING"
OF_ONE_TIME = """
SELECT id, title, site, published_at, 0 FROM pieces
WHERE site = :site AND published_at BETWEEN :first AND :last AND title IS NOT NULL ORDER BY published_at LIMIT :most
"""
PIECE = "SELECT title, title_start, site FROM pieces WHERE id = ?"
MATCH = "UPDATE citations SET cited_id = ?, matched_by = ?, match_score = ? WHERE id = ?"


def match_piece(run: Run, piece_id: int) -> None:
    """Match every READ MORE that may mean this piece, whose title has just been read."""
    title, title_start, site = run.db.conn.execute(PIECE, (piece_id,)).fetchone()
    if title is None:
        return
    sought = [] if title_start is None else _sought_by(run, title_start)
    if site:
        open_ones = run.db.conn.execute(OPEN_ON_SITE, (site, MAX_OPEN)).fetchall()
        sought += [citation_id for citation_id, text in open_ones if likeness(title, text) >= FUZZY_FLOOR]
    match_citations(run, sought)


def match_links(run: Run, urls: Collection[str]) -> None:
    """Match every READ MORE whose title another link bears, to one of urls, of which it is now known where they lead."""
    execute = run.db.conn.execute
    starts = dict.fromkeys(start for url in urls for (start,) in execute(STARTS_OF_LINKS, (url,)).fetchall())
    sought = [citation_id for title_start in starts for citation_id in _sought_by(run, title_start)]
    sought += [citation_id for url in urls for (citation_id,) in execute(SOUGHT_BY_CANDIDATE, (url,))]
    match_citations(run, sought)


def may_be_offered(page: Page, task: Task) -> bool:
    """Whether a page seeks titles, or is a list whose entries nobody visits unless a title means one."""
    lost = (citation for citation in page.citations if citation.kind is CitationKind.READ_MORE and citation.url is None)
    return task.reach < 0 or next(lost, None) is not None


def offer_listed(run: Run, piece_id: int) -> list[Task]:
    """Offer the entries of lists to the READ MOREs whose titles they bear, one of which stands in this piece.

    Returns the tasks of following them: where they lead decides.
    """
    offers = {
        offer: None
        for sql in OFFERS_OF_PIECE
        for offer in run.db.conn.execute(sql, {"piece": piece_id, "most": MAX_OFFERS}).fetchall()
    }
    tasks = []
    for citation_id, title, url, listed_title, depth, reach in offers:
        if fold(title) == fold(listed_title):
            target = without_fragment(url)
            run.db.conn.execute(OFFER, (citation_id, target))
            tasks.append(Task(target, depth + 1, reach - 1))
    return tasks


def match_citations(run: Run, citation_ids: Iterable[int]) -> None:
    """Match each READ MORE to the piece its title means; leave it open where none is known, or several are as likely."""
    known = _Known(run)
    execute = run.db.conn.execute
    for citation_id in dict.fromkeys(citation_ids):
        title, title_start, citing_id, site, published_at = execute(SOUGHT, (citation_id,)).fetchone()
        day = _day(published_at)
        candidates = (*known.beginning(title_start), *known.of_its_own(citation_id), *known.near(site, day, title))
        match = best_match(Sought(title, site, day), (candidate for candidate in candidates if candidate.piece_id != citing_id))
        found = (match.piece_id, match.matched_by, match.score) if match else (None, None, None)
        execute(MATCH, (*found, citation_id))


class _Known:
    """What titles may mean, looked up once for all those of one page: it may hold ten thousand."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._beginning: dict[str, tuple[Candidate, ...]] = {}
        self._neighbours: dict[tuple[str, date], Neighbours] = {}

    def beginning(self, title_start: str | None) -> tuple[Candidate, ...]:
        """Return the pieces whose title, or a link to which, begins so."""
        if title_start is None:
            return ()
        if title_start not in self._beginning:
            self._beginning[title_start] = self._look_up(title_start)
        return self._beginning[title_start]

    def of_its_own(self, citation_id: int) -> list[Candidate]:
        """Return the pieces that the page's own candidates for a title lead to."""
        return list(map(_candidate, self._run.db.conn.execute(BY_CANDIDATE, (citation_id, MAX_ALIKE))))

    def near(self, site: str | None, day: date | None, title: str) -> list[Candidate]:
        """Return the pieces of that site, and of about that day, whose titles share most words with title."""
        if site is None or day is None:
            return []
        if (site, day) not in self._neighbours:
            times = {"site": site, "first": str(day - TIME_BEFORE), "last": str(day + TIME_AFTER), "most": MAX_OF_ONE_TIME}
            self._neighbours[site, day] = Neighbours(map(_candidate, self._run.db.conn.execute(OF_ONE_TIME, times)))
        return self._neighbours[site, day].like(title)

    def _look_up(self, title_start: str) -> tuple[Candidate, ...]:
        execute = self._run.db.conn.execute
        own = execute(BY_START, (title_start, MAX_ALIKE + 1)).fetchall()
        if len(own) > MAX_ALIKE:
            return ()
        return tuple(map(_candidate, (*own, *execute(BY_LINK_TEXT, (title_start, MAX_ALIKE)))))


def _sought_by(run: Run, title_start: str) -> list[int]:
    execute = run.db.conn.execute
    if execute(f"{SOUGHT_BY_START} LIMIT 1", (title_start,)).fetchone() is None:
        return []
    (alike,) = execute(ALIKE, (title_start, MAX_ALIKE + 2)).fetchone()
    if alike > MAX_ALIKE + 1:
        return []  # they were let go when it became one too many
    return [citation_id for (citation_id,) in execute(SOUGHT_BY_START, (title_start,))]


def _candidate(row: tuple[int, str, str | None, str | None, int]) -> Candidate:
    piece_id, title, site, published_at, is_link_text = row
    return Candidate(piece_id, title, site, _day(published_at), bool(is_link_text))


def _day(published_at: str | None) -> date | None:
    try:
        return date.fromisoformat((published_at or "")[:10])
    except ValueError:
        return None
