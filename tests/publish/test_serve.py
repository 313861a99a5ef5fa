"""The database in Datasette, asked over HTTP, in both versions that the folder is made for."""

from __future__ import annotations

import html
import json
import re
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlite_utils import Database

from crawler.publish import bundle, drawing
from crawler.store import database, graph, snapshot
from crawler.store.questions import questions
from tests.cli.test_commands import CASSETTES, SAMPLE, SAMPLE_HTML, crawler
from tests.publish import hostile
from tests.publish.serving import Unavailable, ask, python_with, served

NOW = datetime(2026, 11, 22, tzinfo=UTC)
VERSIONS = ("0.65", "1.0")
DESCRIBED = tomllib.loads((bundle.PUBLISH / "tables.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    path = tmp_path_factory.mktemp("crawled") / "provenance.db"
    assert crawler("run", SAMPLE, SAMPLE_HTML, "--replay", CASSETTES, "--db", path, "--depth", 2).returncode == 0
    return path


@pytest.fixture(scope="module", params=VERSIONS)
def python(request):
    try:
        return python_with(request.param)
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def site(python, crawled, tmp_path_factory):
    with served(python, crawled, tmp_path_factory.mktemp("served")) as site:
        yield site


def rows(site, path):
    reply = site.get(f"{path}{'&' if '?' in path else '?'}_shape=array")
    assert reply.status == 200, reply.text
    return json.loads(reply.text)


def known(crawled, sql):
    with closing(sqlite3.connect(f"file:{crawled}?mode=ro", uri=True)) as db:
        return db.execute(sql).fetchall()


def test_a_citation_names_the_pieces_it_ties(site):
    (short,) = rows(site, "/provenance/citations.json?url=https://t.co/9mXcPd2LsV&_labels=on")
    assert short["citing_id"]["label"] == "Three dead in Port Ansgar warehouse fire, city opens inquiry"
    assert short["cited_id"]["label"] == "Crews from four towns still at work at the north quay"
    assert short["tweet_id"]["label"].startswith("Crews from four towns still at work at the north quay, smoke seen")
    assert short["resolution_id"]["label"] == "https://t.co/9mXcPd2LsV"


@pytest.mark.parametrize(
    ("table", "words", "found"),
    [
        (
            "pieces",
            "inquiry",
            ["Harbour fire: the inquiry’s first day", "Three dead in Port Ansgar warehouse fire, city opens inquiry"],
        ),
        ("pieces", "PORTANSGAR", ["https://files.portansgar.example/permits/2025-117.pdf"]),
        ("tweets", "smoke", ["coastline_news"]),
        ("citations", "remembers", ["READ MORE"]),
    ],
)
def test_the_search_box_looks_through_titles_tweets_and_contexts(site, table, words, found):
    column = {"pieces": "name", "tweets": "handle", "citations": "label"}[table]
    assert sorted(row[column] for row in rows(site, f"/provenance/{table}.json?_search={words}")) == found


def test_every_canned_query_is_listed_and_answers_as_on_the_command_line(site, crawled):
    listed = html.unescape(site.get("/provenance").text + site.get("/provenance/-/queries").text)
    for name, question in questions().items():
        assert question.title in listed
        assert f"/provenance/{name}" in listed or f"/provenance/query-{name}" in listed
    said = [json.loads(line) for line in crawler("query", "dead-links", "--json", "--db", crawled).stdout.splitlines()]
    assert len(said) > 1
    assert rows(site, "/provenance/dead-links.json") == said
    assert rows(site, "/provenance/query-runs.json")[0]["status"] == "done"


def test_a_query_that_needs_a_value_takes_it_from_the_address(site, crawled):
    ((piece,),) = known(crawled, "SELECT id FROM pieces WHERE key LIKE '%/port/north-quay-fire'")
    assert {row["citing"] for row in rows(site, f"/provenance/cited-by.json?piece={piece}")} == {
        "City hall approved the warehouse’s permit in nine days, documents show",
        "Three dead in Port Ansgar warehouse fire, city opens inquiry",
    }


def test_tables_say_what_they_hold_and_the_newest_rows_come_first(site):
    page = html.unescape(site.get("/provenance/pieces").text)
    assert "Two addresses of one piece have one key." in page
    assert "What two addresses of one piece share; never fetched" in page
    assert all(f'id="facet-{column}"' in page for column in ("kind", "state", "site"))
    ids = [row["id"] for row in rows(site, "/provenance/pieces.json")]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) > 5


def test_views_and_queries_say_what_they_answer(site):
    assert "What has become of each cited piece: is its link alive" in site.get("/provenance/link_rot").text
    page = html.unescape(site.get("/provenance/ancestors?piece=1").text)
    assert "the nearest first? piece: the piece to start from. depth: how many citations away, at most (6 if left out)." in page


def test_only_what_people_ask_for_is_in_sight(site):
    tables = json.loads(site.get("/provenance.json").text)["tables"]
    assert {table["name"] for table in tables if not table["hidden"]} == set(DESCRIBED["tables"])


def test_the_row_of_a_piece_leads_to_its_graph(site, crawled):
    ((piece,),) = known(crawled, "SELECT id FROM pieces WHERE key LIKE '%/harbour-fire.txt'")
    (way,) = re.findall(r'href="([^"]*)">Graph around this piece', site.get(f"/provenance/pieces/{piece}").text)
    page = site.get(way)
    assert page.status == 200
    for title in ("Ancestors", "Timeline"):
        (asked,) = re.findall(rf'href="([^"]*)"[^>]*>{title}</a>', site.get(f"/provenance/pieces/{piece}").text)
        assert len(rows(site, asked.replace("?", ".json?"))) > 3
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    with database.reading(crawled) as db:
        found = graph.neighbourhood(db, piece, depth=2)
    pages = {"piece": "/provenance/pieces/{id}", "graph": "/-/graph/{id}"}
    assert drawing.data(found, pages=pages) in page.text
    for asset in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text):
        assert site.get(asset).status == 200


def test_the_answer_of_a_query_leads_to_its_graph(site, crawled):
    ((piece,),) = known(crawled, "SELECT id FROM pieces WHERE key LIKE '%/harbour-fire.txt'")
    (way,) = re.findall(r'class="to-graph" href="([^"]*)"', site.get(f"/provenance/cites?piece={piece}").text)
    page = site.get(html.unescape(way))
    assert page.status == 200
    drawn = json.loads(re.search(r'id="graph-data">(.*?)</script>', page.text)[1])
    cited = {row["cited_id"] for row in rows(site, f"/provenance/cites.json?piece={piece}")} - {None}
    assert {node["id"] for node in drawn["nodes"]} == cited
    assert {(edge["citing"], edge["cited"]) for edge in drawn["edges"] if edge["cited"]} <= {
        (one, other) for one in cited for other in cited
    }


def test_an_answer_leads_to_the_rows_of_its_pieces(site, crawled):
    ((piece,),) = known(crawled, "SELECT id FROM pieces WHERE key LIKE '%/port/north-quay-fire'")
    way = f'<a href="/provenance/pieces/{piece}">{piece}</a>'
    assert way in site.get("/provenance/most_cited").text
    ((citing,),) = known(crawled, "SELECT id FROM pieces WHERE key LIKE '%/harbour-fire.txt'")
    assert way in site.get(f"/provenance/cites?piece={citing}").text
    assert site.get(f"/provenance/pieces/{piece}").status == 200


def test_any_select_can_be_drawn_and_nothing_else(site):
    reply = site.get("/-/graph?sql=select+id+as+piece_id+from+pieces+where+site+%3D+%3Asite&site=harbourpost.example")
    assert {node["site"] for node in json.loads(re.search(r'id="graph-data">(.*?)</script>', reply.text)[1])["nodes"]} == {
        "harbourpost.example"
    }
    for path, status in {
        "/-/graph/999": 404,
        "/-/graph/1?depth=4": 400,
        "/-/graph?query=nothing": 404,
        "/-/graph": 400,
        "/-/graph?sql=select+1": 400,
        "/-/graph?sql=select+from": 400,
        "/-/graph?sql=delete+from+pieces": 400,
    }.items():
        assert site.get(path).status == status, path


def test_no_page_may_load_anything_from_elsewhere_or_be_framed(site):
    for path in ("/", "/provenance", "/provenance/pieces", "/provenance/pieces.json", "/-/graph/1", "/static/graph.js", "/none"):
        headers = site.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert "http" not in headers["content-security-policy"]
        assert (headers["referrer-policy"], headers["x-content-type-options"]) == ("no-referrer", "nosniff")


HOSTILE = ("/provenance/pieces", "/provenance/pieces/1", "/provenance/citations", "/provenance/provenance", "/provenance/cites?piece=2",
           "/-/graph/1", "/-/graph?query=cites&piece=2")  # fmt: skip
FOR_ALL = ("/provenance/dead-links.json?_shape=array", "/-/graph?query=cites&piece=1")
FOR_NONE = ("/provenance.json?sql=select+1&_shape=array", "/provenance/-/query.json?sql=select+1&_shape=array",
            "/-/graph?sql=select+1+as+piece_id")  # fmt: skip


def test_what_the_web_wrote_stays_text_and_others_may_ask_only_what_has_a_name(python, crawled, tmp_path):
    ill, public = tmp_path / "ill", tmp_path / "public"
    hostile.add(tmp_path / "p.db")
    for folder, path in ((ill, tmp_path / "p.db"), (public, crawled)):
        folder.mkdir()
        bundle.write(path, folder, now=NOW, public=folder == public)
    replies = ask(python, {ill: HOSTILE, public: (*FOR_ALL, *FOR_NONE)})
    for path, page in zip(HOSTILE, replies, strict=False):
        assert page.status == 200
        assert "document.title" in page.text
        assert not re.search(r"<(?:img src=x|svg onload|script>document)", page.text), path
        assert not re.search(r'href="\s*(?:javascript|data):', page.text, re.IGNORECASE), path
        assert ">49<" not in page.text
    answered = {path: page.status == 200 for path, page in zip((*FOR_ALL, *FOR_NONE), replies, strict=True)}
    assert answered == dict.fromkeys(FOR_ALL, True) | dict.fromkeys(FOR_NONE, False)


def test_a_copy_holds_what_a_run_has_not_flushed_yet_and_leaves_the_original_alone(tmp_path):
    path = tmp_path / "p.db"
    with closing(database.open_for_writing(path)) as writer:
        writer.conn.execute("PRAGMA wal_autocheckpoint = 0")
        writer.conn.execute(
            "INSERT INTO runs (started_at, status, command, config_json, crawler_version) VALUES ('now', 'running', '', '', '')"
        )
        before, wal = path.read_bytes(), path.with_name("p.db-wal").read_bytes()
        assert wal
        counts = snapshot.take(path, tmp_path / "copy.db", full_text={}, indexes={})
        assert (path.read_bytes(), path.with_name("p.db-wal").read_bytes()) == (before, wal)
    assert counts["runs"] == 1
    with closing(sqlite3.connect(f"file:{tmp_path / 'copy.db'}?immutable=1", uri=True)) as db:
        assert db.execute("SELECT status FROM runs").fetchall() == [("running",)]
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert not list(tmp_path.glob("copy.db-*"))


def test_what_an_earlier_crawler_wrote_is_shown_as_of_today_and_left_as_it_is(tmp_path):
    path = tmp_path / "p.db"
    with closing(Database(sqlite3.connect(path))) as db:
        database.migrations.apply(db, stop_before="0002_questions")
        db.conn.execute("PRAGMA user_version = 1")
    before = path.read_bytes()
    counts = snapshot.take(path, tmp_path / "copy.db", full_text={}, indexes={})
    assert counts["citation_counts"] == 0
    assert path.read_bytes() == before


def test_every_table_and_column_is_described(tmp_path):
    database.open_for_writing(tmp_path / "p.db").close()
    snapshot.take(tmp_path / "p.db", tmp_path / "copy.db", full_text={}, indexes={})
    with closing(sqlite3.connect(tmp_path / "copy.db")) as db:
        tables = {
            name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        }
        columns = {
            table: [column for (column,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,))] for table in tables
        }
    assert tables == {*DESCRIBED["tables"], *DESCRIBED["hidden"]}, (
        "say in publish/tables.toml what a table holds, or that it is hidden"
    )
    for table, described in DESCRIBED["tables"].items():
        assert set(described["columns"]) == set(columns[table]), f"say in publish/tables.toml what the columns of {table} hold"
        assert {described.get("label"), described["sort_desc"], *described.get("facets", []), *described.get("search", [])} - {
            None
        } <= set(columns[table])


def test_without_datasette_it_says_what_to_install(crawled):
    code = f"import sys; sys.modules['datasette'] = sys.modules['datasette.cli'] = None; import crawler.cli; sys.argv = ['crawler', 'serve', '--db', {str(crawled)!r}]; crawler.cli.main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert 'pip install "link-provenance-crawler[serve]"' in done.stderr


def test_a_port_that_is_taken_is_said_before_anything_is_copied(site, tmp_path):
    port = site.url.rpartition(":")[2]
    done = crawler("serve", "--db", tmp_path / "none.db", "--port", port)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--port names another" in done.stderr
