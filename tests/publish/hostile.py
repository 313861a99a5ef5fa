"""Pieces whose every text was written by somebody who means no good."""

from __future__ import annotations

from pathlib import Path

from crawler.store import database

NOW = "2026-01-01T00:00:00.000Z"
MARKUP = '</script><img src=x onerror="document.title=1"><script>document.title=2</script>'
TITLES = (
    MARKUP,
    "<!--<script>",
    "\u202egnp.exe reversed\u202c",
    "=HYPERLINK(1)",
    "{{ 7*7 }}",
    "line\u2028separator",
    "'\"><svg onload=document.title=3>",
)
URLS = (
    "javascript:document.title=4",
    "data:text/html,<script>1</script>",
    "https://a.example/?q=<b>&\"'",
    "JaVaScRiPt:document.title=5",
)


def add(path: Path) -> int:
    """Add pieces with such titles to the database at path, each of which cites the one before; return the first one's id."""
    db = database.open_for_writing(path)
    run = db.conn
    run.execute("BEGIN")
    run.execute(
        "INSERT OR IGNORE INTO runs (id, started_at, status, command, config_json, crawler_version) VALUES (1, ?, 'done', '', '{}', '')",
        (NOW,),
    )
    first = run.execute("SELECT coalesce(max(id), 0) + 1 FROM pieces").fetchone()[0]
    for number, title in enumerate(TITLES, first):
        url = URLS[number % len(URLS)]
        run.execute(
            "INSERT INTO pieces (id, key, url, kind, title, site, published_at, state, first_seen_at, last_seen_at, first_run_id, "
            "last_run_id) VALUES (?, ?, ?, 'article', ?, ?, ?, 'arrived', ?, ?, 1, 1)",
            (number, f"{number}{url}", url, title, title, NOW, NOW, NOW),
        )
        run.execute(
            "INSERT INTO citations (citing_id, cited_id, kind, position, url, text, label, context, confidence, first_run_id, last_run_id) "
            "VALUES (?, ?, 'link', 0, ?, ?, ?, ?, 1, 1, 1)",
            (number, number - 1 if number > first else None, url, title, title, title),
        )
    run.execute("COMMIT")
    db.close()
    return first
