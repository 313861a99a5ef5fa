"""Citations while they are gathered: each with the place it stands at, put in document order and numbered at the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from crawler.core import blanks, urls
from crawler.core.model import Citation, CitationKind, Tweet
from crawler.core.shortlinks import ShortLink

_LONGEST_CONTEXT = 300


@dataclass(frozen=True, slots=True)
class Placed:
    """A citation at its offset in the text, or a tweet and all its citations at the tweet's."""

    offset: int
    citations: tuple[Citation, ...]
    tweet: Tweet | None = None


def in_order(placed: Iterable[Placed]) -> tuple[tuple[Tweet, ...], tuple[Citation, ...]]:
    """Return the tweets and the citations in document order: positions count from 0, `tweet` is an index into the tweets."""
    tweets: list[Tweet] = []
    citations: list[Citation] = []
    for item in sorted(placed, key=lambda item: item.offset):
        index = None
        if item.tweet:
            index = len(tweets)
            tweets.append(item.tweet)
        for citation in item.citations:
            # Frozen for all who get it; until here it is ours, and a copy of each costs more than its making.
            object.__setattr__(citation, "position", len(citations))
            object.__setattr__(citation, "tweet", index)
            citations.append(citation)
    return tuple(tweets), tuple(citations)


def cite(
    kind: CitationKind,
    *,
    href: str | None = None,
    url: str | None = None,
    text: str | None = None,
    label: str | None = None,
    confidence: float = 1.0,
    context: str | None = None,
) -> Citation:
    """Return a citation that has no position yet; white space in its texts is folded, an empty text is None."""
    return Citation(
        -1,
        kind,
        href,
        url,
        folded(text),
        folded(label) if label else None,
        None,
        confidence,
        folded(context) if context else None,
    )


def folded(text: str | None) -> str | None:
    """Return text with its white space folded; what is empty isn't known."""
    return blanks.folded(text) or None if text else None


def cite_short_link(text: str, link: ShortLink, confidence: float = 1.0) -> Citation:
    """Return the citation of a short link printed in text; of a truncated slug no URL is made."""
    printed = text[link.start : link.end]
    kind = CitationKind.TWEET_MEDIA if link.is_media else CitationKind.TWEET_LINK
    url = None if link.is_truncated else printed if link.is_media else urls.parse(printed)
    citation = cite(
        kind,
        href=printed,
        url=url,
        text=printed,
        confidence=min(confidence, link.confidence),
        context=context(text, link.start, link.end),
    )
    if not link.other_ends:
        return citation
    others = (urls.parse(text[link.start : end]) for end in link.other_ends)
    return replace(citation, alternatives=tuple(other for other in others if other))


def context(text: str, start: int, end: int) -> str:
    """Return the line that text[start:end] stands on, or as much of a long one as tells what the pointer is about."""
    end = min(end, start + _LONGEST_CONTEXT)
    floor, ceiling = max(0, start - _LONGEST_CONTEXT), min(len(text), end + _LONGEST_CONTEXT)
    begin = text.rfind("\n", floor, start) + 1 or floor
    stop = text.find("\n", end, ceiling)
    stop = ceiling if stop < 0 else stop
    if stop - begin <= _LONGEST_CONTEXT:
        return text[begin:stop]
    room = max(0, _LONGEST_CONTEXT - (end - start))
    left = max(begin, start - room * 2 // 3)
    sentence = text.find(". ", left, start)
    if left > begin:
        left = sentence + 2 if sentence >= 0 else text.find(" ", left, start) + 1 or left
    right = min(stop, end + room // 3)
    return text[left:right]
