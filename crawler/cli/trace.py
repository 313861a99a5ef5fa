"""crawler trace: the provenance tree of a piece."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.naming import as_of_option, names_of_piece
from crawler.cli.output import draw, plain
from crawler.cli.wiring import config_option, database_option, database_path

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

    from crawler.store.trace import C, CitedBy, Cites, TracedCitation, TracedPiece

    Add = Callable[[Tree, TracedPiece[C]], Iterator[tuple[Tree, TracedPiece[C]]]]  # draws what belongs to a piece; where to go on

TEXT_WIDTH = 100
LANDINGS = {
    "soft_404": "led to a page that says it is not there",
    "home": "led to a home page in place of the piece",
    "login": "led to a login",
    "consent": "led to a consent wall",
    "paywall": "led to a paywall",
}
SEEN = {"circle": " ↺ a circle: it stands above on this path", "above": " ↑ its citations stand above"}


@click.command()
@click.argument("piece", metavar="PIECE")
@config_option()
@database_option()
@as_of_option()
@click.option("--up", is_flag=True, help="Who cites PIECE, and who cites that, instead of what it cites.")
@click.option("--depth", type=click.IntRange(min=1), default=10, show_default=True, metavar="N", help="Citations deep.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=5000, show_default=True, metavar="N", help="Citations in the tree, at most."
)
@click.option("--json", "as_json", is_flag=True, help="The tree as one JSON object.")
def trace(
    piece: str, config_file: Path | None, db: Path | None, when: str | None, depth: int, limit: int, *, up: bool, as_json: bool
) -> None:
    """Show what PIECE cites, through which hops, and what that cites in turn; or who cites it.

    PIECE is a source's file, a URL, a link that led to it, an id, a title or a part of one.

    \b
    Example:
      crawler trace article.txt
      crawler trace https://example.org/2026/some-story --up --depth 3
    """  # noqa: D301
    from crawler.store import database  # noqa: PLC0415
    from crawler.store import trace as traces  # noqa: PLC0415
    from crawler.store.as_of import look_back, run_of  # noqa: PLC0415

    with database.reading(database_path(db, config_file)) as opened:
        if when:
            look_back(opened, run_of(opened, when))
        piece_id = traces.find_piece(opened, names_of_piece(piece))
        if up:
            _show(traces.trace_up(opened, piece_id, depth, limit), _add_citing, as_json=as_json)
        else:
            _show(traces.trace(opened, piece_id, depth, limit), _add_cited, as_json=as_json)


def _show(root: TracedPiece[C], add: Add[C], *, as_json: bool) -> None:
    if as_json:
        from crawler.publish import inert  # noqa: PLC0415

        sys.stdout.buffer.write(inert.json(root).encode() + b"\n")
    else:
        draw(_tree(root, add))


def _tree(root: TracedPiece[C], add: Add[C]) -> Tree:
    """Draw the tree without recursion: how deep it goes is the web's to say."""
    from rich.tree import Tree  # noqa: PLC0415

    drawn = Tree(_piece_line(root))
    waiting = [(drawn, root)]
    while waiting:
        branch, piece = waiting.pop()
        waiting += add(branch, piece)
        if piece.more:
            branch.add(_line(f"… and {piece.more:,} more; --limit shows them", "dim"))
    return drawn


def _add_cited(branch: Tree, piece: TracedPiece[Cites]) -> Iterator[tuple[Tree, TracedPiece[Cites]]]:
    """Draw what a piece cites, the links of a tweet below it, and each chain; yield where the cited pieces stand."""
    tweets: dict[int, Tree] = {}
    for citation in piece.citations:
        cited = citation.cited
        above = tweets.get(citation.tweet_id, branch) if citation.tweet_id is not None else branch
        leaf = above.add(_citation_line(citation, cited))
        if citation.kind == "tweet" and cited:
            tweets[cited.id] = leaf
            continue
        _add_chain(leaf, citation)
        if cited and citation.kind != "tweet_media":
            yield leaf.add(_piece_line(cited)), cited


def _add_citing(branch: Tree, piece: TracedPiece[CitedBy]) -> Iterator[tuple[Tree, TracedPiece[CitedBy]]]:
    """Draw each piece that cites a piece once, with its citations and their chains; yield where it stands."""
    drawn: dict[int, Tree] = {}
    for citation in piece.citations:
        citing = citation.citing
        if citing.id not in drawn:
            drawn[citing.id] = branch.add(_piece_line(citing))
            yield drawn[citing.id], citing
        _add_chain(drawn[citing.id].add(_citation_line(citation, piece)), citation)


def _add_chain(leaf: Tree, citation: TracedCitation) -> None:
    for hop in citation.hops:
        via = f"  via {hop.via}" if hop.via not in (None, "location") else ""
        leaf.add(_line(plain(f"{hop.status or '---'} {hop.url}{via}"), "dim"))
    if citation.memento_url:
        leaf.add(_line(plain(f"archived copy: {citation.memento_url}"), "dim"))


def _piece_line(piece: TracedPiece[Any]) -> Text:
    name = piece.title or piece.tweet_text or piece.url
    facts = " · ".join(fact for fact in (piece.kind, piece.site, piece.published_at, _state(piece)) if fact)
    where = f"\n{plain(piece.url)}" if piece.title else ""
    return _line(f"{plain(_cut(name))}", "bold") + _line(f" [{plain(facts)}]{SEEN.get(piece.seen or '', '')}{where}", "")


def _state(piece: TracedPiece[Any]) -> str | None:
    return None if piece.state == "arrived" else piece.state


def _citation_line(citation: TracedCitation, cited: TracedPiece[Any] | None) -> Text:
    if citation.kind == "tweet" and cited:
        when = cited.posted_at or cited.claimed_on or "undated"
        line = f"tweet  @{cited.handle or '?'}, {when}: “{_cut(cited.tweet_text or '')}”"
    else:
        said = f"“{_cut(citation.text)}”" if citation.text and citation.text != citation.url else ""
        line = "  ".join(part for part in (citation.label or citation.kind, said, citation.url or "(its link is lost)") if part)
    if citation.matched_by:
        line += f"  ≈ matched by its title ({citation.matched_by}, {citation.match_score:g})"
    if citation.outcome:
        line += f"  {'✓' if citation.outcome == 'arrived' else '✗'} {citation.outcome} {(citation.followed_at or '')[:10]}"
        line += f": {citation.detail}" if citation.detail else ""
    if citation.landing:
        line += f"  ✗ {LANDINGS[citation.landing]}"
    if citation.gone:
        line += "  (no longer on the page)"
    return _line(plain(line), "")


def _cut(text: str | None) -> str:
    folded = " ".join((text or "").split())
    return folded if len(folded) <= TEXT_WIDTH else folded[: TEXT_WIDTH - 1] + "…"


def _line(text: str, style: str) -> Text:
    from rich.text import Text  # noqa: PLC0415

    return Text(text, style=style)
