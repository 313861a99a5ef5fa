"""The report: what it says is what the database says, and nothing in it can do harm."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from datetime import datetime

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.core.model import Landing, Outcome
from crawler.publish import inert
from crawler.publish.report import ENDS, LANDINGS, counted, day, short
from crawler.store.reports import ROWS
from tests.cli.test_commands import CASSETTES, SAMPLE, crawler
from tests.facts import facts_at
from tests.publish.test_exports import asked, steering

DATE = r"\d{1,2} \w+ \d{4}"


def reported(path, *options):
    done = crawler("report", "--db", path, *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def page(path, *options):
    return LexborHTMLParser(reported(path, *options))


def said(node):
    """Return a node's text, its white space folded."""
    return " ".join(node.text(separator=" ").split())


def table_of(html, figure):
    """Return the rows of the table beside a figure."""
    (drawn,) = (node for node in html.css("figure") if node.css_first(f"#{figure}-title"))
    return [tuple(said(cell) for cell in row.css("td")) for row in drawn.css("tbody tr")]


def section(html, heading):
    """Return the rows of the tables of a section, as texts."""
    (found,) = (node for node in html.css("section") if node.attributes["aria-labelledby"] == heading)
    return [[said(cell) for cell in row.css("td")] for row in found.css("tbody tr")]


def test_the_figures_are_the_databases(harbour):
    html = page(harbour)
    assert dict(table_of(html, "outcomes")) == {
        "Arrived at a page": "5",
        "Gone: the server says it is not there": "1",
        "Goes round in a circle": "1",
    }
    hops = Counter(row["hop_count"] for row in asked(harbour, "SELECT hop_count FROM resolutions"))
    assert {int(length): int(count) for length, count in table_of(html, "chains")} == hops
    own = Counter()
    for row in asked(harbour, "SELECT citing_site, cited_site FROM provenance WHERE citing_id <> cited_id"):
        if row["citing_site"] and row["cited_site"]:
            own[row["citing_site"], row["citing_site"] == row["cited_site"]] += 1
    assert {(site, True): int(itself) for site, itself, _ in table_of(html, "self-citations") if int(itself)} | {
        (site, False): int(others) for site, _, others in table_of(html, "self-citations") if int(others)
    } == own


def test_the_age_of_a_source_is_counted_in_days_before_what_cites_it(harbour):
    sql = """
    SELECT citing.published_at AS citing_at, coalesce(cited.published_at, t.posted_at, t.claimed_on) AS cited_at
    FROM citations AS c JOIN pieces AS citing ON citing.id = c.citing_id JOIN pieces AS cited ON cited.id = c.cited_id
    LEFT JOIN tweets AS t ON t.piece_id = cited.id
    """
    ages = Counter()
    for row in asked(harbour, sql):
        if row["citing_at"] and row["cited_at"]:
            days = (datetime.fromisoformat(row["citing_at"]) - datetime.fromisoformat(row["cited_at"])).total_seconds() / 86400
            ages["later" if days < 0 else "day" if days < 1 else "week"] += 1
    assert [int(count) for _, count in table_of(page(harbour), "lags")] == [ages["day"], ages["week"], 0, 0, 0, ages["later"]]
    assert sum(ages.values()) == 8


def test_a_plot_says_in_words_what_it_draws(story):
    html = page(story)
    assert len(html.css("svg.plot")) > 2
    for plot in html.css("svg.plot"):
        title, description = (html.css_first(f"#{id_}") for id_ in plot.attributes["aria-labelledby"].split())
        assert said(title)
        assert all(character in said(description) for character in said(plot.css_first(".value")).split()[0])


def test_bars_are_as_long_as_what_they_count(harbour):
    (figure,) = (node for node in page(harbour).css("figure") if node.css_first("#outcomes-title"))
    lengths = [float(bar.attributes["width"]) for bar in figure.css("svg.plot rect") if bar.attributes["class"] != "track"]
    assert lengths == [440, 88, 88], "5, 1 and 1 of at most 5"


def test_what_is_dead_is_told_with_how_far_it_got_and_who_cites_it(harbour):
    html = page(harbour)
    assert section(html, "dead") == [
        [
            "“ its own site ” https://files.portansgar.example/permits/2025-117.pdf",
            "Gone: the server says it is not there Asked on " + day(datetime.now().astimezone().isoformat()),
            "Harbour fire: the inquiry’s first day",
            "none known",
        ],
        [
            "“ log of the fire service ” https://short.example/fire-log",
            "Goes round in a circle It got as far as https://short.example/fire-log/ Asked on "
            + day(datetime.now().astimezone().isoformat()),
            "Harbour fire: the inquiry’s first day",
            "none known",
        ],
    ]
    assert section(html, "references") == [
        ["Three dead in Port Ansgar warehouse fire, city opens inquiry", "READ MORE “ Harbour town remembers the fire of 1911 ”"]
    ]
    assert "2 of 7 links lead nowhere, or elsewhere than they should" in said(html.css_first(".tiles"))


def test_a_link_that_leads_to_something_else_is_told_and_the_copy_of_what_is_lost(lost):
    html = page(lost)
    assert table_of(html, "outcomes") == [
        ("Arrived at a page", "1"),
        ("Gone: the server says it is not there", "1"),
        ("Led to a home page instead", "1"),
        ("Led to a page that says it is not there", "1"),
    ]
    assert {(row[0], row[1].partition(" Asked")[0], row[3]) for row in section(html, "dead")} == {
        ("http://daily.example/lost", "Led to a page that says it is not there", "none known"),
        (
            "http://paper.example/2016/10/a-story",
            "Led to a home page instead It got as far as http://paper.example/",
            "none known",
        ),
        ("http://weekly.example/gone", "Gone: the server says it is not there", "a copy"),
    }
    copy = "http://archive.example/web/20161024120000/http://weekly.example/gone"
    assert [node.attributes["href"] for node in html.css("a") if said(node) == "a copy"] == [copy]
    assert "3 of 4 links lead nowhere, or elsewhere than they should" in said(html.css_first(".tiles"))


def test_what_changed_since_the_run_before_is_told(edited):
    html = page(edited)
    (changes,) = (node for node in html.css("section") if node.attributes["aria-labelledby"] == "changes")
    removed, added = (said(table) for table in changes.css("table"))
    assert "https://t.co/Hb4rWq7TzK" in removed
    assert "https://t.co/9mXcPd2LsV" in added
    assert [said(heading) for heading in changes.css("h3")] == ["Taken out of pages", "Put into pages that were read before"]
    assert re.fullmatch(f"What changed since {DATE}", said(changes.css_first("h2")))
    assert not page(edited, "--run", "1").css("section[aria-labelledby=changes]"), "the first run has none before it"


def test_a_table_that_is_cut_says_of_how_many_and_the_figures_count_them_all(tmp_path):
    with facts_at(tmp_path / "p.db") as facts:
        facts.begin_run("2016-10-25")
        a = facts.piece("a")
        facts.cite(a, facts.piece("b"))
        citations = [facts.cite(a, None, url=f"http://b.example/{number}") for number in range(ROWS + 5)]
        facts.begin_run("2016-10-27")
        for citation in citations:
            facts.drop(citation)
    html = page(tmp_path / "p.db")
    assert f"{ROWS + 5} citations taken out since the run before" in said(html.css_first(".tiles"))
    assert len(section(html, "changes")) == ROWS
    assert f"The first {ROWS} of {ROWS + 5}." in said(html.body)


def test_a_report_of_a_run_tells_what_that_run_saw(edited):
    first, second = reported(edited, "--run", "1"), reported(edited, "--run", "2")
    assert "https://t.co/9mXcPd2LsV" not in first
    assert "Run 1, begun on" in first
    assert "Run 2, begun on" in second


def test_a_report_does_not_say_in_which_folder_a_file_lies(harbour):
    for options in ([], ["--piece", SAMPLE]):
        html = reported(harbour, *options)
        assert str(SAMPLE.parent) not in html
        assert SAMPLE.name in html


def test_a_report_of_a_piece_tells_what_it_stands_on(harbour):
    html = page(harbour, "--piece", SAMPLE)
    assert said(html.css_first("h1")) == "What “ Three dead in Port Ansgar warehouse fire, city opens inquiry ” stands on"
    assert table_of(html, "outcomes") == [("Arrived at a page", "5")], "the links it reaches, and not the inquiry's"
    assert "short.example" not in said(html.css_first("main section"))


def test_a_database_without_citations_has_a_report_that_says_so(tmp_path):
    (tmp_path / "a.txt").write_text("A headline of some words\nA story that points at nothing at all.\n")
    assert crawler("run", tmp_path / "a.txt", "--replay", CASSETTES, "--db", tmp_path / "p.db").returncode == 0
    html = page(tmp_path / "p.db")
    assert "No citation was found." in said(html.body)
    assert html.css("figure, svg, script") == []


def test_the_page_needs_nothing_but_itself(story):
    html = page(story)
    assert html.css("[src], link, iframe, object, embed, base, form, meta[http-equiv=refresh], [style]") == []
    policy = html.css_first("meta[http-equiv=Content-Security-Policy]").attributes["content"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    scripts = [node for node in html.css("script") if node.attributes.get("type") != "application/json"]
    for node in [*scripts, *html.css("style")]:
        digest = base64.b64encode(hashlib.sha256(node.text().encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert policy.count("sha256-") == len(scripts) + 1


def shape(html):
    """Return which elements and attributes a page has."""
    return {(node.tag, *sorted(node.attributes)) for node in html.root.traverse() if node.tag not in ("-text", "-comment")}


def test_what_a_page_is_titled_is_never_markup_in_a_report(harbour, edited, hostile_pages):
    html = page(hostile_pages)
    ours = shape(page(harbour)) | shape(page(edited)) | {("a", "href", "rel")}
    assert {entry for entry in shape(html) if entry not in ours} == set(), "no element, no attribute that isn't the template's"
    hrefs = [node.attributes["href"] for node in html.css("a")]
    assert hrefs
    assert {href.partition(":")[0] for href in hrefs} == {"https"}
    assert not any(character in href for href in hrefs for character in "\"'<> ")
    assert steering(html.html) == set()
    shown = said(html.body)
    for row in asked(hostile_pages, "SELECT title FROM pieces WHERE title IS NOT NULL"):
        assert " ".join(inert.plain(short(row["title"])).split()) in shown


@pytest.mark.parametrize("title", ["</title><script>alert(1)</script>", "{{7*7}}", "\u202egnp.exe"])
def test_a_piece_may_bear_any_title(tmp_path, title):
    (tmp_path / "a.txt").write_text(f"{title} in a headline of words\nIt was seen https://t.co/Hb4rWq7TzK by many.\n", "utf-8")
    assert crawler("run", tmp_path / "a.txt", "--replay", CASSETTES, "--db", tmp_path / "p.db").returncode == 0
    html = page(tmp_path / "p.db", "--piece", tmp_path / "a.txt")
    (shown,) = html.css("head > title")
    assert inert.plain(title) in shown.text()


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ("2026-03-18T12:00:00.000Z", "18 March 2026"),
        ("2026-03-08", "8 March 2026"),
        ("in spring", "in spring"),
        (None, "not known"),
    ],
)
def test_a_day_is_told_in_words(time, words):
    assert day(time) == words


def test_every_outcome_and_every_landing_has_its_words():
    assert set(ENDS) == set(Outcome)
    assert set(LANDINGS) == set(Landing)


def test_one_thing_is_no_plural():
    assert [counted(number, "piece") for number in (0, 1, 1204)] == ["0 pieces", "1 piece", "1,204 pieces"]


def test_a_report_goes_to_a_file(harbour, tmp_path):
    done = crawler("report", "--db", harbour, "--output", tmp_path / "report.html")
    assert (done.returncode, done.stdout) == (0, "")
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_text("utf-8").startswith("<!doctype html>")


def test_a_report_of_nothing_known_says_what_to_do(harbour):
    for options, told in ((["--run", "99"], "there is no run 99"), (["--piece", "nobody knows this"], "no piece is known")):
        done = crawler("report", "--db", harbour, *options)
        assert (done.returncode, done.stdout) == (2, "")
        assert told in done.stderr
