"""The elements of a page worth a look before it is read, found in one search of the tree at the parser's own speed."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

_SELECTED = (
    "meta, link, base, title, h1, time, article, script, [rel=author], [itemprop~=author], [itemprop~=datePublished], "
    "p, p a, blockquote, iframe, template, amp-twitter, div.twitter-tweet, [data-tweet-id], [data-tweetid]"
)

Survey = dict[str, list[LexborNode]]
"""Elements by tag, in document order."""


def survey(tree: LexborHTMLParser) -> Survey:
    """Return what a page holds of metadata, paragraphs with their links, and frames."""
    found: Survey = {}
    for node in tree.css(_SELECTED):
        found.setdefault(node.tag or "", []).append(node)
    return found
