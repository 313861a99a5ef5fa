"""Where the evidence of hops and captures lies: which record of which WARC file."""

from __future__ import annotations

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
KNOWN = """
SELECT record_id, file, offset, type, url, payload_digest, recorded_at FROM warc_records
WHERE url = ? AND payload_digest = ? AND type IN ('response', 'resource') ORDER BY id DESC LIMIT 1
"""


def record_id(run: Run, record: WarcRecord) -> int:
    """Return the id of a record's row, made if it is new."""
    at = utc_text(record.recorded_at)
    row = (record.record_id, record.file, record.offset, record.type, record.url, record.payload_digest, at, record.refers_to)
    run.db.conn.execute(ADD, row)
    return int(run.db.conn.execute(ID, (record.record_id,)).fetchone()[0])


def known(db: Database, url: str, payload_digest: str) -> WarcRecord | None:
    """Return the latest record that holds this payload, kept for this URL; None where there is none."""
    row = db.conn.execute(KNOWN, (url, payload_digest)).fetchone()
    if row is None:
        return None
    name, file, offset, kind, at_url, digest, recorded_at = row
    return WarcRecord(name, file, offset, kind, at_url, digest, datetime.fromisoformat(recorded_at))
