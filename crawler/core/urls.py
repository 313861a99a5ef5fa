"""URLs: parsed, joined and taken apart as browsers do it (WHATWG URL)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

import ada_url
from publicsuffixlist import PublicSuffixList

from crawler.core.model import Url

# A URL of the web as parse writes it: its parts are told apart by the first of each mark.
_WEB_URL = re.compile(
    r"(https?:)//(?:([^/?#@]*)@)?"  # protocol and userinfo
    r"(\[[^\]]*\]|[^/?#@:\[\]]+)(?::([0-9]+))?"  # hostname and port
    r"(/[^?#]*)(?:\?(?=$|#)|(\?[^#]+))?(?:#|(#.+))?",  # pathname, search and hash
    re.DOTALL,
)
LONGEST_KEPT = 2048  # characters of a URL that is remembered, with what it consists of

# Addresses that the parser would return as they are, which most are: no dots that lead upwards, nothing to escape or to spell
# otherwise. A look at one takes a fraction of the time that parsing takes. Of an odd host (a number, one with a port) the parser
# is asked once.
_ORIGIN = r"(?:https?://(?:(?!xn--)[a-z0-9][a-z0-9-]*\.)+[a-z]{2,}/|(?P<odd>https?://[a-z0-9.:-]{1,300}/))"
_PLAIN = re.compile(_ORIGIN + r"(?:(?!\.)[\w.~+=&:,-]*/)*(?:(?!\.)[\w.~+=&:,-]*)(?:\?[\w.~+=&:,/?%-]*)?", re.ASCII)
_ON_PLAIN_HOST = re.compile(_ORIGIN)

_UNICODE = ("utf-8", "utf-16", "utf-16-le", "utf-16-be")  # whose pages' queries are UTF-8
_SCHEME = re.compile(r"https?:", re.IGNORECASE)
_ENCODED_SCHEME = re.compile(r"https?%3a", re.IGNORECASE)
_NO_CHARACTER = re.compile("[\udc80-\udcff]")  # what "surrogateescape" makes of bytes that are no UTF-8 (PEP 383)


def parse(href: str, base: str | None = None) -> Url | None:
    """Return the absolute URL that a browser would make of href on a page at base, or None where it would make none.

    Any scheme may come back: whether it is one to follow is is_web's question. A label that begins with "xn--" is carried as it
    is, even where it decodes to nothing: name servers know such names (WHATWG URL §3.3).
    """
    if _is_settled(_PLAIN.fullmatch(href)) and (base is None or _is_settled(_ON_PLAIN_HOST.match(base))):
        return Url(href)
    return (_join if len(href) + len(base or "") <= LONGEST_KEPT else _join.__wrapped__)(href, base)


def _is_settled(found: re.Match[str] | None) -> bool:
    """Whether what was found begins as the parser would write it."""
    return found is not None and (found["odd"] is None or _is_written_so(found["odd"]))


@lru_cache(maxsize=1024)
def _is_written_so(origin: str) -> bool:
    return _join(origin, None) == origin


@lru_cache(maxsize=256)  # a Location is looked at more than once
def _join(href: str, base: str | None) -> Url | None:
    try:
        return Url(ada_url.join_url(base, href) if base else ada_url.normalize_url(href))
    except ValueError:
        return _parsed(href, base)


class Parts(NamedTuple):
    """What a URL consists of, each part as the getters of a URL object give it (WHATWG URL §6.1)."""

    protocol: str  # "https:"
    userinfo: str  # "name:password", "" for none
    hostname: str
    port: str  # "" for the scheme's own
    pathname: str
    search: str  # with its "?", "" for none
    hash: str  # with its "#", "" for none


def split(url: str) -> Parts | None:
    """Return what url consists of, or None where it is no URL."""
    return _split(url) if len(url) <= LONGEST_KEPT else _split.__wrapped__(url)


def parts_of(url: Url) -> Parts:
    """Return what a URL consists of that parse has written."""
    if parts := split(url):
        return parts
    raise ValueError(f"{url!r} is no URL")


@lru_cache(maxsize=1024)
def _split(url: str) -> Parts | None:
    serialised = parse(url)
    if serialised is None:
        return None
    if found := _WEB_URL.fullmatch(serialised):  # asking a URL object for each of its parts takes several times as long
        return Parts(*found.groups(""))
    parts = ada_url.URL(serialised)
    userinfo = f"{parts.username}:{parts.password}" if parts.username or parts.password else ""
    return Parts(parts.protocol, userinfo, parts.hostname, parts.port, parts.pathname, parts.search, parts.hash)


def _parsed(href: str, base: str | None) -> Url | None:
    try:
        return Url(ada_url.URL(href, base or None).href)
    except UnicodeEncodeError:  # a lone surrogate, out of JSON or a script: U+FFFD to a URL parser (WHATWG Infra §4.7)
        return _parsed(_scalar(href), _scalar(base or ""))
    except ValueError:
        return None


def _scalar(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def is_web(url: str) -> bool:
    """Whether url, as parse writes it, is one that this crawler may fetch: http or https, with a host, without credentials.

    "https://twitter.com@host/" is made to be misread (RFC 3986 §7.6); a redirect's user name is taken off before this is asked.
    """
    if _is_settled(_ON_PLAIN_HOST.match(url)):
        return True
    if not url.startswith(("https://", "http://")):
        return False
    parts = split(url)
    return parts is not None and bool(parts.hostname) and not parts.userinfo


def without_fragment(url: str) -> Url:
    """Return url as it is requested: the fragment stays with the client (RFC 9110 §4.2.5)."""
    return Url(url.partition("#")[0])


def without_userinfo(url: Url) -> Url:
    """Return url without user name and password: neither sent nor kept."""
    if "@" not in url or not url.startswith(("https://", "http://")):
        return url
    try:
        parts = ada_url.URL(url)
    except ValueError:
        return url
    parts.username = parts.password = ""
    return Url(parts.href)


def host(url: str) -> str | None:
    """Return the host of url in its ASCII form, or None."""
    parts = split(url)
    return (parts.hostname or None) if parts else None


def site(url: str) -> str | None:
    """Return the registrable domain that url's host belongs to ("www.bbc.co.uk" -> "bbc.co.uk"); an address is its own site."""
    name = host(url)
    return _registrable(name) if name else None


def is_public_suffix(name: str) -> bool:
    """Whether a host name is one that sites of many owners stand under ("co.uk", "github.io"), which is no site's own."""
    return not name.rpartition(".")[2].isdigit() and _suffixes().privatesuffix(name) is None


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    # Made at the first question: reading the list takes longer than most commands.
    return PublicSuffixList()


@lru_cache(maxsize=4096)
def _registrable(name: str) -> str:
    # The list knows names only, and would take 1.2.3.4 for a host of "3.4".
    if name.startswith("[") or name.rpartition(".")[2].isdigit():
        return name
    return _suffixes().privatesuffix(name) or name


def carried(text: str, scheme: str = "http") -> Url | None:
    """Return the web URL that text, a part of another URL, stands for; its scheme may be escaped, or left out."""
    if _ENCODED_SCHEME.match(text):
        text = decoded(text)
    url = parse(text if _SCHEME.match(text) else f"{scheme}://{text.lstrip('/')}")
    return url if url and is_web(url) else None


def with_query_in(charset: str, href: str) -> str:
    """Return href with its query escaped in the charset of its page, as browsers send it (WHATWG URL §4.4, query state)."""
    if charset in _UNICODE or href.isascii():
        return href
    front, mark, fragment = href.partition("#")
    path, question, query = front.partition("?")
    return path + question + "".join(char if char.isascii() else _escaped(char, charset) for char in query) + mark + fragment


def _escaped(char: str, charset: str) -> str:
    try:
        return "".join(f"%{byte:02X}" if byte >= 0x80 else chr(byte) for byte in char.encode(charset))
    except UnicodeEncodeError:
        return f"%26%23{ord(char)}%3B"  # "&#…;" (WHATWG URL §1.3)


def decoded(text: str) -> str:
    """Return text with its percent-escapes undone once; those of bytes that are no UTF-8 stay."""
    return _NO_CHARACTER.sub(lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", unquote(text, errors="surrogateescape"))
