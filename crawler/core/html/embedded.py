"""A tweet read out of the frame it stands in: its words, its author, its date, and what it links to."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from crawler.core import blanks, keys, urls
from crawler.core.citations import cite, cite_short_link, context
from crawler.core.dates import PRINTED_DAY, read_day
from crawler.core.html.frames import address_of, form_of, own_id, status_in
from crawler.core.html.markup import Element, Markup
from crawler.core.model import Citation, CitationKind, Tweet
from crawler.core.shortlinks import find_short_links
from crawler.core.spans import Spans
from crawler.core.tails import Tail, find_author, find_tails
from crawler.core.tweets import ADDRESS, posted_at

_FOLLOW = re.compile(r"^\s*[·•]\s*(?:Follow(?=\s))?")  # what stands beside the name on the platform's own cards
_SHORT_LINK = re.compile(r"https?://t\.co/\w+", re.IGNORECASE)
_AT_HANDLE = re.compile(r"(?<![\w@])@(\w{1,15})\b", re.ASCII)
# What stands for the handle where an embedder knew none.
_NO_HANDLE = frozenset(("i", "x", "user", "username", "anyuser", "status", "statuses"))
# An archive's prefix may stand before it.
_TWITTERS_OWN = re.compile(r"//(?:[\w-]+\.)?(?:twitter|x|twimg)\.com(?:[/:?#]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """A tweet, the stretch of text it stands in, and the citations of what it links to."""

    start: int
    end: int
    tweet: Tweet
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A stretch of text that is known to hold a tweet, and what its markup says of it."""

    start: int
    end: int
    form: str
    status_id: str | None
    href: str | None  # of the tweet's page, as written
    handle: str | None  # as the address names it
    dated: Element | None  # the link to the tweet's page, whose text is the date
    anchors: list[Element]
    attributes: dict[str, object] = field(default_factory=dict)  # of a newsletter's card


def find_frame(page: Markup, element: Element) -> Frame | None:
    """Return the frame that element is to a tweet, or None where it is none."""
    form = form_of(page, element)
    if form is None:
        return None
    anchors = page.within(page.anchors, element)
    attributes = _attributes(element) if form == "card" else {}
    pages = [(anchor, match) for anchor in anchors if (match := status_in(anchor.get("href")))]
    status_id = own_id(element) or (pages[-1][1]["id"] if pages else None)
    own = [(anchor, match) for anchor, match in pages if match["id"] == status_id]
    if own:
        dated, match = _dated(page, own) if form == "card" else own[-1]
        return Frame(element.start, element.end, form, status_id, dated.get("href"), match["handle"], dated, anchors, attributes)
    # Nothing links to its page: the address may stand as text, or in an attribute.
    named = (
        keys.TWEET_PAGE.search(page.text, element.start, element.end)
        or status_in(address_of(element))
        or status_in(str(attributes.get("url") or ""))
    )
    end = element.start if element.tag == "a" else element.end  # the words of a link that will be drawn are its page's
    if named and status_id in (None, named["id"]):
        return Frame(element.start, end, form, named["id"], named[0], named["handle"], None, anchors, attributes)
    return Frame(element.start, end, form, status_id, None, None, None, anchors, attributes)


def find_drawn(inner: Markup, status_id: str) -> Frame | None:
    """Return the frame that a whole document is to a tweet which the widget drew in it, or None where another is drawn."""
    pages = [(anchor, match) for anchor in inner.anchors if (match := status_in(anchor.get("href"))) and match["id"] == status_id]
    if not pages:
        return None
    dated, match = _dated(inner, pages)
    return Frame(0, len(inner.text), "card", status_id, dated.get("href"), match["handle"], dated, inner.anchors)


def _dated(page: Markup, pages: list[tuple[Element, re.Match[str]]]) -> tuple[Element, re.Match[str]]:
    """Return, of the links to a tweet's page, the last one that says a day, else the last."""
    return next((pair for pair in reversed(pages) if PRINTED_DAY.search(page.said(pair[0]))), pages[-1])


def _attributes(element: Element) -> dict[str, object]:
    try:
        value = json.loads(element.get("data-attrs"))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def read_frame(page: Markup, frame: Frame, base: str | None) -> Found:
    """Return the tweet that a frame holds."""
    stop, author, handle, date_text = _signature(page, frame)
    words = page.text[frame.start : stop]
    # An address that awaits its embed is no word of the tweet's.
    words = blanks.folded(ADDRESS.sub("", words) if "/status" in words else words)
    if frame.form == "card":
        words, handle, author = _of_card(frame, words, handle, author)
    gathered = _links_of(page, frame, stop, base)
    links = [citation.url for citation in gathered if citation.kind is CitationKind.TWEET_LINK and citation.url]
    media = [citation.url for citation in gathered if citation.kind is CitationKind.TWEET_MEDIA and citation.url]
    day = read_day(date_text) if date_text else None
    tweet = Tweet(
        status_id=frame.status_id,
        url=frame.href,
        handle=handle,
        author=author,
        text=words or None,
        date_text=date_text,
        claimed_on=day.day if day else None,
        posted_at=posted_at(frame.status_id) if frame.status_id else None,
        links=tuple(links),
        media=tuple(media),
        form=frame.form,
    )
    return Found(frame.start, frame.end, tweet, tuple(gathered))


def _signature(page: Markup, frame: Frame) -> tuple[int, str | None, str | None, str | None]:
    """Return where a tweet's words end, its author's name and handle, and its date as printed."""
    end = frame.dated.start if frame.dated else frame.end
    tails = find_tails(page.text, frame.start, frame.end)
    tail: Tail | None = tails[-1] if tails else None
    named = (tail.start, tail.author, tail.handle) if tail else find_author(page.text, frame.start, end)
    stop, author, handle = named or (end, None, None)
    if handle is None and frame.handle and frame.handle.lower() not in _NO_HANDLE:
        handle = frame.handle
    date_text = tail.date_text if tail else None
    if frame.dated and frame.dated.start >= stop and (printed := page.said(frame.dated)):
        day = PRINTED_DAY.search(printed)
        if frame.form == "card":
            date_text = (printed if printed.strip(". ") == day[0].strip(". ") else day[0]) if day else date_text
        elif len(printed) <= 60 and any(letter.isdigit() for letter in printed):
            date_text = printed
    return stop, author, handle, date_text


def _of_card(frame: Frame, words: str, handle: str | None, author: str | None) -> tuple[str, str | None, str | None]:
    """Return words, handle and name of a card, whose markup is its publisher's: by its data, else by the @name that heads it."""
    said = {name: " ".join(value.split()) for name, value in frame.attributes.items() if isinstance(value, str)}
    if heading := _AT_HANDLE.search(words):
        head, body = words[: heading.start()].strip(), _FOLLOW.sub("", words[heading.end() :]).strip()
        if body and len(head) <= 50:
            words, handle, author = body, handle or heading[1], author or head or None
    return said.get("full_text") or words, said.get("username") or handle, said.get("name") or author


def _links_of(page: Markup, frame: Frame, stop: int, base: str | None) -> list[Citation]:
    """Return the citations of what a tweet's words link to, in order, each target once."""
    inside = [anchor for anchor in frame.anchors if frame.start <= anchor.start < stop]
    gathered: list[tuple[int, Citation]] = []
    for anchor in inside:
        href = anchor.get("href")
        if target := _target(href, frame.status_id, base):
            around = context(page.text, anchor.start, anchor.end)
            gathered.append(
                (anchor.start, cite(CitationKind.TWEET_LINK, href=href, url=target, text=page.said(anchor), context=around))
            )
    if printed := find_short_links(page.text, frame.start, stop):
        linked = Spans((anchor.start, anchor.end) for anchor in inside if anchor.get("href"))
        # An anchor's text repeats its href; of a picture's anchor the text is the pointer that readers see.
        pointers = (link for link in printed if link.is_media or not linked.holds(link.start))
        gathered += [(link.start, cite_short_link(page.text, link)) for link in pointers]
    said = frame.attributes.get("full_text")
    if isinstance(said, str) and "t.co/" in said:
        gathered += [(stop, cite_short_link(said, link)) for link in find_short_links(said)]
    photos = frame.attributes.get("photos")
    for photo in photos if isinstance(photos, list) else []:
        pictured = photo.get("link_url") if isinstance(photo, dict) else None
        if isinstance(pictured, str) and _SHORT_LINK.match(pictured):
            gathered.append((stop, cite(CitationKind.TWEET_LINK, href=pictured, url=urls.parse(pictured), text=pictured)))
    gathered.sort(key=lambda pair: pair[0])
    by_target = {citation.url or citation.href: citation for _, citation in reversed(gathered)}
    return [by_target.pop(target) for _, citation in gathered if (target := citation.url or citation.href) in by_target]


def _target(href: str, status_id: str | None, base: str | None) -> str | None:
    """Return the URL of a link within a tweet, or None for what Twitter itself puts there: tags, names, the tweet's own page."""
    if short := _SHORT_LINK.search(href):
        return urls.parse(short[0])  # an archive's prefix falls away: the slug is the pointer
    status = status_in(href)
    if status and status["id"] == status_id:
        return None
    url = urls.parse(href, base) if href else None
    if url is None or not urls.is_web(url):
        return None
    return url if status or not _TWITTERS_OWN.search(url) else None
