"""What is left to visit: discover, claim, settle. One run at a time works on it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import itemgetter

from crawler.core.model import CitationKind, Collection, Health, Plan, ReadAs, Source, Standing, Task, Url
from crawler.core.schedule import onward
from crawler.store.database import transaction, utc_text
from crawler.store.runs import Run

PUNCTUAL = 0.95  # of its time has to have passed, for a timer that fires a moment early must not miss its turn
LEASE = timedelta(minutes=10)  # longer than any visit; only a reader of the table needs it, a new run frees them all

DISCOVER = """
INSERT INTO frontier (url, depth, reach, read_as, entry_limit, dated_at, due_at, discovered_run_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (url) DO UPDATE SET depth = min(depth, excluded.depth), reach = max(reach, excluded.reach)
WHERE excluded.depth < depth OR excluded.reach > reach
RETURNING depth, reach, piece_id
"""
IS_KNOWN = "SELECT 1 FROM frontier WHERE url = ?"
DUE_AGAIN = "UPDATE frontier SET due_at = ? WHERE url = ? AND due_at IS NULL AND content_sha256 IS NOT ?"
# A source that was a mere page before is read as what it is said to be; what it was found to be stays.
READ_AS = """
UPDATE frontier SET entry_limit = :entry_limit, read_as = :read_as, visited_at = NULL,
  due_at = iif(visits = 0 AND (:read_as <> 'any' OR (SELECT text_sha256 FROM pieces WHERE id = piece_id) IS NULL), :now, due_at)
WHERE url = :url AND read_as <> :read_as AND (:read_as <> 'any' OR read_as = 'page')
"""
LIMIT_ENTRIES = "UPDATE frontier SET entry_limit = ?, visited_at = NULL WHERE url = ? AND entry_limit <> ?"
DUE_AFTER = """
UPDATE frontier SET due_at = :now
WHERE url = :url AND visits = 0 AND ifnull(visited_at, '') <= :before AND (due_at IS NULL OR due_at > :now)
  AND (:is_told OR read_as NOT IN ('page', 'any'))
"""
# An entry whose list gives it another date, and a sitemap of which its index says nothing new or old.
DUE_AS_LISTED = """
UPDATE frontier SET dated_at = :dated_at, looks = iif(is_early, 0, looks), due_at = iif(is_early,
  min(ifnull(due_at, '9999'), max(:now, strftime('%Y-%m-%dT%H:%M:%fZ', visited_at, :spare))), due_at)
FROM (SELECT id AS early_id, visits = 0 AND visited_at IS NOT NULL AND (due_at IS NULL OR due_at > :now) AS is_early
  FROM frontier WHERE url = :url)
WHERE id = early_id AND (dated_at IS NOT :dated_at OR :is_unsaid)
"""
DISCOVER_COLLECTION = """
INSERT INTO frontier (url, depth, reach, content_sha256, discovered_run_id) VALUES (?, 0, ?, ?, ?)
ON CONFLICT (url) DO UPDATE SET content_sha256 = excluded.content_sha256, reach = max(reach, excluded.reach)
WHERE content_sha256 IS NOT excluded.content_sha256 OR excluded.reach > reach
RETURNING id
"""
CITED_BY = """
SELECT c.kind, coalesce(c.url, a.url) FROM citations AS c LEFT JOIN alternatives AS a ON c.url IS NULL AND a.citation_id = c.id
WHERE c.citing_id = ? AND c.gone_run_id IS NULL ORDER BY c.position, a.id
"""
FREE = "UPDATE frontier SET leased_until = NULL WHERE leased_until IS NOT NULL"
CLAIM = """
UPDATE frontier SET leased_until = ?, claims = claims + 1 WHERE id IN (
  SELECT id FROM frontier WHERE due_at <= ? AND leased_until IS NULL AND claims < ? ORDER BY due_at, id LIMIT ?
) RETURNING due_at, id, url, depth, reach, visits, read_as, entry_limit, dated_at, visited_at IS NOT NULL, looks, health, strikes
"""
IS_DUE = "SELECT EXISTS (SELECT 1 FROM frontier WHERE due_at <= ? AND claims < ?)"
SETTLE = """
UPDATE frontier SET due_at = ?, visits = ?, leased_until = NULL, claims = 0, piece_id = coalesce(?, piece_id), content_sha256 = ?,
  visited_at = ?, read_as = coalesce(?, read_as), looks = ?, health = ?, strikes = ? WHERE url = ?
"""


def discover_source(run: Run, source: Source, reach: int, now: datetime) -> None:
    """Make a source due that is new, whose time has come, or whose content at hand is not what was read last.

    One that is known may reach further, or be read as something else from now on.
    """
    execute = run.db.conn.execute
    is_known = execute(IS_KNOWN, (source.url,)).fetchone() is not None
    discover(run, [Task(source.url, 0, reach, read_as=source.read_as, entry_limit=source.entry_limit)], now)
    if not is_known:
        return
    said = {"url": source.url, "read_as": source.read_as, "entry_limit": source.entry_limit, "now": utc_text(now)}
    execute(READ_AS, said)
    execute(LIMIT_ENTRIES, (source.entry_limit, source.url, source.entry_limit))
    if source.content_sha256:
        execute(DUE_AGAIN, (utc_text(now), source.url, source.content_sha256))
    elif every := source.every or run.schedule.lists:
        before = utc_text(now - every * PUNCTUAL)
        execute(DUE_AFTER, {"url": source.url, "now": utc_text(now), "before": before, "is_told": source.every is not None})


def discover(run: Run, tasks: Iterable[Task], now: datetime) -> None:
    """Add tasks that are new, due now. One that is known but was further away passes its new reach on to what it cites."""
    waiting = deque(tasks)
    while waiting:
        task = waiting.popleft()
        found = (task.url, task.depth, task.reach, task.read_as, task.entry_limit, task.dated_at, utc_text(now), run.id)
        row = run.db.conn.execute(DISCOVER, found).fetchone()
        if task.dated_at or task.read_as is ReadAs.SITEMAP:
            _due_as_listed(run, task, now)
        if row is None:
            continue
        depth, reach, piece_id = row
        if piece_id is not None:
            pointers = [(CitationKind(kind), url) for kind, url in run.db.conn.execute(CITED_BY, (piece_id,))]
            waiting += onward(Task(task.url, depth, reach), pointers, run.limits)


def go_on(run: Run, task: Task, piece_id: int, now: datetime) -> None:
    """Add the tasks of what a piece is known to cite: whoever read it may have come from further away."""
    pointers = [(CitationKind(kind), url) for kind, url in run.db.conn.execute(CITED_BY, (piece_id,)) if kind != "listed"]
    discover(run, onward(task, pointers, run.limits), now)


def discover_collection(run: Run, collection: Collection, reach: int, now: datetime) -> None:
    """Make the documents of a file due that is new or has changed; let those of a known one reach further."""
    row = (collection.url, reach, collection.content_sha256, run.id)
    if run.db.conn.execute(DISCOVER_COLLECTION, row).fetchone():
        for source in collection.sources():
            discover(run, [Task(source.url, 0, reach, read_as=source.read_as)], now)


def _due_as_listed(run: Run, task: Task, now: datetime) -> None:
    is_list = task.read_as is ReadAs.SITEMAP
    # Some lists give every entry the date of the hour: what they say brings nobody back sooner than his schedule at its shortest.
    spare = timedelta() if is_list else run.schedule.soonest
    listed = {
        "url": task.url,
        "dated_at": task.dated_at,
        "is_unsaid": is_list and task.dated_at is None,
        "now": utc_text(now),
        "spare": f"+{spare.total_seconds():.0f} seconds",
    }
    run.db.conn.execute(DUE_AS_LISTED, listed)


def free(run: Run) -> None:
    """Take back every lease. Only the run that holds the lock may: whoever had them is dead."""
    run.db.conn.execute(FREE)


def claim(run: Run, most: int, now: datetime) -> list[Task]:
    """Lease the tasks that have been due longest, so many at most; none where nothing is due."""
    if most < 1:
        return []
    with transaction(run.db):
        rows = run.db.conn.execute(CLAIM, (utc_text(now + LEASE), utc_text(now), run.limits.max_claims, most)).fetchall()
    rows.sort(key=itemgetter(0, 1))  # RETURNING has no order
    return [_task(*row) for _, _, *row in rows]


def _task(
    url: str,
    depth: int,
    reach: int,
    visits: int,
    read_as: str,
    entry_limit: int,
    dated_at: str | None,
    is_known: int,
    looks: int,
    health: str | None,
    strikes: int,
) -> Task:
    standing = Standing(Health(health) if health else None, strikes)
    return Task(Url(url), depth, reach, visits, ReadAs(read_as), entry_limit, dated_at, bool(is_known), looks, standing)


def is_due(run: Run, now: datetime) -> bool:
    """Whether anything is due."""
    return bool(run.db.conn.execute(IS_DUE, (utc_text(now), run.limits.max_claims)).fetchone()[0])


def settle(run: Run, task: Task, plan: Plan, piece_id: int | None, content_sha256: str | None, now: datetime) -> None:
    """End the claim on a task as planned, and keep where it led."""
    due_at = utc_text(plan.due_at) if plan.due_at else None
    run.db.conn.execute(
        SETTLE,
        (
            due_at,
            plan.visits,
            piece_id,
            content_sha256,
            utc_text(now),
            plan.read_as,
            plan.looks,
            plan.standing.health,
            plan.standing.strikes,
            task.url,
        ),
    )
