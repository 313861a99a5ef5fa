"""Many pieces: a story that grew over two years, with hubs, tweets, dead ends and circles. The same at every call."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.store import database
from crawler.store.database import utc_text

START = datetime(2024, 1, 1, tzinfo=UTC)
SITES = ("harbourpost.example", "coastline.example", "portansgar.example", "northquay.example", "dockside.example", "pierpress.example",
         "saltwind.example", "lighthouse.example", "tidewater.example", "mooring.example")  # fmt: skip
WORDS = [
    "harbour",
    "fire",
    "permit",
    "inquiry",
    "council",
    "warehouse",
    "crews",
    "inspectors",
    "exits",
    "quay",
    "night",
    "report",
    "mayor",
    "resigns",
    "papers",
    "show",
    "owner",
]
OUTCOMES = (
    ("arrived", None),
    ("arrived", "soft_404"),
    ("arrived", "home"),
    ("gone", None),
    ("http_error", None),
    ("disallowed", None),
)
OUTCOME_WEIGHTS = (70, 6, 4, 8, 6, 6)


def add(path: Path, pieces: int, seed: int = 7) -> int:
    """Add so many pieces to the database at path, each of which cites a few of the earlier ones, rather the much cited ones.

    Return the id of the first, which most lead back to.
    """
    chance = random.Random(seed)
    with_rows = database.open_for_writing(path)
    db = with_rows.conn
    now = utc_text(START)
    db.execute("BEGIN")
    db.execute(
        "INSERT OR IGNORE INTO runs (id, started_at, status, command, config_json, crawler_version) VALUES (1, ?, 'done', '', '{}', '')",
        (now,),
    )
    first = db.execute("SELECT coalesce(max(id), 0) + 1 FROM pieces").fetchone()[0]
    cited = [first]
    for id_ in range(first, first + pieces):
        kind = chance.choices(("article", "tweet", "page", "document", "media", None), (50, 25, 10, 4, 4, 7))[0]
        site = chance.choice(SITES[: 1 + int(len(SITES) * chance.random() ** 1.5)])
        title = (
            None if kind in ("tweet", "media", None) else " ".join(chance.choices(WORDS, k=chance.randint(4, 11))).capitalize()
        )
        published = (
            utc_text(START + timedelta(hours=(id_ - first) * 17500 / pieces)) if kind in ("article", "page", "tweet") else None
        )
        state = (
            chance.choices(("arrived", "gone", "timeout"), (85, 10, 5))[0] if kind not in ("tweet", "media", None) else "cited"
        )
        url = f"https://www.{site}/{id_}/{'-'.join(chance.choices(WORDS, k=3))}"
        db.execute(
            "INSERT INTO pieces (id, key, url, kind, title, site, published_at, state, first_seen_at, last_seen_at, first_run_id, "
            "last_run_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 1)",
            (id_, url, url, kind, title, site, published, state, now, now),
        )
        if kind == "tweet":
            text = " ".join(chance.choices(WORDS, k=12)).capitalize()
            db.execute(
                "INSERT INTO tweets (piece_id, handle, text, posted_at) VALUES (?, ?, ?, ?)",
                (id_, site.partition(".")[0], text, published),
            )
        for position in range(chance.choice((1, 1, 1, 2, 2, 3)) if id_ > first else 0):
            target = chance.choice(cited)
            outcome, landing = chance.choices(OUTCOMES, OUTCOME_WEIGHTS)[0]
            how = chance.choice(("link", "link", "read_more", "tweet_link"))
            matched = "title_exact" if how == "read_more" and chance.random() < 0.5 else None
            lost = not matched and outcome in ("http_error", "disallowed") and chance.random() < 0.3
            resolution = None
            if not matched:
                resolution = db.execute(
                    "INSERT INTO resolutions (run_id, url, outcome, landing, furthest_url, hop_count, started_at, elapsed_ms) "
                    "VALUES (1, ?, ?, ?, ?, ?, ?, 20) RETURNING id",
                    (url, outcome, landing, url, chance.randint(1, 4), now),
                ).fetchone()[0]
            db.execute(
                "INSERT INTO citations (citing_id, cited_id, kind, position, url, text, label, confidence, resolution_id, matched_by, "
                "first_run_id, last_run_id) VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, 1, 1)",
                (
                    id_,
                    None if lost else target,
                    how,
                    position,
                    url,
                    "the report",
                    "READ MORE" if how == "read_more" else None,
                    resolution,
                    matched,
                ),
            )
            cited.append(target)
        cited.append(id_)
    db.execute("COMMIT")
    with_rows.close()
    return first
