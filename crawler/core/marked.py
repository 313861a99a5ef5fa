"""What the elements of a page's text are marked as: its title, its author, its time. Asked only where its metadata is silent."""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

from crawler.core.citations import folded


def named(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield the title that an archive's form gives on its article element."""
    for node in tree.css("article[title]"):
        if title := node.attributes.get("title"):
            yield title


def headings(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield the headings of the first rank."""
    for node in tree.css("h1"):
        if words := folded(node.text(separator=" ")):
            yield words


def titles(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield the title elements' texts; an icon's title is none of the page's."""
    for node in tree.css("title"):
        if node.parent is not None and node.parent.tag != "svg" and (words := folded(node.text())):
            yield words


def authors(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield what is marked as the author."""
    for node in tree.css("[rel=author], [itemprop~=author]"):
        if words := folded(node.text(separator=" ")):
            yield words


def times(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield the times of publication, the likeliest first."""
    marked = [node.attributes for node in tree.css("article[published-at], [itemprop~=datePublished], time")]
    yield from (moment for said in marked if (moment := said.get("published-at")))
    for said in marked:
        if "datePublished" in (said.get("itemprop") or "").split() or "pubdate" in said:
            yield said.get("datetime") or said.get("content") or ""
    yield from (moment for said in marked if (moment := said.get("datetime")))
