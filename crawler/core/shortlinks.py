"""Short links of tweets, cut out of running text where no blank parts them from their neighbours.

A t.co slug is 10 characters long today, 7 or 8 before 2013; a pic.twitter.com slug always 10. Flattened articles glue words to
both ends, so the length is what says where a slug stops. twitter-text's extract.yml lists the characters that may follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SLUG_LENGTH = 10
_OLD_SLUG_LENGTHS = (7, 8, 9)

# Both begin with a literal that has no case, so that the scan runs at the speed of a substring search; what must stand before it
# is looked at where it was found. The slug is only looked at: the next link may begin within the run of its letters.
_SHORT_LINK = re.compile(r"://t\.co/(?=([A-Za-z0-9]+)(\u2026|\.\.\.)?)", re.IGNORECASE)
_MEDIA = re.compile(r"\.(?:twitter|x)\.com/(?=([A-Za-z0-9]+)(\u2026|\.\.\.)?)", re.IGNORECASE)
_SCHEME = re.compile(r"https?$", re.IGNORECASE)
_WORD_BEGINS = re.compile(r"(?<=[a-z0-9])[A-Z][a-z]+(?![A-Za-z0-9])")
_NEIGHBOUR = re.compile(r"pic\.(?:twitter|x)\.com/|https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ShortLink:
    """A short link in a text, and how surely it was cut: text[start:end] is all that was printed of it."""

    start: int
    end: int
    is_media: bool
    is_truncated: bool  # "https://t.co/54iN2…": the rest was never printed
    confidence: float  # 1.0 ends by itself; 0.9 cut at ten characters; 0.7 an old, shorter slug; 0.2 truncated
    other_ends: tuple[int, ...] = ()  # where it may end instead: an old slug, and a word glued to it


def find_short_links(text: str, start: int = 0, end: int | None = None) -> list[ShortLink]:
    """Return the t.co and pic.twitter.com links of text[start:end], in order."""
    stop = len(text) if end is None else end
    found = [*_find(_SHORT_LINK, text, start, stop), *_find(_MEDIA, text, start, stop)]
    return sorted(found, key=lambda link: link.start)


def _find(shape: re.Pattern[str], text: str, start: int, stop: int) -> Iterator[ShortLink]:
    is_media = shape is _MEDIA
    for match in shape.finditer(text, start, stop):
        begin = match.start()
        if not is_media:
            scheme = _SCHEME.search(text, max(start, begin - 5), begin)
            if not scheme:
                continue
            begin = scheme.start()
        else:
            begin -= len("pic")
            if begin < start or text[begin : match.start()].lower() != "pic":
                continue
            if text[max(start, begin - 3) : begin] == "://":
                begin = max(start, text.rfind("http", max(start, begin - 8), begin))
        cut = _cut(text, match.start(1), match.end(1), dots=match[2] or "", stop=stop)
        if cut:
            length, confidence = cut
            truncated = confidence < 0.5
            tail = match.end(2) if truncated else match.start(1) + length
            others = () if is_media or truncated else tuple(_old_ends(text, match.start(1), match.end(1)))
            yield ShortLink(begin, tail, is_media, truncated, min(confidence, 0.8) if others else confidence, others)


def _old_ends(text: str, start: int, end: int) -> Iterator[int]:
    """Yield where an old, shorter slug may end whose run of letters goes on as a word does: "t.co/a1b2c3d4Then"."""
    for length in (8, 7):
        if end - start >= SLUG_LENGTH and _WORD_BEGINS.match(text, start + length, end):
            yield start + length


def _cut(text: str, start: int, end: int, *, dots: str, stop: int) -> tuple[int, float] | None:
    """Return the slug's length and how sure it is, or None where text[start:end] is no slug."""
    # The run of letters may hold the beginning of the next link: "abcdefghpic.twitter.com/…" stops before "pic".
    neighbour = _NEIGHBOUR.search(text, start, min(stop, start + SLUG_LENGTH + 24))
    if neighbour and neighbour.start() < end:
        end, dots = neighbour.start(), ""
    length = end - start
    if length == SLUG_LENGTH:
        return SLUG_LENGTH, 1.0
    if length > SLUG_LENGTH:
        return SLUG_LENGTH, 0.9
    if dots:
        return length, 0.2
    if length in _OLD_SLUG_LENGTHS:
        return length, 0.7
    return None  # t.co/i and the like stand in scripts, not in tweets
