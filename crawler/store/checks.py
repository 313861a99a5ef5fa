"""Looking the database over: whether it is whole, and whether anything is stuck."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlite_utils import Database

from crawler.store.database import migrations, sqlite3, wal_is_sound

SUMMARY = "SELECT (SELECT count(*) FROM pieces), (SELECT count(*) FROM citations), (SELECT count(*) FROM runs)"
STUCK = "SELECT url, claims FROM stuck ORDER BY claims DESC LIMIT 5"
ORPHANS = {
    "resolutions that lack a hop": """
SELECT count(*) FROM resolutions AS r WHERE hop_count <> (SELECT count(*) FROM hops WHERE resolution_id = r.id)
""",
    "pieces read that nothing led to": """
SELECT count(*) FROM pieces AS p WHERE p.text_sha256 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM captures WHERE piece_id = p.id)
""",
}
# What the triggers of migrations/0002_questions.sql keep, and what the citations themselves say.
COUNTS = {
    "citation_counts": (
        "SELECT piece_id, citing_pieces, citations FROM citation_counts WHERE citations <> 0 OR citing_pieces <> 0",
        "SELECT cited_id, count(DISTINCT citing_id), count(*) FROM edges GROUP BY cited_id",
    ),
    "site_counts": (
        "SELECT site, citations, self_citations FROM site_counts WHERE citations <> 0 OR self_citations <> 0",
        "SELECT citing_site, sum(citations), sum((citing_site = cited_site) * citations) FROM site_graph GROUP BY citing_site",
    ),
}
DIFFER = "SELECT count(*) FROM (SELECT * FROM ({0} EXCEPT {1}) UNION ALL SELECT * FROM ({1} EXCEPT {0}))"
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
        if not migrations.pending(db):
            yield from _miscounts(db)
    except sqlite3.DatabaseError as error:
        yield f"{error}; {MEND}"


def _miscounts(db: Database) -> Iterator[str]:
    for table, (kept, counted) in COUNTS.items():
        (count,) = db.conn.execute(DIFFER.format(kept, counted)).fetchone()
        if count:
            yield f"{count} rows of {table} differ from what the citations say; something else than a run wrote it"


def _stuck(db: Database) -> Iterator[str]:
    for url, claims in db.conn.execute(STUCK):
        yield (
            f"{url} was claimed {claims} times and never settled; a run may die of it: `crawler resolve` and `crawler extract` "
            "show what it does apart from the database. From limits.max_claims claims on, runs leave it alone"
        )


def notes(db: Database, path: Path) -> Iterator[str]:
    """Yield what is worth knowing: a run killed, tasks stuck, the SQLite at hand."""
    if migrations.pending(db):
        yield "it has an older schema; the next run brings it up to date"
    else:
        yield from _stuck(db)
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
