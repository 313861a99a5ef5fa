"""Documents that list others: which sort one is, told by how it begins, and its reader."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from crawler.core import charsets, gzipped, sniffing
from crawler.core.listed import feeds, sitemaps
from crawler.core.listed.entries import Entry, page_of
from crawler.core.model import Document, Page, ReadAs, Unread

_SNIFFED = 65_536  # bytes
_JSON_FEED = re.compile(r'"version"\s{0,20}:\s{0,20}"https?:\\?/\\?/jsonfeed\.org\\?/version\\?/')
# The root element, past declaration, comments and document type. Each step takes at least a character, and never gives it back.
_ROOT = re.compile(
    r"\A(?:\s++|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^<>\[]*+(?:\[.*?\]\s*+)?>)*+<(?:\w{1,20}:)?(\w{1,20})[\s>/]", re.DOTALL
)
_ROOTS = {
    "rss": ReadAs.FEED,
    "rdf": ReadAs.FEED,
    "feed": ReadAs.FEED,
    "urlset": ReadAs.SITEMAP_INDEX,
    "sitemapindex": ReadAs.SITEMAP_INDEX,
}
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
_URL_LINE = re.compile(r"https?://\S+", re.IGNORECASE)
_URL_COLUMNS = ("url", "link", "href", "address", "loc", "permalink")
_TITLE_COLUMNS = ("title", "headline")
_DATE_COLUMNS = ("date", "published_at", "published", "pubdate", "lastmod")


def told(document: Document) -> ReadAs:
    """Return what a document is to be read as that may be anything."""
    head = gzipped.head(document.content, _SNIFFED)
    if sniffing.refusal(head):
        return ReadAs.PAGE  # which says why it can't be read
    decoded = charsets.decode(head, document.media_type)
    text = decoded.lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        return ReadAs.FEED if _JSON_FEED.search(text) else ReadAs.PAGE
    if text.startswith("<"):
        root = _ROOT.match(text)
        if root and (read_as := _ROOTS.get(root[1].lower())):
            return read_as
        is_feed = sniffing.essence_of(document.media_type) in _FEED_TYPES
        return ReadAs.FEED if is_feed and not sniffing.holds_html(text) else ReadAs.PAGE
    return ReadAs.URLS if _is_urls(text, is_whole=len(head) < _SNIFFED) else ReadAs.PAGE


def read(document: Document) -> Page | Unread:
    """Return the page of a list, or why it is none."""
    if not document.content or document.content.isspace():
        return Unread("empty")
    mark, encoding = charsets.detect(gzipped.head(document.content, _SNIFFED), document.media_type)
    if document.read_as is ReadAs.FEED:
        return feeds.read(document)
    if document.read_as is ReadAs.URLS:
        content = b"".join(gzipped.pieces(document.content, gzipped.MOST_BYTES))
        return _read_urls(document, content[mark:].decode(encoding, "replace"))
    return sitemaps.read(document, encoding, mark)


def _is_urls(text: str, *, is_whole: bool) -> bool:
    lines = text.splitlines() if is_whole else text.splitlines()[:-1]
    said = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if said and all(_URL_LINE.fullmatch(line) for line in said):
        return True
    return len(said) > 1 and _columns(said[0]) is not None


def _read_urls(document: Document, text: str) -> Page | Unread:
    lines = [line for line in text.removeprefix("\ufeff").splitlines() if line.strip() and not line.lstrip().startswith("#")]
    header = _columns(lines[0]) if lines else None
    entries = list(_rows(lines, *header) if header else _lines(lines))
    wrong = len(lines) - bool(header) - len(entries)
    if not entries:
        return Unread(
            "not a list of URLs: no line begins with https:// or http://, and no column of its first line is called url"
        )
    return page_of(document, ReadAs.URLS, entries, cuts=(f"lines that are no URL: {wrong:,}" if wrong > 0 else None,))


def _lines(lines: list[str]) -> Iterator[Entry]:
    for line in lines:
        if found := _URL_LINE.match(line.strip()):
            yield Entry(found[0], line.strip()[found.end() :].strip() or None)


def _columns(line: str) -> tuple[str, list[str]] | None:
    """Return what parts the columns of a table whose first line this is, and their names; None where none of them bears URLs."""
    for delimiter in (",", "\t", ";"):
        names = [name.strip().strip('"').strip().lower() for name in line.split(delimiter)]
        if len(names) > 1 and any(name in names for name in _URL_COLUMNS):
            return delimiter, names
    name = line.strip().strip('"').lower()
    return (",", [name]) if name in _URL_COLUMNS else None


def _rows(lines: list[str], delimiter: str, names: list[str]) -> Iterator[Entry]:
    url, title, date = (_column(names, wanted) for wanted in (_URL_COLUMNS, _TITLE_COLUMNS, _DATE_COLUMNS))
    rows = csv.reader(lines[1:], delimiter=delimiter)
    while True:
        try:
            row = next(rows, None)
        except csv.Error:  # a field longer than any URL or title
            continue
        if row is None:
            return
        if (href := _cell(row, url)) and _URL_LINE.fullmatch(href):
            yield Entry(href, _cell(row, title), _cell(row, date))


def _column(names: list[str], wanted: tuple[str, ...]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def _cell(row: list[str], at: int | None) -> str | None:
    return row[at].strip() if at is not None and at < len(row) else None
