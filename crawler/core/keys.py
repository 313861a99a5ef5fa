"""What a piece is known by: the key that two addresses of it share, and the address of a tweet."""

from __future__ import annotations

import hashlib
import re

from crawler.core import copies, urls
from crawler.core.model import Tweet
from crawler.core.tracking import without_tracking

# Twitter's hosts, and what stands there before a status id.
TWITTER = r"https?://(?:(?:www|mobile|m)\.)?(?:twitter|x)\.com/"
STATUS = r"(?:(?P<handle>\w{1,15})|i(?:/web)?)/status(?:es)?/"
TWEET_PAGE = re.compile(rf"{TWITTER}(?:#!/)?{STATUS}(?P<id>\d{{1,20}})(?!\d)", re.IGNORECASE | re.ASCII)
MEDIA_PAGE = re.compile(r"(?:https?://)?pic\.(?:twitter|x)\.com/(?P<slug>\w+)", re.IGNORECASE | re.ASCII)
# t.co looks at the slug alone: "?amp=1" is what Twitter's own apps add.
_SHORT_LINK = re.compile(r"(https://t\.co/[A-Za-z0-9]+)(?:[?#].*)?")

_MIRROR = re.compile(r"https://(?:www\.)?archive\.(?:is|ph|fo|li|md|vn)/")
# What every writer of an address should have written in one way: escapes, and what may not stand in one unescaped (RFC 3986 §2).
_UNSETTLED = re.compile(r"%([0-9A-Fa-f]{2})?|[\"<>\[\\\]^`{|}]")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


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
    if (original := copies.amp_original(address)) and not copies.amp_original(plain := _address(original) or original):
        address = plain
    if (copy := copies.memento(address)) and copy.home:
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
    parts = urls.split(url)
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


def tweet_url(tweet: Tweet) -> str:
    """Return the address of a tweet: its page's, or where a flattened text lost the status id, a name made of what is left.

    Two prints of one tweet get one name: white space and the links (whose cut may differ) don't count, but where it has nothing
    but links.
    """
    if tweet.url:
        return tweet.url
    if tweet.status_id:
        return f"https://twitter.com/i/status/{tweet.status_id}"
    text = tweet.text or ""
    words = " ".join(re.sub(r"(?:https?://|pic\.twitter\.com/)\S*", " ", text).split()) or "".join(text.split())
    day = tweet.claimed_on.isoformat() if tweet.claimed_on else tweet.date_text or ""
    digest = hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()
    return f"urn:tweet:{(tweet.handle or '').lower()}:{day}:{digest[:16]}"
