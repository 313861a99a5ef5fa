"""Where a chain goes on after an answer, and where it ends.

An answer points on with a Location (RFC 9110 §10.2.2), with a Refresh header, or as a page that sends its reader on
(following.refresh). Where a redirector gives no such answer, its own address says where it would have led (following.wrappers).
Whatever it is, the chain up to here is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from crawler.core import sniffing, urls
from crawler.core.following import refresh, wrappers
from crawler.core.model import Exchange, Failure, Hop, Outcome, Url, Via
from crawler.core.settings import Limits

# RFC 9110 §15.4. Not 304 (no redirect), 305 (deprecated: a proxy), 306 (unused).
REDIRECTS = frozenset({300, 301, 302, 303, 307, 308})

NOT_MODIFIED = 304  # RFC 9110 §15.4.5

# Ends that are our doing, and say nothing about what the web would have answered.
OURS = frozenset({Outcome.INTERRUPTED, Outcome.TOO_MANY_HOPS})

_USERINFO = re.compile(r"//[^/?#\\@\s]*+@")


@dataclass(frozen=True, slots=True)
class Follow:
    """The chain goes on at url."""

    url: Url
    via: Via


@dataclass(frozen=True, slots=True)
class Stop:
    """The chain ends here; detail says why, in words or with the URL it would have gone on to."""

    outcome: Outcome
    detail: str | None


@dataclass(frozen=True, slots=True)
class Lost:
    """A redirect that names no URL to follow."""

    location: str | None  # as sent
    reason: str


Pointing = refresh.Pointer | Lost | None
"""Where an answer points on to, if anywhere."""


def read_hop(answer: Exchange | Failure, via: Via | None) -> tuple[Hop, Pointing]:
    """Return the hop that answer makes, via saying what pointed on to it; and where it points on to."""
    status = answer.status if isinstance(answer, Exchange) else None
    location = None
    match pointing := _pointing(answer):
        case refresh.Pointer(_, href, _):
            location = href
        case Lost(href, _):
            location = href
    if location:  # a password is no part of the way
        location = _USERINFO.sub("//", location)
    hop = Hop(
        answer.url, status, via, location or None, answer.fetched_at, answer.elapsed_ms, answer.attempts, answer.warc_record
    )
    return hop, pointing


IsAsked = Callable[[Url], bool]


def next_step(
    hops: Sequence[Hop], answer: Exchange | Failure, pointing: Pointing, limits: Limits, is_asked: IsAsked | None = None
) -> Follow | Stop:
    """Return what to do after the last of hops, which answer gave and which points on to what pointing says.

    is_asked says whether a URL, without its fragment, was asked for as it would be now; without it, whether it is one of hops.
    """
    step = _observed_step(hops, answer, pointing, limits, is_asked)
    if isinstance(step, Follow) or step.outcome in OURS:
        return step
    if step.outcome is Outcome.ARRIVED and wrappers.serves_its_target(answer.url):
        return step
    return _inferred_step(hops, answer.url, limits) or step


def _inferred_step(hops: Sequence[Hop], url: Url, limits: Limits) -> Follow | None:
    """Return where a redirector at url would have led, past what this chain has seen; None where url is no redirector's."""
    target = wrappers.unwrap(url)
    while target:
        match _onward(hops, target, Via.INFERRED, limits):
            case Follow() as step:
                return step
        target = wrappers.unwrap(target)
    return None


def _observed_step(
    hops: Sequence[Hop], answer: Exchange | Failure, pointing: Pointing, limits: Limits, is_asked: IsAsked | None
) -> Follow | Stop:
    if isinstance(answer, Failure):
        return Stop(answer.outcome, answer.detail)
    match pointing:
        case Lost(_, reason):
            return Stop(Outcome.BAD_LOCATION, reason)
        case refresh.Pointer(via, _, url):
            return _onward(hops, url, via, limits, is_asked)
    if answer.status >= 300 or answer.status < 200:
        return Stop(_outcome(answer.status), _phrase(answer.status))
    if answer.truncated:
        return Stop(Outcome.TOO_LARGE, "the body went on past limits.body_bytes")
    return Stop(Outcome.ARRIVED, None)


def _onward(hops: Sequence[Hop], url: Url, via: Via, limits: Limits, is_asked: IsAsked | None = None) -> Follow | Stop:
    # A fragment never reaches the server, so it can't make the next answer another one.
    target = urls.without_fragment(url)
    if is_asked(target) if is_asked else any(target == urls.without_fragment(hop.url) for hop in hops):
        return Stop(Outcome.LOOP, url)
    if len(hops) >= limits.max_hops:
        return Stop(Outcome.TOO_MANY_HOPS, url)
    return Follow(url, via)


def _outcome(status: int) -> Outcome:
    match status:
        case 404 | 410:
            return Outcome.GONE
        case 429 | 503:
            return Outcome.TRY_LATER
        case _:
            return Outcome.HTTP_ERROR


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _pointing(answer: Exchange | Failure) -> Pointing:
    if isinstance(answer, Failure):
        return None
    lost = None
    if answer.status in REDIRECTS:
        located = _location(answer)
        if isinstance(located, refresh.Pointer) or answer.header("location") is not None:
            return located
        lost = located  # browsers show what comes without a Location as the page it is
    elif not 200 <= answer.status < 300:  # an error page that leads home is an error page
        return None
    return _of_page(answer) or lost


def _of_page(answer: Exchange) -> refresh.Pointer | None:
    pointer = None
    if (value := answer.header("refresh")) is not None:
        pointer = refresh.target(value, Via.REFRESH_HEADER, answer.url, answer.url)
    media_type = answer.header("content-type")
    if pointer is None and answer.content and sniffing.is_html(media_type):
        pointer = refresh.find(answer.content, answer.url, media_type)
    return pointer


def _location(answer: Exchange) -> refresh.Pointer | Lost:
    # Two equal fields are one (servers behind proxies do that); of two that differ, neither is known to be meant.
    values = list(dict.fromkeys(value.strip(" \t\r\n\f") for name, value in answer.headers if name == "location"))
    if not values:
        return Lost(None, f"{_phrase(answer.status)} without a Location")
    href = values[0]
    if len(values) > 1:
        return Lost(href, "two Locations that differ: " + " | ".join(values))
    if not href:
        return Lost(None, "an empty Location")
    url = urls.parse(href, answer.url)
    if url is None:
        return Lost(href, f"a Location that is no URL: {href[:200]}")
    url = urls.without_userinfo(url)
    if not urls.is_web(url):
        return Lost(href, f"a Location that isn't http or https: {url[:200]}")
    # RFC 9110 §10.2.2: a Location without a fragment inherits that of the request.
    fragment = answer.url.partition("#")[2]
    if fragment and "#" not in url:
        url = Url(f"{url}#{fragment}")
    return refresh.Pointer(Via.LOCATION, href, url)
