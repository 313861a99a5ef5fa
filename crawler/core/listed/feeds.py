"""RSS and Atom, read by feedparser, and JSON Feed (jsonfeed.org)."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from crawler.core import gzipped
from crawler.core.listed.entries import About, Entry, page_of
from crawler.core.model import Document, Page, ReadAs, Unread

_ITEM = re.compile(rb"<(?:\w{1,20}:)?(?:item|entry)[\s>]")
_ENDS = {b"feed": b"</feed>", b"rss": b"</channel></rss>"}
_ROOT = re.compile(rb"<(feed|rss)[\s>]")
_TAG = re.compile(r"<[^<>]{0,1000}>")


def read(document: Document) -> Page | Unread:
    """Return the page of a feed, however ill-formed, or why it is none."""
    content = b"".join(gzipped.pieces(document.content, gzipped.MOST_BYTES))
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _read_json(document, content)
    return _read_xml(document, content)


def _read_xml(document: Document, content: bytes) -> Page | Unread:
    import feedparser  # noqa: PLC0415 - few documents are feeds, and it takes a while to load

    content, cut = _shortened(content, document.entry_limit)
    headers = {"content-location": document.url or ""}
    if document.media_type:
        headers["content-type"] = document.media_type
    # From a stream: what is handed over as text or bytes it may take for the name of a file, and open that.
    try:
        feed = feedparser.parse(io.BytesIO(content), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError) as error:
        return Unread(f"not a feed that can be read ({type(error).__name__}: {error})")
    if not feed.version and not feed.entries:
        reason = f" ({feed.bozo_exception})" if feed.bozo else ""
        return Unread(f"not a feed: no RSS, Atom or JSON Feed in it{reason}")
    about = About(_title(feed.feed), feed.feed.get("language"))
    return page_of(document, ReadAs.FEED, map(_entry, feed.entries), about, (cut,))


def _shortened(content: bytes, most: int) -> tuple[bytes, str | None]:
    """Return a feed without the entries past so many, which the parser would take minutes for: feeds begin with their latest."""
    found = 0
    for number, start in enumerate(_ITEM.finditer(content)):
        found = number + 1
        if number == most:
            end = start.start()
    if found <= most:
        return content, None
    root = _ROOT.search(content)
    return content[:end] + (_ENDS[root[1]] if root else b""), f"entries past the first {most:,}: {found - most:,}"


def _entry(entry: Mapping[str, Any]) -> Entry:
    return Entry(entry.get("link") or "", _title(entry), entry.get("updated" if "updated" in entry else "published"))


def _title(said: Mapping[str, Any]) -> str | None:
    title = said.get("title")
    if not title:
        return None
    detail = said.get("title_detail") or {}
    return html.unescape(_TAG.sub("", title)) if detail.get("type") == "text/html" else str(title)


def _read_json(document: Document, content: bytes) -> Page | Unread:
    try:
        feed = msgspec.json.decode(content.lstrip(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return Unread(f"not a feed: begins as JSON, and isn't ({error})")
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        return Unread("not a feed: JSON without the list of items that a JSON Feed has")
    return page_of(document, ReadAs.FEED, _json_entries(items), About(_string(feed, "title"), _string(feed, "language")))


def _json_entries(items: list[object]) -> Iterator[Entry]:
    for item in items:
        if isinstance(item, dict):
            href = _string(item, "url", "external_url", "id")
            yield Entry(href or "", _string(item, "title"), _string(item, "date_modified", "date_published"))


def _string(said: Mapping[str, object], *names: str) -> str | None:
    return next((value for name in names if isinstance(value := said.get(name), str) and value), None)
