"""The embeds of a page: tweets in every frame they stand in, and other platforms' posts and players."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from crawler.core import urls
from crawler.core.citations import Placed, cite, cite_short_link, context
from crawler.core.dates import read_day
from crawler.core.markup import Element, Markup
from crawler.core.model import Citation, CitationKind, Tweet
from crawler.core.platforms import player_address
from crawler.core.shortlinks import find_short_links
from crawler.core.story import Story
from crawler.core.tails import find_author, find_tails
from crawler.core.tweets import find_spans, posted_at

_TWEET_CLASSES = re.compile(r"(?:^|\s)twitter-(?:tweet|video)(?:-rendered|-error)?(?=\s|$)")
_PROVIDER_CLASSES = re.compile(
    r"(?:^|\s)(?:wp-block-embed-(?:twitter|x)|is-provider-(?:twitter|x)|embed-(?:twitter|tweet)|twitter-embed|embed--twitter)(?=\s|$)"
)
_CARD_CLASS = re.compile(r"(?:^|\s)(?:[\w-]+-)?tweet(?=\s|$)")
_TWEET_FRAME = re.compile(r"(?:platform|syndication)\.(?:twitter|x)\.com/|(?:twitframe|twitterframe)\.com/", re.IGNORECASE)
_STATUS_ID = re.compile(r"(?:[?&#](?:id|tweet_?id)=|/status(?:es)?/)(\d{5,20})(?!\d)", re.IGNORECASE)
_AT_HANDLE = re.compile(r"(?<![\w@])@(\w{1,15})\b", re.ASCII)
_NO_HANDLE = frozenset({"i", "x", "user", "username", "anyuser", "twitter_user", "status", "statuses"})
_SHORT_LINK_WITHIN = re.compile(r"https?://t\.co/\w+", re.IGNORECASE)
_ESCAPED_EMBED = re.compile(r"<blockquote[^>]{0,300}twitter-tweet", re.IGNORECASE)


@dataclass(slots=True)
class Embeds:
    """The embeds of a page, and the anchors that are theirs (by index), which are no links of the story."""

    placed: list[Placed] = field(default_factory=list)
    taken: frozenset[int] = frozenset()
    spans: list[tuple[int, int]] = field(default_factory=list)  # of their text


@dataclass(frozen=True, slots=True)
class _Found:
    """A tweet found in the page, and the citations of what it links to."""

    offset: int
    end: int
    tweet: Tweet
    citations: tuple[Citation, ...]


def find_embeds(page: Markup, story: Story, base: str | None) -> Embeds:
    """Return the embeds of a page in document order; a tweet that stands on it several times comes once, by its id."""
    result = Embeds()
    found: list[_Found] = []
    taken: set[int] = set()
    last = -1
    for element in page.embeds:
        if story.is_comment(element):
            continue
        if element.index <= last:
            # Within an embed that is read already; only another tweet's own mark counts (a quoted tweet, a rendered frame).
            if not (own := _own_id(element)) or any(item.tweet.status_id == own for item in found):
                continue
        if tweet := _tweet_of(page, element, base):
            found.append(tweet)
        elif other := player_address(element):
            result.placed.append(_other(page, element, other, base))
        else:
            continue
        taken.update(anchor.index for anchor in page.within(page.anchors, element))
        last = max(last, element.last)
        result.spans.append((element.start, element.end))
    for tweet, anchors in _unframed(page, story, base, result.spans):
        found.append(tweet)
        taken.update(anchors)
    found += _copies(page, found)
    result.placed += [Placed(item.offset, (_embed(page, item), *item.citations), item.tweet) for item in _once(found)]
    result.taken = frozenset(taken)
    return result


def _embed(page: Markup, item: _Found) -> Citation:
    tweet = item.tweet
    return cite(
        CitationKind.TWEET,
        href=tweet.url,
        url=urls.parse(tweet.url) if tweet.url else None,
        text=tweet.text,
        confidence=0.7 if tweet.form == "script" else 0.9 if tweet.form in ("tail", "card") else 1.0,
        context=context(page.text, item.offset, item.end) if item.end > item.offset else None,
    )


def _once(found: list[_Found]) -> list[_Found]:
    """Return each tweet once: where it stood first, with all that any of its copies says."""
    order: list[_Found] = []
    by_id: dict[str, int] = {}
    for item in found:
        known = by_id.get(item.tweet.status_id or "")
        if known is None:
            if item.tweet.status_id:
                by_id[item.tweet.status_id] = len(order)
            order.append(item)
        else:
            first = order[known]
            fuller = item if len(item.tweet.text or "") > len(first.tweet.text or "") else first
            poorer = first if fuller is item else item
            names = ("url", "handle", "author", "text", "date_text", "claimed_on", "links", "media")
            filled = {name: getattr(fuller.tweet, name) or getattr(poorer.tweet, name) for name in names}
            order[known] = replace(first, tweet=replace(fuller.tweet, **filled), citations=fuller.citations or poorer.citations)
    return order


def _tweet_of(page: Markup, element: Element, base: str | None) -> _Found | None:
    form = _form(page, element)
    if form is None:
        return None
    anchors = page.within(page.anchors, element)
    data = _data(element) if form == "card" else {}
    status_id, href = _own_id(element), None
    statuses = [(anchor, match) for anchor in anchors if (match := _status(anchor.get("href")))]
    if status_id is None and statuses:
        status_id = statuses[-1][1]["id"]
    if status_id is None and form != "blockquote":
        printed = (
            urls.TWEET_PAGE.search(page.text, element.start, element.end)
            or _status(_address(element))
            or _status(str(data.get("url") or ""))
        )
        if printed:
            status_id, href = printed["id"], printed[0]
            return _compose(
                page, (element.start, element.end), form, status_id, href, printed["handle"], None, anchors, base, data
            )
    own = [(anchor, match) for anchor, match in statuses if match["id"] == status_id]
    date_anchor = own[-1][0] if own else None
    if date_anchor is not None:
        href = date_anchor.get("href")
    handle = own[-1][1]["handle"] if own else None
    found = _compose(page, (element.start, element.end), form, status_id, href, handle, date_anchor, anchors, base, data)
    tweet = found.tweet
    if tweet.status_id is None and (tweet.handle is None or not tweet.text):
        return None
    return found


def _form(page: Markup, element: Element) -> str | None:
    """Return the sort of frame that a tweet stands in, or None where element frames none."""
    tag = element.tag
    marks = element.get("class")
    if tag == "amp-twitter":
        return "amp-twitter"
    if tag == "iframe":
        address = unquote(_address(element))
        framed = (
            "data-tweet-id" in element.attributes
            or _status(address)
            or (_TWEET_FRAME.search(address) and _STATUS_ID.search(address))
        )
        return "iframe" if framed else None
    if (
        _TWEET_CLASSES.search(marks)
        or "twitter-tweet" in element.get("data-twitter")
        or "twitter-tweet" in element.get("data-class")
    ):
        return "blockquote" if tag == "blockquote" else "widget"
    if _own_id(element):
        return "blockquote" if tag == "blockquote" else "widget"
    if tag == "blockquote":
        return "blockquote" if _closes_with_tail(page, element) else None
    if _PROVIDER_CLASSES.search(marks):
        inner = page.within(page.embeds, element)
        return None if any(_form(page, other) for other in inner if other.tag in ("blockquote", "iframe")) else "oembed"
    if _CARD_CLASS.search(marks) and _is_card(page, element):
        return "card"
    return None


def _closes_with_tail(page: Markup, quote: Element) -> bool:
    """Whether a quotation without any class ends as a tweet does: with its author's line, or a dated link to its page."""
    tails = find_tails(page.text, quote.start, quote.end)
    if tails and tails[-1].end >= quote.end - 40:
        return True
    anchors = page.within(page.anchors, quote)
    if not anchors or not _status(anchors[-1].get("href")):
        return False
    dated = page.said(anchors[-1])
    return bool(read_day(dated)) or (not dated and len(anchors) == 1)


def _is_card(page: Markup, element: Element) -> bool:
    if element.get("data-attrs").startswith("{"):
        return True
    words = page.text[element.start : element.end]
    if not 20 < len(words) < 1500 or not _AT_HANDLE.search(words):
        return False
    anchors = page.within(page.anchors, element)
    ids = {match["id"] for anchor in anchors if (match := _status(anchor.get("href")))}
    profile = any(re.search(r"(?:twitter|x)\.com/(?:#!/)?\w{1,15}/?$", anchor.get("href"), re.IGNORECASE) for anchor in anchors)
    return len(ids) == 1 or (not ids and profile and len(re.findall(r"tweet", element.get("class"))) == 1)


def _own_id(element: Element) -> str | None:
    for name in ("data-tweet-id", "data-tweetid", "data-tweet_id"):
        value = element.get(name).strip()
        if value.isascii() and value.isdigit() and 2 <= len(value) <= 20:
            return value
        if found := _STATUS_ID.search(value):
            return found[1]
    if element.tag == "iframe":
        address = unquote(_address(element))
        if _TWEET_FRAME.search(address) and (found := _STATUS_ID.search(address)):
            return found[1]
        if status := _status(address):
            return status["id"]
    return None


def _address(element: Element) -> str:
    """Return the address that a frame loads, now or, for a lazy one or one that awaits consent, later."""
    for name, value in element.attributes.items():
        if value and ("src" in name or name in ("data-url", "data-tweet-url", "data-href", "cite")) and "script" not in name:
            value = value.strip()
            if value.startswith(("http", "//", "/")):
                return "https:" + value if value.startswith("//") else value
    return ""


def _status(href: str) -> re.Match[str] | None:
    """Return the match of a tweet's page within href: an archive's prefix or a missing scheme may stand before it."""
    if "/status" not in href:
        return None
    return urls.TWEET_PAGE.search(href) or (urls.TWEET_PAGE.match("https:" + href) if href.startswith("//") else None)


def _data(element: Element) -> dict[str, object]:
    try:
        value = json.loads(element.get("data-attrs"))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _compose(page, span, form, status_id, href, handle, date_anchor, anchors, base, data) -> _Found:
    start, end = span
    tails = find_tails(page.text, start, end)
    tail = tails[-1] if tails else None
    stop = tail.start if tail else date_anchor.start if date_anchor is not None else end
    author = tail.author if tail else None
    date_text = tail.date_text if tail else None
    if tail is None and (named := find_author(page.text, start, date_anchor.start if date_anchor is not None else end)):
        stop, author, tail_handle = named
    else:
        tail_handle = tail.handle if tail else None
    if (
        date_anchor is not None
        and (dated := page.said(date_anchor))
        and len(dated) <= 60
        and any(map(str.isdigit, dated))
        and date_anchor.start >= stop
    ):
        date_text = dated
    elif date_anchor is not None and tail is None and form == "blockquote" and not tail_handle:
        date_text = None
    handle = tail_handle or (handle if handle and handle.lower() not in _NO_HANDLE else None)
    words = " ".join(page.text[start:stop].split()) or None
    if form == "card":
        words, handle, author, date_text = _of_card(page, words, handle, author, date_text, data)
    day = read_day(" ".join(date_text.split())) if date_text else None
    links, media, citations = _links_of(page, start, stop, status_id, anchors, base)
    for photo in data.get("photos") or [] if isinstance(data.get("photos"), list) else []:
        link = photo.get("link_url") if isinstance(photo, dict) else None
        if isinstance(link, str) and "://t.co/" in link and link not in links:
            links.append(link)
            citations.append(cite(CitationKind.TWEET_LINK, href=link, url=urls.parse(link), text=link))
    tweet = Tweet(
        status_id=status_id,
        url=href,
        handle=handle,
        author=author,
        text=words,
        date_text=date_text,
        claimed_on=day.day if day else None,
        posted_at=posted_at(status_id) if status_id else None,
        links=tuple(links),
        media=tuple(media),
        form=form,
    )
    return _Found(start, end, tweet, tuple(citations))


def _of_card(page, words, handle, author, date_text, data):
    said = {name: value for name, value in data.items() if isinstance(value, str) and value}
    words = " ".join(said["full_text"].split()) if "full_text" in said else words
    if "username" in said:
        handle = said["username"]
    elif handle is None and words and (found := _AT_HANDLE.search(words)):
        handle = found[1]
    return words, handle, said.get("name", "").strip() or author, date_text


def _links_of(page: Markup, start: int, stop: int, status_id: str | None, anchors: list[Element], base: str | None):
    """Return the links and the media of a tweet's words, and their citations in order."""
    gathered: list[tuple[int, Citation]] = []
    inside = [anchor for anchor in anchors if start <= anchor.start < stop or anchor.start == anchor.end == stop]
    for anchor in inside:
        href = anchor.attributes.get("href")
        if not href or not (target := _target(href, status_id, base)):
            continue
        words = page.said(anchor)
        gathered.append(
            (
                anchor.start,
                cite(
                    CitationKind.TWEET_LINK,
                    href=href,
                    url=target,
                    text=words,
                    context=context(page.text, anchor.start, anchor.end),
                ),
            )
        )
    for link in find_short_links(page.text, start, stop):
        # What an anchor's text repeats of its href is printed once.
        covered = not link.is_media and any(anchor.start <= link.start < anchor.end and anchor.get("href") for anchor in inside)
        if not covered:
            gathered.append((link.start, cite_short_link(page.text, link)))
    gathered.sort(key=lambda pair: pair[0])
    seen: set[str | None] = set()
    citations = [
        citation for _, citation in gathered if not (citation.url in seen or seen.add(citation.url)) or citation.url is None
    ]
    links = [citation.url for citation in citations if citation.kind is CitationKind.TWEET_LINK and citation.url]
    media = [citation.url for citation in citations if citation.kind is CitationKind.TWEET_MEDIA and citation.url]
    return links, media, citations


def _target(href: str, status_id: str | None, base: str | None) -> str | None:
    """Return the URL of a link within a tweet, or None for what Twitter itself puts there: tags, names, its own page."""
    if short := _SHORT_LINK_WITHIN.search(href):
        return urls.parse(short[0])  # an archive's prefix falls away: the slug is the pointer
    url = urls.parse(href, base)
    if url is None or not urls.is_web(url):
        return None
    if status := _status(href):
        return url if status["id"] != status_id else None
    return None if urls.site(url) in ("twitter.com", "x.com", "twimg.com", "t.co") or "twitter.com/" in url else url


def _unframed(page: Markup, story: Story, base: str | None, spans: list[tuple[int, int]]):
    """Yield the tweets of the story whose frame got lost: their author's line stands in the text."""
    if story.root is None:
        return
    for span in find_spans(page.text, story.root.start, story.root.end):
        tail = span.tail
        if any(start <= tail.start < end or start < span.start < end for start, end in spans) or story.is_furniture(tail.start):
            continue
        around = [anchor for anchor in page.anchors if span.start <= anchor.start <= tail.end and anchor.end <= tail.end + 40]
        dated = [anchor for anchor in around if anchor.start >= tail.start and _status(anchor.get("href"))]
        if not dated and tail.confidence < 0.9:
            continue
        match = _status(dated[-1].get("href")) if dated else None
        found = _compose(
            page, (span.start, tail.end), "tail", match["id"] if match else None, dated[-1].get("href") if dated else None,
            match["handle"] if match else None, dated[-1] if dated else None, around, base, {},
        )  # fmt: skip
        yield found, {anchor.index for anchor in around}


def _copies(page: Markup, found: list[_Found]) -> list[_Found]:
    """Return the tweets of escaped copies in scripts, for pages that keep their story there; those the page shows are left out."""
    if found:
        return []
    copies: dict[str, _Found] = {}
    for script in page.scripts:
        readable = (
            script.replace('\\"', '"').replace("\\/", "/").replace("\\u003c", "<").replace("\\u003C", "<").replace("\\u003e", ">")
        )
        for quote in _ESCAPED_EMBED.finditer(readable):
            stop = readable.find("</blockquote", quote.end(), quote.end() + 4000)
            matches = list(urls.TWEET_PAGE.finditer(readable, quote.end(), stop if stop > 0 else quote.end() + 2000))
            if matches:
                last = matches[-1]
                tweet = Tweet(
                    last["id"], last[0], last["handle"], None, None, None, None, posted_at(last["id"]), (), (), "script"
                )
                copies.setdefault(last["id"], _Found(len(page.text), len(page.text), tweet, ()))
    return list(copies.values())


def _other(page: Markup, element: Element, address: str, base: str | None) -> Placed:
    words = page.said(element) or element.get("title")
    return Placed(element.start, (cite(CitationKind.EMBED, href=address, url=urls.parse(address, base), text=words[:300]),))
