"""Exports, parsed back with readers that are not ours, and compared with the database."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import unicodedata
from collections import Counter
from contextlib import closing
from xml.etree import ElementTree as ET

import networkx as nx
import prov.model
import pydot
import pytest

from crawler.publish import inert
from crawler.publish import prov as provenance
from crawler.publish.networks import LONGEST_LABEL
from crawler.store import database
from tests.cli.test_commands import ROOT, crawler
from tests.graphs import graph

# pydot calls pyparsing by its old names.
pytestmark = pytest.mark.filterwarnings("ignore:.* deprecated - use:DeprecationWarning")

FORMATS = ("jsonl", "csv", "graphml", "gexf", "dot", "prov-json")
ELEMENTS = (prov.model.ProvEntity, prov.model.ProvActivity, prov.model.ProvAgent)
QUOTATIONS = ("tweet", "tweet_media", "embed")


def exported(path, form, *options):
    done = crawler("export", "--format", form, "--db", path, *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def asked(path, sql):
    """Return rows as dictionaries; text that is no Unicode as every reader of ours sees it."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        db.text_factory = lambda text: text.decode("utf-8", "replace")
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(sql)]


def citations_of(path):
    """Return what the canonical graph says of who cites what: the citing key, the cited key, the kind, the URL, the text."""
    with database.reading(path) as db:
        return Counter((row[0], row[1], row[2], row[5], row[6]) for row in graph(db)["citations"])


def network_of(path, form):
    text = exported(path, form).encode()
    if form == "graphml":
        return nx.read_graphml(io.BytesIO(text), force_multigraph=True)
    return nx.read_gexf(io.BytesIO(text), relabel=False)


def test_json_lines_are_the_rows_of_the_view(story):
    lines = exported(story, "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == asked(story, "SELECT * FROM provenance ORDER BY citation_id")


def test_csv_is_the_rows_of_the_view(story):
    read = list(csv.DictReader(io.StringIO(exported(story, "csv"), newline="")))
    rows = asked(story, "SELECT * FROM provenance ORDER BY citation_id")
    assert read == [{name: "" if value is None else str(inert.cell(value)) for name, value in row.items()} for row in rows]
    assert len(read) > 8


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_a_network_has_every_piece_and_every_citation(story, form):
    network = network_of(story, form)
    pieces = {node: facts for node, facts in network.nodes(data=True) if "piece_key" in facts}
    assert {facts["piece_key"]: facts.get("site") for facts in pieces.values()} == {
        row["key"]: row["site"] for row in asked(story, "SELECT key, site FROM pieces")
    }
    keys = {node: facts["piece_key"] for node, facts in pieces.items()}
    edges = Counter(
        (keys[citing], keys.get(cited), facts["kind"], facts.get("url"), facts.get("text"))
        for citing, cited, facts in network.edges(data=True)
    )
    assert edges == citations_of(story)


@pytest.mark.parametrize("form", ["graphml", "gexf", "dot"])
def test_citations_that_led_to_no_piece_have_an_open_end(harbour, form):
    if form == "dot":
        (parsed,) = pydot.graph_from_dot_data(exported(harbour, form))
        labels = {unquoted(node.get("label")) for node in parsed.get_nodes() if node.get("kind") == '"open"'}
    else:
        labels = {facts["label"] for _, facts in network_of(harbour, form).nodes(data=True) if facts.get("kind") == "open"}
    assert labels == {"Harbour town remembers the fire of 1911", "log of the fire service"}


def unquoted(text):
    """Return what a quoted string of DOT stands for in a label."""
    assert text.startswith('"')
    assert text.endswith('"')
    return re.sub(r"\\(.)", r"\1", text[1:-1]).replace("&amp;", "&")


def test_dot_has_every_piece_and_every_citation(story):
    (parsed,) = pydot.graph_from_dot_data(exported(story, "dot"))
    drawn = {node.get_name(): node for node in parsed.get_nodes() if node.get_name().startswith("p")}
    rows = {f"p{row['id']}": row for row in asked(story, "SELECT id, url, title FROM pieces")}
    assert drawn.keys() == rows.keys()
    for id_, row in rows.items():
        if row["title"]:
            assert unquoted(drawn[id_].get("tooltip")) == row["title"]
        assert unquoted(drawn[id_].get("URL") or '""') == (row["url"] if row["url"].startswith("http") else "")
    edges = {edge.get("id").strip('"'): (edge.get_source(), edge.get_destination()) for edge in parsed.get_edges()}
    for row in asked(story, "SELECT id, citing_id, cited_id, tweet_id, kind FROM citations"):
        source, destination = edges.pop(f"c{row['id']}")
        is_in_tweet = row["tweet_id"] is not None and row["kind"] != "tweet"
        assert source == f"p{row['tweet_id'] if is_in_tweet else row['citing_id']}", "a tweet's links are drawn from the tweet"
        assert row["cited_id"] is None or destination == f"p{row['cited_id']}"
    assert edges == {}


def document_of(text):
    """Return what the prov package reads. It warns of what it has to bend or drop, and here a warning is an error."""
    return prov.model.ProvDocument.deserialize(content=text, format="json")


def told(record, name):
    """Return one attribute of a record as text."""
    (value,) = (value for key, value in record.attributes if str(key) == name)
    return str(getattr(value, "uri", value))


def test_prov_json_is_read_whole_and_says_what_the_database_says(story):
    document = document_of(exported(story, "prov-json"))
    records = {kind: list(document.get_records(kind)) for kind in (
        prov.model.ProvEntity, prov.model.ProvActivity, prov.model.ProvAgent, prov.model.ProvDerivation, prov.model.ProvAlternate,
        prov.model.ProvUsage, prov.model.ProvGeneration, prov.model.ProvStart,
    )}  # fmt: skip
    entities = {str(entity.identifier) for entity in records[prov.model.ProvEntity]}
    keys = [row["key"] for row in asked(story, "SELECT key FROM pieces")]
    assert {provenance.name("piece", key) for key in keys} == {name for name in entities if name.startswith("piece:")}
    assert len(records[prov.model.ProvDerivation]) == sum(citations_of(story).values())
    quoted = [r for r in records[prov.model.ProvDerivation] if prov.model.PROV["Quotation"] in r.get_asserted_types()]
    kinds = Counter(row["kind"] for row in asked(story, "SELECT kind FROM citations"))
    assert len(quoted) == sum(kinds[kind] for kind in QUOTATIONS)
    for kind, table in (
        (prov.model.ProvUsage, "hops"),
        (prov.model.ProvGeneration, "captures"),
        (prov.model.ProvStart, "resolutions"),
    ):
        assert len(records[kind]) == asked(story, f"SELECT count(*) AS n FROM {table}")[0]["n"], table
    assert {
        told(agent, "prov:type") for agent in records[prov.model.ProvAgent] if str(agent.identifier).startswith("software:")
    } == {"http://www.w3.org/ns/prov#SoftwareAgent"}
    known = {str(record.identifier) for kind in list(records)[:3] for record in records[kind]}
    assert len(known) == sum(len(records[kind]) for kind in list(records)[:3]), "each is told once"
    for record in document.get_records():
        for name, value in record.formal_attributes:
            if value is not None and "ime" not in str(name):
                assert str(value) in known, (record, "nothing is pointed at that is not told")


def test_prov_json_goes_round_through_the_prov_package(story):
    document = document_of(exported(story, "prov-json"))
    assert document_of(document.serialize(format="json")) == document
    assert "prov:type='prov:Quotation'" in document.get_provn()


def test_the_chain_of_a_short_link_is_told_in_prov(harbour):
    document = document_of(exported(harbour, "prov-json"))
    alternates = {
        (told(record, "prov:alternate1"), told(record, "prov:alternate2"))
        for record in document.get_records(prov.model.ProvAlternate)
    }
    piece = "urn:link-provenance-crawler:piece:https%3A//www.harbourpost.example/2026/03/warehouse-permit"
    for url in ("https%3A//t.co/Hb4rWq7TzK", "https%3A//hrbr.example/2k1"):
        assert (f"urn:link-provenance-crawler:link:{url}", piece) in alternates


def test_an_archived_copy_is_told_in_prov(lost):
    document = document_of(exported(lost, "prov-json"))
    copy = provenance.name("memento", "http://archive.example/web/20161024120000/http://weekly.example/gone")
    (entity,) = document.get_record(copy)
    assert told(entity, "crawler:memento_datetime") == "2016-10-24T12:00:00.000Z"
    pieces = [
        told(record, "prov:alternate2")
        for record in document.get_records(prov.model.ProvAlternate)
        if told(record, "prov:alternate1").endswith(copy.partition(":")[2])
    ]
    assert pieces == [f"{provenance.BASE}piece:https%3A//weekly.example/gone"]


def test_a_part_of_the_graph_points_at_nothing_outside_it(harbour):
    """A tweet's link alone brings the tweet, whatever else is left out."""
    query = "SELECT citation_id FROM provenance WHERE kind = 'tweet_link' LIMIT 1"
    document = document_of(exported(harbour, "prov-json", "--query", query))
    known = {str(record.identifier) for record in document.get_records(ELEMENTS)}
    (derivation,) = (
        r for r in document.get_records(prov.model.ProvDerivation) if told(r, "prov:type") == f"{provenance.BASE}tweet_link"
    )
    assert {str(value) for _, value in derivation.formal_attributes[:2]} <= known
    network = nx.read_graphml(io.BytesIO(exported(harbour, "graphml", "--query", query).encode()), force_multigraph=True)
    ((citing, cited, facts),) = network.edges(data=True)
    assert all("piece_key" in network.nodes[node] for node in (citing, cited, facts["tweet"]))


@pytest.mark.parametrize(
    ("local", "name"),
    [
        ("https://a.example/b?c=d&e=%20", "piece:https%3A//a.example/b?c%3Dd&e%3D%2520"),
        ("https://a.example/b%3Dc", "piece:https%3A//a.example/b%253Dc"),
        ("-a.b.", "piece:%2Da.b%2E"),
        (".", "piece:%2E"),
        ("ü (x)", "piece:%C3%BC%20%28x%29"),
    ],
)
def test_a_url_as_a_qualified_name_is_one_that_every_reader_reads(local, name):
    assert provenance.name("piece", local) == name
    document = prov.model.ProvDocument(namespaces=provenance.PREFIXES)
    entity = document.entity(name)
    assert entity.identifier.uri == f"urn:link-provenance-crawler:{name}"
    assert f"entity({name})" in document.get_provn(), "no escape is needed in PROV-N, where a warning would say so"


def steering(text):
    """Return the characters that give an order to a terminal, or turn text round."""
    lines = text.replace("\r\n", "\n")
    turning = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    return {
        c
        for c in set(lines)
        if (unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t") or unicodedata.bidirectional(c) in turning
    }


@pytest.mark.parametrize("form", FORMATS)
def test_no_text_of_a_page_steers_the_terminal_that_it_is_shown_on(hostile_pages, form):
    assert steering(exported(hostile_pages, form)) == set()


def test_a_hostile_title_is_the_same_title_in_json(hostile_pages):
    lines = [json.loads(line) for line in exported(hostile_pages, "jsonl").splitlines()]
    assert lines == asked(hostile_pages, "SELECT * FROM provenance ORDER BY citation_id")


def test_no_hostile_title_is_a_formula_in_csv(hostile_pages):
    read = list(csv.reader(io.StringIO(exported(hostile_pages, "csv"), newline="")))
    assert {len(row) for row in read} == {len(read[0])}
    assert len(read) == 1 + len(asked(hostile_pages, "SELECT id FROM citations"))
    cells = {cell for row in read for cell in row}
    assert not any(cell.startswith(tuple("=+-@\t\r\n＝＋－＠")) for cell in cells)
    assert {'\'=HYPERLINK("http://evil.example","x")', "'@SUM(A1)", "naïve café 漢字 🙂"} <= cells


def expected_labels(path):
    rows = asked(path, "SELECT id, title FROM pieces WHERE title IS NOT NULL")
    return {f"p{row['id']}": inert.plain(row["title"]) for row in rows}


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_a_hostile_title_is_shown_as_it_is_in_a_network(hostile_pages, form):
    labels = {node: facts["label"] for node, facts in network_of(hostile_pages, form).nodes(data=True) if "piece_key" in facts}
    for node, title in expected_labels(hostile_pages).items():
        assert labels[node] == title


def test_a_hostile_title_is_shown_as_it_is_in_dot(hostile_pages):
    (parsed,) = pydot.graph_from_dot_data(exported(hostile_pages, "dot"))
    shown = {node.get_name(): node for node in parsed.get_nodes()}
    for node, title in expected_labels(hostile_pages).items():
        assert unquoted(shown[node].get("tooltip")) == title
    schemes = {node.get("URL").strip('"').partition(":")[0] for node in parsed.get_nodes() if node.get("URL")}
    assert schemes == {"http", "https"} & schemes
    assert schemes


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")
def test_graphviz_draws_hostile_titles_as_they_are(hostile_pages):
    drawn = subprocess.run(
        ["dot", "-Tsvg", "-Gsplines=line"],
        input=exported(hostile_pages, "dot").encode(),
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert drawn.stderr == b""
    texts = {text.text for text in ET.fromstring(drawn.stdout).iter("{http://www.w3.org/2000/svg}text")}
    assert {title for title in expected_labels(hostile_pages).values() if len(title) <= LONGEST_LABEL} - texts == set()


def test_a_hostile_title_is_the_same_title_in_prov_json(hostile_pages):
    document = document_of(exported(hostile_pages, "prov-json"))
    labels = {str(entity.identifier): entity.label for entity in document.get_records(prov.model.ProvEntity)}
    for row in asked(hostile_pages, "SELECT key, title FROM pieces WHERE title IS NOT NULL"):
        assert labels[provenance.name("piece", row["key"])] == row["title"]
    assert document_of(document.serialize(format="json")) == document


def chosen(path, *options):
    """Return the URLs of the citations that an export chooses."""
    return [json.loads(line)["url"] for line in exported(path, "jsonl", *options).splitlines()]


def test_an_export_of_a_run_has_what_that_run_saw(edited):
    everything, first, second = chosen(edited), chosen(edited, "--run", 1), chosen(edited, "--run", 2)
    assert "https://t.co/Hb4rWq7TzK" in first
    assert "https://t.co/Hb4rWq7TzK" not in second
    assert "https://t.co/9mXcPd2LsV" in second
    assert "https://t.co/9mXcPd2LsV" not in first
    assert set(first) | set(second) == set(everything)
    assert chosen(edited, "--as-of", "1") == first, "nobody knew more by then"
    document = document_of(exported(edited, "prov-json", "--run", 2))
    runs = [
        str(record.identifier)
        for record in document.get_records(prov.model.ProvActivity)
        if str(record.identifier).startswith("run:")
    ]
    assert len(runs) == 1
    assert runs[0].startswith("run:2-")
    derivations = [r for r in document_of(exported(edited, "prov-json")).get_records(prov.model.ProvDerivation)
                   if prov.model.PROV["Revision"] in r.get_asserted_types()]  # fmt: skip
    assert len(derivations) == 1, "the article was revised"


def piece(url):
    return f"(SELECT id FROM pieces WHERE url LIKE '%{url}')"


QUAY, PERMIT, EXITS = piece("/north-quay-fire"), piece("/warehouse-permit"), piece("/blocked-exits")
PDF, INQUIRY = piece("/2025-117.pdf"), piece("/harbour-fire-inquiry")


@pytest.mark.parametrize(
    ("options", "condition"),
    [
        (["--site", "coastline.example"], "'coastline.example' IN (citing_site, cited_site)"),
        (["--site", "https://www.harbourpost.example/x"], "'harbourpost.example' IN (citing_site, cited_site)"),
        (["--site", "harbourpost.example", "--run", "1"], "'harbourpost.example' IN (citing_site, cited_site)"),
        (["--piece", "coastline.example/port/north-quay-fire", "--depth", "1"], f"citing_id = {QUAY}"),
        (["--piece", "https://t.co/9mXcPd2LsV", "--depth", "2"], f"citing_id IN ({QUAY}, {PERMIT})"),
        (["--piece", "blocked-exits"], f"citing_id IN ({QUAY}, {PERMIT}, {EXITS})"),
        (["--query", "SELECT citation_id FROM provenance WHERE outcome = 'loop'"], "outcome = 'loop'"),
        (["--query", "SELECT id AS piece_id FROM pieces WHERE state = 'gone'"], f"cited_id = {PDF}"),
        (["--query", "cited-by", "piece={PDF}"], f"{INQUIRY} IN (citing_id, cited_id)"),
        (["--query", "dead-links"], "outcome <> 'arrived'"),
        (["--query", "unmatched-titles"], "label = 'READ MORE' AND cited_id IS NULL"),
        (["--query", "most_cited"], "cited_id <> citing_id"),
        (
            ["--query", "SELECT origin_id FROM single_source"],
            "citing_id IN (SELECT origin_id FROM single_source) OR cited_id IN (SELECT origin_id FROM single_source)",
        ),
        (["--query", "SELECT 1 AS citation_id", "--site", "coastline.example"], "0"),
    ],
)
def test_an_export_has_what_was_asked_for(harbour, options, condition):
    sql = f"SELECT url, kind FROM provenance WHERE {condition} ORDER BY citation_id"
    (pdf,) = asked(harbour, f"SELECT {PDF} AS id")
    options = [option.replace("{PDF}", str(pdf["id"])) for option in options]
    lines = [json.loads(line) for line in exported(harbour, "jsonl", *options).splitlines()]
    assert [(line["url"], line["kind"]) for line in lines] == [(row["url"], row["kind"]) for row in asked(harbour, sql)]
    assert len(list(networkx_edges(harbour, options))) == len(lines)


def networkx_edges(path, options):
    return nx.read_graphml(io.BytesIO(exported(path, "graphml", *options).encode()), force_multigraph=True).edges


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_of_nothing_is_whole_and_says_so(harbour, form):
    done = crawler("export", "--format", form, "--db", harbour, "--query", "SELECT 0 AS citation_id")
    assert done.returncode == 0
    assert "no citation is chosen" in done.stderr
    match form:
        case "jsonl":
            assert done.stdout == ""
        case "csv":
            assert len(done.stdout.splitlines()) == 1
        case "graphml" | "gexf":
            assert len(ET.fromstring(done.stdout)) > 0
        case "dot":
            assert pydot.graph_from_dot_data(done.stdout)
        case _:
            assert list(document_of(done.stdout).get_records()) == []


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_goes_to_a_file_that_is_there_once_it_is_whole(harbour, tmp_path, form):
    done = crawler("export", "--format", form, "--db", harbour, "--output", tmp_path / "out")
    assert (done.returncode, done.stdout) == (0, "")
    assert [file.name for file in tmp_path.iterdir()] == ["out"]
    if form != "gexf":  # it says the day it was written
        assert (tmp_path / "out").read_bytes().decode() == exported(harbour, form)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--run", "99"], "there is no run 99: the first is 1"),
        (["--run", "1", "--as-of", "1"], "exclude each other"),
        (["--as-of", "1999-12-31"], "no run had begun by the end of 1999-12-31: the first is 1"),
        (["--site", "nowhere.example"], "no piece is known of the site nowhere.example"),
        (["--piece", "nobody knows this"], "no piece is known"),
        (["--query", "runs"], "rows that name citations or pieces"),
        (["--query", "most-sited"], "did you mean most-cited?"),
        (["piece=1"], "name one with --query"),
        (["--output", "no/where.csv"], "--output names another file"),
    ],
)
def test_an_export_that_can_not_be_meant_says_what_to_do(harbour, tmp_path, options, said):
    done = crawler("export", "--format", "csv", "--db", harbour, *options, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_networkx_an_export_says_which_extra_to_install(harbour):
    script = "import sys; sys.modules['networkx'] = None; from crawler.cli import main; main()"  # how Python spells: not there
    arguments = [sys.executable, "-c", script, "export", "--db", str(harbour), "--format", "gexf"]
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'link-provenance-crawler[graph]'" in done.stderr


@pytest.mark.parametrize("command", [["export", "--format", "prov-json"], ["query", "SELECT * FROM provenance", "--json"]])
def test_who_has_read_enough_may_go(hostile_pages, command):
    arguments = [sys.executable, "-m", "crawler", *command, "--db", str(hostile_pages)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as running:
        assert running.stdout.read(1) == b"{"
        running.stdout.close()
        assert (running.wait(timeout=60), running.stderr.read()) == (0, b"")


def test_text_that_is_no_unicode_is_read_all_the_same(harbour):
    done = crawler("query", "SELECT CAST(x'61eda08062' AS TEXT) AS text", "--json", "--db", harbour)
    assert json.loads(done.stdout) == {"text": "a\ufffd\ufffd\ufffdb"}
