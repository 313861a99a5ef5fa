"""Where the evidence of hops and captures lies: which record of which WARC file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlite_utils import Database

from crawler.core.model import WarcRecord
from crawler.store.database import utc_text
from crawler.store.runs import Run

# One record may stand for several hops: one request answers all who ask for its URL.
ADD = """
INSERT INTO warc_records (record_id, file, offset, type, url, payload_digest, recorded_at, refers_to_id)
VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT id FROM warc_records WHERE record_id = ?))
ON CONFLICT (record_id) DO NOTHING
"""
ID = "SELECT id FROM warc_records WHERE record_id = ?"
# What was captured last of a URL, which may be another record's payload.
CAPTURED = """
SELECT w.record_id, w.file, w.offset, w.type, w.url, w.payload_digest, w.recorded_at
FROM captures AS c JOIN warc_records AS own ON own.id = c.warc_record_id
JOIN warc_records AS w ON w.id = coalesce(own.refers_to_id, own.id)
WHERE c.url = ? ORDER BY c.id DESC LIMIT 1
"""
KNOWN = """
SELECT record_id, file, offset, type, url, payload_digest, recorded_at FROM warc_records
WHERE url = ? AND payload_digest = ? AND type IN ('response', 'resource') ORDER BY id DESC LIMIT 1
"""
KEPT_FILES = "SELECT file, count(*), max(offset) FROM warc_records GROUP BY file ORDER BY file"
LAST_RUN = """
SELECT max(run_id) FROM (
  SELECT max(r.run_id) AS run_id FROM hops AS h JOIN resolutions AS r ON r.id = h.resolution_id WHERE h.warc_record_id IS NOT NULL
  UNION ALL SELECT max(run_id) FROM captures WHERE warc_record_id IS NOT NULL)
"""


def record_id(run: Run, record: WarcRecord) -> int:
    """Return the id of a record's row, made if it is new."""
    at = utc_text(record.recorded_at)
    row = (record.record_id, record.file, record.offset, record.type, record.url, record.payload_digest, at, record.refers_to)
    run.db.conn.execute(ADD, row)
    return int(run.db.conn.execute(ID, (record.record_id,)).fetchone()[0])


def known(db: Database, url: str, payload_digest: str | None) -> WarcRecord | None:
    """Return the latest record that holds this payload, kept for this URL; without a digest, what was captured there last."""
    row = db.conn.execute(*((KNOWN, (url, payload_digest)) if payload_digest else (CAPTURED, (url,)))).fetchone()
    if row is None:
        return None
    name, file, offset, kind, at_url, digest, recorded_at = row
    return WarcRecord(name, file, offset, kind, at_url, digest, datetime.fromisoformat(recorded_at))


def kept_files(db: Database) -> Iterator[tuple[str, int, int]]:
    """Yield the name of each file that holds records, how many they are, and where the last of them begins."""
    yield from db.conn.execute(KEPT_FILES)


def last_run(db: Database) -> int | None:
    """Return the last run that kept evidence."""
    found = db.conn.execute(LAST_RUN).fetchone()[0]
    return None if found is None else int(found)
