"""What sort of document some bytes are, told by how they begin (WHATWG MIME Sniffing)."""

from __future__ import annotations

import codecs
import re

_SNIFFED = 4096  # bytes looked at to tell what a document is
_SEARCHED = 65536  # characters in which a text may show that it holds HTML

_HTML_TAG = re.compile(
    r"<(?:!doctype html|html|head|body|title|meta|link|article|section|main|div|p|a\s[^>]{0,200}href|blockquote|iframe|"
    r"h[1-6]|table|ul|ol|br|span|figure)[\s/>\"'=]",
    re.IGNORECASE,
)
_MAGIC = (
    (b"%PDF-", "a PDF, not a page"),
    (b"PK\x03\x04", "a zip archive, not a page"),
    (b"\x1f\x8b", "gzip data, not a page"),
    (b"BZh", "bzip2 data, not a page"),
    (b"\xfd7zXZ", "xz data, not a page"),
    (b"\x28\xb5\x2f\xfd", "zstd data, not a page"),
    (b"SQLite format 3", "a database, not a page"),
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
_MAGIC_BYTES = tuple(magic for magic, _ in _MAGIC)
HTML_TYPES = ("text/html", "application/xhtml+xml")
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
# WHATWG MIME Sniffing §3, "binary data byte".
_BINARY_BYTES = bytes((*range(9), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)))
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def essence_of(media_type: str | None) -> str:
    """Return type and subtype of a Content-Type, in lower case and without its parameters; "" for none."""
    return (media_type or "").partition(";")[0].strip().lower()


def refusal(content: bytes, essence: str = "") -> str | None:
    """Return why content is not one to read, in plain words, or None where it is; essence is that of its Content-Type."""
    head = content[:_SNIFFED]
    if head.startswith(_MAGIC_BYTES):
        return next(reason for magic, reason in _MAGIC if head.startswith(magic))
    if head[4:8] == b"ftyp" or (head.startswith(b"RIFF") and head[8:12] in (b"WEBP", b"WAVE", b"AVI ")):
        return "an image, sound or film, not a page"
    kind = essence.partition("/")[0]
    has_tag = _HTML_TAG.search(head.decode("latin-1")) is not None
    if kind in ("image", "audio", "video", "font") and essence != "image/svg+xml" and not has_tag:
        return f"{essence}, not a page"
    if essence == "application/pdf":
        return "a PDF, not a page"
    if _is_binary(head, has_tag=has_tag):
        return "binary data, not a page"
    if essence and essence not in HTML_TYPES and essence not in _LEFT_TO_SNIFFING and kind != "text" and not has_tag:
        return f"{essence}, not a page"
    return None


def is_html(media_type: str | None) -> bool:
    """Whether a browser takes what comes with that Content-Type for HTML; what comes with none may be."""
    return media_type is None or essence_of(media_type) in HTML_TYPES


def holds_html(text: str) -> bool:
    """Whether a text shows, not too far in, that it is HTML."""
    return _HTML_TAG.search(text, 0, _SEARCHED) is not None


def unmarked_utf_16(content: bytes) -> str | None:
    """Return the codec of UTF-16 that lacks its byte order mark, told by the NULs in every other place, or None for all else."""
    head = content[:_SNIFFED]
    if 0 not in head:
        return None
    pairs = len(head) // 2
    upper, lower = head[: 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if 2 * lower > pairs > 20 * upper:
        return "utf-16-le"
    if 2 * upper > pairs > 20 * lower:
        return "utf-16-be"
    return None


def _is_binary(head: bytes, *, has_tag: bool) -> bool:
    if head.startswith(_UTF_16_MARKS) or unmarked_utf_16(head):
        return False
    # A stray NUL makes no text a program; the parser and the readers pass it by.
    odd = len(head) - len(head.translate(None, _BINARY_BYTES))
    return odd * (4 if has_tag else 50) > len(head)
