"""The graph for programs that draw and measure networks: GraphML and GEXF by networkx, DOT line by line.

A node is a piece ("p12") or, where nothing is known to stand at the end of a link, its open end ("c34"); an edge is a citation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any

from crawler.errors import MissingExtra
from crawler.publish import inert

if TYPE_CHECKING:
    import networkx as nx

    from crawler.store.exports import Export

LONGEST_LABEL = 80
SHAPES = {"article": "box", "tweet": "note", "media": "component", "page": "ellipse", "document": "folder", "open": "octagon"}
# An edge's look, by how following it ended: arrived, led to something in the piece's place, led nowhere, was not followed.
LOOKS = {
    "arrived": 'color="#1f5a96"',
    "elsewhere": 'color="#8a5a00", style="dashed"',
    "lost": 'color="#b3261e", style="bold"',
    None: 'color="#767676", style="dotted"',
}


def nodes(export: Export) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each piece with what is known of it. Open ends come with their edges."""
    for row in export.rows("nodes"):
        yield f"p{row.pop('id')}", row


def edges(export: Export) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yield each citation: its id, the node it is in, the node it points at, and what is known of it."""
    for row in export.rows("edges"):
        id_, citing, cited, open_end, tweet = (row.pop(name) for name in ("id", "citing", "cited", "open_end", "tweet"))
        row["tweet"] = f"p{tweet}" if tweet is not None else None
        yield f"c{id_}", f"p{citing}", f"p{cited}" if cited is not None else f"c{open_end}", row


def graphml(export: Export, out: IO[bytes]) -> None:
    """Write the graph as GraphML. It is held in memory: some 6 kB a citation."""
    graph = _network(export)
    _networkx().write_graphml_xml(graph, out)


def gexf(export: Export, out: IO[bytes]) -> None:
    """Write the graph as GEXF 1.2. It is held in memory: some 6 kB a citation."""
    graph = _network(export)
    for _, _, key, facts in graph.edges(keys=True, data=True):
        facts["id"] = key  # else the writer counts its own
    _networkx().write_gexf(graph, out)


def dot(export: Export) -> Iterator[str]:
    """Yield the graph as DOT, line by line: labels are quoted strings, never HTML."""
    yield "digraph provenance {\n"
    yield '  graph [rankdir="LR", charset="UTF-8"];\n  node [fontname="Helvetica, Arial, sans-serif", shape="diamond"];\n'
    yield '  edge [fontname="Helvetica, Arial, sans-serif", fontsize="10"];\n'
    for node, facts in nodes(export):
        yield f"  {node} [{_drawn(facts, facts['kind'])}];\n"
    for edge, citing, cited, facts in edges(export):
        if cited == edge:
            yield f"  {cited} [{_drawn(_open_end(facts), 'open')}];\n"
        label = _quoted(facts["label"] or facts["kind"])
        # A tweet's link is drawn from the tweet.
        source = citing if facts["tweet"] in (None, cited) else facts["tweet"]
        yield f'  {source} -> {cited} [id="{edge}", label={label}, {LOOKS[_fate(facts)]}, kind="{facts["kind"]}"];\n'
    yield "}\n"


def _networkx() -> Any:
    try:
        import networkx as nx  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        raise MissingExtra("this needs networkx: install the extra with `pip install 'link-provenance-crawler[graph]'`") from None
    return nx


def _network(export: Export) -> nx.MultiDiGraph:
    graph = _networkx().MultiDiGraph()
    for node, facts in nodes(export):
        graph.add_node(node, **_sayable(facts, node))
    for edge, citing, cited, facts in edges(export):
        if cited == edge:
            graph.add_node(cited, **_sayable(_open_end(facts), cited))
        graph.add_edge(citing, cited, key=edge, **_sayable(facts, facts["kind"]))
    return graph


def _open_end(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": facts["text"] or facts["url"], "url": facts["url"], "kind": "open", "state": facts["outcome"]}


def _sayable(facts: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return what a writer of XML can say: no None, and nothing that is no character there."""
    said = {key: inert.plain(value) if isinstance(value, str) else value for key, value in facts.items() if value is not None}
    if "key" in said:
        said["piece_key"] = said.pop("key")  # GEXF's writer keeps the name for the keys of edges
    return {"label": said.pop("name", name)} | said


def _fate(facts: Mapping[str, Any]) -> str | None:
    if facts["landing"]:
        return "elsewhere"
    return {"arrived": "arrived", None: None}.get(facts["outcome"], "lost")


def _drawn(facts: Mapping[str, Any], kind: str | None) -> str:
    name = inert.plain(facts["name"] or "?")
    short = name if len(name) <= LONGEST_LABEL else name[: LONGEST_LABEL - 1] + "…"
    said = {"label": short, "tooltip": name, "kind": kind, "shape": SHAPES.get(kind or "")}
    said |= {key: facts.get(key) for key in ("site", "published_at", "state")}
    said["URL"] = inert.href(facts["url"])
    return ", ".join(f"{key}={_quoted(value)}" for key, value in said.items() if value)


def _quoted(text: str) -> str:
    """Return text as a quoted DOT string that shows as it is: backslashes and entities mean something in a label."""
    shown = inert.plain(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{shown}"'
