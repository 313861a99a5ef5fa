"""From bytes to a page: what sort of document this is, how its bytes become text, and which reader takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from crawler.core import charsets, lists, page, scan, sniffing, text
from crawler.core.marks import Marks
from crawler.core.model import LISTS, Document, Page, Unread


def read(document: Document, marks: Marks | None = None) -> Page | Unread:
    """Return all that reading a document gives; what is no text is Unread, with the reason in plain words. Never raises.

    marks are those of references to other stories, where they are not only our own.
    """
    if document.read_as in LISTS:
        return lists.read(document)
    essence = sniffing.essence_of(document.media_type)
    if reason := _refusal(document.content, essence):
        return Unread(reason)
    content = document.content
    mark, encoding = charsets.detect(content, document.media_type)
    if essence in sniffing.HTML_TYPES and encoding == "utf-8":
        return page.read_page(content[mark:], document.url, marks)  # what the parser reads by itself
    decoded = content[mark:].decode(encoding, "replace")
    if essence in sniffing.HTML_TYPES or sniffing.holds_html(decoded):
        return page.read_page(decoded, document.url, marks)
    return text.read_text(decoded, document.url, marks)


def read_without_parser(document: Document, failure: str, is_late: Callable[[], bool]) -> Page | Unread:
    """Return what a document gives that couldn't be read in full because of failure: as much as is found before it is late."""
    essence = sniffing.essence_of(document.media_type)
    if reason := _refusal(document.content, essence):
        return Unread(reason)
    decoded = charsets.decode(document.content, document.media_type)
    is_html = essence in sniffing.HTML_TYPES or sniffing.holds_html(decoded)
    scanned = (scan.scan_html if is_html else scan.scan_text)(decoded, document.url, is_late)
    left_out = "what only its markup tells" if is_html else "what only shows in the whole text"
    return replace(scanned, cut="; ".join(filter(None, (f"{left_out}: {failure}", scanned.cut))))


def _refusal(content: bytes, essence: str) -> str | None:
    return "empty" if not content or content.isspace() else sniffing.refusal(content, essence)
