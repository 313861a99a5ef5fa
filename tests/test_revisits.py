"""Looking again: what is asked, when, and what is kept of what has changed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from crawler.core.model import Attempt, Exchange, Outcome, Source, Url
from crawler.core.settings import Interval, Limits, Schedule
from crawler.crawl import crawl
from crawler.store import database, records, runs
from crawler.store.as_of import look_back
from tests.core.test_lists import rss
from tests.runs import Clock, Watcher
from tests.store.test_questions import column
from tests.webs import FakeWeb, read_here, story

pytestmark = pytest.mark.anyio

A, B, C, SHORT = (
    Url(url) for url in ("https://a.example/story", "https://b.example/story", "https://c.example/c", "https://sho.example/x")
)
DAILY = Schedule(articles=(Interval("1d"),) * 50, links=(Interval("1d"),))


@dataclass
class Web(FakeWeb):
    """Answers with an ETag that stands for the content, and "not modified" to who has seen it."""

    clock: Clock = field(default_factory=Clock)
    sent: list[tuple[str, str | None]] = field(default_factory=list)
    has_tags: bool = True

    async def fetch(self, url, seconds=1.0, cookie="", seen=None):
        self.sent.append((url, seen.etag if seen else None))
        answer = await super().fetch(url, seconds, cookie)
        if not isinstance(answer, Exchange) or answer.status != 200 or not self.has_tags:
            return answer
        tag = f'"{hash(answer.content)}"'
        if seen and seen.etag == tag:
            return Exchange(
                url, 304, (("etag", tag),), b"", False, (Attempt(1, 304, None, 0, None, self.clock.now()),), self.clock.now(), 0
            )
        return replace(answer, headers=(*answer.headers, ("etag", tag)))


async def look(db, web, *sources, schedule=DAILY, version="0", limits=None, depth=1, **passed):
    """Let time pass and make a run; return its report, or None where nothing was due."""
    web.clock.time += timedelta(**passed)
    starts = [(source if isinstance(source, Source) else Source(source), depth) for source in sources]
    run = records.begin_run(db, starts, limits or Limits(), "test", "{}", version, web.clock.now(), schedule)
    if run is None:
        return None
    rest = {"open_document": None, "clock": web.clock, "stop": asyncio.Event(), "watcher": Watcher(), "workers": 4}
    await crawl(run, fetch=web.fetch, read=read_here, **rest)
    runs.end_run(run, "done", web.clock.now())
    return runs.report(run)


def rows(db, sql):
    return db.conn.execute(sql).fetchall()


async def test_what_has_not_changed_is_not_read_again_and_all_it_cites_stands(db):
    web = Web({A: story("A", B), B: story("B")})
    await look(db, web, A)
    report = await look(db, web, A, days=1)
    assert (report.visits, report.new_citations, report.gone_citations) == (2, 0, 0)
    assert [tag is not None for _, tag in web.sent] == [False, False, True, True]
    assert rows(db, "SELECT url, outcome, landing FROM resolutions WHERE run_id = 2 ORDER BY url") == [
        (A, "arrived", None),
        (B, "arrived", None),
    ]
    assert rows(db, "SELECT status FROM hops JOIN resolutions AS r ON r.id = resolution_id WHERE run_id = 2") == [(304,), (304,)]
    assert rows(db, "SELECT first_run_id, last_run_id, gone_run_id FROM citations") == [(1, 2, None)]
    first, second = (
        rows(
            db,
            f"SELECT url, title, text_sha256, content_sha256, etag, length FROM captures WHERE not_modified = {n} ORDER BY url",
        )
        for n in (0, 1)
    )
    assert first == second
    assert len(first) == 2


async def test_a_later_crawler_reads_anew_what_it_may_read_otherwise(db):
    web = Web({A: story("A")})
    await look(db, web, A)
    await look(db, web, A, days=1, version="1")
    await look(db, web, A, days=1, version="1")
    assert [tag is not None for _, tag in web.sent] == [False, False, True]


async def test_what_changed_is_kept(db):
    web = Web({A: story("A title", B), B: story("B")})
    await look(db, web, A)
    web.table |= {A: story("Another title", C), C: story("C")}
    report = await look(db, web, A, days=1)
    assert (report.new_citations, report.gone_citations) == (1, 1)
    captures = rows(db, f"SELECT title, text_sha256 FROM captures WHERE url = '{A}' ORDER BY id")
    assert [title for title, _ in captures] == ["A title", "Another title"]
    assert captures[0][1] != captures[1][1]
    assert rows(db, "SELECT url, first_run_id, gone_run_id FROM citations ORDER BY id") == [(B, 1, 2), (C, 2, None)]
    assert rows(db, f"SELECT title FROM pieces WHERE key = '{A}'") == [("Another title",)]
    told = column(SimpleNamespace(db=db), "changes", "change", "what", "was", "became", **{"from": "1", "to": "2"})
    assert ("title changed", A, "A title", "Another title") in told


async def test_a_target_that_moved_is_another_piece_and_both_chains_are_kept(db):
    web = Web({A: story("A", SHORT), SHORT: f"-> {B}", B: story("B"), C: story("C")})
    await look(db, web, A)
    web.table[SHORT] = f"-> {C}"
    await look(db, web, A, days=1)
    assert rows(db, f"SELECT final_url FROM resolutions WHERE url = '{SHORT}' ORDER BY id") == [(B,), (C,)]
    assert rows(db, "SELECT p.key FROM citations AS c JOIN pieces AS p ON p.id = c.cited_id") == [(C,)]


async def test_a_feed_that_has_not_changed_is_not_read_and_one_that_has_is(db):
    feed = Source(Url("https://a.example/feed"), every=Interval("1h"))
    web = Web({feed.url: rss(f"<link>{A}</link>"), A: story("A"), C: story("C")})
    await look(db, web, feed)
    report = await look(db, web, feed, hours=1)
    assert (report.visits, report.requests) == (1, 1)
    assert rows(db, "SELECT last_run_id, gone_run_id FROM citations") == [(2, None)]
    web.table[feed.url] = rss(f"<link>{C}</link>", f"<link>{A}</link>")
    report = await look(db, web, feed, hours=1)
    assert (report.visits, report.new_citations) == (2, 1)


async def test_an_article_is_looked_at_again_at_falling_intervals_and_then_as_a_link(db):
    schedule = Schedule(links=(Interval("8w"),))
    web = Web({A: story("A")})
    hours = range(24 * 7 * 20)
    looks = [hour for hour in hours if await look(db, web, A, schedule=schedule, hours=1 if hour else 0)]
    assert looks == [0, 6, 6 + 24, 6 + 96, 6 + 96 + 168, 6 + 96 + 168 + 672, 6 + 96 + 168 + 672 + 1344]


async def test_what_is_cited_is_looked_at_again_at_its_own_pace_and_for_ever(db):
    schedule = Schedule(articles=(), links=(Interval("1w"), Interval("4w")))
    web = Web({A: story("A", B), B: story("B")})
    days = []
    for day in range(100):
        asked = web.asked[B]
        await look(db, web, A, schedule=schedule, days=1 if day else 0)
        if web.asked[B] > asked:
            days.append(day)
    assert days == [0, 7, 35, 63, 91]


async def test_with_no_schedule_nothing_that_answered_is_looked_at_again(db):
    web = Web({A: story("A", B), B: story("B")})
    never = Schedule(articles=(), links=())
    await look(db, web, A, schedule=never)
    assert await look(db, web, A, schedule=never, days=1000) is None


STANDS = f"""
SELECT p.state, f.health, k.state FROM pieces AS p JOIN frontier AS f ON f.url = p.key JOIN link_rot AS k ON k.url = f.url
WHERE p.key = '{B}'
"""
STRIKES = Schedule(articles=(), links=(Interval("1w"),))  # and strikes after a day, and three


@pytest.mark.parametrize(
    ("answers", "states", "healths"),
    [
        ("404 404 404", "http_error http_error gone", "flaky flaky gone"),
        ("410 410", "gone gone", "gone gone"),
        ("404 ok ok", "http_error arrived arrived", "flaky flaky alive"),
        ("ok 404 ok 404", "arrived http_error arrived http_error", "alive flaky flaky flaky"),
        ("ok 404 404 404 404 ok", "arrived http_error http_error gone gone arrived", "alive flaky flaky gone gone flaky"),
        ("ok 403 403 403 403", "arrived http_error http_error http_error http_error", "alive alive alive alive alive"),
        ("ok 500 500 500", "arrived http_error http_error gone", "alive flaky flaky gone"),
    ],
)
async def test_a_piece_is_gone_at_the_third_strike_and_no_sooner(db, tmp_path, answers, states, healths):
    web = Web({A: story("A", B)})
    seen, past = [], []
    for answer in answers.split():
        web.table[B] = story("B") if answer == "ok" else int(answer)
        while True:
            asked = web.asked[B]
            await look(db, web, A, schedule=STRIKES, limits=Limits(max_attempts=1), days=1)
            if web.asked[B] > asked:
                break
        told = rows(db, STANDS)
        past.append((*rows(db, "SELECT max(id) FROM runs")[0], told))
        state, health, rotten = told[0]
        seen.append((state, health))
        assert rotten == ("blocked" if answer == "403" else health), "the view goes by what the crawl goes by"
    assert seen == list(zip(states.split(), healths.split(), strict=True))
    for run_id, told in past:
        with database.reading(tmp_path / "provenance.db") as then:
            look_back(then, run_id)
            assert rows(then, STANDS) == told, "and so it is told when it is asked about the past"
    assert rows(db, "SELECT count(*), count(gone_run_id) FROM citations") == [(1, 0)], "that it is gone takes no citation away"


async def test_a_host_that_is_down_is_tried_again_soon_and_counted_once_for_that(db):
    web = Web({A: story("A", B), B: story("B")})
    await look(db, web, A, schedule=STRIKES)
    web.table[B] = Outcome.UNREACHABLE
    days = []
    for hour in range(24 * 40):
        asked = web.asked[B]
        await look(db, web, A, schedule=STRIKES, hours=1)
        if web.asked[B] > asked:
            days.append((hour // 24, rows(db, f"SELECT health, strikes FROM frontier WHERE url = '{B}'")[0]))
    doubted, first, second = ("flaky", 0), ("flaky", 1), ("flaky", 2)
    assert [standing for _, standing in days[:9]] == [doubted, doubted, first, first, first, second, second, second, ("gone", 3)]
    assert days[8][0] - days[0][0] in (4, 5), "three strikes take days, not hours"
    assert rows(db, f"SELECT state FROM pieces WHERE key = '{B}'") == [("gone",)]


async def test_what_lost_its_story_to_the_home_page_is_gone_and_the_home_page_is_not(db):
    home = Url("https://b.example/")
    web = Web({A: story("A", B), B: story("B"), home: story("The B")})
    await look(db, web, A, schedule=STRIKES)
    web.table[B] = f"-> {home}"
    for _ in range(20):
        await look(db, web, A, schedule=STRIKES, days=1)
    assert rows(db, f"SELECT key, state FROM pieces WHERE key LIKE '{home}%' ORDER BY key") == [(home, "arrived"), (B, "gone")]


async def test_a_story_that_moved_and_was_sent_home_before_anybody_looked_is_the_one_that_is_gone(db):
    home, there = Url("https://b.example/"), Url("https://b.example/elsewhere/story")
    web = Web({A: story("A", B), B: story("B"), home: story("The B")})
    await look(db, web, A, schedule=STRIKES)
    web.table |= {B: f"-> {there}", there: f"-> {home}"}
    for _ in range(20):
        await look(db, web, A, schedule=STRIKES, days=1)
    assert rows(db, f"SELECT key, state FROM pieces WHERE key LIKE '{home}%' ORDER BY key") == [(home, "arrived"), (B, "gone")]


async def test_a_run_in_between_asks_nothing_and_writes_nothing(db):
    web = Web({A: story("A", B, C), B: story("B"), C: 404})
    await look(db, web, A, schedule=Schedule())
    before, asked = list(db.conn.iterdump()), web.asked.total()
    assert await look(db, web, A, schedule=Schedule(), hours=5) is None
    assert (list(db.conn.iterdump()), web.asked.total()) == (before, asked)
    report = await look(db, web, A, schedule=Schedule(), hours=1)
    assert report.visits == 1, "the article's turn has come; what it cites has not changed, and is not due"


async def test_a_page_that_says_it_is_not_there_takes_no_title_and_no_citation_from_the_story_it_replaced(db):
    web = Web({A: story("A title", B, C), B: story("B"), C: story("C")})
    await look(db, web, A, schedule=STRIKES)
    web.table[A] = story("Page not found", "https://a.example/start")
    for _ in range(12):  # from the second look on it is a page that has not changed
        report = await look(db, web, A, schedule=STRIKES, days=1)
        assert report is None or (report.new_citations, report.gone_citations) == (0, 0)
    assert rows(db, f"SELECT title, state FROM pieces WHERE key = '{A}'") == [("A title", "gone")]
    assert rows(db, "SELECT url, gone_run_id FROM citations") == [(B, None), (C, None)]
    assert rows(db, "SELECT count(*) FROM frontier WHERE url LIKE '%start'") == [(0,)]
    assert rows(db, "SELECT count(DISTINCT title) FROM captures WHERE title IS NOT NULL AND url = 'https://a.example/story'") == [
        (2,)
    ]
    web.table[A] = story("A title", B)
    for _ in range(30):
        await look(db, web, A, schedule=STRIKES, days=1)
    assert rows(db, f"SELECT title, state FROM pieces WHERE key = '{A}'") == [("A title", "arrived")]
    assert rows(db, "SELECT url, gone_run_id IS NULL FROM citations ORDER BY id") == [(B, 1), (C, 0)]


@pytest.mark.parametrize("answer", [404, story("Page not found")])
async def test_what_is_gone_by_one_link_is_not_back_by_the_first_strike_of_another(db, answer):
    web = Web({A: story("A", B), B: story("B"), C: story("C", SHORT), SHORT: f"-> {B}"})
    await look(db, web, A, schedule=STRIKES)
    web.table[B] = answer
    for _ in range(20):
        await look(db, web, A, schedule=STRIKES, days=1)
    await look(db, web, C, schedule=STRIKES)
    assert rows(db, f"SELECT health, strikes FROM frontier WHERE url = '{SHORT}'") == [("flaky", 1)]
    assert rows(db, f"SELECT state FROM pieces WHERE key = '{B}'") == [("gone",)]


async def test_a_dead_link_that_leads_elsewhere_where_we_are_kept_out_says_nothing_of_what_is_there(db):
    web = Web({A: story("A", SHORT, C), SHORT: f"-> {B}", B: 404, C: story("C")})
    for _ in range(6):
        await look(db, web, A, schedule=STRIKES, days=1)
    assert rows(db, f"SELECT health FROM frontier WHERE url = '{SHORT}'") == [("gone",)]
    web.table |= {SHORT: f"-> {C}", C: 403}
    for _ in range(8):
        await look(db, web, A, schedule=STRIKES, days=1)
    assert rows(db, f"SELECT outcome FROM resolutions WHERE furthest_url = '{C}' AND url = '{SHORT}'")[-1] == ("http_error",)
    assert rows(db, f"SELECT state FROM pieces WHERE key = '{C}'") == [("http_error",)]


async def test_an_edit_that_was_read_when_the_feed_told_of_it_brings_nobody_back_for_it(db):
    def feed_of(day, *others):
        entry = f"<link>{A}</link><pubDate>{day} Mar 2026 09:00:00 GMT</pubDate>"
        return rss(entry, *(f"<link>{other}</link>" for other in others))

    feed = Source(Url("https://a.example/feed"), every=Interval("1h"))
    web = Web({feed.url: feed_of(17), A: story("A"), C: story("C")})
    schedule = Schedule(articles=(Interval("1d"), Interval("4w")))
    await look(db, web, feed, schedule=schedule)
    web.table[feed.url] = feed_of(19)
    await look(db, web, feed, schedule=schedule, days=1)  # the article's own turn had come as well
    web.table[feed.url] = feed_of(19, C)
    asked = web.asked[A]
    await look(db, web, feed, schedule=schedule, days=2)
    assert web.asked[A] == asked


async def test_what_another_read_from_further_away_is_followed_by_who_comes_nearer(db):
    web = Web({A: story("A", SHORT), SHORT: f"-> {B}", B: story("B"), C: story("C")})
    await look(db, web, A)
    web.table[B] = story("B", C)
    await look(db, web, A, days=1)  # what B cites now is too far from here
    assert not web.asked[C]
    moved = Url("https://b.example/old/story")
    web.table[moved] = f"-> {B}"
    await look(db, web, moved, hours=1)
    assert web.sent[-2][0] == B
    assert web.asked[C] == 1
