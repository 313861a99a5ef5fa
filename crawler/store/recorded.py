"""What a run recorded, and where the evidence of it lies: what `crawler verify` compares with what it derives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

CHAINS = """
SELECT r.id, r.url, r.outcome, r.detail, r.final_url, r.furthest_url, r.landing, coalesce(f.read_as, 'page'),
  coalesce(f.entry_limit, 10000), EXISTS (SELECT 1 FROM captures AS c WHERE c.url = r.furthest_url AND c.run_id = r.run_id
    AND c.resolution_id IS NOT NULL)
FROM resolutions AS r LEFT JOIN frontier AS f ON f.url = r.url WHERE r.run_id = ? ORDER BY r.id
"""
# A hop that repeats an answer of its run is kept where that answer is. What kept us from asking may be kept of another URL, the
# host's robots.txt.
HOPS = """
SELECT h.id, h.url, h.status, h.via, h.location, w.record_id, w.url, w.file, w.offset, holder.file, holder.offset
FROM hops AS h
LEFT JOIN warc_records AS w ON w.id = coalesce(h.warc_record_id, (
  SELECT other.warc_record_id FROM hops AS other JOIN resolutions AS r ON r.id = other.resolution_id
  WHERE other.url = h.url AND other.fetched_at = h.fetched_at AND other.status IS h.status AND other.location IS h.location
    AND r.run_id = :run AND other.warc_record_id IS NOT NULL ORDER BY other.id LIMIT 1))
LEFT JOIN warc_records AS holder ON holder.id = w.refers_to_id
WHERE h.resolution_id = :resolution ORDER BY h.position
"""
CAPTURES = """
SELECT c.id, c.piece_id, c.url, c.length, c.content_sha256, c.text_sha256, c.unread_reason, c.not_modified,
  c.media_type, c.captured_at, w.record_id, w.url, w.file, w.offset, holder.file, holder.offset,
  coalesce(f.read_as, 'page'), coalesce(f.entry_limit, 10000)
FROM captures AS c LEFT JOIN warc_records AS w ON w.id = c.warc_record_id
LEFT JOIN warc_records AS holder ON holder.id = w.refers_to_id LEFT JOIN frontier AS f ON f.url = c.url
WHERE c.run_id = :run AND c.resolution_id IS :resolution ORDER BY c.id
"""
FILES = """
SELECT DISTINCT w.file FROM hops AS h JOIN resolutions AS r ON r.id = h.resolution_id
JOIN warc_records AS w ON w.id = h.warc_record_id WHERE r.run_id = :run
UNION SELECT w.file FROM captures AS c JOIN warc_records AS w ON w.id = c.warc_record_id WHERE c.run_id = :run ORDER BY 1
"""
# What a piece cited as its page was read in a run. Of a citation that a later run saw again, this run may have seen nothing.
CITED = """
SELECT c.id, c.kind, c.href, c.text, c.label, c.url, c.last_run_id = :run AND c.gone_run_id IS NOT :run FROM citations AS c
WHERE c.citing_id = :piece AND c.first_run_id <= :run AND (c.gone_run_id IS NULL OR c.gone_run_id > :run)
"""
NAME = "SELECT name FROM piece_names WHERE piece_id = ?"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies, and where its payload, if that is another record's."""

    record_id: str
    url: str
    file: str
    offset: int
    payload_file: str | None
    payload_offset: int | None


@dataclass(frozen=True, slots=True)
class StoredHop:
    """A hop as the database has it."""

    id: int
    url: str
    status: int | None
    via: str | None
    location: str | None
    place: Place | None


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """A capture as the database has it."""

    id: int
    piece_id: int
    url: str
    length: int | None
    content_sha256: str | None
    text_sha256: str | None
    unread_reason: str | None
    is_unchanged: bool
    media_type: str | None
    captured_at: datetime
    place: Place | None
    read_as: str
    entry_limit: int


@dataclass(frozen=True, slots=True)
class StoredChain:
    """A resolution as the database has it, and what was captured at its end."""

    id: int
    url: str
    outcome: str
    detail: str | None
    final_url: str | None
    furthest_url: str
    landing: str | None
    read_as: str
    entry_limit: int
    is_captured: bool  # what it led to, by this chain or another of its run
    hops: tuple[StoredHop, ...]
    capture: StoredCapture | None


@dataclass(frozen=True, slots=True)
class StoredCitation:
    """A citation as the database has it."""

    id: int
    kind: str
    href: str | None
    text: str | None
    label: str | None
    url: str | None
    is_of_run: bool  # this run was the last to see it


def chains(db: Database, run_id: int) -> Iterator[StoredChain]:
    """Yield the chains that a run followed, in their order."""
    for row in db.conn.execute(CHAINS, (run_id,)).fetchall():
        of = {"run": run_id, "resolution": row[0]}
        hops = tuple(_hop(*hop) for hop in db.conn.execute(HOPS, of))
        captures = [_capture(*found) for found in db.conn.execute(CAPTURES, of)]
        yield _chain(*row, hops=hops, capture=captures[0] if captures else None)


def documents(db: Database, run_id: int) -> list[StoredCapture]:
    """Return the captures of documents at hand that a run made."""
    return [_capture(*row) for row in db.conn.execute(CAPTURES, {"run": run_id, "resolution": None})]


def files(db: Database, run_id: int) -> list[str]:
    """Return the names of the files that hold a run's evidence."""
    return [name for (name,) in db.conn.execute(FILES, {"run": run_id})]


def cited(db: Database, run_id: int, piece_id: int) -> list[StoredCitation]:
    """Return what a piece cited when a run read it."""
    return [_citation(*row) for row in db.conn.execute(CITED, {"run": run_id, "piece": piece_id})]


def name(db: Database, piece_id: int) -> str:
    """Return what a person calls a piece."""
    return str(db.conn.execute(NAME, (piece_id,)).fetchone()[0])


def _hop(id_: int, url: str, status: int | None, via: str | None, location: str | None, *place: Any) -> StoredHop:
    return StoredHop(id_, url, status, via, location, _place(*place))


def _chain(*row: Any, hops: tuple[StoredHop, ...], capture: StoredCapture | None) -> StoredChain:
    id_, url, outcome, detail, final_url, furthest_url, landing, read_as, entry_limit, is_captured = row
    led = (outcome, detail, final_url, furthest_url, landing)
    return StoredChain(id_, url, *led, read_as, entry_limit, bool(is_captured), hops, capture)


def _capture(*row: Any) -> StoredCapture:
    id_, piece_id, url, length, content, text, unread, not_modified, media_type, captured_at, *place, read_as, entry_limit = row
    facts = (url, length, content, text, unread, bool(not_modified), media_type, datetime.fromisoformat(captured_at))
    return StoredCapture(id_, piece_id, *facts, _place(*place), read_as, entry_limit)


def _citation(id_: int, kind: str, href: str, text: str, label: str, url: str, is_of_run: int) -> StoredCitation:
    return StoredCitation(id_, kind, href, text, label, url, bool(is_of_run))


def _place(record_id: str | None, *rest: Any) -> Place | None:
    return Place(record_id, *rest) if record_id else None
