"""What a tweet's id encodes, and the tweets that stand in a flattened text: the words before each author's line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from crawler.core import keys, urls
from crawler.core.charsets import without_references
from crawler.core.model import Tweet
from crawler.core.printed import find_urls
from crawler.core.shortlinks import ShortLink, find_short_links
from crawler.core.tails import Tail, find_tails

# Ids count milliseconds since this moment in their upper 42 bits (Twitter, "Announcing Snowflake", 2010).
_SNOWFLAKE_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
_FIRST_SNOWFLAKE = 30_000_000_000  # smaller ids were counted one by one, and say nothing of their time
_LONGEST_TWEET = 700  # characters as printed: 280, the links in full, and what quotes add
_MOST_LINES = 40
_LEAST_PARAGRAPHS = 3
_NUMBER = re.compile(r"^(\d{1,2})[.)/:](?=\D)", re.MULTILINE | re.ASCII)  # "2. Fares stay", "2/ Fares stay"
_LIKELY_TWEET = 340  # characters that hardly a tweet exceeds
# A line of links and tags alone: whatever printed each element of a tweet on a line of its own left its words further up.
_NO_WORDS = re.compile(r"(?:\s*(?:https?://t\.co/\w{7,10}|pic\.(?:twitter|x)\.com/\w{10}|[#＃@]\w+))+\s*", re.IGNORECASE)


def posted_at(status_id: str) -> datetime | None:
    """Return the moment that a status id encodes, or None for an id that encodes none (before November 2010, or no id at all)."""
    if not (status_id.isascii() and status_id.isdigit() and len(status_id) <= 19):
        return None
    number = int(status_id)
    if not _FIRST_SNOWFLAKE <= number < 2**63:
        return None
    return _SNOWFLAKE_EPOCH + timedelta(milliseconds=number >> 22)


# The address of a tweet's page on a line of its own, or in a shortcode that nothing drew: "[embed]https://…[/embed]".
ADDRESS = re.compile(
    r"^[^\S\n]*(?:\[(?:embed|tweet|twitter)(?:\s[^\]\n]{0,80})?\][^\S\n]*|\[(?:embed|tweet|twitter)\s)?"
    rf"(?P<url>{keys.TWITTER}{keys.STATUS}(?P<id>\d{{5,20}})"
    r"(?:/(?:photo|video)/\d)?/?(?:\?[^\s\[\]]{0,200})?)"
    r"(?:[^\S\n]++(?:(?:\[/\w{1,20}|[^\[\]\n]{0,80})\][^\S\n]*+)?|(?:\[/\w{1,20})?\][^\S\n]*+)?$",
    re.ASCII | re.IGNORECASE | re.MULTILINE,
)


def find_addresses(text: str, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
    """Yield where text[start:end] has a line that is the address of a tweet's page: an embed that was never rendered."""
    return ADDRESS.finditer(text, start, len(text) if end is None else end) if "/status" in text else iter(())


@dataclass(frozen=True, slots=True)
class Span:
    """A tweet printed in a text: its words, its author's line, and the short links between."""

    start: int
    tail: Tail
    links: tuple[ShortLink, ...]
    begins_by_guess: bool = False  # more stands on its line than a tweet, or another one


def find_spans(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Return the tweets of text[start:end] that an author's line closes, in order."""
    spans = []
    earliest = start
    tails = find_tails(text, start, end)
    is_spaced = bool(tails) and _is_spaced(text[start : len(text) if end is None else end])
    for tail in tails:
        begin, is_guess = _beginning(text, earliest, tail.start)
        if is_spaced and not is_guess:
            begin = _beginning_of_paragraphs(text, earliest, begin, tail.start)
        links = find_short_links(text, begin, tail.start)
        # Twitter parts a link from the words behind it: where a capital stands close to one, an element of the page has ended.
        if is_guess and (seams := [link.end for link in links if text[link.end].isupper()]):
            begin = seams[-1]
            links = [link for link in links if link.start >= begin]
        spans.append(Span(begin, tail, tuple(links), is_guess))
        earliest = tail.end
    return spans


def _beginning(text: str, earliest: int, end: int) -> tuple[int, bool]:
    """Return where the tweet that ends at end begins: on the line its author's line is on, or on the last one before that.

    And whether that is a guess.
    """
    stop = end
    while stop > earliest and text[stop - 1].isspace():
        stop -= 1
    begin = max(earliest, text.rfind("\n", earliest, stop) + 1)
    while begin > earliest and stop - begin < _LONGEST_TWEET and _NO_WORDS.fullmatch(text, begin, stop):
        stop_above = begin - 1
        begin = max(earliest, text.rfind("\n", earliest, stop_above) + 1)
        if not text[begin:stop_above].strip():
            begin = stop_above + 1  # an empty line parts the tweet from the story
            break
    is_guess = stop - begin > _LIKELY_TWEET or (begin > 0 and text[begin - 1] != "\n")  # behind another tweet, on its line
    if stop - begin > _LONGEST_TWEET:
        # A whole story on one line: go back no further than a tweet is long, to the beginning of a sentence.
        floor = stop - _LONGEST_TWEET // 2
        full_stop = text.find(". ", floor, stop - 40)
        begin = full_stop + 2 if full_stop >= 0 else floor
    while begin < stop and text[begin].isspace():
        begin += 1
    return begin, is_guess


def _is_spaced(text: str) -> bool:
    """Whether a text parts its paragraphs by empty lines: then lines that none parts are of one."""
    lines = [bool(line.strip()) for line in text.split("\n")]
    beginnings = sum(is_full and not is_full_above for is_full_above, is_full in pairwise(lines))
    return beginnings >= _LEAST_PARAGRAPHS and 2 * beginnings > sum(lines)


def _beginning_of_paragraphs(text: str, earliest: int, begin: int, end: int) -> int:
    """Return where the paragraph begins that stands at begin; of a numbered one, where those begin that lead up to it.

    Other paragraphs above are the tweet's or the story's: nothing tells.
    """
    found = begin
    while end - begin <= _LONGEST_TWEET:
        begin = _paragraph(text, earliest, begin)
        if end - begin > _LONGEST_TWEET or text[begin:end].count("\n") > _MOST_LINES:
            break
        found = begin
        number = _NUMBER.match(text, begin)
        above = _paragraph(text, earliest, max(earliest, begin - 2))
        if number is None or not any(int(line[1]) == int(number[1]) - 1 for line in _NUMBER.finditer(text, above, begin)):
            break
        begin = above
    return found


def _paragraph(text: str, earliest: int, offset: int) -> int:
    empty_line = text.rfind("\n\n", earliest, offset)
    begin = earliest if empty_line < 0 else empty_line + 2
    while begin < offset and text[begin].isspace():
        begin += 1
    return begin


def from_address(found: re.Match[str]) -> Tweet:
    """Return the tweet of which nothing but its address is printed."""
    handle = found["handle"] if found["handle"] and found["handle"].lower() != "i" else None
    url = found["url"]
    return Tweet(found["id"], url, handle, None, None, None, None, posted_at(found["id"]), (), (), "address")


def from_span(text: str, span: Span) -> Tweet:
    """Return the tweet that a span of text prints; without a link to its page it has no id."""
    page = keys.TWEET_PAGE.match(span.tail.address) if span.tail.address else None
    status_id = page["id"] if page else None
    whole = [link for link in span.links if not link.is_truncated]
    links = [(link.start, url) for link in whole if not link.is_media and (url := urls.parse(text[link.start : link.end]))]
    links += [(found.start, found.url) for found in find_urls(text, span.start, span.tail.start) if found.url]
    return Tweet(
        status_id=status_id,
        url=span.tail.address,
        handle=span.tail.handle,
        author=without_references(span.tail.author) if span.tail.author else None,
        text=without_references(text[span.start : span.tail.start]).strip() or None,
        date_text=span.tail.date_text,
        claimed_on=span.tail.claimed_on,
        posted_at=posted_at(status_id) if status_id else None,
        links=tuple(dict.fromkeys(url for _, url in sorted(links))),
        media=tuple(dict.fromkeys(text[link.start : link.end] for link in whole if link.is_media)),
        form="tail",
    )
