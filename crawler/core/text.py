"""Reading a flattened article: a text without markup, whose embedded tweets and references survive as glued words."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from dataclasses import replace
from operator import itemgetter

from crawler.core import urls
from crawler.core.citations import Placed, cite, cite_short_link, context, in_order
from crawler.core.headlines import common_words, end_of_title
from crawler.core.marks import Label, Marks, marks_with
from crawler.core.model import Article, Citation, CitationKind, Page, PieceKind
from crawler.core.printed import PrintedUrl, find_urls
from crawler.core.shortlinks import find_short_links
from crawler.core.spans import Spans
from crawler.core.tails import stands_first
from crawler.core.tweets import Span, find_addresses, find_spans, from_address, from_span

_LONGEST_TITLE = 200
_LONGEST_LINE = 160  # that is all title
_LEAST_TITLE = 3
_LEAST_TWEET = 10  # characters
_LEAST_TITLE_BELOW = 10  # on a line that nothing but its place makes a title
_CLOSED = re.compile(r"[.,;:…。][\"”’'»)\]]*$")
_BLANKS = " \u00a0\ufffd\t"  # the last but one is what an encoding left of a no-break space
_QUOTED = re.compile(r"^(?:>[^\S\n]?)+", re.MULTILINE)  # how mail and Markdown say that a line is another's
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def read_text(text: str, url: str | None = None, marks: Marks | None = None) -> Page:
    """Return the page that a flattened article makes: its first line is the title where it reads like one."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text_sha256 = digest(text)
    if "\n>" in text or text.startswith(">"):
        text = _QUOTED.sub("", text)
    spans = find_spans(text)
    referenced = _references(text, spans, marks or marks_with(()))
    spans = [_behind(span, [stop for _, stop in referenced]) for span in spans]
    placed = [_tweet(text, span) for span in spans]
    placed += _loose_links(text, spans)
    placed += [reference for reference, _ in referenced]
    placed += _addresses(text)
    placed += _printed_urls(text, spans)
    tweets, citations = in_order(placed)
    return Page(
        article=Article(url=url, title=_title(text)),
        kind=PieceKind.ARTICLE,
        tweets=tweets,
        citations=citations,
        text_sha256=text_sha256,
    )


def digest(text: str) -> str:
    """Return the SHA-256 of text with its white space folded, in hex."""
    return digest_folded(" ".join(text.split()))


def digest_folded(words: str) -> str:
    """Return the digest of a text whose white space is folded already."""
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()


def _title(text: str) -> str | None:
    lines = text.lstrip("\ufeff\n ").split("\n", 1)
    first = " ".join(lines[0].split())
    if len(lines) < 2 or not first or len(first) > _LONGEST_TITLE or first.endswith((".", ":", ",", ";")) or "://" in first:
        return None
    return first if len(first.split()) > 2 else None


def _tweet(text: str, span: Span) -> Placed:
    tweet = from_span(text, span)
    embed = cite(
        CitationKind.TWEET,
        href=tweet.url,
        url=urls.parse(tweet.url) if tweet.url else None,
        text=tweet.text,
        confidence=span.tail.confidence,
        context=context(text, span.tail.start, span.tail.end),
    )
    links = [(link.start, cite_short_link(text, link, span.tail.confidence)) for link in span.links]
    links += [
        (found.start, _cite_url(text, found, CitationKind.TWEET_LINK)) for found in find_urls(text, span.start, span.tail.start)
    ]
    links.sort(key=itemgetter(0))
    return Placed(span.start, (embed, *(citation for _, citation in links)), tweet)


def _addresses(text: str) -> list[Placed]:
    placed = []
    for found in find_addresses(text):
        tweet = from_address(found)
        embed = cite(CitationKind.TWEET, href=tweet.url, url=urls.parse(tweet.url or ""), confidence=0.8, context=tweet.url)
        placed.append(Placed(found.start(), (embed,), tweet))
    return placed


def _loose_links(text: str, spans: list[Span]) -> list[Placed]:
    # A slug is made for one tweet: printed again, it is the same tweet printed again, and no second pointer.
    seen = {text[link.start : link.end] for span in spans for link in span.links}
    placed = []
    for link in find_short_links(text):
        printed = text[link.start : link.end]
        if printed not in seen:
            seen.add(printed)
            placed.append(Placed(link.start, (cite_short_link(text, link),)))
    return placed


def _behind(span: Span, stops: list[int]) -> Span:
    """Return span, begun behind the last reference that stands in it."""
    begin = max((stop for stop in stops if span.start < stop <= span.tail.start), default=span.start)
    return replace(span, start=begin, links=tuple(link for link in span.links if link.start >= begin))


def _references(text: str, spans: list[Span], marks: Marks) -> list[tuple[Placed, int]]:
    """Return the references of text, each with where it ends."""
    placed = []
    done = 0
    # Where a tweet begins is a guess in a text of one line: what reads like a mark there is one.
    tweets = Spans((span.tail.start if span.begins_by_guess else span.start, span.tail.end) for span in spans)
    ends = [span.tail.start for span in spans if span.begins_by_guess]
    labels = marks.find(text)
    common = common_words(text) if labels else frozenset()
    for label in labels:
        if label.start >= done and not tweets.holds(label.start):
            reference, stop = _reference(text, label, common) if label.is_marked else _unmarked(text, label)
            following = bisect_left(ends, label.start)
            if following < len(ends) and stop > ends[following] - _LEAST_TWEET:
                continue  # a tweet that says "READ MORE" itself
            done = stop
            placed += [(Placed(label.start, (reference,)), done)] if reference else []
    return placed


def _reference(text: str, label: Label, common: frozenset[str]) -> tuple[Citation | None, int]:
    """Return the reference that a mark begins, and where it ends."""
    line_end = text.find("\n", label.start)
    line_end = len(text) if line_end < 0 else line_end
    begin = label.end
    while begin < line_end and text[begin] in _BLANKS:
        begin += 1
    closing = _CLOSING.get(text[label.start - 1 : label.start])
    if label.leads and not _reads_like_title(text[begin:line_end]):
        return None, label.end
    if (
        closing
        and not text.startswith(closing, label.start + len(label.text))
        and (close := text.find(closing, begin, line_end)) > 0
    ):
        stop, is_plain = close, True
    elif stands_first(text, label.start) and line_end - begin <= _LONGEST_LINE:
        stop, is_plain = line_end, True
    else:
        stop, is_plain = end_of_title(text, begin, line_end, common)
    title = text[begin:stop].strip()
    if not title and stop == line_end:
        return _below(text, label, line_end)
    if len(title) < _LEAST_TITLE or title.startswith(("http://", "https://")):
        return None, label.end
    confidence, around = 0.7 if label.leads else 0.9 if is_plain else 0.6, context(text, label.start, stop)
    return cite(CitationKind.READ_MORE, text=title, label=label.text, confidence=confidence, context=around), stop


def _unmarked(text: str, label: Label) -> tuple[Citation | None, int]:
    """Return the reference of a mark that nothing parts from its title on its line: "See also Storm closes the port"."""
    line_end = text.find("\n", label.end)
    line_end = len(text) if line_end < 0 else line_end
    rest = text[label.end : line_end]
    if not rest.strip():
        return _below(text, label, line_end)
    if not rest[0].isspace() or rest.lstrip()[0].islower() or not _reads_like_title(rest):
        return None, label.end
    around = context(text, label.start, line_end)
    return cite(CitationKind.READ_MORE, text=rest.strip(), label=label.text, confidence=0.7, context=around), line_end


def _below(text: str, label: Label, line_end: int) -> tuple[Citation | None, int]:
    """Return the reference whose title stands on the line below its mark, if a title stands there."""
    begin = line_end
    while begin < len(text) and text[begin].isspace():
        begin += 1
    stop = text.find("\n", begin)
    stop = len(text) if stop < 0 else stop
    title = text[begin:stop].strip()
    if not _reads_like_title(title):
        return None, label.end
    around = context(text, label.start, stop)
    return cite(CitationKind.READ_MORE, text=title, label=label.text, confidence=0.7, context=around), stop


def _reads_like_title(line: str) -> bool:
    """Whether a line may be a title: short, begun with a capital, not closed as a sentence is, and with no link in it."""
    line = line.strip()
    if not _LEAST_TITLE_BELOW <= len(line) <= _LONGEST_LINE or line[0].islower() or "://" in line or ".com/" in line:
        return False
    return not _CLOSED.search(line) and (len(line.split()) > 2 or not line.isascii())


def _printed_urls(text: str, spans: list[Span]) -> list[Placed]:
    tweets = Spans([(span.start, span.tail.end) for span in spans] + [found.span() for found in find_addresses(text)])
    return [
        Placed(found.start, (_cite_url(text, found, CitationKind.LINK),))
        for found in find_urls(text)
        if not tweets.holds(found.start)
    ]


def _cite_url(text: str, found: PrintedUrl, kind: CitationKind) -> Citation:
    return cite(
        kind, href=found.href, url=found.url, text=found.href, confidence=0.8, context=context(text, found.start, found.end)
    )
