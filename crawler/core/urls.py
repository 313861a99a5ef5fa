"""URLs: parsing and joining as browsers do (WHATWG URL), and the key that two addresses of one piece share."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from urllib.parse import unquote

import ada_url
from publicsuffixlist import PublicSuffixList

from crawler.core.model import Tweet, Url

# Parameters that name a campaign, a click or a share, and never a page.
TRACKING_PARAMETERS = frozenset(
    {
        "_ga", "_gl", "at_campaign", "at_medium", "cmpid", "dclid", "fb_action_ids", "fb_action_types", "fb_ref", "fb_source",
        "fbclid", "ftag", "gbraid", "gclid", "gclsrc", "igsh", "igshid", "mbid", "mc_cid", "mc_eid", "mkt_tok", "msclkid", "ncid",
        "ns_campaign", "ns_fee", "ns_linkname", "ns_mchannel", "ns_source", "oly_anon_id", "oly_enc_id", "ref_src", "ref_url",
        "smid", "spm", "sr_share", "taid", "tsmid", "twclid", "vero_conv", "vero_id", "wbraid", "wt_mc", "xtor", "yclid",
    }
)  # fmt: skip
TRACKING_PREFIXES = ("utm_", "pk_", "mtm_", "hsa_")

TWEET_PAGE = re.compile(
    r"https?://(?:(?:www|mobile|m)\.)?(?:twitter|x)\.com/(?:#!/)?(?:(?P<handle>\w{1,15})|i(?:/web)?)/status(?:es)?/(?P<id>\d{1,20})(?!\d)",
    re.IGNORECASE | re.ASCII,
)
MEDIA_PAGE = re.compile(r"(?:https?://)?pic\.(?:twitter|x)\.com/(?P<slug>\w+)", re.IGNORECASE | re.ASCII)


def parse(href: str, base: str | None = None) -> Url | None:
    """Return the absolute URL that a browser would make of href on a page at base, or None where it would make none.

    Any scheme may come back: whether it is one to follow is is_web's question.
    """
    try:
        return Url(ada_url.URL(href, base).href if base else ada_url.URL(href).href)
    except ValueError:
        return None


def is_web(url: str) -> bool:
    """Whether url is one that this crawler may fetch: http or https, with a host."""
    return url.startswith(("https://", "http://"))


def without_fragment(url: str) -> Url:
    """Return url as it is requested: the fragment stays with the client (RFC 9110 §4.2.5)."""
    return Url(url.partition("#")[0])


def host(url: str) -> str | None:
    """Return the host of url in its ASCII form, or None."""
    try:
        return ada_url.URL(url).hostname or None
    except ValueError:
        return None


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

    Scheme (on default ports), fragment and tracking parameters don't count; the path's case does, for short links
    differ by nothing else. A tweet's key is its status id's, on whichever host and under whichever handle it stands.
    """
    if tweet := TWEET_PAGE.match(url):
        return f"https://twitter.com/i/status/{tweet['id']}"
    if media := MEDIA_PAGE.match(url):
        return f"https://pic.twitter.com/{media['slug']}"
    try:
        parts = ada_url.URL(url)
    except ValueError:
        return url
    if parts.protocol not in ("http:", "https:"):
        return url
    scheme = "https:" if not parts.port else parts.protocol
    return f"{scheme}//{parts.host}{parts.pathname}{_without_tracking(parts.search)}"


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


def _without_tracking(search: str) -> str:
    kept = [pair for pair in search.removeprefix("?").split("&") if pair and not _is_tracking(pair)]
    return "?" + "&".join(kept) if kept else ""


def _is_tracking(pair: str) -> bool:
    name = unquote(pair.partition("=")[0]).lower()
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)
