"""crawler query and crawler trace, on a graph that was written down over two runs."""

from __future__ import annotations

import json
import shlex

import pytest

from tests.cli.test_commands import crawler
from tests.facts import facts_at

ESCAPES = "\x1b[2J\u202eevil\x9b31m"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("asking") / "p.db"
    with facts_at(path) as facts:
        facts.begin_run("2016-10-25")
        origin = facts.piece("origin", "2016-10-20")
        loud = facts.piece("loud")
        facts.db.execute("UPDATE pieces SET title = ? WHERE id = ?", (ESCAPES, loud))
        facts.cite(loud, origin, url=f"http://origin.example/origin#{ESCAPES}")
        facts.cite(origin, loud)
        for number in range(4):
            facts.cite(facts.piece(f"reader {number}"), loud)
        facts.begin_run("2016-11-01")
        facts.cite(facts.piece("late"), origin)
    return path


def test_the_trace_upward_draws_each_citing_piece_once_with_its_circles(path):
    done = crawler("trace", "origin", "--up", "--db", path)
    assert done.returncode == 0
    assert done.stdout.count("── reader 3 [") == 1
    assert "↺ a circle" in done.stdout
    tree = json.loads(crawler("trace", "origin", "--up", "--db", path, "--json").stdout)
    assert [citation["citing"]["title"] for citation in tree["citations"]] == [ESCAPES, "late"]
    assert [one["citing"]["seen"] for one in tree["citations"][0]["citing"]["citations"]] == ["circle", None, None, None, None]


@pytest.mark.parametrize("words", [["trace", "late"], ["trace", "origin", "--up"], ["query", "provenance"], ["query", "circles"]])
def test_what_a_page_says_is_no_order_to_the_terminal(path, words):
    said = crawler(*words, "--db", path).stdout
    assert "\\u001b[2J\\u202eevil\\u009b31m" in said
    assert not set(ESCAPES) - set("[2Jevil31m") & set(said)


def test_a_tree_has_so_many_citations_at_most_and_says_how_many_more_there_are(path):
    done = crawler("trace", "2", "--up", "--limit", "2", "--db", path)
    assert "… and 3 more; --limit shows them" in done.stdout
    assert json.loads(crawler("trace", "2", "--up", "--limit", "2", "--db", path, "--json").stdout)["more"] == 3


def test_query_and_trace_go_back_to_what_was_known(path):
    for when, known in [("1", False), ("2016-10-31", False), ("2", True), ("2016-11-01", True)]:
        assert ("late" in crawler("trace", "origin", "--up", "--as-of", when, "--db", path).stdout) is known
        assert ("late" in crawler("query", "cited-by", "piece=1", "--as-of", when, "--db", path).stdout) is known


MISTAKES = {
    "a run that is not there": (["query", "provenance", "--as-of", "9"], "there is no run 9"),
    "a day before all runs": (["trace", "origin", "--as-of", "2016-10-24"], "the first is 1"),
    "no day and no run": (["query", "provenance", "--as-of", "yesterday"], "neither the id of a run nor a day"),
    "a value that nobody asked for": (["query", "most-cited", "piece=1"], "knows no piece; it takes no values"),
    "too long": (
        ["query", "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n) SELECT count(*) FROM n", "--seconds", "0.2"],
        "took too long",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_in_a_line(path, mistake):
    words, said = MISTAKES[mistake]
    done = crawler(*words, "--db", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_list_of_questions_has_views_and_values_in_it():
    listed = crawler("query").stdout
    for words in ("ancestors", "piece=… depth=6", "self_citation_share", "How much of what a site cites is its own?"):
        assert words in listed


def test_a_piece_is_found_by_a_part_of_its_url_in_plain_letters(tmp_path):
    with facts_at(tmp_path / "p.db") as facts:
        facts.begin_run("2016-10-25")
        facts.db.execute("UPDATE pieces SET url = 'file:///a%20%C3%A9.txt' WHERE id = ?", (facts.piece("untold"),))
    assert "untold" in crawler("trace", "a é.txt", "--db", tmp_path / "p.db").stdout


def test_a_link_that_led_nowhere_is_told_with_who_cites_it(tmp_path):
    with facts_at(tmp_path / "p.db") as facts:
        facts.begin_run("2016-10-25")
        facts.cite(facts.piece("a"), None, url="https://t.co/lost")
        facts.follow("https://t.co/lost", "loop")
    done = crawler("trace", "https://t.co/lost", "--db", tmp_path / "p.db")
    assert done.returncode == 2
    proposed = shlex.split(done.stderr.partition("who cites it: ")[2])
    asked = crawler(*proposed[1:], "--json", "--db", tmp_path / "p.db")
    assert [json.loads(line)["citing"] for line in asked.stdout.splitlines()] == ["a"]
