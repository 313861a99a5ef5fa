"""Attacks that others collected, as titles and as what links say and lead to: in no form do they get out of their place."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, datetime

import networkx as nx
import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.publish import inert
from crawler.publish import prov as provenance
from crawler.publish.report import page
from crawler.store import database, exports, reports
from crawler.store.exports import Selection
from tests.publish.test_exports import asked, document_of, exported, steering
from tests.publish.test_report import reported, shape

INSERT = """
INSERT INTO pieces (key, url, kind, title, site, state, first_seen_at, last_seen_at, first_run_id, last_run_id)
VALUES (:key, :text, 'article', CAST(:bytes AS TEXT), 'evil.example', 'gone', '2026-03-18', '2026-03-18', 1, 1)
"""
RESOLVE = """
INSERT INTO resolutions (id, run_id, url, outcome, furthest_url, hop_count, started_at, elapsed_ms)
VALUES (:id, 1, :key, 'gone', :text, 1, '2026-03-18T12:00:00.000Z', 5)
"""
CITE = """
INSERT INTO citations (id, citing_id, cited_id, kind, position, url, key, text, label, confidence, resolution_id, first_run_id, last_run_id)
VALUES (:id, (SELECT id FROM pieces WHERE key = :key), :cited, 'link', 0, :key, :key, CAST(:bytes AS TEXT), CAST(:bytes AS TEXT), 1, :id, 1, 1)
"""


def json_lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


@pytest.fixture(scope="module")
def attacks(hostile):
    texts = json.loads((hostile / "strings" / "blns.json").read_text("utf-8"))
    texts += [line["s"] for line in json_lines(hostile / "strings" / "own-terminal-and-log.jsonl")]
    texts += json_lines(hostile / "csv" / "formula-injection.jsonl")
    for folder in ("xss", "xml"):
        for file in sorted((hostile / folder).glob("*.txt")):
            texts += file.read_text("utf-8", errors="replace").splitlines()
    found = [text for text in dict.fromkeys(texts) if text.strip()]
    assert len(found) > 900
    return found


@pytest.fixture(scope="module")
def attacked(attacks, harbour, tmp_path_factory):
    path = tmp_path_factory.mktemp("attacked") / "provenance.db"
    path.write_bytes(harbour.read_bytes())
    with closing(sqlite3.connect(path)) as db:
        for number, text in enumerate(attacks, 1000):
            # As bytes: not all of it is Unicode. A URL goes through the reader of URLs, which leaves no lone surrogate.
            said = text.encode("utf-8", "surrogatepass")
            values = {"id": number, "bytes": said, "text": said.decode("utf-8", "replace"), "key": f"{number}", "cited": 1}
            for statement in (INSERT, RESOLVE, CITE):
                db.execute(statement, values)
        db.commit()
    return path


def titles(path):
    return {row["key"]: row["title"] for row in asked(path, "SELECT key, title FROM pieces WHERE title IS NOT NULL")}


def test_no_attack_steers_a_terminal(attacked):
    for form in ("jsonl", "csv", "graphml", "gexf", "dot", "prov-json"):
        assert steering(exported(attacked, form)) == set(), form


def test_json_and_prov_say_what_the_page_said(attacked):
    lines = [json.loads(line) for line in exported(attacked, "jsonl").splitlines()]
    assert lines == asked(attacked, "SELECT * FROM provenance ORDER BY citation_id")
    labels = {str(record.identifier): record.label for record in document_of(exported(attacked, "prov-json")).get_records()}
    assert {key: labels[provenance.name("piece", key)] for key in titles(attacked)} == titles(attacked)


def test_no_attack_is_a_formula(attacked):
    read = list(csv.reader(io.StringIO(exported(attacked, "csv"), newline="")))
    assert {len(row) for row in read} == {len(read[0])}
    assert not any(cell.startswith(tuple("=+-@\t\r\n＝＋－＠")) for row in read for cell in row)


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_every_attack_is_a_label_in_a_network(attacked, form):
    text = io.BytesIO(exported(attacked, form).encode())
    network = nx.read_graphml(text, force_multigraph=True) if form == "graphml" else nx.read_gexf(text, relabel=False)
    labels = {facts["piece_key"]: facts["label"] for _, facts in network.nodes(data=True) if "piece_key" in facts}
    assert {key: labels[key] for key in titles(attacked)} == {key: inert.plain(title) for key, title in titles(attacked).items()}


@pytest.mark.skipif(shutil.which("nop") is None, reason="graphviz is not installed")
def test_graphviz_reads_every_attack(attacked):
    read = subprocess.run(["nop"], input=exported(attacked, "dot").encode(), capture_output=True, timeout=60, check=True)
    assert read.stderr == b""
    assert read.stdout.count(b"->") >= len(asked(attacked, "SELECT id FROM citations WHERE id >= 1000"))


def test_no_attack_is_markup_in_a_report(attacked, attacks, harbour):
    ours = shape(LexborHTMLParser(reported(harbour))) | {("a", "href", "rel")}
    shown = ""
    for start in range(1000, 1000 + len(attacks), reports.ROWS):
        with database.reading(attacked) as db:
            chosen = Selection(citations=tuple(range(start, start + reports.ROWS)))
            with exports.exporting(db, chosen) as export:
                html = LexborHTMLParser(page(reports.find(export), datetime(2026, 3, 18, tzinfo=UTC)))
        assert shape(html) - ours == set()
        assert {node.attributes["href"].partition("://")[0] for node in html.css("a")} <= {"http", "https"}
        assert steering(html.html) == set()
        shown += " ".join(html.body.text().split())
    assert all(" ".join(inert.plain(title).split())[:150] in shown for key, title in titles(attacked).items() if key.isdigit())
