"""Text from the web, made so that it can do nothing where it is going: to a terminal, a spreadsheet, an XML or JSON reader."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

# C0 and C1 controls, line and paragraph separators, bidirectional marks and overrides, zero-width spaces, lone surrogates and
# noncharacters: what could move a cursor, colour a screen, make a URL read as another, or is no XML (XML 1.0 §2.2).
UNSAFE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
# A spreadsheet takes a cell that begins so for a formula (the full-width forms too).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def visible(text: str) -> str:
    """Return text with every character that is an order to somebody shown as its escape. Tabs and line ends stay."""
    return UNSAFE.sub(_escape, text.replace("\r\n", "\n"))


def plain(text: str) -> str:
    """Return text on one line, with every character that is an order to somebody shown as its escape."""
    return visible(text).replace("\n", " ").replace("\t", " ")


def cell(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula: an apostrophe makes it text. Numbers stay numbers."""
    if not isinstance(value, str):
        return value
    shown = visible(value)
    return f"'{shown}" if shown.startswith(FORMULA_STARTS) else shown


def href(url: str | None) -> str | None:
    """Return url where a reader may be sent to it by a click: a page of the web, with nothing in it that ends an attribute."""
    if not url or not url.startswith(("https://", "http://")):
        return None
    return quote(url, safe="%/:?#[]@!$&()*+,;=~", errors="replace")


def json(value: Any) -> str:
    """Return a value as JSON on one line: the same value to whoever reads it, and no order to a terminal it is shown on."""
    import msgspec  # noqa: PLC0415 - no command that only speaks to a person waits for it

    return UNSAFE.sub(_escape, msgspec.json.encode(value).decode())


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
