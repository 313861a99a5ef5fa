"""The main path, over a web in a dictionary and a real database."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import pytest

from crawler.core.model import Attempt, Document, Exchange, Failure, Outcome, Url
from crawler.core.settings import Limits
from crawler.store import database
from crawler.web.cassettes import RecordTransport, ReplayTransport
from crawler.web.circuits import Circuits
from crawler.web.client import Client
from crawler.web.politeness import Manners
from tests.fakes import FakeClock
from tests.graphs import graph
from tests.runs import A, B, C, Clock, D, run_over, titles
from tests.standin import Answer, Standin
from tests.webs import FakeWeb, read_here, story

pytestmark = pytest.mark.anyio


async def test_depth_counts_the_citations_between_a_source_and_what_is_read(db):
    web = FakeWeb({A: story("A", B), B: story("B", C), C: story("C", D), D: story("D")})
    await run_over(db, web, A, depth=2)
    assert titles(db) == {A, B, C}
    assert web.asked[D] == 0
    assert db.conn.execute("SELECT count(*) FROM citations WHERE url = ?", (D,)).fetchone() == (1,), "recorded all the same"


async def test_a_deeper_run_goes_on_from_what_is_known_without_asking_again(db):
    web = FakeWeb({A: story("A", B), B: story("B", C), C: story("C", D), D: story("D")})
    await run_over(db, web, A, depth=1)
    await run_over(db, web, A, depth=3)
    assert titles(db) == {A, B, C, D}
    assert set(web.asked.values()) == {1}


async def test_a_piece_cited_by_many_is_fetched_once_and_every_edge_kept(db):
    hub = Url("https://hub.example/report")
    short = [Url(f"https://sho.example/{n}") for n in range(20)]
    web = FakeWeb({A: story("A", *short, hub, hub), B: story("B", hub, *short), hub: story("Hub")})
    web.table |= dict.fromkeys(short, f"-> {hub}")
    await run_over(db, web, A, B)
    assert web.asked[hub] == 1
    (hub_id,) = db.conn.execute("SELECT id FROM pieces WHERE key = ?", (hub,)).fetchone()
    assert db.conn.execute("SELECT count(*) FROM citations WHERE cited_id = ?", (hub_id,)).fetchone() == (43,)
    chains = db.conn.execute("SELECT DISTINCT outcome, hop_count FROM resolutions WHERE url LIKE 'https://sho.%'").fetchall()
    assert chains == [("arrived", 2)]


async def test_a_chain_is_taken_from_its_own_run_and_never_from_an_earlier_one(db):
    short = Url("https://sho.example/x")
    before, after = ([Url(f"https://{name}.example/{number}") for number in range(10)] for name in ("before", "after"))
    web = FakeWeb({A: story("A", *before), B: story("B", *after), short: f"-> {C}", C: story("C"), D: story("D")})
    web.table |= dict.fromkeys([*before, *after], f"-> {short}")
    await run_over(db, web, A)
    web.table[short] = f"-> {D}"
    await run_over(db, web, B)
    for links, target in ((before, C), (after, D)):
        ends = db.conn.execute("SELECT final_url FROM resolutions WHERE url LIKE ?", (f"{links[0][:-1]}%",)).fetchall()
        assert ends == [(target,)] * len(links)
    assert web.asked[short] == 2


async def test_a_second_run_finds_nothing_to_do_and_changes_nothing(db):
    web = FakeWeb({A: story("A", B), B: story("B")})
    await run_over(db, web, A)
    before = list(db.conn.iterdump())
    assert await run_over(db, web, A) is None
    assert list(db.conn.iterdump()) == before


async def test_a_chain_is_kept_when_its_last_hop_fails(db):
    short = Url("https://sho.example/x")
    web = FakeWeb({A: story("A", short), short: f"-> {B}", B: f"-> {C}", C: Outcome.UNREACHABLE})
    await run_over(db, web, A)
    row = db.conn.execute(
        "SELECT outcome, hop_count, final_url, furthest_url FROM resolutions WHERE url = ?", (short,)
    ).fetchone()
    assert row == ("unreachable", 3, None, C)
    assert db.conn.execute("SELECT cited_id FROM citations WHERE url = ?", (short,)).fetchone() == (None,)


@pytest.mark.parametrize("answer", [403, Outcome.UNREACHABLE, "<title>You are leaving us</title>"])
async def test_a_redirector_that_does_not_redirect_is_gone_past(db, answer):
    wrapped = Url("https://l.facebook.com/l.php?u=https%3A%2F%2Fsite-b.example%2Fstory&h=AT0")
    await run_over(db, FakeWeb({A: story("A", wrapped.replace("&", "&amp;")), wrapped: answer, B: story("B")}), A)
    chain = db.conn.execute(
        "SELECT h.url, h.via FROM hops AS h JOIN resolutions AS r ON r.id = h.resolution_id WHERE r.url = ? ORDER BY h.position",
        (wrapped,),
    )
    assert chain.fetchall() == [(wrapped, None), (B, "inferred")]
    assert titles(db) == {A, B}


async def test_what_a_redirector_answers_counts_before_what_its_url_says(db):
    wrapped = Url("https://l.facebook.com/l.php?u=https%3A%2F%2Fsite-b.example%2Fstory")
    await run_over(db, FakeWeb({A: story("A", wrapped), wrapped: f"-> {C}", B: story("B"), C: story("C")}), A)
    assert titles(db) == {A, C}


async def test_a_dead_piece_is_a_piece_with_its_state(db):
    web = FakeWeb({A: story("A", B), B: 410})
    await run_over(db, web, A)
    assert db.conn.execute("SELECT state FROM pieces WHERE key = ?", (B,)).fetchone() == ("gone",)


@pytest.mark.parametrize(
    ("answer", "outcome", "again"),
    [
        (404, "gone", False),
        (500, "http_error", False),
        (503, "try_later", True),
        (Outcome.TIMEOUT, "timeout", True),
        (Outcome.UNREACHABLE, "unreachable", True),
        (Outcome.TLS_ERROR, "tls_error", False),
        (Outcome.DISALLOWED, "disallowed", False),
        (Outcome.REFUSED, "refused", False),
        ("-> mailto:a@b.example", "bad_location", False),
        (f"-> {B}", "loop", False),
    ],
)
async def test_only_what_may_pass_is_due_again(db, answer, outcome, again):
    await run_over(db, FakeWeb({A: story("A", B), B: answer}), A)
    assert db.conn.execute("SELECT outcome FROM resolutions WHERE url = ?", (B,)).fetchone() == (outcome,)
    assert db.conn.execute("SELECT due_at IS NOT NULL FROM frontier WHERE url = ?", (B,)).fetchone() == (again,)


async def test_a_link_that_failed_in_passing_is_followed_again_later_and_no_more_than_so_often(db):
    clock, limits = Clock(), Limits(max_visits=3)
    web = FakeWeb({A: story("A", B), B: Outcome.TIMEOUT})
    await run_over(db, web, A, clock=clock, limits=limits)
    assert await run_over(db, web, A, clock=clock, limits=limits) is None, "not yet"
    for _ in range(5):
        clock.time += timedelta(days=7)
        await run_over(db, web, A, clock=clock, limits=limits)
    assert web.asked[B] == 3


async def test_what_answers_at_last_takes_the_citation_to_its_piece(db):
    clock = Clock()
    web = FakeWeb({A: story("A", B), B: Outcome.TIMEOUT})
    await run_over(db, web, A, clock=clock)
    web.table[B] = story("B")
    clock.time += timedelta(days=7)
    await run_over(db, web, A, clock=clock)
    assert db.conn.execute("SELECT p.title FROM citations AS c JOIN pieces AS p ON p.id = c.cited_id").fetchall() == [("B",)]
    assert db.conn.execute("SELECT outcome FROM resolutions WHERE url = ? ORDER BY id", (B,)).fetchall() == [
        ("timeout",),
        ("arrived",),
    ]


async def test_a_canonical_url_makes_one_piece_of_two_addresses(db):
    plain, amp = Url("https://site-b.example/story"), Url("https://amp.site-b.example/story?utm_source=x")
    page = story("B", canonical=plain)
    await run_over(db, FakeWeb({A: story("A", plain, amp), plain: page, amp: page}), A)
    assert db.conn.execute("SELECT count(*), count(DISTINCT cited_id) FROM citations").fetchone() == (2, 1)


@pytest.mark.parametrize("is_known_before", [False, True])
async def test_where_a_cut_is_in_doubt_the_answer_decides(db, is_known_before):
    url, ten, eight = Url("file:///a.txt"), Url("https://t.co/a1b2c3d4Th"), Url("https://t.co/a1b2c3d4")
    text = Document(b"A headline of some words\nIt was seen https://t.co/a1b2c3d4Then it rained on it.", None, None)
    web = FakeWeb({ten: 404, eight: f"-> {B}", B: story("B")})
    if is_known_before:
        await run_over(db, web, Url("file:///b.txt"), documents={Url("file:///b.txt"): text})
    await run_over(db, web, url, documents={url: text})
    rows = db.conn.execute(
        "SELECT DISTINCT c.url, r.url, r.outcome, p.key FROM citations AS c JOIN resolutions AS r ON r.id = c.resolution_id "
        "JOIN pieces AS p ON p.id = c.cited_id"
    )
    assert rows.fetchall() == [(ten, eight, "arrived", B)], "what was cut stays as it was; the chain says what it was"
    assert (web.asked[ten], web.asked[eight]) == (1, 1)


async def test_another_cut_is_not_tried_where_the_likeliest_arrives(db):
    url, ten, eight = Url("file:///a.txt"), Url("https://t.co/a1b2c3d4Th"), Url("https://t.co/a1b2c3d4")
    text = Document(b"A headline of some words\nIt was seen https://t.co/a1b2c3d4Then it rained on it.", None, None)
    web = FakeWeb({ten: f"-> {B}", eight: f"-> {C}", B: story("B")})
    await run_over(db, web, url, documents={url: text})
    assert (web.asked[ten], web.asked[eight]) == (1, 0)


async def test_a_read_more_without_its_link_is_matched_by_title_whichever_comes_first(db):
    lost = "<p>READ MORE: The Quiet Town’s Second Harbour – report</p>"
    known = story("The quiet town's second harbour - report")
    await run_over(db, FakeWeb({A: story("A", B, more=lost), B: known}), A)
    row = db.conn.execute(
        "SELECT p.key, c.matched_by, c.match_score FROM citations AS c JOIN pieces AS p ON p.id = c.cited_id WHERE c.url IS NULL"
    )
    assert row.fetchall() == [(B, "title_folded", 0.8)]


async def test_an_unmatched_read_more_is_tried_again_in_later_runs(db):
    lost = "<p>READ MORE: A Story That Nobody Has Seen So Far</p>"
    web = FakeWeb({A: story("A", more=lost), B: story("A Story That Nobody Has Seen So Far")})
    await run_over(db, web, A)
    assert db.conn.execute("SELECT title FROM unmatched_titles").fetchall() == [("A Story That Nobody Has Seen So Far",)]
    await run_over(db, web, B)
    assert db.conn.execute("SELECT matched_by FROM citations WHERE url IS NULL").fetchall() == [("title_exact",)]


async def test_the_same_site_comes_first_when_two_pieces_bear_a_title(db):
    title = "Something That Two Papers Headlined Alike"
    mine = Url("https://www.site-a.example/other")
    web = FakeWeb({A: story("A", B, mine, more=f"<p>READ MORE: {title}</p>"), B: story(title), mine: story(title)})
    await run_over(db, web, A)
    row = db.conn.execute(
        "SELECT p.key, c.match_score FROM citations AS c JOIN pieces AS p ON p.id = c.cited_id WHERE c.url IS NULL"
    )
    assert row.fetchall() == [(mine, 1.0)]


async def test_a_read_more_is_matched_by_the_text_of_another_link(db):
    """The piece itself bears another title, or can't be read."""
    lost = "<p>READ MORE: Mayor Promises to Open Every Drawer</p>"
    linked = f'<p>READ MORE: <a href="{C}">Mayor promises to open every drawer</a></p>'
    await run_over(db, FakeWeb({A: story("A", B, more=lost), B: story("B", more=linked), C: 410}), A, depth=2)
    row = db.conn.execute(
        "SELECT p.key, c.matched_by FROM citations AS c JOIN pieces AS p ON p.id = c.cited_id WHERE c.url IS NULL"
    )
    assert row.fetchall() == [(C, "link_text")]


async def test_a_read_more_without_its_link_is_matched_by_the_pages_other_link_of_its_title(db):
    """Where that leads bears another title; and one that leads home says nothing."""
    home = Url("https://site-c.example/")
    box = f"<aside><a href='{B}'>Storm closes the old port</a> <a href='{C}'>Fog over all of the bay</a></aside>"
    lost = "<p>READ MORE: Storm closes the old port</p><p>READ MORE: Fog over all of the bay</p>"
    web = FakeWeb({A: story("A", more=lost).replace("</body>", f"{box}</body>"), B: story("Something else"), C: f"-> {home}"})
    web.table[home] = story("The C")
    await run_over(db, web, A)
    row = (
        "SELECT c.text, c.url, p.key, c.matched_by, c.match_score FROM citations AS c LEFT JOIN pieces AS p ON p.id = c.cited_id"
    )
    assert db.conn.execute(f"{row} WHERE c.kind = 'read_more' ORDER BY c.position").fetchall() == [
        ("Storm closes the old port", None, B, "link_text", 0.7),
        ("Fog over all of the bay", None, None, None, None),
    ]
    web.table[D] = story("Storm closes the old port")
    await run_over(db, web, D)
    assert db.conn.execute(f"{row} WHERE c.kind = 'read_more'").fetchone()[2:] == (D, "title_exact", 0.9), (
        "a title of its own is surer"
    )


async def test_at_the_end_of_its_reach_a_candidate_is_kept_and_not_followed(db):
    box = f"<aside><a href='{B}'>Storm closes the old port</a></aside>"
    web = FakeWeb({A: story("A", more="<p>READ MORE: Storm closes the old port</p>").replace("</body>", f"{box}</body>")})
    web.table[B] = story("Something else")
    await run_over(db, web, A, depth=0)
    assert web.asked[B] == 0
    assert db.conn.execute("SELECT url FROM alternatives").fetchall() == [(B,)]
    await run_over(db, web, A, depth=1)
    assert db.conn.execute("SELECT matched_by FROM citations").fetchall() == [("link_text",)]


async def test_a_title_much_alike_is_matched_on_the_same_site_and_at_the_same_time_only(db):
    day = '<meta property="article:published_time" content="2026-03-{}T10:00:00Z">'
    lost = "<p>READ MORE: Owner of the burnt warehouse denies that exits were blocked</p>"
    alike = "The owner of burnt warehouse denies that its exits were blocked"
    mine = Url("https://www.site-a.example/owner")
    cited = {
        A: story("A", mine, B, more=lost).replace("</head>", day.format(18) + "</head>"),
        mine: story(alike).replace("</head>", day.format(17) + "</head>"),
        B: story(alike + " again").replace("</head>", day.format(17) + "</head>"),
    }
    await run_over(db, FakeWeb(cited), A)
    row = db.conn.execute(
        "SELECT p.key, c.matched_by FROM citations AS c JOIN pieces AS p ON p.id = c.cited_id WHERE c.url IS NULL"
    )
    assert row.fetchall() == [(mine, "title_fuzzy")]


async def test_a_page_of_many_lost_read_mores_looks_its_neighbours_up_once(db):
    day = '<meta property="article:published_time" content="2016-10-25T18:00:00Z">'
    neighbour = Url("https://site-a.example/near")
    titles = [f"Storm number {number} closes the port of the old town again" for number in range(60)]
    lost = "".join(f"<p>Prose that goes on for a while, as it does.</p><p>READ MORE: {title}</p>" for title in titles)
    web = FakeWeb({neighbour: story(titles[7]).replace("</head>", day + "</head>")})
    web.table[A] = story("A", neighbour, more=lost).replace("</head>", day + "</head>")
    await run_over(db, web, neighbour)
    asked = []
    db.conn.set_trace_callback(asked.append)
    await run_over(db, web, A)
    assert sum("BETWEEN" in sql for sql in asked) <= 2, "as the page is recorded, and as its own title is matched"
    assert db.conn.execute("SELECT text FROM citations WHERE matched_by = 'title_exact'").fetchall() == [(titles[7],)]


async def test_a_title_that_very_many_pieces_bear_names_none(db):
    title = "What Every Paper Calls Its Page"
    many = [Url(f"https://paper{n}.example/") for n in range(20)]
    web = FakeWeb({A: story("A", *many, more=f"<p>READ MORE: {title}</p>"), **dict.fromkeys(many, story(title))})
    await run_over(db, web, A)
    assert db.conn.execute("SELECT cited_id, matched_by FROM citations WHERE url IS NULL").fetchall() == [(None, None)]


async def test_an_edited_file_is_read_again_and_keeps_what_was_taken_out(db):
    url = Url("file:///article.txt")
    texts = [
        "A headline\nFirst https://site-b.example/story said it.\nThen https://site-c.example/story did.",
        "A headline\nThen https://site-c.example/story did.",
    ]
    web = FakeWeb({B: story("B"), C: story("C")})
    for text in texts:
        await run_over(db, web, url, documents={url: Document(text.encode(), None, None)})
    rows = db.conn.execute("SELECT url, first_run_id, last_run_id, gone_run_id FROM citations ORDER BY url").fetchall()
    assert rows == [(B, 1, 1, 2), (C, 1, 2, None)]


async def test_a_citation_that_a_cut_page_does_not_show_is_not_gone(db):
    url = Url("file:///article.txt")
    web = FakeWeb({B: story("B"), C: story("C")})
    whole = b"A headline of words\nFirst https://site-b.example/story said it.\nThen https://site-c.example/story did."
    await run_over(db, web, url, documents={url: Document(whole, None, None)})

    async def read_half(document):
        return replace(await read_here(document), cut="all past limits.body_bytes")

    await run_over(db, web, url, documents={url: Document(whole[:60], None, None)}, read=read_half)
    assert db.conn.execute("SELECT count(*), count(gone_run_id) FROM citations").fetchone() == (2, 0)
    assert db.conn.execute("SELECT unread_reason FROM captures WHERE run_id = 2").fetchone() == ("all past limits.body_bytes",)


async def test_one_visit_that_fails_by_our_fault_does_not_end_the_others(db):
    web = FakeWeb({A: story("A", B, C), B: story("B"), C: story("C")})

    async def faulty(url, seconds, cookie):
        if url == B:
            raise ZeroDivisionError
        return await web.fetch(url)

    watcher = await run_over(db, web, A, fetch=faulty)
    assert [task.url for task, _ in watcher.faults] == [B]
    assert titles(db) == {A, C}
    assert db.conn.execute("SELECT fault_count FROM runs").fetchone() == (1,)
    await run_over(db, web, A)
    assert titles(db) == {A, B, C}, "the next run goes on where our fault was"


async def test_a_run_told_to_stop_ends_what_is_in_flight_and_keeps_it(db):
    stop, never = asyncio.Event(), asyncio.Event()
    short = Url("https://sho.example/x")
    web = FakeWeb({A: story("A", short), short: f"-> {B}", B: story("B", C), C: story("C")})

    async def stuck(url, seconds, cookie):
        if url == B:
            stop.set()
            await never.wait()
        return await web.fetch(url)

    await run_over(db, web, A, stop=stop, fetch=stuck, limits=Limits(grace_seconds=0.01))
    assert db.conn.execute("SELECT outcome, hop_count FROM resolutions WHERE url = ?", (short,)).fetchone() == ("interrupted", 2)
    await run_over(db, web, A)
    assert titles(db) == {A, B}


async def test_a_run_of_limited_visits_leaves_the_rest_to_the_next(db):
    web = FakeWeb({A: story("A", B, C), B: story("B"), C: story("C")})
    await run_over(db, web, A, max_visits=2)
    assert len(titles(db)) == 2
    await run_over(db, web, A)
    assert titles(db) == {A, B, C}


async def test_circles_end(db):
    web = FakeWeb({A: story("A", B), B: story("B", C), C: story("C", A, B)})
    await run_over(db, web, A, depth=50)
    assert set(web.asked.values()) == {1}
    assert db.conn.execute("SELECT count(*) FROM citations").fetchone() == (4,)


async def test_two_orders_of_answers_give_one_graph(tmp_path):
    pages = {A: story("A", B, C, D), B: story("B", C), C: story("C", D, "https://sho.example/d"), D: story("D", A)}
    web = FakeWeb({**pages, "https://sho.example/d": f"-> {D}"})
    graphs = []
    for slow in (A, B, C, D):
        opened = database.open_for_writing(tmp_path / f"{slow[13]}.db")

        async def fetch(url, seconds, cookie, slow=slow):
            for _ in range(50 if url == slow else 1):
                await asyncio.sleep(0)
            return await web.fetch(url)

        await run_over(opened, web, A, depth=2, fetch=fetch)
        graphs.append(graph(opened))
        opened.close()
    assert graphs[0] == graphs[1] == graphs[2] == graphs[3]


async def test_what_is_asked_for_with_a_cookie_is_its_own_chains_and_the_end_known_to_all(db):
    """B shows itself to who brings the cookie that it gave; three chains come by it."""
    short = [Url(f"https://sho.example/{n}") for n in range(3)]
    web = FakeWeb({A: story("A", *short[:2], D), D: story("D", short[2]), **dict.fromkeys(short, f"-> {B}"), B: story("B")})
    sent = []

    async def fetch(url, seconds, cookie):
        if url == B:
            sent.append(cookie)
            await asyncio.sleep(0)
            if not cookie:
                headers = (("location", B), ("set-cookie", "wall=1"))
                return Exchange(url, 302, headers, b"", False, (Attempt(1, 302, None, 0, None, Clock().now()),), Clock().now(), 0)
        return await web.fetch(url)

    await run_over(db, web, A, fetch=fetch, depth=2)
    assert sent[0] == ""
    assert set(sent[1:]) == {"wall=1"}
    chains = db.conn.execute("SELECT outcome, hop_count FROM resolutions WHERE url LIKE 'https://sho.%'").fetchall()
    assert chains == [("arrived", 3)] * 3
    assert "wall=1" not in "\n".join(db.conn.iterdump())
    cited = db.conn.execute("SELECT count(*), count(DISTINCT cited_id) FROM citations WHERE url LIKE 'https://sho.%'")
    assert cited.fetchone() == (3, 1)


async def test_what_stands_in_place_of_the_piece_is_told_apart(db):
    short = [Url(f"https://sho.example/{n}") for n in range(4)]
    home, lost = Url("https://site-b.example/"), Url("https://site-c.example/lost")
    web = FakeWeb(
        {A: story("A", *short, B), home: story("The Daily B"), lost: story("Page not found | The Daily C"), D: story("D")}
    )
    web.table |= {short[0]: f"-> {B}", B: f"-> {home}", short[1]: f"-> {home}", short[2]: f"-> {lost}", short[3]: f"-> {lost}"}
    await run_over(db, web, A)
    rows = db.conn.execute("SELECT url, landing FROM provenance WHERE citing_id = 1 AND outcome = 'arrived' ORDER BY citation_id")
    assert rows.fetchall() == [(short[0], "home"), (short[1], None), (short[2], "soft_404"), (short[3], "soft_404"), (B, "home")]


async def test_while_our_own_network_is_down_the_run_waits_and_takes_no_link_for_dead(db):
    links = [Url(f"https://h{number}.example/story") for number in range(30)]
    web = FakeWeb({A: story("A", *links), **dict.fromkeys(links, story("H"))})
    clock = Clock()
    back_at = clock.time + timedelta(seconds=40)

    async def fetch(url, seconds, cookie):
        if url != A and clock.time < back_at:
            return Failure(url, Outcome.INTERRUPTED, "our own network seems to be down", (), clock.now(), 0)
        return await web.fetch(url)

    await run_over(db, web, A, fetch=fetch, clock=clock)
    assert len(titles(db)) == 31
    assert db.conn.execute("SELECT count(*) FROM resolutions WHERE outcome = 'interrupted'").fetchone()[0] < 10
    assert db.conn.execute("SELECT max(visits), count(due_at) FROM frontier").fetchone() == (0, 0)


async def test_a_network_that_stays_down_ends_the_run_and_leaves_what_is_left_due(db):
    links = [Url(f"https://h{number}.example/story") for number in range(30)]
    web = FakeWeb({A: story("A", *links), **dict.fromkeys(links, story("H"))})
    clock = Clock()

    async def fetch(url, seconds, cookie):
        if url != A:
            return Failure(url, Outcome.INTERRUPTED, "our own network seems to be down", (), clock.now(), 0)
        return await web.fetch(url)

    watcher = await run_over(db, web, A, fetch=fetch, clock=clock)
    assert watcher.ended == "our own network seems to be down"
    assert db.conn.execute("SELECT max(visits), count(due_at) FROM frontier").fetchone() == (0, 30)
    await run_over(db, web, A, clock=clock)
    assert len(titles(db)) == 31, "the next run goes on where this one ended"


@pytest.mark.parametrize(
    ("value", "wait"),
    [("7200", timedelta(hours=2)), ("60", timedelta(hours=1)), ("9" * 400, timedelta(days=30)), ("soon", timedelta(hours=1))],
)
async def test_a_server_that_asks_for_time_gets_it_before_the_next_visit(db, value, wait):
    web, clock = FakeWeb({A: story("A", B)}), Clock()

    async def fetch(url, seconds, cookie):
        if url == B:
            return Exchange(url, 503, (("retry-after", value),), b"", False, (), clock.now(), 0)
        return await web.fetch(url)

    await run_over(db, web, A, fetch=fetch, clock=clock)
    (due_at,) = db.conn.execute("SELECT due_at FROM frontier WHERE url = ?", (B,)).fetchone()
    assert datetime.fromisoformat(due_at) == clock.time + wait


class Line(httpx.AsyncBaseTransport):
    """A network that is cut, but for one host."""

    def __init__(self, inner, whole):
        self.inner, self.whole = inner, whole

    async def handle_async_request(self, request):
        if request.url.host != self.whole:
            raise httpx.ConnectError("no route to host")
        return await self.inner.handle_async_request(request)


async def test_a_run_whose_network_went_down_replays_to_the_same_graph(db, tmp_path):
    links = [Url(f"http://h{number}.example/story") for number in range(30)]
    start = Url("http://site-a.example/story")
    manners = Manners(offline_hosts=5, obey_robots=False, seconds_between=0.0)
    limits = Limits(max_attempts=1)

    async def run_through(opened, transport, clock):
        client = Client(transport, clock=clock, limits=limits, manners=manners)
        ended = (await run_over(opened, None, start, fetch=client.fetch, clock=clock, limits=limits)).ended
        await client.aclose()
        counts = opened.conn.execute("SELECT outcome, count(DISTINCT url) FROM resolutions GROUP BY 1 ORDER BY 1").fetchall()
        return ended, counts, opened.conn.execute("SELECT max(visits), count(due_at) FROM frontier").fetchone()

    clock = FakeClock()
    async with Standin({start: Answer(body=story("A", *links).encode())}) as web:
        engine = web.engine()
        circuits = Circuits(Line(engine, "site-a.example"), clock=clock, manners=manners)
        first = await run_through(db, RecordTransport(circuits, tmp_path / "tape"), clock)
        await engine.aclose()
    with closing(database.open_for_writing(tmp_path / "replayed.db")) as replayed:
        assert await run_through(replayed, ReplayTransport(tmp_path / "tape"), FakeClock()) == first
    assert "our own network seems to be down" in first[0]
    assert first[1][0] == ("arrived", 1)
    assert dict(first[1])["unreachable"] == 5, "before it was known"
    assert first[2] == (1, 30), "all of them are due again, the most part as if never visited"
