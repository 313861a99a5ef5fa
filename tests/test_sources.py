"""Sources that list others: what is visited, how far from the source it is, and when the source is looked at again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from crawler.core.model import Document, Outcome, ReadAs, Source, Url
from crawler.core.settings import Interval, Limits, Schedule
from crawler.crawl import crawl
from crawler.store import records, runs
from tests.core.test_lists import rss, urlset
from tests.runs import Clock, Watcher, titles
from tests.webs import FakeWeb, read_here, story

pytestmark = pytest.mark.anyio

FEED = Url("https://www.a.example/feed")
ONE, TWO, THREE = (Url(f"https://www.a.example/{n}") for n in (1, 2, 3))
B, C = Url("https://b.example/story"), Url("https://c.example/story")


async def run_from(db, web, *sources, depth=1, clock=None, schedule=None):
    """Make one run; return its report, or None where nothing was due."""
    clock = clock or Clock()
    starts = [(source if isinstance(source, Source) else Source(source), depth) for source in sources]
    run = records.begin_run(db, starts, Limits(), "test", "{}", "0", clock.now(), schedule)
    if run is None:
        return None
    rest = {"open_document": None, "clock": clock, "stop": asyncio.Event(), "watcher": Watcher(), "workers": 4}
    await crawl(run, fetch=web.fetch, read=read_here, **rest)
    runs.end_run(run, "done", clock.now())
    return runs.report(run)


def item(url, title=None, date=None):
    return f"<title>{title or url}</title><link>{url}</link>" + (f"<pubDate>{date}</pubDate>" if date else "")


async def test_what_a_feed_lists_is_as_near_as_if_it_had_been_named_itself(db):
    web = FakeWeb({FEED: rss(item(ONE, "One"), item(TWO, "Two")), ONE: story("One", B), TWO: story("Two"), B: story("B", C)})
    await run_from(db, web, FEED)
    assert titles(db) == {FEED, ONE, TWO, B}
    assert dict(db.conn.execute("SELECT url, depth FROM frontier")) == {FEED: 0, ONE: 0, TWO: 0, B: 1}
    listed = db.conn.execute(
        "SELECT citing.key, citing.title, c.kind, c.position, c.url, c.text, cited.key FROM citations AS c "
        "JOIN pieces AS citing ON citing.id = c.citing_id JOIN pieces AS cited ON cited.id = c.cited_id WHERE c.kind = 'listed'"
    )
    assert listed.fetchall() == [
        (FEED, "The A", "listed", 0, ONE, "One", ONE),
        (FEED, "The A", "listed", 1, TWO, "Two", TWO),
    ]


async def test_at_depth_0_what_is_listed_is_read_and_nothing_it_cites_is_fetched(db):
    web = FakeWeb({FEED: rss(item(ONE)), ONE: story("One", B)})
    await run_from(db, web, FEED, depth=0)
    assert set(web.asked) == {FEED, ONE}
    assert db.conn.execute("SELECT count(*) FROM citations WHERE url = ?", (B,)).fetchone() == (1,)


FLAT = Url("file:///flat.txt")
LOST = b"A headline of some words\n\nThe ships came in, one after the other.\n\nREAD MORE: Storm closes the old port\n"
CITED = """
SELECT p.key, c.matched_by, c.match_score, c.url FROM citations AS c LEFT JOIN pieces AS p ON p.id = c.cited_id
WHERE c.kind = 'read_more'
"""


async def run_flat(db, web, *starts):
    """Make one run from starts, each with how far to go; FLAT is a flattened article with a READ MORE."""
    clock = Clock()
    run = records.begin_run(db, starts, Limits(), "test", "{}", "0", clock.now())
    rest = {"open_document": {FLAT: Document(LOST, None, None)}.get, "clock": clock, "stop": asyncio.Event()}
    await crawl(run, fetch=web.fetch, read=read_here, watcher=Watcher(), workers=1, **rest)
    runs.end_run(run, "done", clock.now())


NEWS = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
    + "".join(
        f"<url><loc>{url}</loc><news:news><news:title>{title}</news:title></news:news></url>"
        for url, title in ((ONE, "Storm closes the old port"), (TWO, "Fog over the bay"))
    )
    + "</urlset>"
)


@pytest.mark.parametrize("listing", [rss(item(ONE, "Storm closes the old port"), item(TWO, "Fog over the bay")), NEWS])
@pytest.mark.parametrize("reach", [1, 0, -1])
@pytest.mark.parametrize("is_first", [True, False])
async def test_a_lost_read_more_of_a_flattened_article_means_what_a_list_of_its_site_bears_its_title(
    db, listing, reach, is_first
):
    """The piece has another title by now; the list is read before the article, or after it, and may be there for candidates alone."""
    web = FakeWeb({FEED: listing, ONE: story("How the storm came"), TWO: story("Fog")})
    read_as = ReadAs.FEED if listing is not NEWS else ReadAs.SITEMAP_INDEX
    starts = [(Source(FEED, read_as=read_as), reach), (Source(FLAT, "0" * 64), 1)]
    await run_flat(db, web, *(starts if is_first else reversed(starts)))
    assert db.conn.execute(CITED).fetchall() == [(ONE, "link_text", 0.7, None)]
    assert web.asked[TWO] == (0 if reach < 0 else 1)


async def test_what_a_list_offers_is_no_candidate_for_another_title(db):
    web = FakeWeb({FEED: rss(item(ONE, "Storm closes the old port again"), item(TWO))})
    await run_flat(db, web, (Source(FLAT, "0" * 64), 1), (Source(FEED, read_as=ReadAs.FEED), -1))
    assert db.conn.execute(CITED).fetchall() == [(None, None, None, None)]
    assert set(web.asked) == {FEED}


async def test_a_list_of_candidates_may_be_visited_in_a_later_run(db):
    web = FakeWeb({FEED: rss(item(ONE)), ONE: story("One")})
    await run_from(db, web, Source(FEED, read_as=ReadAs.FEED), depth=-1)
    assert web.asked[ONE] == 0
    await run_from(db, web, Source(FEED, read_as=ReadAs.FEED), depth=1)
    assert web.asked[ONE] == 1


async def test_a_feed_that_an_article_cites_is_not_gone_into(db):
    web = FakeWeb({ONE: story("One", FEED), FEED: rss(item(TWO))})
    await run_from(db, web, ONE, depth=3)
    assert web.asked[TWO] == 0


async def test_what_was_cited_before_is_read_as_a_feed_when_it_is_named_as_a_source(db):
    web = FakeWeb({ONE: story("One", FEED), FEED: rss(item(TWO)), TWO: story("Two")})
    await run_from(db, web, ONE)
    await run_from(db, web, Source(FEED, read_as=ReadAs.FEED))
    assert TWO in titles(db)


async def test_an_index_leads_to_its_sitemaps_and_no_further(db):
    index, first, second, loop = (Url(f"https://www.a.example/{name}.xml") for name in ("index", "first", "second", "loop"))
    web = FakeWeb(
        {
            index: urlset(first, second, index, tag="sitemap", root="sitemapindex"),
            first: urlset(ONE, B),
            second: urlset(loop, tag="sitemap", root="sitemapindex"),
            ONE: story("One"),
        }
    )
    report = await run_from(db, web, index)
    assert ONE in titles(db)
    assert set(web.asked) == {index, first, second, ONE}, "an index in an index could go on for ever, and B is another site's"
    assert dict(report.bad_sources) == {
        first: "entries of other sites: 1",
        second: "an index of sitemaps in an index of sitemaps, which is not gone into (sitemaps.org)",
    }


async def test_bad_lists_are_named_in_the_report_and_the_others_go_on(db):
    broken, dead, hidden = (Url(f"https://www.a.example/{name}") for name in ("broken", "dead", "hidden"))
    web = FakeWeb({FEED: rss(item(ONE)), ONE: story("One"), broken: "<html>Sorry", dead: 500, hidden: Outcome.TIMEOUT})
    sources = [Source(url, read_as=ReadAs.FEED) for url in (broken, dead, hidden, FEED)]
    report = await run_from(db, web, *sources)
    assert ONE in titles(db)
    assert report.bad_sources[0][0] == broken
    assert "not a feed" in report.bad_sources[0][1]
    assert report.bad_sources[1:] == ((dead, "http_error: 500 Internal Server Error"), (hidden, "timeout: said the table"))


async def test_the_limit_of_a_source_is_the_entries_taken_of_it(db):
    web = FakeWeb({FEED: rss(*(item(f"https://www.a.example/{n}") for n in range(50)))})
    await run_from(db, web, Source(FEED, entry_limit=3))
    assert len(web.asked) == 4
    await run_from(db, web, Source(FEED, entry_limit=5, every=Interval("1h")), clock=later(Clock(), hours=1))
    assert len(web.asked) == 6


def later(clock, **time):
    clock.time += timedelta(**time)
    return clock


@pytest.mark.parametrize(
    ("every", "minutes", "is_due"),
    [(None, 30, False), (None, 58, True), ("6h", 300, False), ("6h", 350, True), ("10m", 9, False), ("10m", 10, True)],
)
async def test_a_feed_is_looked_at_again_when_its_time_has_come_and_no_sooner(db, every, minutes, is_due):
    """A moment early is time enough: a timer that fires so must not miss its turn."""
    clock, web = Clock(), FakeWeb({FEED: rss(item(ONE)), ONE: story("One")})
    source = Source(FEED, every=Interval(every) if every else None)
    await run_from(db, web, source, clock=clock)
    web.table[FEED] = rss(item(TWO), item(ONE))
    web.table[TWO] = story("Two")
    report = await run_from(db, web, source, clock=later(clock, minutes=minutes))
    assert (report is not None) is is_due
    assert web.asked == {FEED: 1 + is_due, ONE: 1, **({TWO: 1} if is_due else {})}


async def test_a_run_with_nothing_due_asks_nothing_and_writes_nothing(db):
    clock, web = Clock(), FakeWeb({FEED: rss(item(ONE)), ONE: story("One")})
    await run_from(db, web, FEED, clock=clock)
    before, asked = list(db.conn.iterdump()), web.asked.total()
    assert await run_from(db, web, FEED, clock=later(clock, minutes=5)) is None
    assert (list(db.conn.iterdump()), web.asked.total()) == (before, asked)


async def test_a_source_that_is_not_named_is_not_looked_at(db):
    clock, other = Clock(), Url("https://www.b.example/feed")
    web = FakeWeb({FEED: rss(item(ONE)), other: rss(item(B)), ONE: story("One"), B: story("B")})
    await run_from(db, web, FEED, other, clock=clock)
    await run_from(db, web, other, clock=later(clock, hours=2))
    assert (web.asked[FEED], web.asked[other]) == (1, 2)


async def test_an_entry_that_left_its_feed_keeps_its_row(db):
    clock, web = Clock(), FakeWeb({FEED: rss(item(ONE, "One"), item(TWO, "Two")), ONE: story("One"), TWO: story("Two")})
    await run_from(db, web, FEED, clock=clock)
    web.table |= {FEED: rss(item(THREE, "Three"), item(TWO, "Two, corrected")), THREE: story("Three")}
    await run_from(db, web, FEED, clock=later(clock, hours=1))
    rows = db.conn.execute("SELECT text, first_run_id, gone_run_id FROM citations WHERE kind = 'listed' ORDER BY id")
    assert rows.fetchall() == [("One", 1, 2), ("Two", 1, 2), ("Three", 2, None), ("Two, corrected", 2, None)]


async def test_an_entry_whose_list_says_it_changed_is_read_again_and_the_others_are_not(db):
    def dated(**dates):
        entries = "".join(
            f"<url><loc>{url}</loc><lastmod>{day}</lastmod></url>" for url, day in ((ONE, dates["one"]), (TWO, dates["two"]))
        )
        return f"<urlset>{entries}</urlset>"

    clock, web = Clock(), FakeWeb({FEED: dated(one="2026-03-17", two="2026-03-17"), ONE: story("One", B), TWO: story("Two")})
    clock.time = datetime(2026, 3, 18, 12, tzinfo=UTC)
    schedule, feed = Schedule(lists=Interval("6h"), articles=()), Source(FEED, every=Interval("1h"))
    await run_from(db, web, feed, clock=clock, depth=0, schedule=schedule)
    web.table |= {FEED: dated(one="2026-03-18", two="2026-03-17"), ONE: story("One", C)}
    await run_from(db, web, feed, clock=later(clock, hours=1), depth=0, schedule=schedule)
    assert web.asked[ONE] == 1, "not yet: some lists give every entry the date of the hour"
    await run_from(db, web, feed, clock=later(clock, hours=6), depth=0, schedule=schedule)
    assert (web.asked[ONE], web.asked[TWO]) == (2, 1)
    rows = db.conn.execute("SELECT url, gone_run_id IS NOT NULL FROM citations WHERE kind = 'link' ORDER BY id").fetchall()
    assert rows == [(B, 1), (C, 0)]


async def test_what_an_index_lists_anew_is_read_again(db):
    index, old, new = (Url(f"https://www.a.example/{name}.xml") for name in ("index", "old", "new"))

    def listing(**days):
        rows = ((old, days["old"]), (new, days["new"]))
        return f"<sitemapindex>{''.join(f'<sitemap><loc>{url}</loc><lastmod>{day}</lastmod></sitemap>' for url, day in rows)}</sitemapindex>"

    clock, web = Clock(), FakeWeb({index: listing(old="2020-01-01", new="2026-03-17"), old: urlset(ONE), new: urlset(TWO)})
    await run_from(db, web, index, clock=clock)
    web.table |= {index: listing(old="2020-01-01", new="2026-03-18"), new: urlset(TWO, THREE)}
    await run_from(db, web, index, clock=later(clock, hours=1))
    assert (web.asked[old], web.asked[new], web.asked[THREE]) == (1, 2, 1)
