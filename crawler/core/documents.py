"""From bytes to a page: what sort of document this is, how its bytes become text, and which reader takes it."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from w3lib.encoding import http_content_type_encoding, resolve_encoding

from crawler.core import page, text
from crawler.core.model import Document, Page, Unread

_SNIFFED = 4096  # bytes looked at to tell what a document is
_SEARCHED = 65536  # characters in which a text may show that it holds HTML
_META_SNIFFED = 1024  # WHATWG HTML, "prescan a byte stream to determine its encoding"

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META_CHARSET = re.compile(
    rb"<(?:meta[^>]{0,200}?charset\s?=\s?[\"']?|\?xml[^>]{0,100}?encoding\s?=\s?[\"'])([A-Za-z0-9_:.+-]{2,40})", re.IGNORECASE
)
_HTML_TAG = re.compile(
    r"<(?:!doctype html|html|head|body|title|meta|link|article|section|main|div|p|a\s[^>]{0,200}href|blockquote|iframe|"
    r"h[1-6]|table|ul|ol|br|span|figure)[\s/>\"'=]",
    re.IGNORECASE,
)
_MAGIC = (
    (b"%PDF-", "a PDF, not a page"),
    (b"PK\x03\x04", "a zip archive, not a page"),
    (b"\x1f\x8b", "gzip data, not a page"),
    (b"\x89PNG", "an image, not a page"),
    (b"\xff\xd8\xff", "an image, not a page"),
    (b"GIF8", "an image, not a page"),
    (b"BM\x00", "an image, not a page"),
    (b"OggS", "a sound or film, not a page"),
    (b"ID3", "a sound, not a page"),
    (b"\x1a\x45\xdf\xa3", "a film, not a page"),
    (b"\xd0\xcf\x11\xe0", "an office document, not a page"),
    (b"7z\xbc\xaf", "an archive, not a page"),
    (b"Rar!", "an archive, not a page"),
    (b"\x7fELF", "a program, not a page"),
    (b"wOFF", "a font, not a page"),
    (b"{\\rtf", "an RTF document, not a page"),
)
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_LEFT_TO_SNIFFING = (
    "",
    "text/plain",
    "text/xml",
    "application/xml",
    "application/octet-stream",
    "unknown/unknown",
    "*/*",
    "text/markdown",
    "text/x-rst",
)


def read(document: Document) -> Page | Unread:
    """Return all that reading a document gives; what is no text is Unread, with the reason in plain words. Never raises."""
    content = document.content
    if not content.strip():
        return Unread("empty")
    essence = (document.media_type or "").partition(";")[0].strip().lower()
    if reason := _refusal(content, essence):
        return Unread(reason)
    mark, encoding = _encoding(content, document.media_type)
    if essence in _HTML_TYPES and encoding == "utf-8":
        return page.read_page(content[mark:], document.url)  # what the parser reads by itself
    decoded = content[mark:].decode(encoding, "replace")
    if essence in _HTML_TYPES or _HTML_TAG.search(decoded, 0, _SEARCHED):
        return page.read_page(decoded, document.url)
    return text.read_text(decoded, document.url)


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
    if declared:
        return 0, declared
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        # A few broken bytes are no reason to misread all others; a page that is mostly undecodable was never UTF-8.
        return 0, "utf-8" if _is_mostly_utf_8(content, error.start) else "cp1252"
    return 0, "utf-8"


@lru_cache(maxsize=64)
def _known(label: str | None) -> str | None:
    """Return the codec that a label names, or None for a label that is none, or names bytes to bytes."""
    if not label:
        return None
    try:
        name = resolve_encoding(label)
        if name is None:
            return None
        b"a".decode(name)
    except (LookupError, UnicodeError, ValueError, TypeError):
        return None
    return codecs.lookup(name).name


def _is_mostly_utf_8(content: bytes, first_error: int) -> bool:
    sample = content[max(0, first_error - 2000) : first_error + 20_000]
    wrong = sample.decode("utf-8", "replace").count("\ufffd")
    foreign = sum(byte >= 0x80 for byte in sample)
    return wrong * 8 < foreign


def _refusal(content: bytes, essence: str) -> str | None:
    head = content[:_SNIFFED]
    for magic, reason in _MAGIC:
        if head.startswith(magic):
            return reason
    if head[4:8] == b"ftyp" or (head.startswith(b"RIFF") and head[8:12] in (b"WEBP", b"WAVE", b"AVI ")):
        return "an image, sound or film, not a page"
    kind = essence.partition("/")[0]
    if (
        kind in ("image", "audio", "video", "font")
        and essence != "image/svg+xml"
        and not _HTML_TAG.search(head.decode("latin-1"))
    ):
        return f"{essence}, not a page"
    if essence == "application/pdf":
        return "a PDF, not a page"
    # WHATWG MIME Sniffing §7.2, "binary data byte"; UTF-16 says so by its mark.
    if b"\0" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "binary data, not a page"
    if (
        essence
        and essence not in _HTML_TYPES
        and essence not in _LEFT_TO_SNIFFING
        and kind != "text"
        and not _HTML_TAG.search(head.decode("latin-1"))
    ):
        return f"{essence}, not a page"
    return None
