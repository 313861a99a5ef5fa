"""The tags of a page that say where its reader is sent, and what it is called.

Read from the raw bytes in one pass: untrusted markup is not given to a tree builder in this process. What a browser
would not act upon (comments, templates, attribute values, the text of scripts) is stepped over as the tokenizer of
WHATWG HTML §13.2.5 does it. Every pattern is possessive, so no page makes a scan more than linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MARKUP = re.compile(rb"<[!/?A-Za-z]")
_COMMENT_END = re.compile(rb"--!?>")
_TAG_NAME = re.compile(rb"/?+[^\s/>]++")
_TAG_REST = re.compile(rb"(?:[^=>]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+|(?=>)))*+>")
_GAP = re.compile(rb"[\s/]*+")
_ATTRIBUTE_NAME = re.compile(rb"=?[^\s/>=]*+")
_ATTRIBUTE_VALUE = re.compile(rb"\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>\"'][^\s>]*+)|(?=>))")
_EQUALS = re.compile(rb"\s*+=")

# Elements whose content is text to the tokenizer. noscript is none of them: we read as one without scripts.
_RAW_TEXT = frozenset({b"script", b"style", b"title", b"textarea", b"xmp", b"iframe", b"noembed", b"noframes"})
_TOLD = frozenset({b"meta", b"base", b"script", b"title", b"noscript", b"/noscript"})


@dataclass(frozen=True, slots=True)
class Tag:
    """A start tag, with the text of its element where that is text to the tokenizer; or an end tag, without attributes."""

    name: bytes  # in lower case; that of an end tag begins with "/"
    attributes: dict[bytes, bytes]  # names in lower case, references as they are
    text: bytes = b""


def read(content: bytes, lowered: bytes) -> Iterator[Tag]:
    """Yield the tags of meta, base, script, title and noscript in their order, without those in templates and comments.

    lowered is content in lower case. A title or a base in a drawing is none of the page's.
    """
    at = templates = drawings = 0
    while found := _MARKUP.search(content, at):
        at = found.start()
        if content.startswith(b"<!--", at):
            at = _after_comment(content, at)
        elif drawings and content.startswith(b"<![CDATA[", at):
            at = _after(content, b"]]>", at)
        elif not content[at + 1 : at + 3].lstrip(b"/")[:1].isalpha():
            at = _after(content, b">", at)
        else:
            named = _TAG_NAME.match(lowered, at + 1)
            name = named[0] if named else b""
            if name == b"plaintext":
                return
            attributes: dict[bytes, bytes] = {}
            at += 1 + len(name)
            if name in (b"meta", b"base", b"script"):
                attributes, at = _attributes(content, at)
            else:
                rest = _TAG_REST.match(content, at)
                at = rest.end() if rest else -1
            templates += (name == b"template") - (name == b"/template" and templates > 0)
            drawings += (name == b"svg" and content[at - 2 : at] != b"/>") - (name == b"/svg" and drawings > 0)
            text = b""
            if at >= 0 and name in _RAW_TEXT:
                start, at = at, _end_of_text(lowered, name, at)
                text = content[start : at if at >= 0 else None]
            if not templates and at >= 0 and name in _TOLD and not (drawings and name in (b"title", b"base")):
                yield Tag(name, attributes, text)
        if at < 0:  # the page ended inside: the tokenizer drops what it has
            return


def _after(content: bytes, end: bytes, at: int) -> int:
    found = content.find(end, at)
    return found + len(end) if found >= 0 else -1


def _after_comment(content: bytes, at: int) -> int:
    for empty in (b"<!-->", b"<!--->"):
        if content.startswith(empty, at):
            return at + len(empty)
    found = _COMMENT_END.search(content, at + 4)
    return found.end() if found else -1


def _end_of_text(lowered: bytes, name: bytes, at: int) -> int:
    """Return where the end tag of a raw text element begins, or -1."""
    while (at := lowered.find(b"</" + name, at)) >= 0:
        after = at + 2 + len(name)
        if lowered[after : after + 1] in (b" ", b"\t", b"\n", b"\f", b"\r", b"/", b">"):
            return at
        at = after
    return -1


def _attributes(content: bytes, at: int) -> tuple[dict[bytes, bytes], int]:
    """Return the attributes of the tag whose name ended at, and where the tag ends, or -1."""
    attributes: dict[bytes, bytes] = {}
    while True:
        at = _match_end(_GAP, content, at)
        if at >= len(content):
            return attributes, -1
        if content.startswith(b">", at):
            return attributes, at + 1
        start, at = at, _match_end(_ATTRIBUTE_NAME, content, at)
        name, value = content[start:at].lower(), b""
        if found := _ATTRIBUTE_VALUE.match(content, at):
            value, at = found[1] or found[2] or found[3] or b"", found.end()
        elif _EQUALS.match(content, at):  # a quote that is never closed
            return attributes, -1
        attributes.setdefault(name, value)  # of two, the first counts


def _match_end(pattern: re.Pattern[bytes], content: bytes, at: int) -> int:
    found = pattern.match(content, at)
    return found.end() if found else at
