"""Databases to publish from: the two stories, and one whose pages are all out to do harm."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from crawler.web import tapes
from crawler.web.recording import Recording
from tests.cli.test_commands import CASSETTES, SAMPLE, SAMPLE_HTML, crawler
from tests.test_seed import ARTICLE, SEED

# What a title must not do to whoever it is shown to.
HOSTILE = (
    '=HYPERLINK("http://evil.example","x")', "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "＝1+1",
    "\x00 NUL \x01\x02\x08\x0b\x0c\x0e\x1f", "\x1b[2J\x1b]0;title\x07", "\x9b31m C1 \x85", "a\ud800b", "\ufffe\uffff\ufdd0",
    "]]>", "<!--", "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>', "' onmouseover='alert(1)", "&lt;b&gt; &amp; &#x3c; &nbsp;", "<b>bold</b>", "{{7*7}} {% x %} ${7}",
    "\u202egnp.exe\u202c", "\u200fعنوان\u200f", "\u2066isolated\u2069", "line one\nline two\r\nline three\u2028four",
    "ends in a backslash\\", "\\N \\G \\E \\n \\l", 'a "quoted" title\\"', "-->", "<>", "naïve café 漢字 🙂", "'", "a;b,c|d\te",
    "__proto__", ']}"', "javascript:alert(1)", "x" * 5000,
)  # fmt: skip
HOSTILE_URLS = (
    "javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", 'https://evil.example/"onclick=alert(1)',
    "https://evil.example/a'b(c)[d]{e}|f^g`h=i,j;k:l.", "https://evil.example/?q=a%20b%zz&c=<x>", "https://例え.example/ü?é#.",
)  # fmt: skip


@pytest.fixture(scope="session")
def harbour(tmp_path_factory):
    path = tmp_path_factory.mktemp("harbour") / "provenance.db"
    done = crawler("run", SAMPLE, SAMPLE_HTML, "--replay", CASSETTES, "--db", path, "--depth", 2)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="session")
def seed(tmp_path_factory):
    if not ARTICLE.is_file():
        pytest.skip("the seed article is not here")
    path = tmp_path_factory.mktemp("seed") / "provenance.db"
    done = crawler("run", ARTICLE, "--replay", SEED / "cassette", "--db", path, "--depth", 2)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="session", params=["harbour", "seed"])
def story(request):
    """The database of a story, one after the other."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def hostile_pages(tmp_path_factory, harbour):
    """A database with a citing and a cited piece for each hostile title, some with hostile URLs too."""
    path = tmp_path_factory.mktemp("hostile") / "provenance.db"
    path.write_bytes(harbour.read_bytes())
    with closing(sqlite3.connect(path)) as db:
        for number, title in enumerate(HOSTILE):
            # As bytes: text that is no Unicode can't be bound as text.
            said = title.encode("utf-8", "surrogatepass")
            url = f"{HOSTILE_URLS[number % len(HOSTILE_URLS)]}{number}"
            for id_, kind in ((1000 + number, "article"), (2000 + number, "tweet")):
                db.execute(
                    "INSERT INTO pieces (id, key, url, kind, title, byline, site, published_at, state, first_seen_at, last_seen_at,"
                    " first_run_id, last_run_id) VALUES (?, ?, ?, ?, CAST(? AS TEXT), CAST(? AS TEXT), 'evil.example', "
                    "'2026-03-16', 'gone', '2026-03-18', '2026-03-18', 1, 1)",
                    (id_, f"{url}#{id_}", url, kind, said, said),
                )
            db.execute("INSERT INTO tweets VALUES (?, NULL, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), ?, NULL, NULL)",
                       (2000 + number, said, said, said, "today"))  # fmt: skip
            db.execute(
                "INSERT INTO resolutions (id, run_id, url, outcome, detail, furthest_url, hop_count, started_at, elapsed_ms, piece_id) "
                "VALUES (?, 1, ?, 'gone', CAST(? AS TEXT), ?, 1, '2026-03-18T12:00:00.000Z', 5, ?)",
                (1000 + number, url, said, url, 2000 + number),
            )
            db.execute(
                "INSERT INTO hops (resolution_id, position, url, status, location, fetched_at, elapsed_ms) "
                "VALUES (?, 0, ?, 410, CAST(? AS TEXT), '2026-03-18T12:00:00.000Z', 5)",
                (1000 + number, url, said),
            )
            db.execute("INSERT INTO mementos (piece_id, url, memento_url, found_at) VALUES (?, ?, ?, '2026-03-18')",
                       (2000 + number, url, url))  # fmt: skip
            for id_, cited in ((1000 + 2 * number, 2000 + number), (1001 + 2 * number, None)):
                db.execute(
                    "INSERT INTO citations (id, citing_id, cited_id, kind, position, href, url, text, label, context, tweet_id, "
                    "confidence, resolution_id, first_run_id, last_run_id) VALUES (?, ?, ?, 'link', 0, ?, ?, CAST(? AS TEXT), "
                    "CAST(? AS TEXT), CAST(? AS TEXT), NULL, 1, ?, 1, 1)",
                    (id_, 1000 + number, cited, url, url, said, said, said, 1000 + number),
                )
        db.commit()
    return path


@pytest.fixture(scope="session")
def edited(tmp_path_factory):
    """A story that an editor changed between two runs: one link went, another came."""
    folder = tmp_path_factory.mktemp("edited")
    article = folder / "a.txt"
    for link in ("https://t.co/Hb4rWq7TzK", "https://t.co/9mXcPd2LsV"):
        article.write_text(f"A headline of some words\nIt was seen {link} by many who read it.\n")
        done = crawler("run", article, "--replay", CASSETTES, "--db", folder / "p.db", "--depth", 1)
        assert done.returncode == 0, done.stderr
    return folder / "p.db"


@pytest.fixture(scope="session")
def lost(tmp_path_factory):
    """A story whose links led to a home page, to a page that says it is not there, to nothing (with an archived copy), and home."""
    folder = tmp_path_factory.mktemp("lost")
    moved, home, soft = "http://paper.example/2016/10/a-story", "http://paper.example/", "http://daily.example/lost"
    gone, archive = "http://weekly.example/gone", "http://archive.example"
    copy = f"{archive}/web/20161024120000/{gone}"
    (folder / "tape").mkdir()
    for url, status, headers, body in (
        (moved, 302, (("Location", "/"),), b""),
        (home, 200, (), b"<title>The Paper</title>"),
        (soft, 200, (), b"<title>Seite nicht gefunden | Daily</title>"),
        (gone, 410, (), b""),
        *((f"{archive}/web/{url}", 404, (), b"") for url in (moved, soft)),
        (f"{archive}/web/{gone}", 302, (("Location", copy),), b""),
    ):
        path = folder / "tape" / tapes.file_name(url)
        recording = tapes.dump(Recording("GET", url, status, "", headers, body), datetime(2026, 3, 18, tzinfo=UTC))
        path.write_bytes((path.read_bytes() if path.exists() else tapes.HEAD) + recording)
    (folder / "config.toml").write_text(f'replay = "tape"\n[mementos]\nenabled = true\nendpoint = "{archive}"\n')
    (folder / "a.txt").write_text(f"A headline of some words\nIt was seen {moved} and {soft} and {gone} and {home} by many.\n")
    done = crawler("run", "a.txt", "--db", "p.db", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "p.db"
