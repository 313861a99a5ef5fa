"""The data of a drawn graph: plain JSON, and no way out of the element that holds it."""

from __future__ import annotations

import json

import pytest

from crawler.publish import drawing
from crawler.store.graph import Edge, Graph, Node

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>&lt;b&gt;",
    "a\u2028b\u2029c",
    "\u202egnp.exe",
    'quote " and \\ backslash',
)


def graph_named(name):
    node = Node(1, "key", "javascript:alert(1)", name, name, "article", None, None, "arrived", None, "2026-01-01T00:00:00.000Z")
    edge = Edge(1, 1, None, None, "link", name, name, name, "loop", None, 2, None, "2026-01-01T00:00:00.000Z", gone=False)
    return Graph((node,), (edge,), focus=(1,))


@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_page_is_titled_can_not_end_the_script_element(name):
    written = drawing.data(graph_named(name), pages={"piece": "/p/{id}"})
    assert not set("<>&\u2028\u2029") & set(written)
    read = json.loads(written)
    assert read["nodes"][0]["name"] == read["edges"][0]["text"] == name
    assert (read["focus"], read["truncated"], read["pages"]) == ([1], False, {"piece": "/p/{id}"})


def test_the_files_that_draw_are_part_of_the_package():
    for name in (*drawing.STYLES, *drawing.SCRIPTS):
        text = (drawing.ASSETS / name).read_text("utf-8")
        assert text
        assert "</script" not in text.casefold(), f"{name} could not be inlined"


def test_every_library_has_its_licence_beside_it():
    vendor = drawing.ASSETS / "vendor"
    readme = (vendor / "README.md").read_text("utf-8")
    for file in vendor.iterdir():
        assert file.name == "README.md" or f"`{file.name}`" in readme
    assert "Permission is hereby granted" in (vendor / "cytoscape.LICENSE").read_text("utf-8")
    assert "Permission to use, copy, modify" in (vendor / "d3.LICENSE").read_text("utf-8")
