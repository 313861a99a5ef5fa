"""What is left to visit: discover, claim, settle. One run at a time works on it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import itemgetter

from crawler.core.model import CitationKind, Plan, Source, Task, Url
from crawler.core.schedule import onward
from crawler.store.database import transaction, utc_text
from crawler.store.runs import Run

LEASE = timedelta(minutes=10)  # longer than any visit; only a reader of the table needs it, a new run frees them all

DISCOVER = """
INSERT INTO frontier (url, depth, reach, due_at, discovered_run_id) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (url) DO UPDATE SET depth = min(depth, excluded.depth), reach = max(reach, excluded.reach)
WHERE excluded.depth < depth OR excluded.reach > reach
RETURNING depth, reach, piece_id
"""
DUE_AGAIN = "UPDATE frontier SET due_at = ? WHERE url = ? AND due_at IS NULL AND content_sha256 IS NOT ?"
CITED_BY = "SELECT kind, url FROM citations WHERE citing_id = ? AND gone_run_id IS NULL ORDER BY position"
FREE = "UPDATE frontier SET leased_until = NULL WHERE leased_until IS NOT NULL"
CLAIM = """
UPDATE frontier SET leased_until = ?, claims = claims + 1 WHERE id IN (
  SELECT id FROM frontier WHERE due_at <= ? AND leased_until IS NULL AND claims < ? ORDER BY due_at, id LIMIT ?
) RETURNING due_at, id, url, depth, reach, visits
"""
IS_DUE = "SELECT EXISTS (SELECT 1 FROM frontier WHERE due_at <= ? AND claims < ?)"
SETTLE = """
UPDATE frontier SET due_at = ?, visits = ?, leased_until = NULL, claims = 0, piece_id = coalesce(?, piece_id), content_sha256 = ?
WHERE url = ?
"""


def discover_source(run: Run, source: Source, reach: int, now: datetime) -> None:
    """Make a source due that is new, or whose content at hand is not what was read last; let a known one reach further."""
    discover(run, [Task(source.url, 0, reach)], now)
    if source.content_sha256:
        run.db.conn.execute(DUE_AGAIN, (utc_text(now), source.url, source.content_sha256))


def discover(run: Run, tasks: Iterable[Task], now: datetime) -> None:
    """Add tasks that are new, due now. One that is known but was further away passes its new reach on to what it cites."""
    waiting = deque(tasks)
    while waiting:
        task = waiting.popleft()
        row = run.db.conn.execute(DISCOVER, (task.url, task.depth, task.reach, utc_text(now), run.id)).fetchone()
        if row is None:
            continue
        depth, reach, piece_id = row
        if piece_id is not None:
            pointers = [(CitationKind(kind), url) for kind, url in run.db.conn.execute(CITED_BY, (piece_id,))]
            waiting += onward(Task(task.url, depth, reach), pointers, run.limits)


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
    return [Task(Url(url), depth, reach, visits) for _, _, url, depth, reach, visits in rows]


def is_due(run: Run, now: datetime) -> bool:
    """Whether anything is due."""
    return bool(run.db.conn.execute(IS_DUE, (utc_text(now), run.limits.max_claims)).fetchone()[0])


def settle(run: Run, task: Task, plan: Plan, piece_id: int | None, content_sha256: str | None) -> None:
    """End the claim on a task as planned, and keep where it led."""
    due_at = utc_text(plan.due_at) if plan.due_at else None
    run.db.conn.execute(SETTLE, (due_at, plan.visits, piece_id, content_sha256, task.url))
