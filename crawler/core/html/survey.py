"""The elements of a page worth a look before it is read, found in one search of the tree at the parser's own speed.

The search tries each selector on each element: what few pages need is left to searches of their own.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

_SELECTED = (
    "meta, link[rel~=canonical i], base, script[type], template, p, p a, "
    "blockquote, iframe, div.twitter-tweet, [data-tweet-id], [data-tweetid]"
)
_UNFRAMING = frozenset(("meta", "link", "base", "script", "template", "p", "a"))
_NO_LANGUAGES = frozenset(("text/template", "text/plain"))


@dataclass(frozen=True, slots=True)
class Survey:
    """What a page holds of each sort, in document order."""

    metas: list[LexborNode]
    canonical_links: list[LexborNode]
    bases: list[LexborNode]
    data: list[LexborNode]  # scripts of JSON-LD
    inert: list[LexborNode]  # scripts of no language: markup that waits for the reader's consent
    templates: list[LexborNode]
    paragraphs: list[LexborNode]
    links: list[LexborNode]  # in paragraphs
    frames: list[tuple[str, LexborNode]]  # with their tags: what may frame a tweet


def survey(tree: LexborHTMLParser) -> Survey:
    """Return what a page holds of metadata, paragraphs with their links, and frames that may be a tweet's."""
    found: defaultdict[str, list[LexborNode]] = defaultdict(list)
    for node in tree.css(_SELECTED):
        found[node.tag or ""].append(node)
    scripts = [((node.attributes.get("type") or "").lower(), node) for node in found["script"]]
    return Survey(
        metas=found["meta"],
        canonical_links=found["link"],
        bases=found["base"],
        data=[node for language, node in scripts if "ld+json" in language],
        inert=[node for language, node in scripts if language in _NO_LANGUAGES],
        templates=found["template"],
        paragraphs=found["p"],
        links=found["a"],
        frames=[(tag, node) for tag in found.keys() - _UNFRAMING for node in found[tag]],
    )
