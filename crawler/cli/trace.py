"""crawler trace: the provenance tree of a piece."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.naming import names_of_piece
from crawler.cli.output import draw, plain
from crawler.cli.wiring import config_option, database_option, database_path

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

    from crawler.store.trace import TracedCitation, TracedPiece

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
@click.option("--depth", type=click.IntRange(min=1), default=10, show_default=True, metavar="N", help="Citations deep.")
@click.option("--json", "as_json", is_flag=True, help="The tree as one JSON object.")
def trace(piece: str, config_file: Path | None, db: Path | None, depth: int, *, as_json: bool) -> None:
    """Show what PIECE cites, through which hops, and what that cites in turn.

    PIECE is a source's file, a URL, a link that led to it, an id, a title or a part of one.

    \b
    Example:
      crawler trace article.txt
    """  # noqa: D301
    from crawler.store import database  # noqa: PLC0415
    from crawler.store import trace as traces  # noqa: PLC0415

    with database.reading(database_path(db, config_file)) as opened:
        root = traces.trace(opened, traces.find_piece(opened, names_of_piece(piece)), depth)
    if as_json:
        import msgspec  # noqa: PLC0415

        sys.stdout.buffer.write(msgspec.json.encode(root) + b"\n")
        return
    draw(_tree(root))


def _tree(root: TracedPiece) -> Tree:
    """Draw the tree without recursion: how deep it goes is the web's to say."""
    from rich.tree import Tree  # noqa: PLC0415

    drawn = Tree(_piece_line(root))
    waiting = [(drawn, root)]
    while waiting:
        branch, piece = waiting.pop()
        tweets: dict[int, Tree] = {}
        for citation in piece.citations:
            above = tweets.get(citation.tweet_id, branch) if citation.tweet_id is not None else branch
            leaf = above.add(_citation_line(citation))
            if citation.kind == "tweet" and citation.cited:
                tweets[citation.cited.id] = leaf
                continue
            for hop in citation.hops:
                via = f"  via {hop.via}" if hop.via not in (None, "location") else ""
                leaf.add(_line(plain(f"{hop.status or '---'} {hop.url}{via}"), "dim"))
            if citation.memento_url:
                leaf.add(_line(plain(f"archived copy: {citation.memento_url}"), "dim"))
            if citation.cited and citation.kind != "tweet_media":
                waiting.append((leaf.add(_piece_line(citation.cited)), citation.cited))
    return drawn


def _piece_line(piece: TracedPiece) -> Text:
    name = piece.title or piece.tweet_text or piece.url
    facts = " · ".join(fact for fact in (piece.kind, piece.site, piece.published_at, _state(piece)) if fact)
    where = f"\n{plain(piece.url)}" if piece.title else ""
    return _line(f"{plain(_cut(name))}", "bold") + _line(f" [{plain(facts)}]{SEEN.get(piece.seen or '', '')}{where}", "")


def _state(piece: TracedPiece) -> str | None:
    return None if piece.state == "arrived" else piece.state


def _citation_line(citation: TracedCitation) -> Text:
    cited = citation.cited
    if citation.kind == "tweet" and cited:
        when = cited.posted_at or cited.claimed_on or "undated"
        line = f"tweet  @{cited.handle or '?'}, {when}: “{_cut(cited.tweet_text or '')}”"
    else:
        said = f"“{_cut(citation.text)}”" if citation.text and citation.text != citation.url else ""
        line = "  ".join(part for part in (citation.label or citation.kind, said, citation.url or "(its link is lost)") if part)
    if citation.matched_by:
        line += f"  ≈ matched by its title ({citation.matched_by}, {citation.match_score:g})"
    if citation.outcome and citation.outcome != "arrived":
        line += f"  ✗ {citation.outcome}" + (f": {citation.detail}" if citation.detail else "")
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
