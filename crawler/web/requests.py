"""Requests as they are to go out, made from a URL and our headers.

What belongs to an origin is worked out once: parsing the same scheme, host and port for every request, by our parser and
then by httpx, took longer than asking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import ada_url
import httpx

from crawler.core.model import Seen, Url

MAX_URL = 65_536  # characters, as in httpx
MAX_ORIGINS = 4096  # remembered
NO_BODY = httpx.ByteStream(b"")


@dataclass(frozen=True, slots=True)
class Origin:
    """What an http or https URL begins with: scheme, host and port."""

    name: str  # of the host
    field: str  # what the Host field says of it
    url: httpx.URL


def split(url: Url) -> tuple[Origin, str]:
    """Return url's origin and the request target, which goes out as it stands: httpx would escape it anew.

    Raises httpx.InvalidURL or a UnicodeError where no request can be made for url.
    """
    if len(url) > MAX_URL:
        raise httpx.InvalidURL("URL too long")
    scheme, _, rest = url.partition("#")[0].partition("://")
    authority, slash, path = rest.partition("/")
    return _origin(f"{scheme}://{authority}"), slash + path


@lru_cache(MAX_ORIGINS)
def _origin(prefix: str) -> Origin:
    parts = ada_url.URL(prefix)
    # A URL is split at its first slash; one that core.urls has not written may have a "?" or a "\" before it.
    if parts.href != prefix + "/":
        raise httpx.InvalidURL(f"{prefix} is not the beginning of a URL as core.urls writes them")
    return Origin(parts.hostname, parts.host, httpx.URL(prefix + "/"))


Fields = tuple[tuple[bytes, bytes], ...]
"""Header fields of one request, apart from those that all have."""


def own_fields(cookie: str, seen: Seen | None) -> Fields:
    """Return the fields that a request has for itself: its cookies, and what was seen there before (RFC 9110 §13.1)."""
    if not cookie and seen is None:
        return ()
    named = (
        (b"Cookie", cookie),
        (b"If-None-Match", seen and seen.etag),
        (b"If-Modified-Since", seen and seen.last_modified),
    )
    return tuple((name, value.encode("ascii")) for name, value in named if value)


class Requests:
    """Makes GETs with the same headers."""

    def __init__(self, headers: Sequence[tuple[str, str]]) -> None:
        self._headers = headers
        self._of_origin = lru_cache(MAX_ORIGINS)(self._of)

    def make(self, url: Url, fields: Fields, deadline: float, ends: float) -> httpx.Request:
        """Return the request for url.

        Its target is in its extensions, and when its time is over and its chain's, on the loop's clock.
        """
        origin, target = split(url)
        headers = self._of_origin(origin.field)
        if fields:
            headers = httpx.Headers([*headers.raw, *fields])
        extensions = {"target": target.encode("ascii"), "deadline": deadline, "ends": ends}
        # With a stream of its own a request is taken as it stands; without one httpx works out what to send of a body.
        return httpx.Request("GET", origin.url, headers=headers, stream=NO_BODY, extensions=extensions)

    def _of(self, field: str) -> httpx.Headers:
        return httpx.Headers([("Host", field), *self._headers])
