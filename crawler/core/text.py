"""Reading a flattened article: a text without markup, whose embedded tweets and references survive as glued words."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from operator import itemgetter

from crawler.core import urls
from crawler.core.citations import Placed, cite, cite_short_link, context, in_order
from crawler.core.marks import Marks, marks_with
from crawler.core.model import Article, Citation, CitationKind, Page, PieceKind
from crawler.core.printed import PrintedUrl, find_urls
from crawler.core.references import Reference, find_references
from crawler.core.shortlinks import find_short_links
from crawler.core.spans import Spans
from crawler.core.tweets import Span, find_addresses, find_spans, from_address, from_span

_LONGEST_TITLE = 200
_HEADING = re.compile(r"^#{1,6} ")  # of Markdown
_QUOTED = re.compile(r"^(?:>[^\S\n]?)+", re.MULTILINE)  # how mail and Markdown say that a line is another's


def read_text(text: str, url: str | None = None, marks: Marks | None = None) -> Page:
    """Return the page that a flattened article makes: its first line is the title where it reads like one."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text_sha256 = digest(text)
    if "\n>" in text or text.startswith(">"):
        text = _QUOTED.sub("", text)
    spans = find_spans(text)
    references = find_references(text, spans, marks or marks_with(()))
    spans = [_behind(span, [reference.end for reference in references]) for span in spans]
    placed = [_tweet(text, span) for span in spans]
    placed += _loose_links(text, spans)
    placed += [Placed(reference.start, (reference.citation,)) for reference in references]
    placed += _addresses(text)
    placed += _printed_urls(text, spans, references)
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
    first = _HEADING.sub("", " ".join(lines[0].split()))
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


def _printed_urls(text: str, spans: list[Span], references: list[Reference]) -> list[Placed]:
    read = [(span.start, span.tail.end) for span in spans] + [found.span() for found in find_addresses(text)]
    cited = Spans(read + [(reference.start, reference.end) for reference in references if reference.citation.href])
    return [
        Placed(found.start, (_cite_url(text, found, CitationKind.LINK),))
        for found in find_urls(text)
        if not cited.holds(found.start)
    ]


def _cite_url(text: str, found: PrintedUrl, kind: CitationKind) -> Citation:
    confidence, around = 0.8 if found.url else 0.2, context(text, found.start, found.end)
    return cite(kind, href=found.href, url=found.url, text=found.href, confidence=confidence, context=around)
