"""Addresses printed in running text, other than short links: where each ends is a matter of punctuation, not of length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.core import keys, urls
from crawler.core.model import Url

# Bounded: where one address is glued to the next, each is looked through anew.
_ADDRESS = re.compile(
    r"https?://(?!t\.co/)[^\s<>\"“”«»\u2026\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]{1,2048}", re.IGNORECASE
)
_CLOSING = ".,;:!?'’*_@([{"
_NEXT_ADDRESS = ("http://", "https://", "pic.twitter.com/", "pic.x.com/")


@dataclass(frozen=True, slots=True)
class PrintedUrl:
    """An address as printed, and what a browser makes of it; of a truncated one ("http://quay.example/sto…") no URL is made."""

    start: int
    href: str
    url: Url | None

    @property
    def end(self) -> int:
        """Where it ends in its text."""
        return self.start + len(self.href)


def find_urls(text: str, start: int = 0, end: int | None = None) -> Iterator[PrintedUrl]:
    """Yield the addresses printed in text[start:end], in order."""
    stop = len(text) if end is None else end
    while found := _ADDRESS.search(text, start, stop):
        href = _without_closing(found[0])
        start = found.start() + max(len(href), len("https://"))  # what was cut off may be the next address
        url = urls.parse(href)
        if url and urls.is_web(url) and not keys.MEDIA_PAGE.match(url):
            if href == found[0] and text.startswith("\u2026", found.end(), stop):
                yield PrintedUrl(found.start(), href + "\u2026", None)
            else:
                yield PrintedUrl(found.start(), href, url)


def _without_closing(href: str) -> str:
    """Return href without the punctuation of its sentence, and without the next address where that is glued to it."""
    for mark in _NEXT_ADDRESS:
        glued = href.find(mark, 8)
        # An address within an address follows one of these: an archive's path, a redirect's parameter.
        if glued > 0 and href[glued - 1] not in "=/?&":
            href = href[:glued]
    href = href.rstrip(_CLOSING)
    for opening, closing in ("()", "[]", "{}"):
        surplus = href.count(closing) - href.count(opening)
        while surplus > 0 and href.endswith(closing):
            href, surplus = href[:-1].rstrip(_CLOSING), surplus - 1
    return href
