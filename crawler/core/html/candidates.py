"""What a page itself offers for a READ MORE that lost its link: its other links that bear the title, in whatever box they stand.

A candidate is no fact: the reference stays without a URL, and where the candidate leads decides (crawler.core.matching).
"""

from __future__ import annotations

from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser

from crawler.core import keys, urls
from crawler.core.citations import Placed
from crawler.core.matching import main_part, start_of
from crawler.core.model import Citation, CitationKind
from crawler.core.titles import fold

MOST = 3  # addresses of one title; more of them tell nothing
_LONGEST_TEXT = 400  # characters of a link


def offered(tree: LexborHTMLParser, base: str | None, placed: list[Placed]) -> list[Placed]:
    """Return placed, each READ MORE without a link with the addresses that the page has for its title as alternatives."""
    lost = {_same(citation.text) for item in placed for citation in item.citations if _has_lost_its_link(citation)}
    lost.discard(None)
    if not lost:
        return placed
    own = keys.key(base) if base else None
    found: dict[str, dict[str, str]] = {}
    for anchor in tree.css("a[href]"):
        text = anchor.text()
        if len(text) > _LONGEST_TEXT or (title := _same(text)) not in lost or title is None:
            continue
        url = urls.parse(anchor.attributes.get("href") or "", base)
        if url and urls.is_web(url) and (key := keys.key(url)) != own:
            found.setdefault(title, {}).setdefault(key, urls.without_fragment(url))
    return [replace(item, citations=tuple(_with_candidates(citation, found) for citation in item.citations)) for item in placed]


def _with_candidates(citation: Citation, found: dict[str, dict[str, str]]) -> Citation:
    if not _has_lost_its_link(citation):
        return citation
    candidates = tuple(found.get(_same(citation.text) or "", {}).values())
    return replace(citation, alternatives=candidates) if 0 < len(candidates) <= MOST else citation


def _has_lost_its_link(citation: Citation) -> bool:
    return citation.kind is CitationKind.READ_MORE and citation.url is None


def _same(title: str | None) -> str | None:
    """Return what two printings of a title share; None where it says too little."""
    return main_part(fold(title)) if title and start_of(title) else None
