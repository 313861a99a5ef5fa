"""WARC files as sources: their pages, with the time they were captured, however the files are written and damaged."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.core.model import Collection
from crawler.errors import SourceError
from crawler.sources.files import Shelf
from crawler.store import database
from tests.cli.test_commands import crawler
from tests.webs import story

EXCHANGES = Path(__file__).parent.parent.parent / "shared" / "corpus" / "exchanges"
A, B, C = ("https://www.a.example/story", "https://b.example/story", "https://c.example/story")


def written(path, *records, is_packed=True):
    """Write a WARC file of records: type, URL, date, HTTP status line, headers, body."""
    members = [b"WARC/1.1\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n"]
    for kind, url, date, status, headers, body in records:
        fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        block = f"HTTP/1.1 {status}\r\n{fields}\r\n".encode() + body if status else body
        media_type = "application/http; msgtype=response" if status else headers["Content-Type"]
        named = {"WARC-Type": kind, "WARC-Target-URI": url, "WARC-Date": date, "Content-Type": media_type}
        head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        members.append(f"WARC/1.1\r\n{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n")
    path.write_bytes(b"".join(map(gzip.compress, members) if is_packed else members))
    return path


HTML = {"Content-Type": "text/html; charset=utf-8"}


def response(url, body, date="2016-10-25T18:00:00Z", status="200 OK", **headers):
    content = body if isinstance(body, bytes) else body.encode()
    return ("response", url, date, status, HTML | {name.replace("_", "-"): value for name, value in headers.items()}, content)


def taken(path):
    """Return the documents in a WARC file, and what the shelf says of it."""
    shelf = Shelf(io.BytesIO(), 1_000_000)
    (found,) = shelf.take(str(path))
    assert isinstance(found, Collection)
    return [shelf.open(source.url) for source in found.sources()], shelf.damage


@pytest.mark.parametrize("is_packed", [True, False])
def test_responses_and_resources_that_are_pages_are_taken_with_their_date(tmp_path, is_packed):
    path = written(
        tmp_path / "x.warc",
        response(A, "<p>one"),
        ("resource", B, "2017-04-29T01:30:30.123456Z", None, {"Content-Type": "text/html"}, b"<p>two"),
        ("request", A, "2016-10-25T18:00:00Z", "200 GET", {"Host": "a"}, b""),
        response("https://a.example/i.png", b"\x89PNG", Content_Type="image/png"),
        response("https://a.example/s.css", "p {}", Content_Type="text/css"),
        response("https://a.example/robots.txt", f"Sitemap: {A}", Content_Type="text/plain"),
        response("https://a.example/gone", "<p>none", status="404 Not Found"),
        response("https://a.example/moved", "", status="301 Moved", Location=A),
        response("file:///etc/passwd", "root"),
        is_packed=is_packed,
    )
    documents, damage = taken(path)
    assert damage == []
    assert [(document.url, document.content, document.captured_at) for document in documents] == [
        (A, b"<p>one", datetime(2016, 10, 25, 18, tzinfo=UTC)),
        (B, b"<p>two", datetime(2017, 4, 29, 1, 30, 30, 123456, tzinfo=UTC)),
    ]


CHUNKED = {"Transfer_Encoding": "chunked"}
PACKED = {"Content_Encoding": "gzip"}


@pytest.mark.parametrize(
    ("body", "headers", "content"),
    [
        (b"3\r\n<p>\r\n3;x=y\r\none\r\n0\r\n\r\n", CHUNKED, b"<p>one"),
        (b"<p>one", CHUNKED, b"<p>one"),
        (b"FFFFFFFF\r\n<p>", CHUNKED, b"<p>"),
        (gzip.compress(b"<p>one"), PACKED, b"<p>one"),
        (b"<p>one", PACKED, b"<p>one"),
        (gzip.compress(b"<p>one" * 9)[:-8], PACKED, b"<p>one" * 9),
        (zlib.compress(b"<p>one"), {"Content_Encoding": "deflate"}, b"<p>one"),
        (b"1a\r\n" + gzip.compress(b"<p>one", mtime=0)[:26] + b"\r\n0\r\n\r\n", CHUNKED | PACKED, b"<p>one"),
        (gzip.compress(b" " * 50_000_000, 1), PACKED, b" " * 1_000_000),
    ],
    ids=range(9),
)
def test_bodies_are_decoded_as_far_as_they_can_be_and_within_bounds(tmp_path, body, headers, content):
    documents, _ = taken(written(tmp_path / "x.warc.gz", response(A, body, **headers)))
    assert [document.content for document in documents] == [content]


def raw(**fields):
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>one"
    named = {
        "WARC-Type": "response",
        "WARC-Target-URI": A,
        "WARC-Date": "2016-10-25T18:00:00Z",
        "Content-Length": str(len(block)),
    }
    named |= {name.replace("_", "-"): value for name, value in fields.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"WARC/1.0\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("record", "pages", "is_damaged"),
    [
        (raw(), 2, False),
        (raw(WARC_Target_URI=f"<{A}>"), 2, False),
        (raw(WARC_Date="yesterday"), 2, False),
        (raw(Content_Length="999999999999"), 2, False),
        (raw(Content_Length="-5"), 1, True),
        (raw(Content_Length="abc"), 1, True),
        (raw(Content_Length="9" * 5000), 1, True),
        (raw(X="x" * 5_000_000), 1, True),
        (raw(**{f"X_{number}": "x" for number in range(100_000)}), 1, True),
        (raw()[:60], 1, False),
        (b"\x00" * 1000, 1, True),
    ],
    ids=range(11),
)
def test_a_damaged_record_costs_none_before_it_and_is_told(tmp_path, record, pages, is_damaged):
    path = tmp_path / "x.warc"
    path.write_bytes(raw() + record)
    documents, damage = taken(path)
    assert (len(documents), bool(damage)) == (pages, is_damaged)
    assert all(document.content.startswith(b"<p>one") for document in documents)


def test_a_file_that_breaks_off_gives_what_it_has(tmp_path):
    path = written(tmp_path / "x.warc.gz", response(A, "<p>one"), response(B, "<p>two" * 1000))
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    documents, _ = taken(path)
    assert documents[0].content == b"<p>one"


def test_files_that_others_wrote_are_read():
    if not EXCHANGES.is_dir():
        pytest.skip("the recorded exchanges are not here")
    urls = {}
    for path in EXCHANGES.glob("warc-*"):
        documents, _ = taken(path)
        urls |= {
            document.url: (document.captured_at.year, document.content[:9].lower()) for document in documents if document.content
        }
    assert urls["http://www.iana.org/"] == (2017, b"<!doctype")
    assert urls["http://commoncrawl.org/"][0] == 2019
    assert urls["http://memento.us/"][1] == b"<html><bo"
    assert urls["http://example.com/"][1] == b"<!doctype"


def test_hostile_files_are_read_or_named(hostile):
    for path in sorted((hostile / "warc" / "warcio").iterdir()):
        shelf = Shelf(io.BytesIO(), 1_000_000)
        try:
            found = list(shelf.take(str(path)))
        except SourceError:
            continue
        for source in found:
            for page in source.sources() if isinstance(source, Collection) else ():
                assert len(shelf.open(page.url).content) <= 1_000_000


def rows(path, sql):
    with closing(database.open_for_reading(path)) as db:
        return db.conn.execute(sql).fetchall()


@pytest.fixture
def offline(tmp_path):
    """A folder whose runs have no web to ask."""
    (tmp_path / "config.toml").write_text('depth = 0\n[[sources]]\nname = "archive"\nwarc = "warcs"\n')
    (tmp_path / "warcs").mkdir()
    return tmp_path


def test_a_folder_of_them_is_a_source_and_is_read_once(offline):
    written(offline / "warcs" / "1.warc.gz", response(A, story("A", B)))
    written(offline / "warcs" / "2.warc", response(C, story("C", A), date="2017-01-01T00:00:00Z"), is_packed=False)
    done = crawler("run", "archive", "--json", cwd=offline)
    assert (done.returncode, json.loads(done.stdout)["requests"]) == (0, 0), done.stderr
    found = rows(offline / "provenance.db", "SELECT key, title, first_seen_at FROM pieces WHERE kind = 'article' ORDER BY key")
    assert found == [(C, "C", "2017-01-01T00:00:00.000Z"), (A, "A", "2016-10-25T18:00:00.000Z")]
    edges = "SELECT c.url, p.key, m.captured_at FROM citations AS c LEFT JOIN pieces AS p ON p.id = c.cited_id JOIN captures AS m ON m.piece_id = c.citing_id ORDER BY 1"
    assert rows(offline / "provenance.db", edges) == [(B, None, "2016-10-25T18:00:00.000Z"), (A, A, "2017-01-01T00:00:00.000Z")]
    assert "Nothing to do" in crawler("run", cwd=offline).stderr
    written(offline / "warcs" / "3.warc.gz", response(B, story("B")))
    crawler("run", cwd=offline)
    assert rows(offline / "provenance.db", "SELECT count(*) FROM captures") == [(3,)]


def test_an_older_page_adds_what_it_cited_and_takes_nothing_from_the_newer(offline):
    written(offline / "new.warc.gz", response(A, story("New title", B), date="2020-01-01T00:00:00Z"))
    written(offline / "old.warc.gz", response(A, story("Old title", B, C), date="2010-01-01T00:00:00Z"))
    for name in ("new.warc.gz", "old.warc.gz"):
        assert crawler("run", name, cwd=offline).returncode == 0
    path = offline / "provenance.db"
    assert rows(path, "SELECT url, first_run_id, gone_run_id FROM citations ORDER BY id") == [(B, 1, None), (C, 2, 2)]
    assert rows(path, f"SELECT title, first_seen_at, last_seen_at FROM pieces WHERE key = '{A}'") == [
        ("New title", "2010-01-01T00:00:00.000Z", "2020-01-01T00:00:00.000Z")
    ]
    assert rows(path, "SELECT title, captured_at FROM captures ORDER BY id") == [
        ("New title", "2020-01-01T00:00:00.000Z"),
        ("Old title", "2010-01-01T00:00:00.000Z"),
    ]
    assert rows(path, "SELECT change, url, seen_before_at, seen_after_at FROM late_edits") == [
        ("removed", C, "2010-01-01T00:00:00.000Z", "2020-01-01T00:00:00.000Z")
    ], "between the two, whichever was read first"
    changed = crawler("query", "changes", "from=1", "to=2", "--json", cwd=offline).stdout
    assert [(row["change"], row["what"]) for row in map(json.loads, changed.splitlines())] == [("citation found", "a piece")]


def test_a_damaged_file_is_named_and_the_others_are_read(offline):
    written(offline / "warcs" / "1.warc.gz", response(A, story("A")))
    (offline / "warcs" / "2.warc").write_bytes(raw() + raw(Content_Length="abc"))
    done = crawler("run", cwd=offline)
    assert done.returncode == 1
    assert "2.warc: damaged behind the record at byte" in done.stderr
    assert rows(offline / "provenance.db", "SELECT count(*) FROM captures") == [(2,)]


def test_extract_takes_the_pages_of_a_warc_file(offline):
    written(offline / "x.warc.gz", response(A, story("A", B)), response(C, story("C")))
    done = crawler("extract", "x.warc.gz", cwd=offline)
    assert [json.loads(line)["article"]["url"] for line in done.stdout.splitlines()] == [A, C]


def test_what_is_taken_of_a_warc_file_is_kept_as_evidence_under_its_own_address(offline):
    (offline / "config.toml").write_text("depth = 0\n[evidence]\nenabled = true\n")
    written(offline / "x.warc.gz", response(A, story("A", B)))
    done = crawler("run", "x.warc.gz", cwd=offline)
    assert done.returncode == 0, done.stderr
    kept = rows(offline / "provenance.db", "SELECT w.url FROM captures AS c JOIN warc_records AS w ON w.id = c.warc_record_id")
    assert kept == [(A,)]
