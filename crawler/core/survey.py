"""The elements of a page worth a look before it is read, found in one search of the tree at the parser's own speed.

The search tries each selector on each element: what few pages need is left to searches of their own.
"""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

_SELECTED = (
    "meta, link[rel~=canonical i], base, script[type*='ld+json' i], p, p a, "
    "blockquote, iframe, div.twitter-tweet, [data-tweet-id], [data-tweetid]"
)

Survey = dict[str, list[LexborNode]]
"""Elements by tag, in document order."""


def survey(tree: LexborHTMLParser) -> Survey:
    """Return what a page holds of metadata, paragraphs with their links, and frames that may be a tweet's."""
    found: Survey = {}
    for node in tree.css(_SELECTED):
        found.setdefault(node.tag or "", []).append(node)
    return found
