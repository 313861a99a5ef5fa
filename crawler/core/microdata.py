"""What a page marks its own elements as: title, author, time. Each is searched for where the metadata is silent."""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

from crawler.core.citations import folded


def named(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield the title that an archive's form gives on its article element."""
    yield from (title for node in tree.css("article[title]") if (title := node.attributes.get("title")))


def titles(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield the headings of the first rank, then the title elements' texts."""
    found = [(node.tag, node) for node in tree.css("h1, title")]
    yield from (words for tag, node in found if tag == "h1" and (words := folded(node.text(separator=" "))))
    for tag, node in found:
        # An icon's title is none of the page's.
        if tag == "title" and node.parent is not None and node.parent.tag != "svg" and (words := folded(node.text())):
            yield words


def authors(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield what is marked as the author."""
    marked = tree.css("[rel=author], [itemprop~=author]")
    yield from (words for node in marked if (words := folded(node.text(separator=" "))))


def times(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield the times of publication, the likeliest first."""
    marked = [node.attributes for node in tree.css("article[published-at], [itemprop~=datePublished], time")]
    yield from (moment for said in marked if (moment := said.get("published-at")))
    for said in marked:
        if "datePublished" in (said.get("itemprop") or "").split() or "pubdate" in said:
            yield said.get("datetime") or said.get("content") or ""
    yield from (moment for said in marked if (moment := said.get("datetime")))
