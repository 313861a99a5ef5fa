"""Looking the database over: whether it is whole, and whether anything is stuck."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlite_utils import Database

from crawler.store.database import migrations, sqlite3, wal_is_sound

SUMMARY = "SELECT (SELECT count(*) FROM pieces), (SELECT count(*) FROM citations), (SELECT count(*) FROM runs)"
STUCK = "SELECT url, claims FROM stuck ORDER BY claims DESC LIMIT 5"
ORPHANS = {
    "resolutions without a hop": """
SELECT count(*) FROM resolutions AS r WHERE NOT EXISTS (SELECT 1 FROM hops WHERE resolution_id = r.id)
""",
    "pieces read that nothing led to": """
SELECT count(*) FROM pieces AS p WHERE p.text_sha256 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM captures WHERE piece_id = p.id)
""",
}
MEND = "restore a backup, or `sqlite3 OLD .recover | sqlite3 NEW` saves what can be read"


def faults(db: Database) -> Iterator[str]:
    """Yield what is broken, each with what to do."""
    try:
        for (line,) in db.conn.execute("PRAGMA integrity_check(5)"):
            if line != "ok":
                yield f"{line}; {MEND}"
        for table, rowid, parent, _ in db.conn.execute("PRAGMA foreign_key_check"):
            yield f"row {rowid} of {table} points at a row of {parent} that is not there; something else than a run wrote it"
        for what, sql in ORPHANS.items():
            (count,) = db.conn.execute(sql).fetchone()
            if count:
                yield f"{count} {what}; these are written together, so something else has changed the database"
    except sqlite3.DatabaseError as error:
        yield f"{error}; {MEND}"


def notes(db: Database, path: Path) -> Iterator[str]:
    """Yield what is worth knowing: a run killed, tasks stuck, the SQLite at hand."""
    if migrations.pending(db):
        yield "it has an older schema; the next run brings it up to date"
    for url, claims in db.conn.execute(STUCK):
        yield f"{url} was claimed {claims} times and never settled; a run may die of it"
    running = db.conn.execute("SELECT count(*) FROM runs WHERE status = 'running'").fetchone()[0]
    if running:
        yield "a run is at work, or was killed; the next run goes on where it ended"
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        yield f"{wal.name} holds rows that are not in {path.name} yet: copy both, or use VACUUM INTO"
    if not wal_is_sound():
        yield (
            f"SQLite {sqlite3.sqlite_version} may damage a WAL database when a second program checkpoints it (mended in 3.51.3, "
            "3.50.7 and 3.44.6); while a run is at work, open it read-only (mode=ro) elsewhere, as crawler's own commands do"
        )


def summary(db: Database) -> str:
    """Return in a line what the database holds."""
    pieces, citations, runs = db.conn.execute(SUMMARY).fetchone()
    return f"{pieces:,} pieces, {citations:,} citations, {runs:,} runs; SQLite {sqlite3.sqlite_version}"
