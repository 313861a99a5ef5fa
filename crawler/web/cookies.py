"""Cookies of one chain (RFC 6265): kept while it is followed, sent to the site that set them, and then forgotten.

Some pages answer a visitor without a cookie by setting one and pointing at themselves: followed without it they are a
circle. Nothing is kept for longer than that, or written down.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import ada_url

from crawler.core import urls
from crawler.core.model import Url
from crawler.web.dates import http_date

MOST = 50  # cookies of one chain: RFC 6265 §6.1 asks for as many a site
LONGEST = 4096  # bytes of one: the same


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie: where it goes, and what is sent there."""

    name: str
    value: str
    host: str
    is_host_only: bool
    path: str
    is_secure: bool

    def goes_to(self, scheme: str, host: str, path: str) -> bool:
        """Whether a request to there carries it (RFC 6265 §5.4)."""
        if self.is_secure and scheme != "https:":
            return False
        if host != self.host and (self.is_host_only or not host.endswith("." + self.host)):
            return False
        return path == self.path or path.startswith(self.path if self.path.endswith("/") else self.path + "/")

    def __repr__(self) -> str:
        return f"Cookie(for {self.host})"  # a value is nobody's to read, in a traceback neither


@dataclass(frozen=True, slots=True)
class Jar:
    """The cookies that a chain has so far."""

    cookies: tuple[Cookie, ...] = ()

    def header(self, url: Url) -> str:
        """Return the Cookie field of a request for url; "" where none goes there."""
        if not self.cookies:
            return ""
        parts = ada_url.URL(url)
        sent = [cookie for cookie in self.cookies if cookie.goes_to(parts.protocol, parts.hostname, parts.pathname)]
        sent.sort(key=lambda cookie: -len(cookie.path))  # RFC 6265 §5.4: longer paths first, else as they came
        return "; ".join(f"{cookie.name}={cookie.value}" if cookie.name else cookie.value for cookie in sent)

    def after(self, url: Url, headers: Iterable[tuple[str, str]], now: datetime) -> Jar:
        """Return the jar with what an answer at url sets, names of headers in lower case."""
        lines = [value for name, value in headers if name == "set-cookie"]
        if not lines:
            return self
        cookies = list(self.cookies)
        for line in lines:
            if (read := _read(line, url, now)) is None:
                continue
            cookie, is_over = read
            same = [(old.name, old.host, old.path) for old in cookies]
            place = (cookie.name, cookie.host, cookie.path)
            if place not in same:
                cookies += [] if is_over or len(cookies) >= MOST else [cookie]
            elif is_over:
                del cookies[same.index(place)]
            else:
                cookies[same.index(place)] = cookie
        return replace(self, cookies=tuple(cookies))


def _read(line: str, url: Url, now: datetime) -> tuple[Cookie, bool] | None:
    """Return the cookie that a Set-Cookie field at url sets, and whether it takes it away; None for none (RFC 6265 §5.2)."""
    if len(line) > LONGEST or not line.isprintable():
        return None
    name, value, attributes = parts_of(line)
    if not (name or value) or not (name + value).isascii():
        return None
    parts = ada_url.URL(url)
    is_secure = "secure" in attributes
    if is_secure and parts.protocol != "https:":
        return None
    host, domain = parts.hostname, attributes.get("domain", "").removeprefix(".").lower()
    if domain and not _covers(domain, host):
        if domain != host:
            return None
        domain = ""  # of an address, or of a suffix that has a page of its own (RFC 6265 §5.3, step 5)
    path = attributes.get("path", "")
    if not path.startswith("/"):
        path = parts.pathname.rpartition("/")[0] or "/"  # RFC 6265 §5.1.4
    prefix = name[: name.find("-", 2) + 1].lower()  # what its name promises has to be so (RFC 6265bis §5.7)
    if (prefix in ("__secure-", "__host-") and not is_secure) or (prefix == "__host-" and (domain or path != "/")):
        return None
    cookie = Cookie(name, value, domain or host, not domain, path, is_secure)
    return cookie, is_over(attributes, now)


def parts_of(line: str) -> tuple[str, str, dict[str, str]]:
    """Return the name, the value and the attributes of a Set-Cookie field, their names in lower case; a lone word is a value."""
    pair, _, rest = line.partition(";")
    name, equals, value = pair.partition("=")
    attributes: dict[str, str] = {}
    for attribute in rest.split(";"):
        key, _, text = attribute.partition("=")
        attributes[key.strip().lower()] = text.strip()  # of two, the last counts
    return (name.strip(), value.strip(), attributes) if equals else ("", pair.strip(), attributes)


def _covers(domain: str, host: str) -> bool:
    """Whether a host may set cookies for domain and all below: its own or above it, not above the site (RFC 6265 §5.3)."""
    site = urls.site(f"https://{host}/") or host
    is_its = domain == host or host.endswith("." + domain)
    return is_its and not urls.is_public_suffix(domain) and (domain == site or domain.endswith("." + site))


def is_over(attributes: dict[str, str], now: datetime) -> bool:
    """Whether a cookie ends as it comes, which is how a server takes one away. Max-Age goes before Expires (§4.1.2.2)."""
    if (age := attributes.get("max-age", "")).removeprefix("-").isdecimal():
        return age.startswith("-") or not age.strip("0")
    then = http_date(attributes.get("expires", ""))
    return then is not None and then <= now
