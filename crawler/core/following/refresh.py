"""Where an HTML page sends its reader on by itself: meta refresh, and a script that does nothing else.

Every pattern is possessive, so no page makes a scan more than linear.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from html.entities import html5

from crawler.core import charsets, urls
from crawler.core.following import tags
from crawler.core.model import Url, Via

MAX_DELAY = 10.0  # seconds; a page shown for longer is a page, not a way station
NOSCRIPT_PAGE = 4096  # bytes; a larger page is there to be read, with scripts

_BLANKS = r"[\t\n\f\r ]*+"
REFRESH = re.compile(
    rf"{_BLANKS}(\d*+)[\d.]*+(?=[;,\t\n\f\r ]){_BLANKS}[;,]?+{_BLANKS}(?:url{_BLANKS}={_BLANKS})?+(.+)",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)

_HAS_REFRESH = re.compile(rb"http-equiv\s*+=\s*+[\"']?+refresh")
_HAS_RELOCATION = re.compile(rb"location\s*+(?:\.\s*+href\s*+)?+=\s*+[\"']|location\s*+\.\s*+(?:replace|assign)\s*+\(\s*+[\"']")
_REFERENCE = re.compile(r"&(?:#[xX]?[0-9a-fA-F]++;?+|([A-Za-z][A-Za-z0-9]*+;))")

_STRING = r"(?:\"((?:[^\"\\\n]++|\\.)*+)\"|'((?:[^'\\\n]++|\\.)*+)')"
_PLACE = r"(?:(?:window|document|self|top|parent|frames|globalThis)\s*+\.\s*+){0,3}+location"
# Blanks, comments and CDATA marks behind them; "<!--" and "-->" begin a comment, too (ECMA-262 §B.1.1).
_VOID = r"(?:[\s;]++|//[^\n\r]*+|/\*(?:[^*]++|\*(?!/))*+\*/|<!--[^\n\r]*+|-->[^\n\r]*+)*+"
_RELOCATION = re.compile(
    rf"{_VOID}(?:(?:'use strict'|\"use strict\")\s*+;{_VOID})?+(?:window\.opener\s*+=\s*+null\s*+;{_VOID})?+"
    rf"{_PLACE}\s*+(?:(?:\.\s*+href\s*+)?+=\s*+{_STRING}|\.\s*+(?:replace|assign)\s*+\(\s*+{_STRING}\s*+\)){_VOID}",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,4})\}|(.))", re.DOTALL)
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\n": ""}

# What runs (WHATWG MIME Sniffing §4.6, "JavaScript MIME type"); cookie banners give others to scripts that must wait.
_SCRIPT_TYPES = frozenset(
    (
        "", "module", "text/javascript", "text/ecmascript", "text/jscript", "text/livescript", "text/x-javascript",
        "text/x-ecmascript", "application/javascript", "application/ecmascript", "application/x-javascript",
        "application/x-ecmascript", *(f"text/javascript1.{minor}" for minor in range(6)),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a page points on with: as written, and as a URL."""

    via: Via
    href: str
    url: Url


def find(content: bytes, url: Url, media_type: str | None = None) -> Pointer | None:
    """Return where the page at url sends its reader on, or None: a page to stay on. media_type may name its charset.

    A refresh comes before a script: where a page has both, as t.co's has, they agree.
    """
    markup = charsets.with_plain_markup(content, media_type)
    lowered = markup.lower()
    has_refresh, has_relocation = _HAS_REFRESH.search(lowered), _HAS_RELOCATION.search(lowered)
    if not (has_refresh or has_relocation):  # nearly every time
        return None
    charset = charsets.detect(content, media_type)[1]
    if markup is content and not content.isascii():
        markup = charsets.decode(content, media_type).encode()
        lowered = markup.lower()
    pointer = _meta_refresh(markup, lowered, url, charset) if has_refresh else None
    return pointer or (_relocation(markup, lowered, url, charset) if has_relocation else None)


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


def target(value: str, via: Via, base: str, url: Url, charset: str = "utf-8") -> Pointer | None:
    """Return what a refresh of the page at url points on with, or None if it stays there (too slow, or to itself)."""
    match parse(value):
        case (delay, href) if delay <= MAX_DELAY:
            return _pointer(via, href, base, url, charset)
    return None


def _pointer(via: Via, href: str, base: str, url: Url, charset: str = "utf-8") -> Pointer | None:
    href = href.strip()
    there = urls.parse(urls.with_query_in(charset, href), base)
    there = urls.without_userinfo(there) if there else None
    if not href or there is None or not urls.is_web(there) or urls.without_fragment(there) == urls.without_fragment(url):
        return None
    return Pointer(via, href, there)


def _meta_refresh(content: bytes, lowered: bytes, url: Url, charset: str) -> Pointer | None:
    base: str = url
    based = in_noscript = False
    for tag in tags.read(content, lowered):
        match tag.name:
            case b"noscript" | b"/noscript":
                in_noscript = tag.name == b"noscript"
            case b"base" if not based and b"href" in tag.attributes:
                base, based = _base(tag, url), True
            case b"meta" if tag.attributes.get(b"http-equiv", b"").lower() == b"refresh":
                value = _value(tag.attributes.get(b"content", b""))
                if parse(value) is None:
                    continue
                pointer = target(value, Via.META_REFRESH, base, url, charset)
                if pointer and in_noscript and len(content) > NOSCRIPT_PAGE and urls.host(pointer.url) == urls.host(url):
                    return None  # "this page without scripts" (?_fb_noscript=1, /jsmessage.html), not another one
                return pointer  # the first that can be read stands, whatever comes after it
    return None


def _relocation(content: bytes, lowered: bytes, url: Url, charset: str) -> Pointer | None:
    """Return where a script leads that holds one unconditional relocation and nothing else: it runs on every visit."""
    base: str = url
    based = in_noscript = False
    for tag in tags.read(content, lowered):
        match tag.name:
            case b"noscript" | b"/noscript":
                in_noscript = tag.name == b"noscript"
            case b"base" if not based and not in_noscript and b"href" in tag.attributes:
                base, based = _base(tag, url), True
            case b"script" if not in_noscript and _runs(tag):
                if found := _RELOCATION.fullmatch(tag.text.decode("utf-8", "replace")):
                    written = next(group for group in found.groups() if group is not None)
                    return _pointer(Via.SCRIPT, _ESCAPE.sub(_unescaped, written), base, url, charset)
    return None


def _base(tag: tags.Tag, url: Url) -> str:
    base = urls.parse(_value(tag.attributes[b"href"]), url)
    return base if base and not base.startswith(("data:", "javascript:")) else url  # WHATWG HTML §4.2.3


def _runs(script: tags.Tag) -> bool:
    """Whether a script without a source is one that browsers run (WHATWG HTML, "prepare the script element")."""
    named = {name: value.decode("latin-1").strip().lower() for name, value in script.attributes.items()}
    language = named.get(b"language", "")
    media_type = named.get(b"type", f"text/{language}" if language else "")
    return media_type in _SCRIPT_TYPES and b"src" not in named and b"nomodule" not in named


def _unescaped(escape: re.Match[str]) -> str:
    digits = escape[1] or escape[2] or escape[3]
    return chr(int(digits, 16)) if digits else _ESCAPED.get(escape[4], escape[4])


def _value(raw: bytes) -> str:
    return _REFERENCE.sub(_dereferenced, raw.decode("utf-8", "replace"))


def _dereferenced(reference: re.Match[str]) -> str:
    # In an attribute, "&copy=2" stays what it is (WHATWG HTML §13.2.5.73), which html.unescape alone would not grant.
    named = reference[1]
    return html.unescape(reference[0]) if named is None or named in html5 else reference[0]
