"""What a page's own elements are marked as: its title, its author, its time. Asked only where the metadata is silent."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.core.citations import folded


class Microdata:
    """The marked elements of a page, in document order, found in one search at the first question."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._tree = tree

    @cached_property
    def _found(self) -> list[tuple[str, LexborNode]]:
        selected = "article, h1, title, time, [rel=author], [itemprop~=author], [itemprop~=datePublished]"
        return [(node.tag or "", node) for node in self._tree.css(selected)]

    def named(self) -> Iterator[str]:
        """Yield the title that an archive's form gives on its article element."""
        for tag, node in self._found:
            if tag == "article" and (title := node.attributes.get("title")):
                yield title

    def headings(self) -> Iterator[str]:
        """Yield the headings of the first rank."""
        for tag, node in self._found:
            if tag == "h1" and (words := folded(node.text(separator=" "))):
                yield words

    def titles(self) -> Iterator[str]:
        """Yield the title elements' texts; an icon's title is none of the page's."""
        for tag, node in self._found:
            if tag == "title" and node.parent is not None and node.parent.tag != "svg" and (words := folded(node.text())):
                yield words

    def authors(self) -> Iterator[str]:
        """Yield what is marked as the author."""
        for _, node in self._found:
            said = node.attributes
            is_author = said.get("rel") == "author" or "author" in (said.get("itemprop") or "").split()
            if is_author and (words := folded(node.text(separator=" "))):
                yield words

    def times(self) -> Iterator[str]:
        """Yield the times of publication, the likeliest first."""
        marked = [(tag, node.attributes) for tag, node in self._found]
        yield from (moment for tag, said in marked if tag == "article" and (moment := said.get("published-at")))
        for _, said in marked:
            if "datePublished" in (said.get("itemprop") or "").split() or "pubdate" in said:
                yield said.get("datetime") or said.get("content") or ""
        yield from (moment for tag, said in marked if tag == "time" and (moment := said.get("datetime")))
