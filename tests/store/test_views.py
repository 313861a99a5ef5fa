"""The views: what each answers on a graph made for it."""

from __future__ import annotations

import random

import pytest

from crawler.core.model import Health, Landing, Outcome, Standing
from crawler.store import checks, database
from crawler.store.as_of import look_back, run_of
from crawler.store.questions import views
from tests.facts import facts_at

PAPER = "http://paper.example"


@pytest.fixture
def facts(tmp_path):
    with facts_at(tmp_path / "p.db") as facts:
        facts.begin_run("2016-10-25")
        yield facts


def circles(facts):
    return facts.ask("SELECT circle, length, piece_ids FROM circles ORDER BY length, circle")


def test_every_circle_comes_once_from_its_lowest_id(facts):
    a, b, c, d, e = (facts.piece(name) for name in "abcde")
    for citing, cited in [(a, b), (b, a), (b, a), (b, c), (c, a), (c, d), (d, a), (d, e), (e, a), (a, a)]:
        facts.cite(citing, cited)
    assert circles(facts) == [
        ("a → b → a", 2, "[1,2]"),
        ("a → b → c → a", 3, "[1,2,3]"),
        ("a → b → c → d → a", 4, "[1,2,3,4]"),
    ], "five pieces are one too many, the same citation twice is one circle, and what cites itself is none"


def test_a_circle_that_an_editor_broke_is_none_any_more(facts):
    a, b = facts.piece("a"), facts.piece("b")
    facts.cite(a, b)
    back = facts.cite(b, a)
    assert len(circles(facts)) == 1
    facts.begin_run("2016-10-26")
    facts.drop(back)
    assert circles(facts) == []


CHECKS = [
    # outcome, hops, landing -> the state it tells
    ("it is there", "arrived", [(200, f"{PAPER}/2016/story")], None, "alive"),
    ("a short link leads there", "arrived", [(301, "http://sh.rt/Abc"), (200, f"{PAPER}/2016/story")], None, "alive"),
    ("only the query and a slash differ", "arrived",
     [(301, f"{PAPER}/2016/story?utm_source=x"), (200, "http://www.paper.example/2016/story/")], None, "alive"),
    ("a temporary detour", "arrived", [(302, f"{PAPER}/2016/story"), (200, f"{PAPER}/2016/other")], None, "alive"),
    ("moved on its host", "arrived", [(301, f"{PAPER}/2016/story"), (200, f"{PAPER}/archive/story")], None, "moved"),
    ("moved with its host", "arrived",
     [(308, f"{PAPER}/2016/a-story"), (200, "http://new.example/2016/a-story")], None, "moved"),
    ("a short link of the same name", "arrived", [(301, "http://sh.rt/story"), (200, f"{PAPER}/story")], None, "alive"),
    ("read in part", "too_large", [(200, f"{PAPER}/2016/story")], None, "alive"),
    ("the home page", "arrived", [(302, f"{PAPER}/2016/story"), (200, f"{PAPER}/")], "home", "home_page"),
    ("says that it is not there", "arrived", [(200, f"{PAPER}/2016/story")], "soft_404", "soft_404"),
    ("a login", "arrived", [(302, f"{PAPER}/2016/story"), (200, f"{PAPER}/login")], "login", "blocked"),
    ("a paywall", "arrived", [(302, f"{PAPER}/2016/story"), (200, f"{PAPER}/subscribe")], "paywall", "blocked"),
    ("robots.txt", "disallowed", [(None, f"{PAPER}/2016/story")], None, "blocked"),
    ("forbidden", "http_error", [(403, f"{PAPER}/2016/story")], None, "blocked"),
    ("withheld for legal reasons", "http_error", [(451, f"{PAPER}/2016/story")], None, "blocked"),
    ("a server's fault", "http_error", [(500, f"{PAPER}/2016/story")], None, "flaky"),
    ("gone for good", "gone", [(410, f"{PAPER}/2016/story")], None, "gone"),
    ("not there once", "gone", [(404, f"{PAPER}/2016/story")], None, "flaky"),
    ("put off", "try_later", [(503, f"{PAPER}/2016/story")], None, "blocked"),
    ("no answer", "timeout", [(None, f"{PAPER}/2016/story")], None, "flaky"),
    ("round and round", "loop", [(301, f"{PAPER}/2016/story"), (301, f"{PAPER}/2016/story/")], None, "flaky"),
]  # fmt: skip


@pytest.mark.parametrize(("outcome", "hops", "landing", "state"), [case[1:] for case in CHECKS], ids=[case[0] for case in CHECKS])
def test_what_has_become_of_a_link(facts, outcome, hops, landing, state):
    a, b = facts.piece("a"), facts.piece("b")
    facts.cite(a, b, url=hops[0][1])
    facts.follow(hops[0][1], outcome, *hops, piece=b if outcome == "arrived" else None, landing=landing)
    assert facts.ask("SELECT url, state, citing_pieces FROM link_rot") == [(hops[0][1], state, 1)]


@pytest.mark.parametrize(
    ("outcome", "landing"),
    [
        *((outcome, None) for outcome in Outcome if outcome is not Outcome.INTERRUPTED),
        *((Outcome.ARRIVED, one) for one in Landing),
    ],
)
def test_what_a_following_found_is_what_the_rule_takes_it_for(facts, outcome, landing):
    a = facts.piece("a")
    takes = {(Health.GONE, 2): {"failed", "home_page", "soft_404"}, (Health.FLAKY, 0): {"alive"}, (Health.FLAKY, 1): {"blocked"}}
    takes[Health.FLAKY, 2] = takes[Health.GONE, 2]
    for status in range(200, 600):
        url = f"http://a.example/{status}"
        facts.cite(a, None, url=url)
        facts.standings[url] = Standing(Health.FLAKY, 1)
        facts.follow(url, outcome, (status, url), landing=landing)
        ((found,),) = facts.ask("SELECT found FROM link_checks WHERE url = ?", url)
        standing = facts.standings[url]
        assert found in takes[standing.health, standing.strikes], (status, standing)


ANSWERS = ["timeout", "arrived", "timeout", "interrupted", "unreachable", "try_later", "timeout", "arrived", "arrived"]


def test_three_strikes_running_make_a_flaky_link_gone_and_two_answers_mend_it(facts):
    a, b = facts.piece("a"), facts.piece("b")
    facts.cite(a, b, url="u")
    states = []
    for day, outcome in enumerate(ANSWERS, 1):
        facts.begin_run(f"2016-11-0{day}")
        facts.follow("u", outcome, piece=b if outcome == "arrived" else None)
        states += facts.ask("SELECT state, strikes, checks, piece FROM link_rot")
    assert states == [
        ("flaky", 1, 1, "b"),
        ("flaky", 0, 2, "b"),  # it has answered but once
        ("flaky", 1, 3, "b"),
        ("flaky", 1, 3, "b"),  # we were stopped ourselves: no check at all
        ("flaky", 2, 4, "b"),
        ("blocked", 2, 5, "b"),  # that we are put off says nothing of what is there
        ("gone", 3, 6, "b"),
        ("flaky", 0, 7, "b"),
        ("alive", 0, 8, "b"),
    ]
    assert facts.ask("SELECT history, first_checked_at, last_alive_at FROM link_rot") == [
        (
            "run 2: flaky, run 3: flaky, run 4: flaky, run 6: flaky, run 7: blocked, run 8: gone, run 9: flaky, run 10: alive",
            "2016-11-01T12:00:00.000Z",
            "2016-11-09T12:00:00.000Z",
        )
    ]


def test_a_lost_piece_is_still_named_and_its_copy_shown(facts):
    a, b, home = facts.piece("a"), facts.piece("b"), facts.piece("home", site="b.example", kind="page")
    facts.cite(a, b, url="u")
    facts.follow("u", "arrived", piece=b)
    facts.begin_run("2016-11-01")
    facts.follow("u", "arrived", (302, "u"), (200, "http://b.example/"), piece=home, landing="home")
    facts.memento(b, "u", "http://archive.example/u")
    assert facts.ask("SELECT state, piece, memento_url, memento_datetime, last_alive_at FROM link_rot") == [
        ("home_page", "b", "http://archive.example/u", "2016-10-24T12:00:00.000Z", "2016-10-25T12:00:00.000Z")
    ]


def test_a_link_that_nobody_cites_any_more_is_not_told(facts):
    a, b = facts.piece("a"), facts.piece("b")
    citation = facts.cite(a, b, url="u")
    facts.follow("u", "gone", (410, "u"))
    assert facts.ask("SELECT state FROM link_rot") == [("gone",)]
    facts.drop(citation)
    assert facts.ask("SELECT state FROM link_rot") == []


def test_a_link_whose_target_changed_says_where_it_turned(facts):
    a, b, c = (facts.piece(name) for name in "abc")
    facts.cite(a, None, url="http://t.co/1")
    for day, target in enumerate([b, b, c, b], 1):
        facts.begin_run(f"2016-11-0{day}")
        end = "http://b.example/b" if target == b else "http://c.example/c"
        facts.follow("http://t.co/1", "arrived", (301, "http://t.co/1"), (301, "http://sh.rt/x"), (200, end), piece=target)
        facts.follow("http://other/", "arrived", piece=a)
    assert facts.ask(
        "SELECT url, from_run_id, from_piece, to_run_id, to_piece, turned_at, landing FROM retargeted_links ORDER BY to_run_id"
    ) == [
        ("http://t.co/1", 3, "b", 4, "c", "http://sh.rt/x", None),
        ("http://t.co/1", 4, "c", 5, "b", "http://sh.rt/x", None),
    ]
    assert facts.ask("SELECT state FROM link_rot") == [("alive",)], "it leads to what it led to at first"


LAGS = [
    # citing, cited -> days before, later
    ("2016-10-25T12:00:00Z", "2016-10-23T00:00:00Z", 2.5, 0),
    ("2016-10-25T12:00:00Z", "2016-10-25T12:00:01Z", 0.0, 1),
    ("2016-10-25T12:00:00+02:00", "2016-10-25T11:00:00Z", -0.04, 1),
    ("2016-10-25", "2016-10-25", 0.0, 0),
    ("2016-10-25", "2016-10-26", -1.0, 1),
    ("2016-10-25", "2016-10-25T23:00:00Z", -0.96, 0),
    ("2016-10-25", "2016-10-26T23:00:00Z", -1.96, 1),
    ("2016-10-25T12:00:00Z", "2016-10-26", -0.5, 0),
]


@pytest.mark.parametrize(("citing", "cited", "days", "is_later"), LAGS)
def test_what_is_cited_is_older_or_flagged(facts, citing, cited, days, is_later):
    facts.cite(facts.piece("a", citing), facts.piece("b", cited))
    assert facts.ask("SELECT citing, cited, lag_days, is_later FROM citation_lag") == [("a", "b", days, is_later)]


def test_the_lag_of_a_tweet_counts_from_its_id_and_what_has_no_date_has_none(facts):
    a = facts.piece("a", "2016-10-25T12:00:00Z")
    facts.cite(a, facts.tweet("t", claimed_on="2016-10-20", posted_at="2016-10-24T12:00:00.000Z"), "tweet")
    facts.cite(a, facts.piece("undated"))
    facts.cite(a, facts.piece("odd", "next week"))
    assert facts.ask("SELECT cited, lag_days, is_later FROM citation_lag") == [("t", 1.0, 0)]


def test_citations_that_came_or_went_after_the_first_reading_are_late_edits(facts):
    a, b, c = (facts.piece(name) for name in "abc")
    facts.cite(a, b, url="first")
    facts.begin_run("2016-10-27")
    facts.piece("a")
    late = facts.cite(a, c, url="late")
    facts.cite(facts.piece("d"), b, url="a new page's first")
    facts.begin_run("2016-10-29")
    facts.piece("a")
    facts.drop(late)
    assert facts.ask(
        "SELECT change, run_id, citing, cited, url, seen_before_at, seen_after_at FROM late_edits ORDER BY run_id"
    ) == [
        ("added", 2, "a", "c", "late", "2016-10-25T12:00:00.000Z", "2016-10-27T12:00:00.000Z"),
        ("removed", 3, "a", "c", "late", "2016-10-27T12:00:00.000Z", "2016-10-29T12:00:00.000Z"),
    ]


def test_a_page_that_says_it_is_not_there_is_no_reading_of_the_story(facts):
    a, b = facts.piece("a"), facts.piece("b")
    not_found = facts.follow("http://a.example/a", "arrived", piece=a, landing="soft_404")
    facts.db.execute("UPDATE captures SET resolution_id = ?, title = 'Not found' WHERE piece_id = ?", (not_found, a))
    facts.begin_run("2016-10-27")
    facts.piece("a")
    facts.cite(a, b, url="there all the time")
    assert facts.ask("SELECT piece_id, run_id FROM readings ORDER BY capture_id") == [(b, 1), (a, 2)]
    assert facts.ask("SELECT * FROM late_edits") == []


def test_a_printed_date_two_days_from_its_id_is_a_conflict(facts):
    for name, claimed_on in [("same", "2016-10-25"), ("zone", "2016-10-26"), ("after", "2016-10-27"), ("before", "2015-10-25")]:
        facts.tweet(name, claimed_on=claimed_on, posted_at="2016-10-25T23:30:00.000Z")
    facts.tweet("no id", claimed_on="2016-10-25")
    assert facts.ask("SELECT handle, days_off FROM claimed_time_conflicts ORDER BY handle") == [("after", 2), ("before", -366)]


def test_origins_are_where_the_paths_end_at_the_least_depth(facts):
    a, b, c, d, e = (facts.piece(name) for name in "abcde")
    for citing, cited in [(a, b), (b, c), (a, c), (b, d), (d, e), (e, d)]:
        facts.cite(citing, cited)
    assert facts.ask("SELECT piece, origin, depth FROM origins ORDER BY piece_id") == [("a", "c", 1), ("b", "c", 1)], (
        "d and e go round in a circle, which has no end"
    )


def test_a_tweet_with_a_link_and_its_picture_are_no_origins(facts):
    a, b = facts.piece("a"), facts.piece("b")
    with_link, without = facts.tweet("with"), facts.tweet("without")
    facts.cite(a, with_link, "tweet")
    facts.cite(a, b, "tweet_link", url="http://t.co/1", tweet=with_link)
    facts.cite(a, facts.piece("picture", kind="media"), "tweet_media", tweet=with_link)
    facts.cite(a, without, "tweet")
    assert facts.ask("SELECT origin FROM origins ORDER BY origin") == [("b",), ("without",)]


def test_pieces_that_all_lead_to_one_origin_have_a_single_source(facts):
    origin, other = facts.piece("origin"), facts.piece("other")
    first, second, third = (facts.piece(name) for name in ("first", "second", "third"))
    for citing, cited in [(first, origin), (second, first), (third, origin), (third, other)]:
        facts.cite(citing, cited)
    facts.cite(facts.piece("reader"), second)
    assert facts.ask("SELECT origin, pieces, sites, farthest, cited_by FROM single_source") == [("origin", 3, 3, 3, 2)]


def test_what_nobody_cites_adds_nothing_to_how_often_a_single_source_is_cited(facts):
    origin = facts.piece("origin")
    for name in ("first", "second"):
        facts.cite(facts.piece(name), origin)
    assert facts.ask("SELECT origin, pieces, cited_by FROM single_source") == [("origin", 2, 0)]


def test_a_path_without_an_end_counts_neither_for_nor_against_a_single_source(facts):
    origin, first, second = (facts.piece(name) for name in ("origin", "first", "second"))
    there, back = facts.piece("there"), facts.piece("back")
    for citing, cited in [(first, origin), (second, origin), (second, there), (there, back), (back, there)]:
        facts.cite(citing, cited)
    assert facts.ask("SELECT origin, pieces FROM single_source") == [("origin", 2)]
    assert circles(facts) == [("there → back → there", 2, f"[{there},{back}]")]


def test_sites_are_weighed_by_their_citations(facts):
    a, b, c = facts.piece("a", site="one.example"), facts.piece("b", site="one.example"), facts.piece("c", site="two.example")
    for citing, cited in [(a, b), (a, b), (a, c), (b, c), (c, a)]:
        facts.cite(citing, cited)
    assert facts.ask("SELECT * FROM site_graph ORDER BY 1, 2") == [
        ("one.example", "one.example", 2, 1),
        ("one.example", "two.example", 2, 2),
        ("two.example", "one.example", 1, 1),
    ]
    assert facts.ask("SELECT * FROM self_citation_share") == [("one.example", 4, 2, 0.5), ("two.example", 1, 0, 0.0)]
    assert facts.ask("SELECT site, citing, cited FROM self_citations") == [("one.example", "a", "b")] * 2
    assert facts.ask("SELECT cited, citing_pieces, citations FROM most_cited") == [("c", 2, 2), ("b", 1, 2), ("a", 1, 1)]


def test_the_items_of_a_feed_are_no_citations(facts):
    feed, a = facts.piece("feed", site="a.example"), facts.piece("a")
    facts.cite(feed, a, "listed")
    for view in ("edges", "most_cited", "self_citations", "self_citation_share", "site_graph", "origins"):
        assert facts.ask(f"SELECT * FROM {view}") == [], view


def test_the_counts_are_right_whatever_becomes_of_the_citations(facts):
    chance = random.Random(7)
    pieces = [facts.piece(f"p{number}", site=chance.choice(["x.example", "y.example", "z.example"])) for number in range(8)]
    facts.db.execute("UPDATE pieces SET site = NULL WHERE id = 1")
    citations = []
    for _ in range(400):
        match chance.randrange(4):
            case 0 | 1:
                citations.append(
                    facts.cite(chance.choice(pieces), chance.choice([*pieces, None]), chance.choice(["link", "listed"]))
                )
            case 2 if citations:
                row = (chance.choice([*pieces, None]), chance.choice(citations))
                facts.db.execute("UPDATE citations SET cited_id = ? WHERE id = ?", row)
            case 3 if citations:
                facts.drop(chance.choice(citations))
    assert len(facts.ask("SELECT * FROM citation_counts WHERE citations > 0")) > 4
    assert list(checks.faults(facts.db)) == []
    facts.db.execute("UPDATE citation_counts SET citations = citations + 1 WHERE piece_id = 3")
    assert "citation_counts" in " ".join(checks.faults(facts.db))


def test_counts_are_made_for_a_database_that_was_there_before_them(tmp_path):
    path = tmp_path / "old.db"
    with facts_at(path) as facts:
        facts.begin_run("2016-10-25")
        a, b = facts.piece("a", site="s.example"), facts.piece("b", site="s.example")
        facts.cite(a, b)
        facts.cite(a, b)
        counts = "SELECT * FROM citation_counts", "SELECT site, citations, self_citations FROM site_counts"
        made = [facts.ask(sql) for sql in counts]
        script = (database.STORE / "migrations" / "0002_questions.sql").read_text("utf-8")
        for name in ("citations_added", "citations_pointed", "citations_left"):
            facts.db.execute(f"DROP TRIGGER {name}")
        facts.db.execute("DROP TABLE citation_counts")
        facts.db.execute("DROP TABLE site_counts")
        facts.db.execute("DROP INDEX citations_resolution_id")
        facts.db.execute("DROP INDEX citations_tweet_id")
        facts.db.execute("DROP INDEX citations_gone_run_id")
        facts.db.execute("DROP INDEX resolutions_piece_id")
        for statement in database.statements(script):
            facts.db.execute(statement)
        assert [facts.ask(sql) for sql in counts] == made == [[(b, 1, 2)], [("s.example", 2, 2)]]


@pytest.fixture
def history(facts):
    """Three runs: a link to b; then it leads to c, and a cites d too; then that is taken out and b is gone."""
    a, b = facts.piece("a"), facts.piece("b")
    facts.cite(a, b, url="http://t.co/1")
    facts.follow("http://t.co/1", "arrived", piece=b)
    facts.begin_run("2016-11-01")
    facts.piece("a")
    c, d = facts.piece("c"), facts.piece("d")
    late = facts.cite(a, d, url="late")
    facts.follow("http://t.co/1", "arrived", piece=c)
    facts.begin_run("2016-12-01")
    facts.piece("a")
    facts.drop(late)
    facts.follow("http://t.co/1", "gone", (410, "http://t.co/1"))
    return facts


AS_OF = {
    "1": ([("a", "b")], [("alive", 1)], [("b", 1)], [("a.example", 1, 0, 0.0)], []),
    "2016-10-31": ([("a", "b")], [("alive", 1)], [("b", 1)], [("a.example", 1, 0, 0.0)], []),
    "2": ([("a", "c"), ("a", "d")], [("moved", 2)], [("c", 1), ("d", 1)], [("a.example", 2, 0, 0.0)], [("added", "late")]),
    "3": (
        [("a", "c"), ("a", "d")], [("gone", 3)], [("c", 1)], [("a.example", 1, 0, 0.0)], [("added", "late"), ("removed", "late")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("when", AS_OF)
def test_every_view_answers_as_of_an_earlier_run_or_day(history, when):
    with database.reading(history.path) as db:
        look_back(db, run_of(db, when))
        asked = (
            "SELECT citing, cited FROM provenance ORDER BY citation_id",
            "SELECT state, checks FROM link_rot",
            "SELECT cited, citing_pieces FROM most_cited",
            "SELECT * FROM self_citation_share",
            "SELECT change, url FROM late_edits ORDER BY run_id",
        )
        assert tuple(db.conn.execute(sql).fetchall() for sql in asked) == AS_OF[when]
        for view in views():
            db.conn.execute(f"SELECT * FROM {view}").fetchall()


def test_as_of_the_last_run_the_answers_are_those_of_today(history):
    with database.reading(history.path) as then, database.reading(history.path) as now:
        look_back(then, 3)
        for view in views():
            sql = f"SELECT * FROM {view}"
            assert sorted(then.conn.execute(sql), key=repr) == sorted(now.conn.execute(sql), key=repr), view


def test_as_of_a_run_every_table_has_the_columns_it_has_today(facts):
    with database.reading(facts.path) as db:
        look_back(db, 1)
        copied = [name for (name,) in db.conn.execute("SELECT name FROM temp.sqlite_master WHERE type IN ('table', 'view')")]
        for name in set(copied) - set(views()) - {"site_counts"}:  # that has an id of no meaning
            columns = [[row[1] for row in db.conn.execute(f"PRAGMA {schema}.table_info({name})")] for schema in ("temp", "main")]
            assert columns[0] == columns[1], name
        referred = (database.STORE / "views.sql").read_text("utf-8")
        kept = {"alternatives"}
        assert {name for name in db.table_names() if f" {name}" in referred} - set(copied) - kept == set()


def test_a_title_is_told_as_it_was_read_then(facts):
    a = facts.piece("a")
    facts.db.execute("UPDATE captures SET title = 'Fire at the harbour'")
    facts.begin_run("2016-11-01")
    facts.piece("a")
    facts.db.execute("UPDATE captures SET title = 'Nothing happened' WHERE run_id = 2")
    facts.db.execute("UPDATE pieces SET title = 'Nothing happened'")
    with database.reading(facts.path) as db:
        look_back(db, 1)
        assert db.conn.execute("SELECT name FROM piece_names WHERE piece_id = ?", (a,)).fetchall() == [("Fire at the harbour",)]


def test_a_title_is_not_matched_as_of_a_run_that_had_not_read_it(facts):
    a, b = facts.piece("a"), facts.piece("b")
    facts.db.execute("UPDATE captures SET text_sha256 = NULL WHERE piece_id = ?", (b,))
    lost = facts.cite(a, b, "read_more")
    facts.begin_run("2016-11-01")
    facts.piece("b")
    facts.db.execute("UPDATE citations SET matched_by = 'title_exact', match_score = 1, text = 'b' WHERE id = ?", (lost,))
    told = []
    for run_id in (1, 2):
        with database.reading(facts.path) as db:
            look_back(db, run_id)
            told += db.conn.execute("SELECT cited, matched_by, match_score FROM provenance").fetchall()
            told += db.conn.execute("SELECT title FROM unmatched_titles").fetchall()
    assert told == [(None, None, None), ("b",), ("b", "title_exact", 1.0)]


def test_views_answer_nothing_as_of_a_run_before_anything_was_known(facts):
    with database.reading(facts.path) as db:
        look_back(db, 1)
        for view in views():
            assert db.conn.execute(f"SELECT * FROM {view}").fetchall() == [], view
