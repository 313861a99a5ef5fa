"""Addresses that say what they lead to: redirectors with their target in a parameter, frames round a page with it in their path.

What is read here was never observed: whoever follows a chain takes it where the web itself gave no answer (Via.INFERRED).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.core import copies, urls
from crawler.core.model import Url

WHOLE_QUERY = "?"


@dataclass(frozen=True, slots=True)
class Redirector:
    """A page whose only purpose is to send its reader on. Hosts and paths are regular expressions that match the whole."""

    hosts: str
    paths: str
    parameters: str  # that hold the target, the likeliest first; WHOLE_QUERY where all behind the "?" is the target


_GOOGLE = r"(?:www\.)?google\.(?:com|[a-z]{2}|com?\.[a-z]{2})"

REDIRECTORS = (
    Redirector(r"(?:l|lm)\.(?:facebook|instagram|messenger)\.com|l\.threads\.(?:net|com)", r"/(?:l\.php)?", "u"),
    Redirector(r"(?:(?:www|m)\.)?facebook\.com", r"/(?:l\.php|flx/warn/?)", "u"),
    Redirector(_GOOGLE, r"/url", "q url"),
    Redirector(r"consent\.(?:google\.(?:com|[a-z]{2}|com?\.[a-z]{2})|youtube\.com)", r"/(?:m|ml|d)?", "continue"),
    Redirector(r"(?:(?:www|m)\.)?youtube\.com", r"/redirect", "q"),
    Redirector(r"(?:(?:www|m)\.)?youtube\.com", r"/attribution_link", "u"),
    Redirector(r"[\w-]+\.safelinks\.protection\.outlook\.com", r"/.*", "url"),
    Redirector(r"statics\.teams\.cdn\.office\.net", r"/evergreen-assets/safelinks/.*", "url"),
    Redirector(r"t\.umblr\.com", r"/redirect", "z"),
    Redirector(r"out\.reddit\.com", r"/.*", "url"),
    Redirector(r"(?:(?:www|m)\.)?vk\.com|away\.vk\.com", r"/away(?:\.php)?|/", "to"),
    Redirector(r"(?:(?:www|m)\.)?ok\.ru", r"/dk", "st.link st.rfn"),
    Redirector(r"slack-redir\.net", r"/link", "url"),
    Redirector(r"(?:www\.)?linkedin\.com", r"/(?:safety/go|redir/(?:redirect|suspicious-page))/?", "url"),
    Redirector(r"(?:www\.)?(?:href\.li|nullrefer\.com|anonym\.to|dereferer\.me|hiderefer\.com)", r"/", WHOLE_QUERY),
    Redirector(r"(?:www\.)?pixiv\.net", r"/jump\.php", WHOLE_QUERY),
    Redirector(r"steamcommunity\.com", r"/linkfilter/?", "u url"),
    Redirector(r"(?:www\.)?disq\.us", r"/(?:url)?", "url"),
    Redirector(r"(?:www\.)?tiktok\.com", r"/link/v2", "target"),
    Redirector(r"(?:exit|gate)\.sc", r"/", "url"),
    Redirector(r"(?:www\.)?medium\.com", r"/r/?", "url"),
    Redirector(r"getpocket\.com", r"/redirect", "url"),
    Redirector(r"duckduckgo\.com", r"/l/", "uddg"),
    Redirector(r"(?:www\.)?weibo\.cn", r"/sinaurl", "u toasturl"),
    Redirector(r"link\.zhihu\.com", r"/", "target"),
    Redirector(r"(?:www\.)?douban\.com", r"/link2/?", "url"),
    Redirector(r"redirect\.viglink\.com", r"/(?:api/click)?", "u"),
    Redirector(r"go\.(?:redirectingat|skimresources)\.com", r"/", "url"),
)
_BY_SHAPE = tuple(
    (re.compile(rf"\A(?:{row.hosts})\Z"), re.compile(rf"\A(?:{row.paths})\Z"), row.parameters.split()) for row in REDIRECTORS
)
# "https://www.google.com/amp/s/host/path": a page in Google's own frame.
_AMP_VIEWER = re.compile(rf"\Ahttps?://{_GOOGLE}/amp/(s/)?([^/?#]+\.[^/?#].*+)", re.DOTALL)

# What reads as an address: "https://host", "//host", "www.host", "host.tld/path". A word with a dot in it is none.
_ADDRESS = re.compile(r"\A(?:https?(?::|%3a)(?:/|%2f)|//|(?:www\.|(?=[^/]*+/))[\w-]++(?:\.[\w-]++)++(?:[/?#]|$))", re.IGNORECASE)
_SIGNATURE = re.compile(r":[\w-]{27}$")  # behind the target of a disq.us link
_LONGEST = 16_384  # characters of a URL looked into: no client sends a longer one


def unwrap(url: str) -> Url | None:
    """Return the URL that a redirector's address holds, one layer of it, or None where url is no redirector's.

    A fragment goes along, as it would with a redirect (RFC 9110 §10.2.2). Copies in archives are no wrappers: see core.copies.
    """
    wrapper = urls.parse(url) if len(url) <= _LONGEST else None
    if wrapper is None:
        return None
    target = copies.amp_original(wrapper) or _of_viewer(wrapper) or _of_redirector(wrapper)
    if target is None or (_page(target) == _page(wrapper) and not _of_redirector(target)):  # it leads to itself, without an aim
        return None
    fragment = wrapper.partition("#")[2]
    return Url(f"{target}#{fragment}") if fragment and "#" not in target else target


def _page(url: Url) -> str:
    return re.split(r"[?#]", url, maxsplit=1)[0]


def serves_its_target(url: str) -> bool:
    """Whether a page at a wrapper's address is the piece itself, as an AMP cache's is, and nobody's interstitial."""
    return copies.amp_original(url) is not None


def _of_viewer(url: Url) -> Url | None:
    found = _AMP_VIEWER.fullmatch(url)
    return urls.carried(found[2], "https" if found[1] else "http") if found else None


def _of_redirector(url: Url) -> Url | None:
    if "?" not in url or not urls.is_web(url):
        return None
    parts = urls.parts_of(url)
    for hosts, paths, names in _BY_SHAPE:
        if hosts.fullmatch(parts.hostname) and paths.fullmatch(parts.pathname):
            query = parts.search[1:]
            values = [query] if names == [WHOLE_QUERY] else _values(query, names)
            return next((target for value in values if (target := _target(value, url))), None)
    return None


def _values(query: str, names: list[str]) -> list[str]:
    """Return the values of those parameters, in the order of names (WHATWG URL §5.1)."""
    pairs = [pair.removeprefix("amp;").replace("+", " ").partition("=") for pair in query.split("&")]
    return [urls.decoded(value) for wanted in names for name, _, value in pairs if urls.decoded(name) == wanted]


def _target(value: str, url: Url) -> Url | None:
    """Return the URL that a redirector's parameter names, or None: words, a script, or what only looks like an address."""
    value = _SIGNATURE.sub("", value.strip())
    if _ADDRESS.match(value):
        return urls.carried(value, "https")
    target = urls.parse(value, url) if value.startswith("/") else None
    return target if target and urls.is_web(target) else None
