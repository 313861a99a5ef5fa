"""What of an exchange may be written down: of secrets nothing, or a digest, so that two that differ still do.

Headers whose names speak of secrets are left out, and user names and passwords in URLs; the values of query parameters like
access_token give way to digests. Of a cookie a mark is kept: digests of its name and value, and where it is sent.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from crawler.web import cookies

COOKIE_HEADER = "X-Crawler-Cookie"  # of a request: the cookies it bore; of an answer: one that it set; both without their values

_SECRET_HEADER = re.compile(r"cookie|authori[sz]ation|authenticat|token|secret|api-?key|session|password", re.IGNORECASE)
_TELLING = "token|secret|passw|signature|api_?key|access_?key|session|credential"
_AROUND = r"[^=&;#\s]{0,40}"  # the rest of a parameter's name
_SECRET_PARAMETER = re.compile(
    rf"([?&;#](?:key|sig|auth|jwt|pwd|{_AROUND}(?:{_TELLING}){_AROUND})=)([^&;#\s\"'<>,]+)", re.IGNORECASE
)
_REMOVED = re.compile(r"removed-[0-9a-f]{8}")
_USERINFO = re.compile(r"//[^/?#\\@\s\"'<>]*+@")


def redacted(text: str) -> str:
    """Return a URL, or a header value that holds one, without its secrets. A text without any comes back unchanged."""
    if "=" in text:
        text = _SECRET_PARAMETER.sub(_digested, text)
    return _USERINFO.sub("//", text) if "@" in text else text


def _digested(parameter: re.Match[str]) -> str:
    name, value = parameter.groups()
    return name + _digest(value)


def cookie_mark(sent: str) -> str:
    """Return a Cookie field with each name and value given way to its digest: two that differ still do."""
    return "; ".join("=".join(map(_digest, pair.partition("=")[::2])) for pair in sent.split("; ")) if sent else ""


def set_cookie_mark(line: str, now: datetime) -> str:
    """Return a Set-Cookie field with digests for name and value; of the rest, what says where and whether it is sent."""
    name, value, attributes = cookies.parts_of(line)
    mark = f"{_digest(name)}={_digest(value)}"
    mark += "".join(f"; {key}={redacted(attributes[key])}" for key in ("domain", "path") if key in attributes)
    # A date would make another cookie of it by the time of a replay.
    return mark + "; secure" * ("secure" in attributes) + "; max-age=0" * cookies.is_over(attributes, now)


def without_secrets(headers: Iterable[tuple[str, str]], now: datetime) -> Iterator[tuple[str, str]]:
    """Yield the fields that may be written down: of a cookie its mark, of other secrets nothing."""
    for name, value in headers:
        if name.lower() == "set-cookie":
            yield COOKIE_HEADER, set_cookie_mark(value, now)
        elif not _SECRET_HEADER.search(name):
            yield name, redacted(value)


def _digest(value: str) -> str:
    if not value or _REMOVED.fullmatch(value):
        return value
    return f"removed-{hashlib.sha256(value.encode('utf-8', 'replace')).hexdigest()[:8]}"
