"""Writing visits down: their chains, their pieces, the citations on their pages, the tasks they lead to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from sqlite_utils import Database

from crawler.core.following import landing
from crawler.core.model import (
    TRANSIENT,
    Collection,
    Hop,
    Landing,
    Outcome,
    Page,
    Plan,
    Resolution,
    Source,
    Standing,
    Task,
    Url,
    Via,
    Visit,
)
from crawler.core.settings import Limits, Schedule
from crawler.store import citations, evidence, frontier, matches, mementos, pieces
from crawler.store.database import transaction, utc_text
from crawler.store.mementos import LookUp
from crawler.store.runs import Run

# Where a chain ended without an answer that speaks of a piece, no piece is known.
NOWHERE = TRANSIENT | {Outcome.LOOP, Outcome.TOO_MANY_HOPS, Outcome.BAD_LOCATION}

KILL_RUNNING = "UPDATE runs SET status = 'killed' WHERE status = 'running'"
BEGIN_RUN = """
INSERT INTO runs (started_at, status, command, config_json, crawler_version) VALUES (?, 'running', ?, ?, ?) RETURNING id
"""
LAST_BEFORE = """
SELECT (SELECT coalesce(max(id), 0) FROM hops), (SELECT coalesce(max(id), 0) FROM captures),
  (SELECT coalesce(max(id), 0) FROM resolutions)
"""
LAST_IDS = "SELECT (SELECT coalesce(max(id), 0) FROM resolutions), (SELECT coalesce(max(id), 0) FROM hops)"
ADD_RESOLUTION = """
INSERT INTO resolutions (id, run_id, url, outcome, detail, final_url, furthest_url, hop_count, started_at, elapsed_ms, piece_id,
  landing, health, strikes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
ADD_HOP = """
INSERT INTO hops (id, resolution_id, position, url, status, via, location, fetched_at, elapsed_ms, warc_record_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
ADD_ATTEMPT = """
INSERT INTO attempts (hop_id, number, status, error, waited_ms, wait_reason, started_at) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
# The chain that this run followed through url to its end, if it has: hops from there on.
REST_OF_CHAIN = """
SELECT rest.url, rest.status, rest.via, rest.location, rest.fetched_at, rest.elapsed_ms,
  r.outcome, r.detail, r.piece_id, r.landing
FROM hops AS here JOIN resolutions AS r ON r.id = here.resolution_id
JOIN hops AS rest ON rest.resolution_id = r.id AND rest.position >= here.position
WHERE here.id = (
  SELECT h.id FROM hops AS h JOIN resolutions AS r ON r.id = h.resolution_id
  WHERE h.url = :url AND h.id > :last_hop_before AND r.outcome IN ('arrived', 'gone', 'http_error') ORDER BY h.id LIMIT 1
) ORDER BY rest.position
"""
COUNT_VISITS = """
UPDATE runs SET visit_count = visit_count + ?, request_count = request_count + ?, new_piece_count = new_piece_count + ?,
  new_citation_count = new_citation_count + ?, gone_citation_count = gone_citation_count + ? WHERE id = ?
"""


@dataclass(frozen=True, slots=True)
class Rest:
    """The end of a chain that this run has followed already."""

    hops: tuple[Hop, ...]
    outcome: Outcome
    detail: str | None
    piece_id: int | None
    said: Landing | None = None  # what the page at its end says of itself


@dataclass(frozen=True, slots=True)
class Entry:
    """All that is written down of one task."""

    visit: Visit
    plan: Plan


@dataclass(frozen=True, slots=True)
class _Batch:
    """What the visits of one transaction share."""

    # Ids to give away: nobody else writes, and SQLite takes rows in half the time where it need not tell their ids.
    resolution_ids: Iterator[int]
    hop_ids: Iterator[int]
    attempts: list[tuple[object, ...]]  # rows, added at its end


class _NothingIsDueError(Exception):
    """Takes the transaction back that would have begun a run."""


def begin_run(
    db: Database,
    starts: Iterable[tuple[Source | Collection, int]],
    limits: Limits,
    command: str,
    config_json: str,
    version: str,
    now: datetime,
    schedule: Schedule | None = None,
    most_lookups: int = 0,
) -> Run | None:
    """Open a run from sources, each with how far to go from it. Where nothing is due, return None and change nothing.

    most_lookups is how many copies of what is lost it may ask the archive for; what waits for that is due, too.
    An earlier run that never ended was killed, for the caller holds the lock.
    """
    try:
        with transaction(db):
            db.conn.execute(KILL_RUNNING)
            (run_id,) = db.conn.execute(BEGIN_RUN, (utc_text(now), command, config_json, version)).fetchone()
            hop, capture, resolution = db.conn.execute(LAST_BEFORE).fetchone()
            run = Run(db, run_id, limits, hop, capture, resolution, schedule or Schedule())
            for source, reach in starts:
                if isinstance(source, Collection):
                    frontier.discover_collection(run, source, reach, now)
                else:
                    frontier.discover_source(run, source, reach, now)
            if not frontier.is_due(run, now) and not (most_lookups and mementos.is_due(db, now)):
                raise _NothingIsDueError  # noqa: TRY301 - it is how the block takes itself back
    except _NothingIsDueError:
        return None
    return run


def rest_of_chain(run: Run, url: str) -> Rest | None:
    """Return how the chain goes on from url where this run has been there and came to an answer; else None."""
    if url not in run.passed:
        return None
    rows = run.db.conn.execute(REST_OF_CHAIN, {"url": url, "last_hop_before": run.last_hop_before}).fetchall()
    if not rows:
        return None
    hops = tuple(
        Hop(Url(at), status, Via(via) if via else None, location, datetime.fromisoformat(fetched_at), elapsed_ms)
        for at, status, via, location, fetched_at, elapsed_ms, *_ in rows
    )
    *_, outcome, detail, piece_id, landing = rows[0]
    # Of the other landings it depends on the whole chain whether they are in place of a piece.
    said = Landing.SOFT_404 if landing == Landing.SOFT_404 else None
    return Rest(hops, Outcome(outcome), detail, piece_id, said)


def record(run: Run, entries: Sequence[Entry], now: datetime) -> None:
    """Write visits down, settle their tasks and add the tasks they lead to: all of it or nothing."""
    with transaction(run.db):
        pieces_before = pieces.last_piece(run)
        last_resolution, last_hop = run.db.conn.execute(LAST_IDS).fetchone()
        batch = _Batch(count(last_resolution + 1), count(last_hop + 1), [])
        new = gone = 0
        for entry in entries:
            added, lost = _record(run, entry, batch, now)
            new, gone = new + added, gone + lost
        run.db.conn.executemany(ADD_ATTEMPT, batch.attempts)
        counts = (len(entries), len(batch.attempts), pieces.last_piece(run) - pieces_before, new, gone)
        run.db.conn.execute(COUNT_VISITS, (*counts, run.id))


def _record(run: Run, entry: Entry, batch: _Batch, now: datetime) -> tuple[int, int]:
    """Write one visit down; return how many citations are new and how many gone."""
    visit, new, gone = entry.visit, 0, 0
    past_id = pieces.see_past(run, visit)
    piece_id = _piece_of(run, visit, now) if past_id is None else past_id
    resolution_id = None
    if visit.resolution:
        resolution_id = next(batch.resolution_ids)
        _add_resolution(run, visit.resolution, resolution_id, batch, piece_id, entry.plan.standing)
        citations.point(run, visit.resolution, resolution_id, piece_id)
    if piece_id is not None:
        citations.point_waiting(run, piece_id)
        pieces.add_capture(run, visit, piece_id, resolution_id)
        if visit.capture and visit.capture.not_modified and visit.is_of_the_piece:
            citations.keep_all(run, piece_id)
        if past_id is not None and isinstance(visit.page, Page):
            new = citations.remember(run, visit.page, past_id, now)
        elif visit.own_page:
            new, gone = citations.reconcile(run, visit.own_page, piece_id, now)
            matches.match_piece(run, piece_id)
    if visit.resolution:
        pieces.judge(run, visit.resolution, entry.plan)
        _note_loss(run, visit, entry.plan, now)
    content_sha256 = visit.capture.content_sha256 if visit.capture else None
    frontier.settle(run, visit.task, entry.plan, piece_id, content_sha256, now)
    frontier.discover(run, [*entry.plan.onward, *_second_tries(run, visit, piece_id)], now)
    is_read_before = visit.page is None and visit.resolution and visit.resolution.final_url and not visit.resolution.landing
    if piece_id is not None and is_read_before:
        frontier.go_on(run, visit.task, piece_id, now)
    if piece_id is not None and visit.own_page and matches.may_be_offered(visit.own_page, visit.task):
        frontier.discover(run, matches.offer_listed(run, piece_id), now)
    return new, gone


def _note_loss(run: Run, visit: Visit, planned: Plan, now: datetime) -> None:
    """Have a copy looked up of what is lost, and none any more of what is there again."""
    task, resolution = visit.task, visit.resolution
    if resolution is None:
        return
    if lost := landing.lost_piece(resolution, is_final=planned.is_final):
        mementos.lose(run, LookUp(lost, task.url), now)
    elif task.standing.strikes and not planned.standing.strikes:
        mementos.regain(run, [task.url, *(hop.url for hop in resolution.hops)])


def _second_tries(run: Run, visit: Visit, piece_id: int | None) -> Iterator[Task]:
    """Yield the other cuts of glued links whose likeliest cut led nowhere: of this visit's own link, and of those on its page."""
    task = visit.task
    if visit.resolution and visit.resolution.outcome in (Outcome.GONE, Outcome.HTTP_ERROR):
        for url in citations.doubtful_of_url(run, task.url):
            yield Task(url, task.depth, task.reach)
    if piece_id is not None and task.reach:
        for url in citations.doubtful_of_piece(run, piece_id):
            yield Task(url, task.depth + 1, task.reach - 1)


def _piece_of(run: Run, visit: Visit, now: datetime) -> int | None:
    """Return the piece that a visit led to; None where it led nowhere that is known."""
    if visit.resolution and visit.resolution.outcome in NOWHERE:
        return None
    if visit.capture and visit.capture.not_modified:
        return pieces.see_unchanged(run, visit, visit.capture.url, now)
    if visit.resolution and visit.capture is None and (rest := rest_of_chain(run, visit.resolution.furthest_url)):
        return rest.piece_id
    seen_at = visit.capture.captured_at if visit.capture and visit.resolution is None else now
    return pieces.see_visited(run, visit, seen_at)


def _add_resolution(run: Run, resolution: Resolution, id_: int, batch: _Batch, piece_id: int | None, standing: Standing) -> None:
    row = (
        id_,
        run.id,
        resolution.url,
        resolution.outcome,
        resolution.detail,
        resolution.final_url,
        resolution.furthest_url,
        len(resolution.hops),
        utc_text(resolution.started_at),
        resolution.elapsed_ms,
        piece_id,
        resolution.landing,
        standing.health,
        standing.strikes,
    )
    hops: list[tuple[object, ...]] = []
    for position, (hop, hop_id) in enumerate(zip(resolution.hops, batch.hop_ids, strict=False)):
        fetched_at = utc_text(hop.fetched_at)
        kept = evidence.record_id(run, hop.warc_record) if hop.warc_record else None
        via = hop.via.value if hop.via else None  # sqlite3 looks for an adapter for whatever is not exactly a str
        seen = (hop.status, via, hop.location, fetched_at, hop.elapsed_ms, kept)
        hops.append((hop_id, id_, position, hop.url, *seen))
        run.passed.add(hop.url)
        for a in hop.attempts:
            started_at = fetched_at if a.started_at is hop.fetched_at else utc_text(a.started_at)
            batch.attempts.append((hop_id, a.number, a.status, a.error, a.waited_ms, a.wait_reason, started_at))
    run.db.conn.execute(ADD_RESOLUTION, row)
    run.db.conn.executemany(ADD_HOP, hops)
