"""Sitemaps, news sitemaps and their indexes (sitemaps.org), read as they come in: expat is fed piece by piece.

A document type, and with it every entity, is refused: a sitemap has no use for one. One that isn't well-formed gives what
can be found in it all the same, for one stray "&" in 50,000 addresses is common.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator
from xml.parsers import expat  # document types, by which it could be harmed, are refused

from crawler.core import gzipped
from crawler.core.bounds import LONGEST_URL
from crawler.core.listed.entries import LONGEST_TITLE, Entry, page_of
from crawler.core.model import Document, Page, ReadAs, Unread

# What is read of an entry, by its element and the one around it: an image's <loc> is none of the page's.
_FIELDS = {
    ("url", "loc"): "href",
    ("sitemap", "loc"): "href",
    ("url", "lastmod"): "modified",
    ("sitemap", "lastmod"): "modified",
    ("news", "title"): "title",
    ("news", "publication_date"): "published",
}
_LOC = re.compile(r"<(?:\w{1,20}:)?loc>\s{0,100}(?:<!\[CDATA\[)?\s{0,100}([^<>\s]{1,65536})")


class _RefusedError(Exception):
    """It declares a document type."""


def read(document: Document, encoding: str, skip: int) -> Page | Unread:
    """Return the page of a sitemap, or of an index of them; encoding is its codec, skip the length of its byte order mark."""
    reader = _Reader(encoding)
    entries: list[Entry] = []
    reason = None
    try:
        entries.extend(reader.read(gzipped.pieces(document.content, gzipped.MOST_BYTES), skip))
    except _RefusedError:
        return Unread("a sitemap that declares a document type (DTD), which is refused: it may hold entities that never end")
    except expat.ExpatError as error:
        reason = f"not well-formed XML ({error}); its addresses were searched for without a parser"
        decoded = b"".join(gzipped.pieces(document.content, gzipped.MOST_BYTES)).decode(encoding, "replace")
        entries = [Entry(html.unescape(found[1]).removesuffix("]]")) for found in _LOC.finditer(decoded)]
    is_index = reader.root == "sitemapindex"
    if is_index and document.read_as is ReadAs.SITEMAP:
        return Unread("an index of sitemaps in an index of sitemaps, which is not gone into (sitemaps.org)")
    if not entries and reader.root not in ("urlset", "sitemapindex"):
        return Unread("not a sitemap: no <urlset> and no <sitemapindex>" + (f"; {reason}" if reason else ""))
    cuts = (None if document.truncated else reason,)
    return page_of(document, ReadAs.SITEMAP_INDEX if is_index else ReadAs.SITEMAP, entries, cuts=cuts)


class _Reader:
    """Entries out of pieces of XML."""

    def __init__(self, encoding: str) -> None:
        self.root: str | None = None
        self._decode = codecs.getincrementaldecoder(encoding)("replace").decode
        self._path: list[str] = []
        self._fields: dict[str, str] = {}
        self._text: list[str] | None = None
        self._room = 0
        self._done: list[Entry] = []
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = self._doctype
        self._parser = parser

    def read(self, pieces: Iterator[bytes], skip: int) -> Iterator[Entry]:
        """Yield the entries. Raises ExpatError where it isn't well-formed, before which all there was has been yielded."""
        is_begun = False
        for piece in pieces:
            data = self._decode(piece[skip:] if not is_begun else piece)
            if not is_begun:
                data = data.lstrip()  # blanks before the declaration are a fault of many, and fatal to a parser
                is_begun = True
            self._parser.Parse(data.encode("utf-8", "replace"), False)
            yield from self._done
            self._done.clear()
        self._parser.Parse(b"", True)

    def _doctype(self, *_: object) -> None:
        raise _RefusedError

    def _start(self, name: str, _: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        self.root = self.root or local
        if local in ("url", "sitemap"):
            self._fields = {}
        is_read = bool(self._path) and (self._path[-1], local) in _FIELDS
        self._text, self._room = ([], LONGEST_URL) if is_read else (None, 0)
        self._path.append(local)

    def _data(self, data: str) -> None:
        if self._text is not None and self._room > 0:
            self._text.append(data[: self._room])
            self._room -= len(data)

    def _end(self, _: str) -> None:
        local = self._path.pop()
        if self._text is not None:
            text = "".join(self._text).strip()
            self._text = None
            if text:
                self._fields.setdefault(_FIELDS[self._path[-1], local], text)
        elif local in ("url", "sitemap") and (href := self._fields.get("href")):
            dated = self._fields.get("modified") or self._fields.get("published")
            title = self._fields.get("title")
            self._done.append(Entry(href, title[:LONGEST_TITLE] if title else None, dated))
