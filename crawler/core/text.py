"""Reading a flattened article: a text without markup, whose embedded tweets and references survive as glued words."""

from __future__ import annotations

import hashlib
import re

from crawler.core import urls
from crawler.core.citations import Placed, cite, cite_short_link, context, in_order
from crawler.core.headlines import end_of_title
from crawler.core.labels import find_labels, read_label
from crawler.core.model import Article, Citation, CitationKind, Page, PieceKind
from crawler.core.shortlinks import find_short_links
from crawler.core.tweets import Span, find_spans, from_span

_LONGEST_TITLE = 200
_PRINTED_URL = re.compile(r"https?://(?!t\.co/)[^\s<>\"“”«»\u2026]+", re.IGNORECASE)
_TRAILING = ".,;:!?'’…*_"


def read_text(text: str, url: str | None = None) -> Page:
    """Return the page that a flattened article makes: its first line is the title where it reads like one."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    spans = find_spans(text)
    placed = [_tweet(text, span) for span in spans]
    placed += _loose_links(text, spans)
    placed += _references(text, spans)
    placed += _printed_urls(text, spans)
    tweets, citations = in_order(placed)
    return Page(
        article=Article(url=url, title=_title(text)),
        kind=PieceKind.ARTICLE,
        tweets=tweets,
        citations=citations,
        text_sha256=digest(text),
    )


def digest(text: str) -> str:
    """Return the SHA-256 of text with its white space folded, in hex."""
    return hashlib.sha256(" ".join(text.split()).encode("utf-8", "replace")).hexdigest()


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
        text=tweet.text,
        confidence=span.tail.confidence,
        context=context(text, span.tail.start, span.tail.end),
    )
    return Placed(span.start, (embed, *(cite_short_link(text, link, span.tail.confidence) for link in span.links)), tweet)


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


def _references(text: str, spans: list[Span]) -> list[Placed]:
    placed = []
    done = 0
    for start, _ in find_labels(text):
        if start < done or any(span.start <= start < span.tail.end for span in spans):
            continue
        reference, done = _reference(text, start)
        placed += [Placed(start, (reference,))] if reference else []
    return placed


def _reference(text: str, start: int) -> tuple[Citation | None, int]:
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    label = read_label(text, start, line_end)
    if label is None:
        return None, start
    begin = label.end
    while begin < line_end and text[begin] in " \u00a0\ufffd\t":
        begin += 1
    is_bracketed = start > 0 and text[start - 1] in "([{"
    if is_bracketed and (close := text.find({"(": ")", "[": "]", "{": "}"}[text[start - 1]], begin, line_end)) > 0:
        stop, is_plain = close, True
    elif not text[text.rfind("\n", 0, start) + 1 : start].strip() and line_end - begin <= 160:
        stop, is_plain = line_end, True
    else:
        stop, is_plain = end_of_title(text, begin, line_end)
    title = text[begin:stop].strip()
    if len(title) < 3:
        return None, line_end
    confidence = 0.9 if is_plain else 0.6
    return (
        cite(CitationKind.READ_MORE, text=title, label=label.text, confidence=confidence, context=context(text, start, stop)),
        stop,
    )


def _printed_urls(text: str, spans: list[Span]) -> list[Placed]:
    placed = []
    for found in _PRINTED_URL.finditer(text):
        printed = _without_trailing(found[0])
        url = urls.parse(printed)
        start = found.start()
        if url and urls.is_web(url) and not urls.MEDIA_PAGE.match(url):
            inside = any(span.start <= start < span.tail.start for span in spans)
            kind = CitationKind.TWEET_LINK if inside else CitationKind.LINK
            if not inside:
                placed.append(
                    Placed(
                        start,
                        (
                            cite(
                                kind,
                                href=printed,
                                url=url,
                                text=printed,
                                confidence=0.8,
                                context=context(text, start, start + len(printed)),
                            ),
                        ),
                    )
                )
    return placed


def _without_trailing(printed: str) -> str:
    # A glued short link begins a URL of its own.
    for mark in ("http://", "https://", "pic.twitter.com/"):
        glued = printed.find(mark, 8)
        if glued > 0 and printed[glued - 1] not in "=/?&":
            printed = printed[:glued]
    printed = printed.rstrip(_TRAILING)
    for opened, closed in ("()", "[]"):
        while printed.endswith(closed) and printed.count(closed) > printed.count(opened):
            printed = printed[:-1].rstrip(_TRAILING)
    return printed
