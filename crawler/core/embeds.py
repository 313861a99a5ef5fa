"""The embeds of a page: tweets, whatever frame they stand in or lost, and other platforms' posts and players."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from crawler.core import urls
from crawler.core.citations import Placed, cite, cite_short_link, context
from crawler.core.dates import PRINTED_DAY, read_day
from crawler.core.frames import address_of, form_of, own_id, status_in
from crawler.core.markup import Element, Markup
from crawler.core.model import Citation, CitationKind, Tweet
from crawler.core.platforms import player_address
from crawler.core.shortlinks import find_short_links
from crawler.core.spans import Spans
from crawler.core.story import Story
from crawler.core.survey import Survey
from crawler.core.tails import Tail, find_author, find_tails
from crawler.core.tweets import ADDRESS, find_addresses, find_spans, posted_at

_SHORT_LINK = re.compile(r"https?://t\.co/\w+", re.IGNORECASE)
_AT_HANDLE = re.compile(r"(?<![\w@])@(\w{1,15})\b", re.ASCII)
_ESCAPED_FRAME = re.compile(r"<blockquote[^>]{0,300}twitter-tweet", re.IGNORECASE)
# What stands for the handle where an embedder knew none.
_NO_HANDLE = frozenset(("i", "x", "user", "username", "anyuser", "status", "statuses"))
# An archive's prefix may stand before it.
_TWITTERS_OWN = re.compile(r"//(?:[\w-]+\.)?(?:twitter|x|twimg)\.com(?:[/:?#]|$)", re.IGNORECASE)
_CONFIDENCE = {"tail": 0.9, "address": 0.8, "card": 0.8, "script": 0.7}  # of forms that are less than a platform's own frame


@dataclass(slots=True)
class Embeds:
    """The embeds of a page, and the anchors that are theirs (by index), which are no links of the story."""

    placed: list[Placed] = field(default_factory=list)
    taken: frozenset[int] = frozenset()

    @property
    def has_tweets(self) -> bool:
        """Whether any of them is a tweet."""
        return any(item.tweet for item in self.placed)


@dataclass(frozen=True, slots=True)
class _Found:
    """A tweet, the stretch of text it stands in, and the citations of what it links to."""

    start: int
    end: int
    tweet: Tweet
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class _Frame:
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


def find_embeds(page: Markup, story: Story, base: str | None) -> Embeds:
    """Return the embeds of a page; a tweet that stands on it several times comes once, by its id."""
    placed: list[Placed] = []
    found: list[_Found] = []
    taken: set[int] = set()
    spans: list[tuple[int, int]] = []
    ids: set[str | None] = set()
    last = -1
    for element in page.embeds:
        # Within an embed that is read already, only another tweet's own mark counts: a quoted tweet's, a rendered frame's.
        if (element.index <= last and (own_id(element) or None) in ids | {None}) or story.comments.holds(element.index):
            continue
        if frame := _frame(page, element):
            tweet = _read(page, frame, base)
            if tweet.tweet.status_id is None and not (tweet.tweet.handle and tweet.tweet.text):
                continue
            found.append(tweet)
            ids.add(tweet.tweet.status_id)
        elif address := player_address(element):
            words = page.said(element) or element.get("title")
            player = cite(CitationKind.EMBED, href=address, url=urls.parse(address, base), text=words[:300])
            placed.append(Placed(element.start, (player,)))
        else:
            continue
        taken.update(anchor.index for anchor in page.within(page.anchors, element))
        last = max(last, element.last)
        spans.append((element.start, element.end))
    framed = Spans(spans)
    for frame in (*_unframed(page, story, framed), *_addresses(page, story, framed)):
        found.append(_read(page, frame, base))
        taken.update(anchor.index for anchor in frame.anchors)
    placed += [Placed(item.start, (_embed(page, item), *item.citations), item.tweet) for item in _once(found)]
    return Embeds(placed, frozenset(taken))


def find_copies(survey: Survey, page: Markup) -> list[Placed]:
    """Return the tweets whose markup stands escaped in a page's scripts, for pages that keep their story there alone."""
    found: dict[str, _Found] = {}
    for node in survey.get("script", ()):
        script = node.text()
        if "twitter-tweet" not in script:
            continue
        readable = (
            script.replace('\\"', '"').replace("\\/", "/").replace("\\u003c", "<").replace("\\u003C", "<").replace("\\u003e", ">")
        )
        for frame in _ESCAPED_FRAME.finditer(readable):
            stop = readable.find("</blockquote", frame.end(), frame.end() + 4000)
            pages = list(urls.TWEET_PAGE.finditer(readable, frame.end(), stop if stop > 0 else frame.end() + 2000))
            if pages:
                name, handle = pages[-1]["id"], pages[-1]["handle"]
                tweet = Tweet(name, pages[-1][0], handle, None, None, None, None, posted_at(name), (), (), "script")
                found.setdefault(name, _Found(len(page.text), len(page.text), tweet, ()))
    return [Placed(item.start, (_embed(page, item),), item.tweet) for item in found.values()]


def _embed(page: Markup, item: _Found) -> Citation:
    tweet = item.tweet
    return cite(
        CitationKind.TWEET,
        href=tweet.url,
        url=urls.parse(tweet.url) if tweet.url else None,
        text=tweet.text,
        confidence=_CONFIDENCE.get(tweet.form, 1.0),
        context=context(page.text, item.start, item.end) if item.end > item.start else None,
    )


def _once(found: list[_Found]) -> list[_Found]:
    """Return each tweet once: where it stood first, with all that any of its copies says."""
    order: list[_Found] = []
    places: dict[str, int] = {}
    for item in found:
        place = places.setdefault(item.tweet.status_id, len(order)) if item.tweet.status_id else len(order)
        if place == len(order):
            order.append(item)
            continue
        first = order[place]
        fuller, poorer = (item, first) if len(item.tweet.text or "") > len(first.tweet.text or "") else (first, item)
        names = ("url", "handle", "author", "text", "date_text", "claimed_on", "links", "media")
        filled = {name: getattr(fuller.tweet, name) or getattr(poorer.tweet, name) for name in names}
        order[place] = replace(first, tweet=replace(fuller.tweet, **filled), citations=fuller.citations or poorer.citations)
    return order


def _frame(page: Markup, element: Element) -> _Frame | None:
    form = form_of(page, element)
    if form is None:
        return None
    anchors = page.within(page.anchors, element)
    attributes = _attributes(element) if form == "card" else {}
    pages = [(anchor, match) for anchor in anchors if (match := status_in(anchor.get("href")))]
    status_id = own_id(element) or (pages[-1][1]["id"] if pages else None)
    own = [(anchor, match) for anchor, match in pages if match["id"] == status_id]
    if own:
        dated, match = own[-1]
        return _Frame(element.start, element.end, form, status_id, dated.get("href"), match["handle"], dated, anchors, attributes)
    # Nothing links to its page: the address may stand as text, or in an attribute.
    named = (
        urls.TWEET_PAGE.search(page.text, element.start, element.end)
        or status_in(address_of(element))
        or status_in(str(attributes.get("url") or ""))
    )
    if named and status_id in (None, named["id"]):
        return _Frame(element.start, element.end, form, named["id"], named[0], named["handle"], None, anchors, attributes)
    return _Frame(element.start, element.end, form, status_id, None, None, None, anchors, attributes)


def _attributes(element: Element) -> dict[str, object]:
    try:
        value = json.loads(element.get("data-attrs"))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _unframed(page: Markup, story: Story, framed: Spans) -> Iterator[_Frame]:
    """Yield the tweets of the story whose frame got lost: their author's line stands in the text."""
    starts = [anchor.start for anchor in page.anchors]
    for span in find_spans(page.text, story.start, story.end):
        tail = span.tail
        if framed.holds(tail.start) or framed.holds(span.start) or not story.has(tail.start):
            continue
        around = page.anchors[bisect_left(starts, span.start) : bisect_left(starts, tail.end + 1)]
        pages = [(anchor, match) for anchor in around if anchor.start >= tail.start and (match := status_in(anchor.get("href")))]
        if pages:
            dated, match = pages[-1]
            yield _Frame(span.start, tail.end, "tail", match["id"], dated.get("href"), match["handle"], dated, around)
        elif tail.confidence >= 0.9:
            yield _Frame(span.start, tail.end, "tail", None, None, None, None, around)


def _addresses(page: Markup, story: Story, framed: Spans) -> Iterator[_Frame]:
    """Yield the tweets of which the story prints only the address, on a line of its own: embeds that were never rendered."""
    starts = [anchor.start for anchor in page.anchors]
    for found in find_addresses(page.text, story.start, story.end):
        if not framed.holds(found.start()) and story.has(found.start()):
            around = page.anchors[bisect_left(starts, found.start()) : bisect_left(starts, found.end())]
            yield _Frame(found.start(), found.end(), "address", found["id"], found[0].strip(), found["handle"], None, around)


def _read(page: Markup, frame: _Frame, base: str | None) -> _Found:
    """Return the tweet that a frame holds."""
    stop, author, handle, date_text = _signature(page, frame)
    # An address that awaits its embed is no word of the tweet's.
    words = " ".join(ADDRESS.sub("", page.text[frame.start : stop]).split())
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
    return _Found(frame.start, frame.end, tweet, tuple(gathered))


def _signature(page: Markup, frame: _Frame) -> tuple[int, str | None, str | None, str | None]:
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
            date_text = day[0] if day else date_text
        elif len(printed) <= 60 and any(letter.isdigit() for letter in printed):
            date_text = printed
    return stop, author, handle, date_text


def _of_card(frame: _Frame, words: str, handle: str | None, author: str | None) -> tuple[str, str | None, str | None]:
    """Return words, handle and name of a card, whose markup is its publisher's: by its data, else by the @name that heads it."""
    said = {name: " ".join(value.split()) for name, value in frame.attributes.items() if isinstance(value, str)}
    if heading := _AT_HANDLE.search(words):
        head, body = words[: heading.start()].strip(), words[heading.end() :].strip()
        if body and len(head) <= 50:
            words, handle, author = body, handle or heading[1], author or head or None
    return said.get("full_text") or words, said.get("username") or handle, said.get("name") or author


def _links_of(page: Markup, frame: _Frame, stop: int, base: str | None) -> list[Citation]:
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
    linked = Spans((anchor.start, anchor.end) for anchor in inside if anchor.get("href"))
    gathered += [
        (link.start, cite_short_link(page.text, link))
        for link in find_short_links(page.text, frame.start, stop)
        # An anchor's text repeats its href; of a picture's anchor the text is the pointer that readers see.
        if link.is_media or not linked.holds(link.start)
    ]
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
    url = urls.parse(href, base) if href else None
    if url is None or not urls.is_web(url):
        return None
    if status := status_in(href):
        return url if status["id"] != status_id else None
    return None if _TWITTERS_OWN.search(url) else url
