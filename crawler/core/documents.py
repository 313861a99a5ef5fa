"""From bytes to a page: what sort of document this is, how its bytes become text, and which reader takes it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from w3lib.encoding import http_content_type_encoding, resolve_encoding

from crawler.core import page, scan, sniffing, text
from crawler.core.marks import Marks
from crawler.core.model import Document, Page, Unread

_META_SNIFFED = 1024  # WHATWG HTML, "prescan a byte stream to determine its encoding"

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META_CHARSET = re.compile(
    rb"<(?:meta[^>]{0,200}?charset\s?=\s?[\"']?|\?xml[^>]{0,100}?encoding\s?=\s?[\"'])([A-Za-z0-9_:.+-]{2,40})", re.IGNORECASE
)
# The codecs of the WHATWG Encoding standard's table. Python has others, some of which turn harmless bytes into markup (UTF-7).
_WEB_CODECS = frozenset(
    (
        "utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp866", "cp874", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "gbk",
        "gb2312", "gb18030", "big5", "big5hkscs", "euc_jp", "iso2022_jp", "shift_jis", "cp932", "euc_kr", "cp949",
        *(f"cp{number}" for number in range(1250, 1259)),
        *(f"iso8859-{number}" for number in range(1, 17)),
    )
)  # fmt: skip


def read(document: Document, marks: Marks | None = None) -> Page | Unread:
    """Return all that reading a document gives; what is no text is Unread, with the reason in plain words. Never raises.

    marks are those of references to other stories, where they are not only our own.
    """
    essence = _essence(document)
    if reason := _refusal(document.content, essence):
        return Unread(reason)
    content = document.content
    mark, encoding = _encoding(content, document.media_type)
    if essence in sniffing.HTML_TYPES and encoding == "utf-8":
        return page.read_page(content[mark:], document.url, marks)  # what the parser reads by itself
    decoded = content[mark:].decode(encoding, "replace")
    if essence in sniffing.HTML_TYPES or sniffing.holds_html(decoded):
        return page.read_page(decoded, document.url, marks)
    return text.read_text(decoded, document.url, marks)


def read_without_parser(document: Document, failure: str, is_late: Callable[[], bool]) -> Page | Unread:
    """Return what a document gives that couldn't be read in full because of failure: as much as is found before it is late."""
    essence = _essence(document)
    if reason := _refusal(document.content, essence):
        return Unread(reason)
    decoded = decode(document.content, document.media_type)
    is_html = essence in sniffing.HTML_TYPES or sniffing.holds_html(decoded)
    scanned = (scan.scan_html if is_html else scan.scan_text)(decoded, document.url, is_late)
    left_out = "what only its markup tells" if is_html else "what only shows in the whole text"
    return replace(scanned, cut="; ".join(filter(None, (f"{left_out}: {failure}", scanned.cut))))


def _essence(document: Document) -> str:
    return (document.media_type or "").partition(";")[0].strip().lower()


def _refusal(content: bytes, essence: str) -> str | None:
    return "empty" if not content or content.isspace() else sniffing.refusal(content, essence)


def decode(content: bytes, media_type: str | None) -> str:
    """Return content as text, never failing: by its byte order mark, Content-Type or meta charset, else UTF-8 or windows-1252.

    The order is that of WHATWG HTML, "determining the character encoding".
    """
    mark, encoding = _encoding(content, media_type)
    return content[mark:].decode(encoding, "replace")


def _encoding(content: bytes, media_type: str | None) -> tuple[int, str]:
    """Return the length of content's byte order mark, and the codec of what follows."""
    for bom, name in _BOMS:
        if content.startswith(bom):
            return len(bom), name
    declared = _known(http_content_type_encoding(media_type) if media_type and media_type.isascii() else None)
    if declared is None and (meta := _META_CHARSET.search(content, 0, _META_SNIFFED)):
        declared = _known(meta[1].decode("ascii"))
        if declared and declared.startswith("utf-16"):
            declared = "utf-8"  # such a page could not have been read this far (WHATWG HTML, "change the encoding")
    if declared or (declared := sniffing.unmarked_utf_16(content)):
        return 0, declared
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        # A few broken bytes are no reason to misread all others; a page that is mostly undecodable was never UTF-8.
        return 0, "utf-8" if _is_mostly_utf_8(content, error.start) else "cp1252"
    return 0, "utf-8"


@lru_cache(maxsize=64)
def _known(label: str | None) -> str | None:
    """Return the codec that a label names, or None for a label that no browser knows."""
    if not label:
        return None
    try:
        name = resolve_encoding(label)
        if name is None:
            return None
        name = codecs.lookup(name).name
    except (LookupError, UnicodeError, ValueError, TypeError):
        return None
    return name if name in _WEB_CODECS else None


def _is_mostly_utf_8(content: bytes, first_error: int) -> bool:
    sample = content[max(0, first_error - 2000) : first_error + 20_000]
    wrong = sample.decode("utf-8", "replace").count("\ufffd")
    foreign = sum(byte >= 0x80 for byte in sample)
    return wrong * 8 < foreign
