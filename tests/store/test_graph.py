"""A part of the graph: which pieces and citations it takes, in which order, and how much of it."""

from __future__ import annotations

import pytest

from crawler.errors import QueryError
from crawler.store import database, graph
from tests.cli.test_commands import CASSETTES, SAMPLE, SAMPLE_HTML, crawler
from tests.publish.many import add


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    path = tmp_path_factory.mktemp("graph") / "provenance.db"
    assert crawler("run", SAMPLE, SAMPLE_HTML, "--replay", CASSETTES, "--db", path, "--depth", 2).returncode == 0
    with database.reading(path) as db:
        yield db


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    path = tmp_path_factory.mktemp("many") / "provenance.db"
    assert add(path, 600) == 1
    with database.reading(path) as db:
        yield db


def piece(db, key):
    return db.conn.execute("SELECT id FROM pieces WHERE key LIKE '%' || ?", (key,)).fetchone()[0]


def names(found):
    return {node.name for node in found.nodes}


def test_one_citation_away_stand_those_it_cites_and_those_that_cite_it(sample):
    found = graph.neighbourhood(sample, piece(sample, "/port/north-quay-fire"), depth=1)
    assert names(found) == {
        "Crews from four towns still at work at the north quay",
        "City hall approved the warehouse’s permit in nine days, documents show",
        "Three dead in Port Ansgar warehouse fire, city opens inquiry",
    }
    assert found.focus == (piece(sample, "/port/north-quay-fire"),)
    assert not found.truncated


def test_an_edge_says_how_the_citation_led_there(sample):
    article = piece(sample, "harbour-fire.txt")
    found = graph.neighbourhood(sample, article, depth=1)
    by_link = {edge.text: edge for edge in found.edges if edge.citing == article}
    short = by_link["https://t.co/Hb4rWq7TzK"]
    assert (short.kind, short.outcome, short.hop_count, short.landing, short.gone) == ("tweet_link", "arrived", 3, None, False)
    assert short.tweet in {node.id for node in found.nodes if node.kind == "tweet"}
    matched = by_link["Inspectors warned of blocked exits a year before the fire – report"]
    assert (matched.label, matched.matched_by, matched.outcome) == ("READ MORE", "title_exact", None)


def test_what_leads_nowhere_is_part_of_it(sample):
    found = graph.neighbourhood(sample, piece(sample, "harbour-fire-inquiry"), depth=1)
    assert [(edge.url, edge.outcome) for edge in found.edges if edge.cited is None] == [
        ("https://short.example/fire-log", "loop")
    ]


def test_both_ends_of_an_edge_are_among_the_nodes_and_each_is_there_once(many):
    found = graph.neighbourhood(many, 40, depth=3, limit=120)
    ids = [node.id for node in found.nodes]
    assert len(set(ids)) == len(ids) == 120
    assert found.truncated
    assert len({edge.id for edge in found.edges}) == len(found.edges) > 100
    assert all(edge.citing in ids and (edge.cited is None or edge.cited in ids) for edge in found.edges)


def test_the_nearest_come_first_whatever_the_limit(many):
    nearest = {
        id_
        for row in many.conn.execute("SELECT citing_id, cited_id FROM citations WHERE citing_id = 300 OR cited_id = 300")
        for id_ in row
        if id_ is not None
    }
    found = graph.neighbourhood(many, 300, depth=3, limit=len(nearest) + 5)
    assert nearest <= {node.id for node in found.nodes}


def test_a_hub_has_no_more_edges_than_can_be_looked_at(many):
    found = graph.neighbourhood(many, 1, depth=1, limit=2)
    assert len(found.nodes) == 2
    assert len(found.edges) <= graph.EDGES_A_NODE * 2


def test_pieces_that_are_named_come_with_the_citations_among_them(sample):
    permit, exits = piece(sample, "warehouse-permit"), piece(sample, "blocked-exits")
    found = graph.among(sample, [permit, exits, 999])
    assert {node.id for node in found.nodes} == {permit, exits}
    assert {(edge.citing, edge.cited) for edge in found.edges} == {(permit, exits), (exits, permit)}


def test_a_piece_nobody_knows_is_said_to_be_none(sample):
    with pytest.raises(QueryError, match="no piece 999"):
        graph.neighbourhood(sample, 999)


@pytest.mark.parametrize("sql", [graph.NEIGHBOURS, graph.EDGES, graph.NODES, graph.KNOWN])
def test_no_table_is_read_from_end_to_end(many, sql):
    values = {"level": "[1]", "known": "[1]", "ids": "[1]", "room": 5}
    steps = [row[3] for row in many.conn.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    assert [step for step in steps if step.startswith("SCAN") and "VIRTUAL TABLE" not in step and step != "SCAN near"] == []
