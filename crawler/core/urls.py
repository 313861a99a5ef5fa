"""URLs: parsing and joining as browsers do (WHATWG URL), and the key that two addresses of one piece share."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

import ada_url
from publicsuffixlist import PublicSuffixList

from crawler.core.model import Tweet, Url
from crawler.core.tracking import without_tracking

TWEET_PAGE = re.compile(
    r"https?://(?:(?:www|mobile|m)\.)?(?:twitter|x)\.com/(?:#!/)?(?:(?P<handle>\w{1,15})|i(?:/web)?)/status(?:es)?/(?P<id>\d{1,20})(?!\d)",
    re.IGNORECASE | re.ASCII,
)
MEDIA_PAGE = re.compile(r"(?:https?://)?pic\.(?:twitter|x)\.com/(?P<slug>\w+)", re.IGNORECASE | re.ASCII)
# t.co looks at the slug alone: "?amp=1" is what Twitter's own apps add.
_SHORT_LINK = re.compile(r"(https://t\.co/[A-Za-z0-9]+)(?:[?#].*)?")

# An AMP cache names the document it serves in its path, after "s/" where that has https (AMP, "AMP Cache URL Format").
_AMP_CACHE = re.compile(
    r"https?://(?:[\w-]+\.)*(?:cdn\.ampproject\.org|bing-amp\.com)/(?:c|i|r|v|wp)/(?P<tls>s/)?(?P<original>[^/?#]+\.[^/?#]+.*)"
)
# Archives name the moment and the document in their path (RFC 7089 calls such a copy a memento); "id_", "if_" and the like say
# how a copy is dressed, not which one it is. After each form, what all its addresses are written with; the last is that of every
# archive that runs Wayback.
_STAMP = r"(?P<stamp>\d{14})(?:[a-z]{2}_)*/"
_ARCHIVES = (
    (
        re.compile(
            r"https?://(?:www\.)?(?:(?:web|wayback|web-beta)\.)?archive\.org/web/"
            r"(?:(?P<stamp>\d{1,14})(?:[a-z]{2}_)*/)?(?P<original>(?(stamp)[^/].*|https?:.+))"
        ),
        "https://web.archive.org/web/",
    ),
    (
        re.compile(
            r"https?://(?:www\.)?archive\.(?:today|is|ph|fo|li|md|vn)/"
            r"(?P<stamp>\d{4,14}|\d{4}\.\d\d\.\d\d-\d{6}|newest|oldest|o/\w+)/(?P<original>[^/].*)"
        ),
        "https://archive.today/",
    ),
    (
        re.compile(rf"https?://(?:www\.)?arquivo\.pt/(?:wayback|noFrame/replay)/{_STAMP}(?P<original>[^/].*)"),
        "https://arquivo.pt/wayback/",
    ),
    (
        re.compile(
            r"https?://webcache\.googleusercontent\.com/search\?(?:[^#]*&)?q=cache(?::|%3A)"
            r"(?:[\w-]{12}(?::|%3A))?(?P<original>[^&+#]+).*"
        ),
        None,  # its words to be marked would go for a part of the document's address
    ),
    (
        re.compile(rf"https?:(?P<home>//[^/:?#]+/(?:[\w.-]+/){{0,4}}){_STAMP}(?P<original>https?:/.+)"),
        "https:{home}",
    ),
)
# A URL of the web as parse writes it: its parts are told apart by the first of each mark.
_WEB_URL = re.compile(
    r"(https?:)//(?:([^/?#@]*)@)?(\[[^\]]*\]|[^/?#@:\[\]]+)(?::([0-9]+))?(/[^?#]*)(?:\?(?=$|#)|(\?[^#]+))?(?:#|(#.+))?", re.DOTALL
)
LONGEST_KEPT = 2048  # characters of a URL that is remembered, with what it consists of

_MAY_BE_COPY = re.compile(r"archive\.|/arquivo\.|/webcache\.|/\d{14}")
_MIRROR = re.compile(r"https://(?:www\.)?archive\.(?:is|ph|fo|li|md|vn)/")
_MARKS_OF_STAMPS = str.maketrans("", "", ".-")

# Addresses that the parser would return as they are, which most are: no port, no dots that lead upwards, nothing to escape or to
# spell otherwise. A look at one takes a fraction of the time that parsing takes.
_PLAIN_HOST = r"https?://(?:(?!xn--)[a-z0-9][a-z0-9-]*\.)+[a-z]{2,}/"
_PLAIN = re.compile(_PLAIN_HOST + r"(?:(?!\.)[\w.~+=&:,-]*/)*(?:(?!\.)[\w.~+=&:,-]*)(?:\?[\w.~+=&:,/?%-]*)?", re.ASCII)
_ON_PLAIN_HOST = re.compile(_PLAIN_HOST)

_SCHEME = re.compile(r"https?:", re.IGNORECASE)
_ENCODED_SCHEME = re.compile(r"https?%3a", re.IGNORECASE)
# What every writer of an address should have written in one way: escapes, and what may not stand in one unescaped (RFC 3986 §2).
_UNSETTLED = re.compile(r"%([0-9A-Fa-f]{2})?|[\"<>\[\\\]^`{|}]")
_NO_CHARACTER = re.compile("[\udc80-\udcff]")  # what "surrogateescape" makes of bytes that are no UTF-8 (PEP 383)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@dataclass(frozen=True, slots=True)
class Memento:
    """An archived copy of a document."""

    home: str | None  # what an archive's addresses of copies begin with; None where the copy has no address of its own
    stamp: str  # which copy, as the archive writes it; "" for the latest
    original: Url


def parse(href: str, base: str | None = None) -> Url | None:
    """Return the absolute URL that a browser would make of href on a page at base, or None where it would make none.

    Any scheme may come back: whether it is one to follow is is_web's question. A label that begins with "xn--" is carried as it
    is, even where it decodes to nothing: name servers know such names (WHATWG URL §3.3).
    """
    if _PLAIN.fullmatch(href) and (base is None or _ON_PLAIN_HOST.match(base)):
        return Url(href)
    return (_join if len(href) + len(base or "") <= LONGEST_KEPT else _join.__wrapped__)(href, base)


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
    except UnicodeEncodeError:  # a lone surrogate, out of JSON or a script: U+FFFD to a URL parser (WHATWG Infra §4.6)
        return _parsed(_scalar(href), _scalar(base or ""))
    except ValueError:
        return None


def _scalar(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def is_web(url: str) -> bool:
    """Whether url, as parse writes it, is one that this crawler may fetch: http or https, with a host, without credentials.

    "https://twitter.com@host/" is made to be misread (RFC 3986 §7.6); a redirect's user name is taken off before this is asked.
    """
    if _ON_PLAIN_HOST.match(url):
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


def key(url: str) -> str:
    """Return what url is compared by: two addresses of one piece have one key. It is never fetched.

    What does not count: the scheme on default ports, credentials, the fragment unless it is a route, tracking parameters, an
    empty query, how characters are escaped. What counts is all else, for somewhere it makes another piece: letter case
    (short links differ by nothing else), "www.", a trailing slash, the order of parameters.

    Some addresses name what they lead to: a tweet's key is its status id's, on whichever host and under whichever handle it
    stands; a document served by an AMP cache has its own key; a copy in an archive that of its archive, moment and original.
    """
    address = _address(url)
    if address is None:
        media = MEDIA_PAGE.match(url)  # printed without its scheme
        return f"https://pic.twitter.com/{media['slug']}" if media else url
    if (original := amp_original(address)) and not _AMP_CACHE.match(plain := _address(original) or original):
        address = plain
    if (copy := memento(address)) and copy.home:
        stamp = f"{copy.stamp}/" if copy.stamp else ""
        return copy.home + stamp + _UNSETTLED.sub(_settled, _named(_address(copy.original) or copy.original))
    return _named(_MIRROR.sub("https://archive.today/", address))


def _named(address: str) -> str:
    """Return the one address that a tweet, its media or a short link is known by; any other as it is."""
    if tweet := TWEET_PAGE.match(address):
        return f"https://twitter.com/i/status/{tweet['id']}"
    if media := MEDIA_PAGE.match(address):
        return f"https://pic.twitter.com/{media['slug']}"
    if link := _SHORT_LINK.fullmatch(address):
        return link[1]
    return address


def _address(url: str) -> str | None:
    """Return url without what never counts, or None where it is not of the web."""
    parts = split(url)
    if parts is None or parts.protocol not in ("http:", "https:"):
        return None
    name, port = parts.hostname, parts.port
    if name.endswith(".") and len(name) > 1 and name[-2] != ".":
        name = name[:-1]  # the root of all names (RFC 1034 §3.1)
    authority = f"{parts.protocol}//{name}:{port}" if port else f"https://{name}"
    route = parts.hash if parts.hash.startswith(("#!", "#/")) and parts.hash.strip("#!/") else ""
    return authority + _UNSETTLED.sub(_settled, parts.pathname + without_tracking(parts.search) + route)


def _settled(found: re.Match[str]) -> str:
    """Return a character as RFC 3986 has it: escaped in capitals where it must be, as itself where it may be (§6.2.2)."""
    if not found[1]:  # a "%" that begins no escape is one that was not escaped
        return f"%{ord(found[0]):02X}"
    character = chr(int(found[1], 16))
    return character if character in _UNRESERVED else found[0].upper()


def memento(url: str) -> Memento | None:
    """Return the copy in an archive that url is the address of, or None where it is none."""
    if not _MAY_BE_COPY.search(url):
        return None
    for pattern, home in _ARCHIVES:
        if (found := pattern.fullmatch(url)) and (original := carried(found["original"])):
            groups = found.groupdict()
            return Memento(home and home.format(**groups), (groups.get("stamp") or "").translate(_MARKS_OF_STAMPS), original)
    return None


def amp_original(url: str) -> Url | None:
    """Return the address of the document that an AMP cache serves at url, or None where url is no AMP cache's."""
    found = _AMP_CACHE.fullmatch(url)
    return carried(found["original"], "https" if found["tls"] else "http") if found else None


def carried(text: str, scheme: str = "http") -> Url | None:
    """Return the web URL that text, a part of another URL, stands for; its scheme may be escaped, or left out."""
    if _ENCODED_SCHEME.match(text):
        text = decoded(text)
    url = parse(text if _SCHEME.match(text) else f"{scheme}://{text.lstrip('/')}")
    return url if url and is_web(url) else None


def decoded(text: str) -> str:
    """Return text with its percent-escapes undone once; those of bytes that are no UTF-8 stay."""
    return _NO_CHARACTER.sub(lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", unquote(text, errors="surrogateescape"))


def tweet_url(tweet: Tweet) -> str:
    """Return the address of a tweet: its page's, or where a flattened text lost the status id, a name made of what is left.

    Two prints of one tweet get one name: white space and the links (whose cut may differ) don't count.
    """
    if tweet.url:
        return tweet.url
    if tweet.status_id:
        return f"https://twitter.com/i/status/{tweet.status_id}"
    words = " ".join(re.sub(r"(?:https?://|pic\.twitter\.com/)\S*", " ", tweet.text or "").split())
    day = tweet.claimed_on.isoformat() if tweet.claimed_on else tweet.date_text or ""
    digest = hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()
    return f"urn:tweet:{(tweet.handle or '').lower()}:{day}:{digest[:16]}"
