"""The canned queries: what they answer, what they need, and that none reads a whole table to find a few rows."""

from __future__ import annotations

import re

import pytest

from crawler.errors import QueryError
from crawler.store import database
from crawler.store.questions import TYPES, ask, bind, questions, views
from tests.facts import facts_at


@pytest.fixture
def facts(tmp_path):
    with facts_at(tmp_path / "p.db") as facts:
        facts.begin_run("2016-10-25")
        yield facts


@pytest.fixture
def chain(facts):
    """a → b → c → d, a → c by a link that is told in two runs, c → a; and e that cites c by a link that is dead later."""
    a, b = facts.piece("a", "2016-10-25T10:00:00Z"), facts.piece("b", "2016-10-24", site="s.example")
    c, d, e = facts.piece("c", site="s.example"), facts.piece("d"), facts.piece("e")
    for citing, cited in [(a, b), (b, c), (c, d), (a, c), (c, a)]:
        facts.cite(citing, cited)
    facts.cite(e, c, url="http://t.co/c")
    facts.follow("http://t.co/c", "arrived", (301, "http://t.co/c"), (200, "http://s.example/c"), piece=c)
    facts.begin_run("2016-11-01")
    facts.piece("a")
    facts.piece("e")
    facts.cite(a, d, url="late")
    facts.follow("http://t.co/c", "gone", (301, "http://t.co/c"), (404, "http://s.example/c"), piece=c)
    facts.memento(c, "http://s.example/c", "http://archive.example/c")
    facts.cite(e, None, url="http://round.example/")
    facts.follow("http://round.example/", "loop", (301, "http://round.example/"), (301, "http://round.example/2"))
    return facts


def answer(facts, name, **given):
    question = questions()[name]
    columns, rows = (
        (found := ask(facts.db, question.sql, bind(facts.db, question, given, lambda said: iter([said])))).columns,
        found.rows,
    )
    return [dict(zip(columns, row, strict=True)) for row in rows]


def column(facts, query, *names, **given):
    return [tuple(row[name] for name in names) for row in answer(facts, query, **given)]


def test_ancestors_come_once_at_their_least_depth(chain):
    assert column(chain, "ancestors", "piece", "depth", piece="a") == [("b", 1), ("c", 1), ("d", 1)]
    assert column(chain, "ancestors", "piece", "depth", piece="b") == [("c", 1), ("a", 2), ("d", 2)]
    assert column(chain, "ancestors", "piece", "depth", piece="b", depth="1") == [("c", 1)]


def test_descendants_are_ancestors_the_other_way(chain):
    assert column(chain, "descendants", "piece", "depth", piece="d") == [("a", 1), ("c", 1), ("b", 2), ("e", 2)]


def test_the_path_is_the_shortest_with_what_leads_on(chain):
    assert column(chain, "path", "step", "piece", "cites_by", "url", **{"from": "e", "to": "b"}) == [
        (0, "e", "link", "http://t.co/c"),
        (1, "c", "link", None),
        (2, "a", "link", None),
        (3, "b", None, None),
    ]
    assert column(chain, "path", "piece", **{"from": "b", "to": "e"}) == []
    assert column(chain, "path", "piece", **{"from": "e", "to": "b", "depth": "2"}) == []
    assert column(chain, "path", "piece", **{"from": "a", "to": "a"}) == [("a",)]


def test_the_circles_of_a_piece_begin_with_it(chain):
    assert column(chain, "circles-of", "circle", "length", piece="c") == [("c → a → c", 2), ("c → a → b → c", 3)]
    assert column(chain, "circles-of", "circle", piece="c", length="2") == [("c → a → c",)]
    assert column(chain, "circles-of", "circle", piece="d") == []


def test_the_origins_of_a_piece_are_told(chain):
    assert column(chain, "origins-of", "origin", "depth", piece="e") == [("d", 2)]


def test_a_site_is_asked_in_both_directions(chain):
    assert sorted(column(chain, "site-cites", "citing", "cited", site="s.example")) == [("b", "c"), ("c", "a"), ("c", "d")]
    assert sorted(column(chain, "site-cited-by", "citing", "cited", site="s.example")) == [
        ("a", "b"), ("a", "c"), ("b", "c"), ("e", "c"),
    ]  # fmt: skip


@pytest.mark.parametrize("said", ["s.example", "www.s.example", "http://s.example/c", "S.Example"])
def test_a_site_is_known_by_its_hosts_and_by_its_urls(chain, said):
    assert len(answer(chain, "site-cites", site=said)) == 3


def test_the_timeline_puts_what_happened_in_order(chain):
    assert column(chain, "timeline", "at", "what", "piece", piece="e", depth="1") == [
        ("2016-10-24T12:00:00.000Z", "archived", "c"),
        ("2016-10-25T12:00:00.000Z", "first seen", "c"),
        ("2016-10-25T12:00:00.000Z", "first seen", "e"),
        ("2016-11-01T12:00:00.000Z", "citation added", "e"),
        ("2016-11-01T12:00:00.000Z", "link found failed", "e"),
        ("2016-11-01T12:00:00.000Z", "link found failed", "e"),
    ]
    assert ("2016-10-24", "published", "b") in column(chain, "timeline", "at", "what", "piece", piece="a", depth="1")


def test_what_changed_between_two_runs_is_told(chain):
    assert column(chain, "changes", "change", "piece", "what", "was", "became", **{"from": "1", "to": "2"}) == [
        ("citation added", "a", "late", None, "d"),
        ("citation added", "e", "http://round.example/", None, None),
        ("link flaky", "c", "http://t.co/c", "alive: http://s.example/c", "flaky: http://s.example/c"),
    ]
    assert answer(chain, "changes", **{"from": "2016-11-01", "to": "2"}) == []


def test_dead_links_come_with_their_copies(chain):
    assert column(chain, "dead-links", "url", "outcome", "memento_url") == [
        ("http://t.co/c", "gone", "http://archive.example/c"),
        ("http://round.example/", "loop", None),
    ]


def test_loops_come_with_their_chain(chain):
    assert column(chain, "loops", "chain", "citing") == [("http://round.example/ → http://round.example/2", "e")]


def test_a_value_left_out_or_empty_is_its_default(chain):
    for question in questions().values():
        with_default = {one.name: one.default for one in question.parameters if one.default}
        if not with_default:
            continue
        given = {one.name: "1" for one in question.parameters if not one.default}
        rows = [
            list(ask(chain.db, question.sql, {**given, **values}).rows)
            for values in (with_default, dict.fromkeys(with_default, ""))
        ]
        assert rows[0] == rows[1], question.name
        assert question.usage.count("=") == len(question.parameters)


MISTAKES = {
    "a value is missing": ("ancestors", {}, "needs piece=…"),
    "a value is empty": ("path", {"from": "", "to": "1"}, "needs from=…"),
    "a value is unknown": ("most-cited", {"piece": "1"}, "knows no piece; it takes no values"),
    "no number": ("ancestors", {"piece": "1", "depth": "many"}, "whole number"),
    "no piece": ("cites", {"piece": "nobody knows this"}, "no piece is known"),
    "a link that led nowhere": ("cites", {"piece": "http://round.example/"}, "is cited, but led to no piece that is known"),
    "no site": ("site-cites", {"site": "nowhere.example"}, "no piece is known of the site nowhere.example"),
    "no run": (
        "changes",
        {"from": "1", "to": "99"},
        "there is no run 99: the first is 1, of 2016-10-25T12:00:00.000Z, the last 2",
    ),
    "a day before the first run": ("changes", {"from": "1999-01-01", "to": "1"}, "the first is 1"),
    "no day": ("changes", {"from": "1", "to": "2016-13-01"}, "neither the id of a run nor a day"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_value_that_cant_be_meant_is_told(chain, mistake):
    name, given, said = MISTAKES[mistake]
    with pytest.raises(QueryError, match=re.escape(said)):
        answer(chain, name, **given)


def test_a_query_that_takes_too_long_is_ended_and_the_connection_goes_on(chain):
    endless = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(QueryError, match="too long"):
        ask(chain.db, endless, {}, is_over=lambda: True)
    assert list(ask(chain.db, "SELECT 1", {}).rows) == [(1,)]


# Where some library has turned the tracebacks of SQLite's callbacks on (Datasette does), what they raise is told of as well.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_ctrl_c_ends_a_query_as_what_it_is(chain):
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(chain.db, "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n", {}, interrupted)


def test_every_parameter_is_described_and_used():
    for question in questions().values():
        text = (database.STORE / "queries" / f"{question.name}.sql").read_text("utf-8")
        assert text.count("\n-- :") == len(question.parameters), question.name
        for one in question.parameters:
            assert one.type in TYPES
            assert one.sentence
            assert f"CAST(:{one.name} AS" in question.sql or f"nullif(:{one.name}, '')" in question.sql
        assert not re.findall(r"(?<!CAST\()(?<!nullif\()(?<![:\w]):[a-z]\w*", question.sql), question.name


def test_every_view_says_its_question_and_no_query_bears_its_name():
    assert not set(questions()) & set(views())
    assert all("?" in view.sentence or view.sentence.endswith(".") for view in views().values())
    text = (database.STORE / "views.sql").read_text("utf-8")
    assert text.count("CREATE VIEW") == len(views())


FAST = {
    **{
        name: questions()[name].sql
        for name in (
            "ancestors", "descendants", "path", "circles-of", "origins-of", "most-cited", "site-cites", "site-cited-by", "cites",
            "cited-by", "timeline",
        )
    },
    "self-citation share": "SELECT * FROM self_citation_share",
    "the provenance of a site": "SELECT * FROM provenance WHERE citing_site = :site",
    "the provenance of a piece": "SELECT * FROM provenance WHERE cited_id = :piece",
    "the chain of a link": "SELECT * FROM redirect_chains WHERE url = :url",
    "the circles of a piece": "SELECT * FROM circles WHERE piece_id = :piece",
    "the edits of a page": "SELECT * FROM late_edits WHERE citing_id = :piece",
    "the checks of one URL": "SELECT * FROM link_checks WHERE url = :url",
    "what has become of one URL": "SELECT * FROM link_rot WHERE url = :url",
    "what one site cites of which": "SELECT * FROM site_graph WHERE citing_site = :site",
}  # fmt: skip


@pytest.mark.parametrize("name", FAST)
def test_no_quick_question_reads_all_citations_or_hops(facts, name):
    values = dict.fromkeys(re.findall(r"(?<![:\w]):([a-z]\w*)", FAST[name]), "1")
    plan = [row[3] for row in facts.db.conn.execute(f"EXPLAIN QUERY PLAN {FAST[name]}", values)]
    touched = [step for step in plan if re.match(r"(SCAN|SEARCH) (c|citations|e|h|hops|r|resolutions|k)\b", step)]
    assert [step for step in touched if not (step.startswith("SEARCH") and "=?" in step)] == []
    assert touched or name in ("most-cited", "self-citation share"), plan
