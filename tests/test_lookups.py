"""Copies of what is lost, sought in an archive."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from crawler.core.model import Outcome, Url
from crawler.core.settings import Interval, Limits, Schedule
from crawler.web.mementos import Mementos
from tests.runs import A, B, C, Clock, run_over
from tests.webs import FakeWeb, story

pytestmark = pytest.mark.anyio

ARCHIVE = "https://archive.example"
WAYBACK = Mementos(endpoint=ARCHIVE)
DAY = '<meta property="article:published_time" content="2016-10-25T18:00:00Z">'


def archived(url, time="20161025180000/"):
    """Return what the archive answers to who asks for url at that time."""
    return {f"{ARCHIVE}/web/{time}{url}": f"-> {ARCHIVE}/web/20161024120000/{url}"}


async def test_what_is_lost_is_sought_in_the_archive_at_the_time_it_was_cited(db):
    home, lost, short = Url("https://site-c.example/"), Url("https://site-d.example/lost"), Url("https://sho.example/b")
    web = FakeWeb(
        {A: story("A", short, B, C, lost, home).replace("</head>", DAY + "</head>"), B: 410, C: f"-> {home}", short: f"-> {B}"}
    )
    web.table |= {home: story("The C"), lost: story("Page not found"), **archived(B), **archived(C), **archived(lost)}
    await run_over(db, web, A, archive=WAYBACK)
    rows = db.conn.execute("SELECT url, memento_url FROM provenance WHERE citing_id = 1 ORDER BY citation_id").fetchall()
    at = f"{ARCHIVE}/web/20161024120000/"
    assert rows == [(short, at + B), (B, at + B), (C, at + C), (lost, at + lost), (home, None)]
    found = db.conn.execute(
        "SELECT p.key, m.memento_datetime FROM mementos AS m JOIN pieces AS p ON p.id = m.piece_id ORDER BY 1"
    )
    assert found.fetchall() == [(url, "2016-10-24T12:00:00.000Z") for url in (B, C, lost)]
    assert {count for url, count in web.asked.items() if url.startswith(ARCHIVE)} == {1}, "each once"


async def test_a_link_that_is_down_is_sought_when_it_is_given_up(db):
    clock = Clock()
    web = FakeWeb({A: story("A", B), B: Outcome.UNREACHABLE, **archived(B, "")})
    for day in range(3):
        await run_over(db, web, A, clock=clock, archive=WAYBACK, limits=Limits(max_visits=2))
        assert len([url for url in web.asked if url.startswith(ARCHIVE)]) == (0 if day == 0 else 1)
        clock.time += timedelta(days=7)
    assert db.conn.execute("SELECT url FROM mementos").fetchall() == [(B,)]


async def test_an_archive_that_fails_is_no_fact_and_costs_no_visit(db):
    web = FakeWeb({A: story("A", B), B: 410})
    web.table |= {f"{ARCHIVE}/web/{B}": Outcome.TIMEOUT}
    watcher = await run_over(db, web, A, archive=WAYBACK)
    assert watcher.faults == []
    assert db.conn.execute("SELECT count(*) FROM mementos").fetchone() == (0,)
    assert db.conn.execute("SELECT outcome FROM resolutions WHERE url = ?", (B,)).fetchone() == ("gone",)


def sought_of(web):
    return sorted(url.rpartition("/web/")[2] for url in web.asked.elements() if url.startswith(f"{ARCHIVE}/web/http"))


async def test_what_earlier_runs_found_lost_is_sought_once_an_archive_is_asked_so_many_a_run(db):
    clock, lost = Clock(), [Url(f"https://site-{number}.example/lost") for number in range(5)]
    web = FakeWeb({A: story("A", *lost)} | dict.fromkeys(lost, 410))
    await run_over(db, web, A, clock=clock)
    assert (await run_over(db, web, A, clock=clock), sought_of(web)) == (None, []), "nothing is due where none is asked"
    for url in lost:
        web.table |= archived(url, "")
    two = Mementos(endpoint=ARCHIVE, lookups_per_run=2)
    for count in (2, 4, 5):
        assert await run_over(db, web, A, clock=clock, archive=two)
        assert sought_of(web) == lost[:count]
    assert await run_over(db, web, A, clock=clock, archive=two) is None
    assert db.conn.execute("SELECT count(*) FROM mementos").fetchone() == (5,)


async def test_what_the_archive_has_not_is_asked_for_seldom_and_what_it_did_not_say_soon(db):
    clock = Clock()
    web = FakeWeb({A: story("A", B, C), B: 410, C: 410, f"{ARCHIVE}/web/{B}": 404, f"{ARCHIVE}/web/{C}": Outcome.TIMEOUT})
    for _ in range(200):
        await run_over(db, web, A, clock=clock, archive=WAYBACK)
        clock.time += timedelta(days=1)
    counts = Counter(sought_of(web))
    assert counts[B] == 3, "on the first day, and after 90 and 180"
    assert counts[C] == 200
    assert db.conn.execute("SELECT url, answer FROM memento_lookups ORDER BY id").fetchall() == [(B, "none"), (C, "no_answer")]


async def test_what_is_there_again_is_sought_no_more_until_it_is_lost_again(db):
    clock = Clock()
    often = Schedule(articles=(), links=(Interval("1d"),), strikes=(Interval("1d"),) * 9)
    web = FakeWeb({A: story("A", B), B: 404, f"{ARCHIVE}/web/{B}": Outcome.TIMEOUT})
    counts = []
    for answer in (404, story("B"), story("B"), 404):
        web.table[B] = answer
        await run_over(db, web, A, clock=clock, archive=WAYBACK, schedule=often)
        counts.append(len(sought_of(web)))
        clock.time += timedelta(days=1)
    assert counts == [1, 1, 1, 2]


async def test_a_run_that_is_stopped_leaves_what_is_not_yet_sought_to_the_next(db):
    clock, stop = Clock(), asyncio.Event()
    web = FakeWeb({A: story("A", B), B: 410, **archived(B, "")})
    await run_over(db, web, A, clock=clock)
    stop.set()
    await run_over(db, web, A, clock=clock, archive=WAYBACK, stop=stop)
    assert sought_of(web) == []
    await run_over(db, web, A, clock=clock, archive=WAYBACK)
    assert sought_of(web) == [B]


async def test_no_archive_is_asked_unless_it_is_configured(db):
    web = FakeWeb({A: story("A", B), B: 410})
    await run_over(db, web, A)
    assert set(web.asked) == {A, B}
