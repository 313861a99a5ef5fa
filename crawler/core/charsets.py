"""How the bytes of a document become text."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from html import unescape

from w3lib.encoding import http_content_type_encoding, resolve_encoding

from crawler.core import sniffing

_META_SNIFFED = 1024  # WHATWG HTML, "prescan a byte stream to determine its encoding"

_REFERENCE = re.compile(r"&(?:#\d{1,6}|#[xX][0-9a-fA-F]{1,5}|[A-Za-z]{2,8});")
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

_ESC = 0x1B  # ISO-2022-JP shifts with it; no other page has use for it


def decode(content: bytes, media_type: str | None) -> str:
    """Return content as text, never failing: by its byte order mark, Content-Type or meta charset, else UTF-8 or windows-1252.

    The order is that of WHATWG HTML, "determining the character encoding".
    """
    mark, encoding = detect(content, media_type)
    return content[mark:].decode(encoding, "replace")


def with_plain_markup(content: bytes, media_type: str | None) -> bytes:
    """Return content as bytes in which ASCII stands for itself and nothing else, as in all charsets but UTF-16 and ISO-2022-JP.

    Of these it is recoded as UTF-8; all else is as it was.
    """
    if 0 in content[:4] or content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _ESC in content:
        return decode(content, media_type).encode()
    return content


def detect(content: bytes, media_type: str | None) -> tuple[int, str]:
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


def without_references(words: str) -> str:
    """Return words with the character references resolved that a text keeps whose markup was taken out unread: "R&amp;D"."""
    return _REFERENCE.sub(lambda found: unescape(found[0]), words) if "&" in words else words
