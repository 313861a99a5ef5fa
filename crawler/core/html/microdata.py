"""What a page marks its own elements as: title, author, time. They are searched for once, where the metadata is silent."""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.core.citations import folded

_SELECTED = "article[title], article[published-at], h1, title, time, [itemprop~=datePublished], [itemprop~=author], [rel=author]"


class Marked:
    """The marked elements of a page, in document order; searched for at the first question."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._tree = tree
        self._nodes: list[tuple[str, dict[str, str | None], LexborNode]] | None = None

    def _found(self) -> list[tuple[str, dict[str, str | None], LexborNode]]:
        if self._nodes is None:
            self._nodes = [(node.tag or "", node.attributes, node) for node in self._tree.css(_SELECTED)]
        return self._nodes

    def named(self) -> Iterator[str]:
        """Yield the title that an archive's form gives on its article element."""
        yield from (title for tag, said, _ in self._found() if tag == "article" and (title := said.get("title")))

    def titles(self) -> Iterator[str]:
        """Yield the headings of the first rank, then the title elements' texts."""
        found = self._found()
        yield from (words for tag, _, node in found if tag == "h1" and (words := folded(node.text(separator=" "))))
        for tag, _, node in found:
            # An icon's title is none of the page's.
            if tag == "title" and node.parent is not None and node.parent.tag != "svg" and (words := folded(node.text())):
                yield words

    def authors(self) -> Iterator[str]:
        """Yield what is marked as the author."""
        for _, said, node in self._found():
            is_author = said.get("rel") == "author" or "author" in (said.get("itemprop") or "").split()
            if is_author and (words := folded(node.text(separator=" "))):
                yield words

    def times(self) -> Iterator[str]:
        """Yield the times of publication, the likeliest first."""
        marked: list[tuple[dict[str, str | None], bool]] = []
        for tag, said, _ in self._found():
            is_named = "datePublished" in (said.get("itemprop") or "").split()
            if is_named or tag == "time" or (tag == "article" and "published-at" in said):
                marked.append((said, is_named))
        yield from (moment for said, _ in marked if (moment := said.get("published-at")))
        for said, is_named in marked:
            if is_named or "pubdate" in said:
                yield said.get("datetime") or said.get("content") or ""
        yield from (moment for said, _ in marked if (moment := said.get("datetime")))
