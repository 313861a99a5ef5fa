"""Where an HTML page sends its reader on by itself: meta refresh, and a script that does nothing else.

Read from the raw bytes in one pass: untrusted markup is not given to a tree builder in this process. What a browser
would not act upon (comments, templates, attribute values, the text of scripts) is stepped over as the tokenizer of
WHATWG HTML §13.2.5 does it. Every pattern is possessive, so no page makes a scan more than linear.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import html5

from crawler.core import urls
from crawler.core.model import Url, Via

MAX_DELAY = 10.0  # seconds; a page shown for longer is a page, not a way station
NOSCRIPT_PAGE = 4096  # bytes; a larger page is there to be read, with scripts

REFRESH = re.compile(r"\s*+(\d*+)[\d.]*+(?=[;,\s]).\s*+[;,]?+\s*+(?:url\s*+=\s*+)?+(.+)", re.IGNORECASE | re.DOTALL | re.ASCII)

_HAS_REFRESH = re.compile(rb"http-equiv\s*+=\s*+[\"']?+refresh")
_HAS_RELOCATION = re.compile(rb"location(?:\.href)?+\s*+=\s*+[\"']|location\.(?:replace|assign)\s*+\(\s*+[\"']")
_MARKUP = re.compile(rb"<[!/?A-Za-z]")
_COMMENT_END = re.compile(rb"--!?>")
_TAG_NAME = re.compile(rb"/?+[^\s/>]++")
_TAG_REST = re.compile(rb"(?:[^=>]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+|(?=>)))*+>")
_GAP = re.compile(rb"[\s/]*+")
_ATTRIBUTE_NAME = re.compile(rb"=?[^\s/>=]*+")
_ATTRIBUTE_VALUE = re.compile(rb"\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>\"'][^\s>]*+)|(?=>))")
_EQUALS = re.compile(rb"\s*+=")
_REFERENCE = re.compile(r"&(?:#[xX]?[0-9a-fA-F]++;?+|([A-Za-z][A-Za-z0-9]*+;))")

# Elements whose content is text to the tokenizer. noscript is none of them: we read as one without scripts.
_RAW_TEXT = frozenset({b"script", b"style", b"title", b"textarea", b"xmp", b"iframe", b"noembed", b"noframes"})

_STRING = r"(?:\"((?:[^\"\\\n]++|\\.)*+)\"|'((?:[^'\\\n]++|\\.)*+)')"
_PLACE = r"(?:(?:window|document|self|top|parent)\s*+\.\s*+)?+location"
_RELOCATION = re.compile(
    r"\s*+(?:<!--[^\n]*+\n\s*+)?+(?:window\.opener\s*+=\s*+null\s*+;\s*+)?+"
    rf"{_PLACE}(?:(?:\.href)?+\s*+=\s*+{_STRING}|\.(?:replace|assign)\s*+\(\s*+{_STRING}\s*+\))"
    r"\s*+;?+\s*+(?://[^\n]*+)?+\s*+",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a page points on with: as written, and as a URL."""

    via: Via
    href: str
    url: Url


@dataclass(frozen=True, slots=True)
class _Tag:
    """A start tag that matters, or an end tag (no attributes), and for a script its text."""

    name: bytes
    attributes: dict[bytes, bytes]
    text: bytes = b""


def find(content: bytes, url: Url) -> Pointer | None:
    """Return where the page at url sends its reader on, or None: a page to stay on.

    A refresh comes before a script: where a page has both, as t.co's has, they agree.
    """
    lowered = content.lower()
    pointer = None
    if _HAS_REFRESH.search(lowered):
        pointer = _meta_refresh(content, lowered, url)
    if pointer is None and _HAS_RELOCATION.search(lowered):
        pointer = _relocation(content, lowered, url)
    return pointer


def parse(value: str) -> tuple[float, str] | None:
    """Return delay and URL of a refresh, as a header or a meta element has it; None where it names no URL.

    The "shared declarative refresh steps" of WHATWG HTML §4.2.5.3.
    """
    found = REFRESH.match(value)
    if not found or (not found[1] and not value.lstrip().startswith(".")):
        return None
    href = found[2]
    if href[0] in "\"'":
        href = href[1:].partition(href[0])[0]
    return float(found[1][:9] or 0), href


def target(value: str, via: Via, base: str, url: Url) -> Pointer | None:
    """Return what a refresh of the page at url points on with, or None if it stays there (too slow, or to itself)."""
    match parse(value):
        case (delay, href) if delay <= MAX_DELAY:
            return _pointer(via, href, base, url)
    return None


def _pointer(via: Via, href: str, base: str, url: Url) -> Pointer | None:
    href = href.strip()
    there = urls.parse(href, base)
    there = urls.without_userinfo(there) if there else None
    if not href or there is None or not urls.is_web(there) or urls.without_fragment(there) == urls.without_fragment(url):
        return None
    return Pointer(via, href, there)


def _meta_refresh(content: bytes, lowered: bytes, url: Url) -> Pointer | None:
    base: str = url
    based = in_noscript = False
    for tag in _tags(content, lowered):
        match tag.name:
            case b"noscript" | b"/noscript":
                in_noscript = tag.name == b"noscript"
            case b"base" if not based and b"href" in tag.attributes:
                base, based = urls.parse(_value(tag.attributes[b"href"]), url) or base, True
            case b"meta" if tag.attributes.get(b"http-equiv", b"").lower() == b"refresh":
                value = _value(tag.attributes.get(b"content", b""))
                if parse(value) is None:
                    continue
                pointer = target(value, Via.META_REFRESH, base, url)
                if pointer and in_noscript and len(content) > NOSCRIPT_PAGE and urls.host(pointer.url) == urls.host(url):
                    return None  # "this page without scripts" (?_fb_noscript=1, /jsmessage.html), not another one
                return pointer  # the first that can be read stands, whatever comes after it
    return None


def _relocation(content: bytes, lowered: bytes, url: Url) -> Pointer | None:
    """Return where a script leads that holds one unconditional relocation and nothing else: it runs on every visit."""
    for tag in _tags(content, lowered):
        if tag.name != b"script" or b"src" in tag.attributes or not _is_script(tag.attributes.get(b"type", b"")):
            continue
        if found := _RELOCATION.fullmatch(_text(tag.text)):
            written = next(group for group in found.groups() if group is not None)
            return _pointer(Via.SCRIPT, _ESCAPE.sub(_unescaped, written), url, url)
    return None


def _is_script(media_type: bytes) -> bool:
    return not media_type or media_type.lower() == b"module" or media_type.lower().endswith((b"javascript", b"ecmascript"))


def _unescaped(escape: re.Match[str]) -> str:
    digits = escape[1] or escape[2]
    return chr(int(digits, 16)) if digits else escape[3]


def _tags(content: bytes, lowered: bytes) -> Iterator[_Tag]:
    """Yield meta, base, script and noscript tags in their order, those inside templates and comments left out."""
    at = templates = 0
    while found := _MARKUP.search(content, at):
        at = found.start()
        if content.startswith(b"<!--", at):
            at = _after_comment(content, at)
        elif not content[at + 1 : at + 3].lstrip(b"/")[:1].isalpha():
            at = _after(content, b">", at)
        else:
            named = _TAG_NAME.match(lowered, at + 1)
            name = named[0] if named else b""
            attributes: dict[bytes, bytes] = {}
            at += 1 + len(name)
            if name in (b"meta", b"base", b"script"):
                attributes, at = _attributes(content, at)
            else:
                rest = _TAG_REST.match(content, at)
                at = rest.end() if rest else -1
            templates += (name == b"template") - (name == b"/template" and templates > 0)
            text = b""
            if at >= 0 and name in _RAW_TEXT:
                start, at = at, _end_of_text(lowered, name, at)
                text = content[start : at if at >= 0 else None]
            if not templates and at >= 0 and name.removeprefix(b"/") in (b"meta", b"base", b"script", b"noscript"):
                yield _Tag(name, attributes, text)
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


def _value(raw: bytes) -> str:
    return _REFERENCE.sub(_dereferenced, _text(raw))


def _dereferenced(reference: re.Match[str]) -> str:
    # In an attribute, "&copy=2" stays what it is (WHATWG HTML §13.2.5.73), which html.unescape alone would not grant.
    named = reference[1]
    return html.unescape(reference[0]) if named is None or named in html5 else reference[0]


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
