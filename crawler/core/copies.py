"""Copies that other sites keep of a document: an archive's mementos (RFC 7089), what an AMP cache serves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from crawler.core import urls
from crawler.core.model import Url

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
_MAY_BE_COPY = re.compile(r"archive\.|/arquivo\.|/webcache\.|/\d{14}")
STAMP = "%Y%m%d%H%M%S"
_MARKS_OF_STAMPS = str.maketrans("", "", ".-")


@dataclass(frozen=True, slots=True)
class Memento:
    """An archived copy of a document."""

    home: str | None  # what an archive's addresses of copies begin with; None where the copy has no address of its own
    stamp: str  # which copy, as the archive writes it; "" for the latest
    original: Url


def memento(url: str) -> Memento | None:
    """Return the copy in an archive that url is the address of, or None where it is none."""
    if not _MAY_BE_COPY.search(url):
        return None
    for pattern, home in _ARCHIVES:
        if (found := pattern.fullmatch(url)) and (original := urls.carried(found["original"])):
            groups = found.groupdict()
            return Memento(home and home.format(**groups), (groups.get("stamp") or "").translate(_MARKS_OF_STAMPS), original)
    return None


def moment(stamp: str) -> datetime | None:
    """Return the moment of a stamp of 14 digits; of a shorter one the archive itself chooses a copy that is near."""
    try:
        return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC) if len(stamp) == 14 else None
    except ValueError:
        return None


def amp_original(url: str) -> Url | None:
    """Return the address of the document that an AMP cache serves at url, or None where url is no AMP cache's."""
    found = _AMP_CACHE.fullmatch(url)
    return urls.carried(found["original"], "https" if found["tls"] else "http") if found else None
