"""Reading evidence back: equal, or what differs, by which record."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import sqlite3
import zlib
from collections import Counter
from contextlib import closing
from functools import partial
from pathlib import Path
from unittest.mock import ANY

import httpx
import pytest

from crawler.core.model import Url
from crawler.core.settings import Interval, Limits, Schedule
from crawler.crawl import crawl
from crawler.sources.files import Shelf
from crawler.store import database, records, runs
from crawler.store.evidence import known
from crawler.store.runs import Settings
from crawler.verify import Verified, verify
from crawler.web import warcs
from crawler.web.client import Client
from crawler.web.evidence import Evidence, EvidenceTransport
from crawler.web.politeness import Manners
from crawler.web.recording import url_of
from tests.cli.test_commands import CASSETTES, SAMPLE, SAMPLE_HTML, crawler
from tests.fakes import FakeClock
from tests.graphs import graph
from tests.runs import Watcher
from tests.test_warcs import response, written
from tests.webs import read_here, story

CONFIG = "[evidence]\nenabled = true\n"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A run whose evidence is kept: its folder."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "config.toml").write_text(CONFIG)
    for sample in (SAMPLE, SAMPLE_HTML):
        shutil.copy(sample, folder)
    done = crawler("run", SAMPLE.name, SAMPLE_HTML.name, "--replay", CASSETTES, "--depth", 2, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def folder(kept, tmp_path):
    """A copy of it, to be tampered with."""
    return Path(shutil.copytree(kept, tmp_path / "kept"))


def differences(folder):
    done = crawler("verify", "--json", cwd=folder)
    assert done.returncode == (2 if done.stdout else 0), done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def ask(folder, sql, *values):
    with closing(sqlite3.connect(folder / "provenance.db")) as db:
        found = db.execute(sql, values).fetchall()
        db.commit()
    return found


def test_what_was_kept_bears_out_what_the_database_says(kept):
    done = crawler("verify", cwd=kept)
    assert (done.returncode, done.stdout) == (0, "")
    assert "7 chains of 11 hops, 6 captures, 19 citations derived again: equal" in done.stderr


def test_every_hop_and_capture_points_at_its_record(kept):
    assert ask(kept, "SELECT count(*), count(warc_record_id) FROM captures") == [(6, 6)]
    # One hop repeats an answer that its run had from another chain: it is kept there.
    unkept = "SELECT count(*) FROM hops AS h WHERE warc_record_id IS NULL AND EXISTS (SELECT 1 FROM attempts WHERE hop_id = h.id)"
    assert ask(kept, unkept) == [(0,)]


def rewritten(folder, url, change):
    """Change the payload of the record kept of url, its gzip member made anew: what a forger would do who has the database too."""
    ((file, offset),) = ask(folder, "SELECT file, offset FROM warc_records WHERE url LIKE ? AND type <> 'revisit'", url)
    path = folder / "evidence" / file
    content = path.read_bytes()
    decompressor = zlib.decompressobj(31)
    record = decompressor.decompress(content[offset:])
    after = decompressor.unused_data
    changed = change(record)
    assert len(changed) == len(record)
    assert changed != record
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    member = compressor.compress(changed) + compressor.flush()
    path.write_bytes(content[:offset] + member + after)
    longer = len(member) - len(content[offset:]) + len(after)  # or shorter: the ids in it compress as they come
    ask(folder, "UPDATE warc_records SET offset = offset + ? WHERE file = ? AND offset > ?", longer, file, offset)
    return f"{file}:{offset}"


def test_one_byte_of_an_answer_changed_is_told_with_what_it_would_have_changed(folder):
    place = rewritten(folder, "https://t.co/Hb4rWq7TzK", lambda record: record.replace(b"hrbr.example/2k1", b"hrbr.example/2k2"))
    found = differences(folder)
    first = found[0]
    assert first["record"].startswith(place)
    assert "not as it was written" in first["what"]
    hops = [one for one in found if one["record"].startswith(place) and "hop" in one["what"]]
    assert {(one["what"], one["stored"], one["derived"]) for one in hops} >= {
        ("location of hop 0 of https://t.co/Hb4rWq7TzK", "https://hrbr.example/2k1", "https://hrbr.example/2k2"),
        ("url of hop 1 of https://t.co/Hb4rWq7TzK", "https://hrbr.example/2k1", "https://hrbr.example/2k2"),
    }


def test_one_byte_of_a_page_changed_is_told_with_the_citation_it_would_have_changed(folder):
    place = rewritten(folder, "%/harbour-fire.txt", lambda record: record.replace(b"t.co/9mXcPd2LsV", b"t.co/9mXcPd2LsW"))
    found = differences(folder)
    assert found[0]["record"].startswith(place)
    assert any(one["stored"] == "not there" and "9mXcPd2LsW" in one["derived"] for one in found)
    assert any(one["derived"] == "not there" and "9mXcPd2LsV" in one["stored"] for one in found)
    assert any("content_sha256" in one["what"] for one in found)


def test_one_byte_of_the_file_flipped_is_told_by_the_record_it_is_in(folder):
    ((file, offset),) = ask(folder, "SELECT file, offset FROM warc_records WHERE url = 'https://t.co/9mXcPd2LsV'")
    path = folder / "evidence" / file
    content = bytearray(path.read_bytes())
    content[offset + 60] ^= 1
    path.write_bytes(content)
    found = differences(folder)
    assert found[0]["record"].startswith(f"{file}:{offset}")
    chain = "SELECT DISTINCT w.offset FROM hops AS h JOIN warc_records AS w ON w.id = h.warc_record_id WHERE h.resolution_id IN (SELECT resolution_id FROM hops WHERE url = 'https://t.co/9mXcPd2LsV')"
    assert {one["record"].split(" ")[0] for one in found} <= {f"{file}:{at}" for (at,) in ask(folder, chain)}
    assert any(one["what"].startswith("status of hop 0 of https://t.co/9mXcPd2LsV") for one in found)


def test_a_document_whose_record_is_damaged_is_told_and_all_else_compared(folder):
    ((file, offset),) = ask(folder, "SELECT file, offset FROM warc_records WHERE url LIKE '%/harbour-fire.txt'")
    ask(folder, "UPDATE resolutions SET outcome = 'arrived' WHERE outcome = 'gone'")
    path = folder / "evidence" / file
    content = bytearray(path.read_bytes())
    content[offset + 60] ^= 1
    path.write_bytes(content)
    found = differences(folder)
    place = f"{file}:{offset}"
    (captured,) = [one for one in found if one["what"].startswith("what was captured at file:")]
    assert captured["record"].startswith(place)
    assert captured["derived"].startswith("can't be read")
    assert {one["what"].split(" ")[0] for one in found if not (one["record"] or "").startswith(place)} == {"outcome"}


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("UPDATE hops SET location = 'https://elsewhere.example/' WHERE url = 'https://hrbr.example/2k1'", "location of hop 1"),
        ("UPDATE resolutions SET outcome = 'arrived' WHERE outcome = 'gone'", "outcome of the resolution"),
        ("UPDATE captures SET text_sha256 = 'x' WHERE id = 1", "text_sha256 of what was captured"),
        ("DELETE FROM citations WHERE id = (SELECT max(id) FROM citations)", "a citation of"),
        (
            "UPDATE citations SET href = 'https://planted.example/' WHERE id = (SELECT max(id) FROM citations WHERE kind = 'link')",
            "a citation of",
        ),
    ],
)
def test_a_fact_changed_in_the_database_is_told(folder, sql, what):
    ask(folder, "PRAGMA foreign_keys = OFF")
    ask(folder, sql)
    found = differences(folder)
    assert found
    assert any(one["what"].startswith(what) for one in found), found


def test_evidence_that_is_missing_is_told(folder):
    (file,) = warcs.files(folder / "evidence")
    file.unlink()
    assert differences(folder)[0]["what"].endswith("is missing in evidence")


def test_without_evidence_a_word_says_how_to_keep_it(tmp_path):
    assert crawler("run", SAMPLE, "--replay", CASSETTES, cwd=tmp_path).returncode == 0
    done = crawler("verify", cwd=tmp_path)
    assert done.returncode == 2
    assert "turn [evidence] on" in done.stderr


def graph_of(path):
    with database.reading(path) as db:
        return graph(db)


def test_evidence_replays_to_the_same_graph_and_cassettes_are_made_of_it(kept, tmp_path):
    names = [str(kept / sample.name) for sample in (SAMPLE, SAMPLE_HTML)]
    done = crawler(
        "run", *names, "--replay", kept / "evidence", "--record", "tape", "--depth", 2, "--db", "again.db", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    done = crawler("run", *names, "--replay", "tape", "--depth", 2, "--db", "taped.db", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert graph_of(tmp_path / "again.db") == graph_of(kept / "provenance.db")
    assert graph_of(tmp_path / "taped.db") == graph_of(kept / "provenance.db")


FEED, SITEMAPS, SITEMAP = "https://one.example/feed", "https://one.example/sitemap.xml", "https://one.example/news.xml"
ONE, TWO, THREE, SHORT, SOFT, HOME, DEAD, SHY, GATED, BROKEN, BUSY_ = (
    f"https://{name}"
    for name in (
        "one.example/2026/story", "two.example/2026/a-story", "three.example/x", "sho.example/x", "soft.example/2026/lost",
        "home.example/2026/lost-story.html", "dead.example/x", "shy.example/x", "gated.example/x", "broken.example/x",
        "busy.example/x",
    )
)  # fmt: skip


class Web(httpx.AsyncBaseTransport):
    """Answers from a table that is edited between runs: text is a page with an ETag, a number a status, "-> …" a redirect."""

    def __init__(self, table):
        self.table = table
        self.asked = Counter()

    async def handle_async_request(self, request):
        url = url_of(request)
        self.asked[url] += 1
        if url.endswith("/robots.txt"):
            rules = "User-agent: *\nDisallow: /" if "shy" in url else "User-agent: *\nDisallow:"
            return self._answer(200, {"content-type": "text/plain"}, rules)
        there = self.table.get(url, 404)
        if isinstance(there, list):
            there = there.pop(0) if len(there) > 1 else there[0]
        if isinstance(there, Exception):
            raise there
        if isinstance(there, int):
            return self._answer(there, {}, "")
        if there == "gate":
            is_known = "seen=1" in request.headers.get("cookie", "")
            return self._answer(
                *((200, {}, story("Gated", TWO)) if is_known else (302, {"location": url, "set-cookie": "seen=1"}, ""))
            )
        if there.startswith("-> "):
            return self._answer(302, {"location": there.removeprefix("-> ")}, "")
        tag = f'"{zlib.crc32(there.encode())}"'
        if request.headers.get("if-none-match") == tag:
            return self._answer(304, {"etag": tag}, "")
        return self._answer(200, {"etag": tag}, there)

    def _answer(self, status, headers, body):
        named = {"content-type": "text/html; charset=utf-8"} | headers
        stream = httpx.ByteStream(body.encode())
        return httpx.Response(status, headers=named, stream=stream, extensions={"reason_phrase": b""})


def rss(*items):
    entries = "".join(f"<item><title>{title}</title><link>{url}</link></item>" for title, url in items)
    return f"<rss><channel><title>The One</title>{entries}</channel></rss>"


def sitemap(kind, inner, *places):
    ns = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    return f"<{kind} {ns}>" + "".join(f"<{inner}><loc>{place}</loc></{inner}>" for place in places) + f"</{kind}>"


ARTICLE = (
    "A headline that is long enough\nCrews still at work, smoke seen 20km awayhttps://sho.example/xpic.twitter.com/Qe7TbN3uWa\n"
    "— Coastline (@coastline_news) March 15, 2026\nREAD MORE: The Third Story Has a Title\nThe port stays closed.\n"
)
FIRST = {
    FEED: rss(("One", ONE), ("Two", f"{TWO}?utm_source=rss")),
    SITEMAPS: sitemap("sitemapindex", "sitemap", SITEMAP),
    SITEMAP: sitemap("urlset", "url", ONE, "https://one.example/2026/four"),
    ONE: story("One", SHORT, TWO, SOFT, HOME, DEAD, SHY, GATED, BROKEN, BUSY_, "https://long.example/x"),
    TWO: story("Two", ONE, THREE, canonical=TWO),
    f"{TWO}?utm_source=rss": story("Two", ONE, THREE, canonical=TWO),
    f"{TWO}?page=2": story("Two", ONE, DEAD, canonical=TWO),
    THREE: story("The Third Story Has a Title", f"{TWO}?page=2"),
    SHORT: f"-> {TWO}",
    SOFT: "<title>Page not found</title><p>There is nothing here.",
    HOME: "-> https://home.example/",
    "https://home.example/": story("Home"),
    GATED: "gate",
    BROKEN: httpx.ConnectError("[Errno 111] Connection refused"),
    BUSY_: [503, story("Busy", THREE)],
    "https://one.example/2026/four": story("Four", ONE),
    "https://long.example/x": story("Long", THREE, more="<p>And it goes on, and on, as if it had no end at all.</p>" * 900),
}
EDITED = {
    FEED: rss(("One", ONE), ("Five", "https://one.example/2026/five")),
    "https://one.example/2026/five": story("Five", TWO),
    ONE: story("One, corrected", SHORT, TWO, SOFT, "https://new.example/x"),
    THREE: story("The Third Story Has a Title"),
    SHORT: f"-> {THREE}",
    HOME: 410,
    BROKEN: story("It is back"),
    GATED: 404,
}


async def crawled(folder, web, clock, *places):
    """Make a run of its sources, its evidence kept; return its id."""
    limits = Limits(max_visits=1, body_bytes=30_000)
    evidence = Evidence(folder / "evidence", clock, 20_000)
    client = Client(
        EvidenceTransport(web, evidence, clock), clock=clock, limits=limits, manners=Manners(seconds_between=0, backoff_seconds=0)
    )
    shelf = Shelf(io.BytesIO(), limits.body_bytes)
    schedule = Schedule(lists=Interval("1h"), articles=(Interval("1h"),) * 9, links=(Interval("1h"),))
    starts = [(source, 2) for place in places for source in shelf.take(place)]

    def open_document(url):
        document = shelf.open(url)
        return evidence.keep_document(Url(document.url or url), document)

    with closing(database.open_for_writing(folder / "provenance.db")) as db:
        run = records.begin_run(db, starts, limits, "test", "{}", "0", clock.now(), schedule)
        evidence.begin(run.id, partial(known, db))
        rest = {"open_document": open_document, "clock": clock, "stop": asyncio.Event(), "watcher": Watcher(), "workers": 4}
        await crawl(run, fetch=client.fetch, read=read_here, **rest)
        runs.end_run(run, "done", clock.now())
        assert rest["watcher"].faults == []
    await client.aclose()
    evidence.close()
    return run.id, Settings(limits)


async def told_of(folder, run_id, told):
    verified = Verified()
    with database.reading(folder / "provenance.db") as db:
        found = [str(one) async for one in verify(db, run_id, folder / "evidence", told, read_here, verified)]
    return found, verified


async def all_runs(folder):
    """Make three runs of every sort of source, with edits before the second and nothing new before the third."""
    clock, web = FakeClock(), Web(dict(FIRST))
    (folder / "article.txt").write_text(ARTICLE)
    (folder / "links.txt").write_text(f"{ONE}\n{THREE}\nhttps://one.example/2026/four\n")
    archive = written(folder / "old.warc.gz", response(ONE, story("One, as it was", DEAD), date="2016-10-25T18:00:00Z"))
    places = [*(str(folder / name) for name in ("article.txt", "links.txt")), str(archive), FEED, SITEMAPS]
    made = [await crawled(folder, web, clock, *places)]
    assert await told_of(folder, *made[0]) == ([], ANY), "before anything else"
    for edits in (EDITED, {}):
        web.table |= edits
        clock.elapsed += 24 * 3600
        made.append(await crawled(folder, web, clock, *places))
    return made


@pytest.fixture(scope="module")
def every_sort(tmp_path_factory):
    """Three runs: their folder, and what each was told."""
    folder = tmp_path_factory.mktemp("every_sort")
    return folder, asyncio.run(all_runs(folder))


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("UPDATE resolutions SET detail = 'by nobody' WHERE outcome = 'disallowed'", "detail of the resolution of https://shy"),
        ("UPDATE resolutions SET outcome = 'refused' WHERE outcome = 'disallowed'", "outcome of the resolution of https://shy"),
        ("UPDATE hops SET warc_record_id = NULL WHERE url LIKE 'https://shy%'", "hop 0 of https://shy"),
        ("UPDATE hops SET warc_record_id = NULL WHERE url LIKE 'https://broken%'", "hop 0 of https://broken"),
        ("DELETE FROM captures WHERE url LIKE 'https://three%'", "what was captured at https://three"),
        ("UPDATE resolutions SET landing = NULL WHERE landing = 'soft_404'", "landing of the resolution of https://soft"),
        ("UPDATE hops SET status = 304 WHERE url LIKE 'https://busy%'", "status of hop 0 of https://busy"),
    ],
)
def test_what_kept_us_from_asking_and_what_was_not_captured_is_derived_too(every_sort, tmp_path, sql, what):
    kept, ((first, told), *_) = every_sort
    folder = Path(shutil.copytree(kept, tmp_path / "kept"))
    ask(folder, sql)
    found, _ = asyncio.run(told_of(folder, first, told))
    assert any(one.startswith(what) for one in found), found


def test_runs_of_every_sort_of_source_are_borne_out_before_and_after_the_runs_that_follow_them(every_sort):
    folder, made = every_sort
    for run_id, told in made:
        found, verified = asyncio.run(told_of(folder, run_id, told))
        assert (run_id, found) == (run_id, [])
        assert verified.unkept == 0
    seen = dict(ask(folder, "SELECT outcome || ifnull(' ' || landing, ''), count(*) FROM resolutions GROUP BY 1"))
    assert seen.keys() >= {"arrived", "arrived soft_404", "arrived home", "gone", "unreachable", "disallowed", "too_large"}, seen
    assert ask(folder, "SELECT count(*) > 5 FROM captures WHERE not_modified") == [(1,)]
    assert ask(folder, "SELECT count(*) > 0 FROM hops AS h JOIN attempts AS a ON a.hop_id = h.id WHERE a.status = 503") == [(1,)]
