"""The graph as a picture in a page: its data, and the files that draw it.

A page that shows a graph holds, in this order,

    <div data-graph="ID"></div>
    <script type="application/json" id="ID">…data(graph)…</script>
    every file of SCRIPTS, and before them those of STYLES

linked or inlined. It needs no network and no inline handlers, so its Content-Security-Policy may be as strict as
`default-src 'none'` with hashes or nonces for these. The style element (or link) should have the id STYLE_ID: where cytoscape.js
finds it, it adds no style of its own.

The data is one JSON object:

    nodes      one object a piece: the fields of store.graph.Node
    edges      one object a citation: the fields of store.graph.Edge
    focus      ids of the pieces that the graph is about, drawn larger; a single one is chosen at the start
    truncated  whether more would belong to it
    pages      where a piece has a page of its own: {"piece": "/…/{id}", "graph": "/…/{id}"}; null or absent: nowhere
"""

from __future__ import annotations

from dataclasses import asdict
from importlib.resources import files

from crawler.publish import inert
from crawler.store.graph import Graph

ASSETS = files("crawler.publish") / "assets"
STYLES = ("graph.css",)
SCRIPTS = (
    "vendor/cytoscape.min.js",
    # d3-force stands on the three before it.
    "vendor/d3-dispatch.min.js",
    "vendor/d3-quadtree.min.js",
    "vendor/d3-timer.min.js",
    "vendor/d3-force.min.js",
    "graph.js",
    "parts.js",
    "panel.js",
)
STYLE_ID = "__________cytoscape_stylesheet"

# What could end the script element, or a line of it, is written as JSON's own escape; the value stays the same.
ESCAPES = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def data(graph: Graph, *, pages: dict[str, str] | None = None) -> str:
    """Return the graph as JSON that may stand in a script element as it is."""
    return inert.json(asdict(graph) | {"pages": pages}).translate(ESCAPES)
