"""Reading without a parser, for the document that is too much for one: a stretch at a time, so that time grows as length does.

Tags are blanked out, and what is left is read as a flattened article is. Of the links that only the markup holds, those
are kept that name a tweet or are a tweet's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from itertools import islice

from crawler.core import keys, titles, urls
from crawler.core.bounds import MOST_CITATIONS
from crawler.core.citations import cite, folded
from crawler.core.model import Article, Citation, CitationKind, Page, PieceKind, Tweet
from crawler.core.text import digest, read_text
from crawler.core.tweets import posted_at

_STRETCH = 32_000  # characters read at once, between two looks at the time
# Where a stretch may end, from the best place to the worst.
_TEXT_SEAMS = ("\n\n", "\n", ". ", " ", "http", "pic.")
_HTML_SEAMS = ("<p", "<div", "<li", "<")
_CONFIDENCE = 0.5  # of what only an address in the markup tells

_UNSEEN = re.compile(r"<(?:!(--)|(script|style|title|textarea|template|svg)(?=[\s/>]))", re.IGNORECASE)
_INLINE = re.compile(
    r"</?(?:a(?:bbr)?|b(?:ig)?|cite|em|font|i(?:mg)?|mark|q|s(?:mall|pan|trong|u[bp])?|time|u|wbr)(?:[\s/][^<>]*)?>",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]*>")
_GAP = re.compile(r"[^\S\n]{20,}")
_TITLE = re.compile(r"<title(?:\s[^<>]{0,200})?>([^<]{1,1000})", re.IGNORECASE)
_STATUS = re.compile(
    rf"href\s?=\s?[\"']?(?P<url>{keys.TWITTER}{keys.STATUS}"
    r"(?P<id>\d{5,20})[^\s\"'<>]{0,200})[^<>]{0,200}>(?P<words>[^<>]{0,60})",
    re.IGNORECASE | re.ASCII,
)
_SHORT_LINK = re.compile(r"href\s?=\s?[\"']?(https?://t\.co/\w{7,10})\b", re.IGNORECASE | re.ASCII)


def scan_text(text: str, url: str | None, is_late: Callable[[], bool]) -> Page:
    """Return the page of a flattened article, as far as it was read when it was late."""
    found = _Found()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found.read(text, _TEXT_SEAMS, _without_gaps, is_late)
    return found.page(Article(url=url, title=found.title), PieceKind.ARTICLE, digest(text))


def scan_html(html: str, url: str | None, is_late: Callable[[], bool]) -> Page:
    """Return the page of an HTML document, as far as it was read when it was late; its markup is not understood."""
    found = _Found()
    seen = "".join(_seen(html))
    found.read(seen, _HTML_SEAMS, _without_tags, is_late)
    found.name_tweets(html)
    found.add_short_links(html)
    title = _TITLE.search(html)
    named = titles.without_site(unescape(title[1]), None) if title else None
    return found.page(Article(url=url, title=named or None), PieceKind.PAGE, digest(seen))


@dataclass(slots=True)
class _Found:
    """What the stretches gave so far."""

    title: str | None = None
    tweets: list[Tweet] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    cut: str | None = None

    def read(self, text: str, seams: tuple[str, ...], clean: Callable[[str], str], is_late: Callable[[], bool]) -> None:
        """Read stretch after stretch, each cleaned first, to the end or until it is late."""
        done = 0
        for stretch in _stretches(text, seams):
            if done and (is_late() or len(self.citations) > MOST_CITATIONS):
                self.cut = f"all past the first {done:,} of {len(text):,} characters"
                return
            page = read_text(clean(stretch))
            self.title = self.title if done else page.article.title
            first = len(self.tweets)
            self.tweets += page.tweets
            self.citations += (
                citation if citation.tweet is None else replace(citation, tweet=first + citation.tweet)
                for citation in page.citations
            )
            done += len(stretch)

    def name_tweets(self, html: str) -> None:
        """Give each tweet the id of the address that its day links to; other addresses are tweets of which no more is known."""
        named: dict[tuple[str, str], list[re.Match[str]]] = {}
        for status in islice({status["id"]: status for status in _STATUS.finditer(html)}.values(), MOST_CITATIONS):
            key = (status["handle"] or "").lower(), folded(unescape(status["words"])) or ""
            named.setdefault(key, []).append(status)
        for index, tweet in enumerate(self.tweets):
            if same := named.get(((tweet.handle or "").lower(), tweet.date_text or "")):
                status = same.pop(0)
                self.tweets[index] = replace(
                    tweet, status_id=status["id"], url=unescape(status["url"]), posted_at=posted_at(status["id"])
                )
        self._link_named()
        for status in (status for same in named.values() for status in same):
            address = unescape(status["url"])
            tweet = Tweet(
                status["id"], address, status["handle"], None, None, None, None, posted_at(status["id"]), (), (), "address"
            )
            embed = cite(CitationKind.TWEET, href=address, url=urls.parse(address), confidence=_CONFIDENCE)
            self.citations.append(replace(embed, tweet=len(self.tweets)))
            self.tweets.append(tweet)

    def _link_named(self) -> None:
        for place, citation in enumerate(self.citations):
            if citation.kind is CitationKind.TWEET and citation.tweet is not None and citation.url is None:
                address = self.tweets[citation.tweet].url
                if address:
                    self.citations[place] = replace(citation, href=address, url=urls.parse(address))

    def add_short_links(self, html: str) -> None:
        """Add the tweets' links that no text prints."""
        printed = {citation.href for citation in self.citations}
        for href in islice(dict.fromkeys(link[1] for link in _SHORT_LINK.finditer(html)), MOST_CITATIONS):
            if href not in printed:
                self.citations.append(cite(CitationKind.TWEET_LINK, href=href, url=urls.parse(href), confidence=_CONFIDENCE))

    def page(self, article: Article, kind: PieceKind, text_sha256: str) -> Page:
        """Return all of it as one page."""
        citations = tuple(replace(citation, position=position) for position, citation in enumerate(self.citations))
        return Page(article, kind, tuple(self.tweets), citations, text_sha256, self.cut)


def _stretches(text: str, seams: tuple[str, ...]) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = start + _STRETCH
        if end < len(text):
            floor = start + _STRETCH // 2
            end = next((place for seam in seams if (place := text.rfind(seam, floor, end)) > 0), end)
        yield text[start:end]
        start = end


def _seen(html: str) -> Iterator[str]:
    """Yield what stands outside comments, scripts and the like. One that is never closed is taken for a tag like any other."""
    unclosed: set[str] = set()
    kept = at = 0
    while opening := _UNSEEN.search(html, at):
        at = opening.end()
        name = (opening[1] or opening[2]).lower()
        if name in unclosed:
            continue
        closing = _closing(html, name, at)
        if closing < 0:
            unclosed.add(name)
            continue
        yield html[kept : opening.start()]
        kept = at = closing
    yield html[kept:]


def _closing(html: str, name: str, start: int) -> int:
    if name == "--":
        end = html.find("-->", start)
        return end if end < 0 else end + 3
    closing = re.compile(f"</{name}", re.IGNORECASE).search(html, start)
    return closing.start() if closing else -1


def _without_gaps(text: str) -> str:
    """Return text with long gaps made short: what looks over blanks for a day or a name is at its slowest there."""
    return _GAP.sub("    ", text)


def _without_tags(html: str) -> str:
    """Return the text of HTML: a line for each block."""
    flat = html.replace("\n", " ").replace("\r", " ")
    return _without_gaps(unescape(_TAG.sub("\n", _INLINE.sub("", flat))))
