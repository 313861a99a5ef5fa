"""The embeds of a page: tweets, whatever frame they stand in or lost, and other platforms' posts and players."""

from __future__ import annotations

import re
from base64 import b64decode
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from itertools import chain, islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.core import urls
from crawler.core.citations import Placed, cite, context
from crawler.core.html.embedded import Found, Frame, find_drawn, find_frame, read_frame
from crawler.core.html.frames import own_id, status_in
from crawler.core.html.markup import Element, Markup, flatten
from crawler.core.html.platforms import player_address
from crawler.core.html.story import Story
from crawler.core.html.survey import Survey
from crawler.core.model import Citation, CitationKind
from crawler.core.spans import Spans
from crawler.core.tails import HANDLE
from crawler.core.tweets import find_addresses, find_spans

_FRAME_MARKUP = re.compile(r"(?:<|\\u003c)blockquote[^>]{0,300}twitter-tweet", re.IGNORECASE)
_BACKSLASHES = re.compile(r"\\+")
_CODE_POINT = re.compile(r"\\u([0-9a-fA-F]{4})")
_ESCAPED_MARKUP = re.compile(r"&lt;blockquote[^<>]{0,400}twitter-tweet", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{60,}={0,2}")
_LONGEST_COPY = 4000  # characters of a frame's markup
_CREATED = re.compile(r"""createTweet(?:Embed)?\(\s{0,9}["'](\d{5,20})["']""", re.ASCII)
_MOST_COPIES = 100
_LONGEST_DOCUMENT = 1_000_000  # characters of a frame's own document, its pictures included
_CONFIDENCE = {"tail": 0.9, "address": 0.8, "card": 0.8, "script": 0.7}  # of forms that are less than a platform's own frame


@dataclass(slots=True)
class Embeds:
    """The embeds of a page, and the anchors that are theirs (by index), which are no links of the story."""

    placed: list[Placed] = field(default_factory=list)
    taken: frozenset[int] = frozenset()


def find_embeds(page: Markup, story: Story, base: str | None) -> Embeds:
    """Return the embeds of a page; a tweet that stands on it several times comes once, by its id."""
    placed: list[Placed] = []
    found: list[Found] = []
    taken: set[int] = set()
    spans: list[tuple[int, int]] = []
    ids: set[str | None] = set()
    last = -1
    for element in page.embeds:
        # Within an embed that is read already, only another tweet's own mark counts: a quoted tweet's, a rendered frame's.
        if (element.index <= last and (own_id(element) or None) in ids | {None}) or story.comments.holds(element.index):
            continue
        if (frame := find_frame(page, element)) and not (frame.form == "card" and _stands_in_furniture(story, element)):
            tweet = _drawn_within(element, frame) or read_frame(page, frame, base)
            if tweet.tweet.status_id is None and not (tweet.tweet.handle and tweet.tweet.text):
                continue
            found.append(tweet)
            ids.add(tweet.tweet.status_id)
        elif _is_of_story(page, story, element) and (address := player_address(element)):
            words = page.said(element) or element.get("title")
            player = cite(CitationKind.EMBED, href=address, url=urls.parse(address, base), text=words[:300])
            placed.append(Placed(element.start, (player,)))
        else:
            continue
        taken.update(anchor.index for anchor in (element, *page.within(page.anchors, element)))
        last = max(last, element.last)
        spans.append((element.start, element.end))
    framed = Spans(spans)
    for frame in (*_unframed(page, story, framed), *_addresses(page, story, framed)):
        found.append(read_frame(page, frame, base))
        taken.update(anchor.index for anchor in frame.anchors)
    placed += [Placed(item.start, (_embed(page, item), *item.citations), item.tweet) for item in _once(found)]
    return Embeds(placed, frozenset(taken))


def _is_of_story(page: Markup, story: Story, element: Element) -> bool:
    """Whether an element stands in the story or, as its lead, above it and in none of the boxes around it."""
    if page.story is None or page.story.index < element.index <= page.story.last:
        return True
    return element.index < page.story.index and not story.furniture.holds(element.start)


def _stands_in_furniture(story: Story, element: Element) -> bool:
    """Whether a box around the story holds element and more: what calls itself social is no such box round itself."""
    box = story.furniture.around(element.start)
    return box is not None and (box[0] < element.start or box[1] > element.end)


def _drawn_within(element: Element, frame: Frame) -> Found | None:
    """Return the tweet that a saved page keeps with its frame, as the widget drew it, or None where it keeps none."""
    document = element.get("srcdoc") if element.tag == "iframe" else ""
    if not document or len(document) > _LONGEST_DOCUMENT or frame.status_id is None or frame.status_id not in document:
        return None
    body = LexborHTMLParser(document).body
    inner = flatten(body, body) if body is not None else Markup()
    drawn = find_drawn(inner, frame.status_id)
    if drawn is None:
        return None
    item = read_frame(inner, drawn, None)
    return replace(item, start=element.start, end=element.end, tweet=replace(item.tweet, form=frame.form))


def find_copies(tree: LexborHTMLParser, found: Survey, root: LexborNode, page: Markup, placed: list[Placed]) -> list[Placed]:
    """Return the tweets whose markup a page holds as data only, and that are not among those placed already.

    What waits for the reader's consent, in scripts of no language, is the story's, and so is what a frame keeps in itself and a
    template within root. What stands in other scripts, other templates and attributes may be another story's: it is looked at
    only where a page has no tweet else.
    """
    known = {item.tweet.status_id for item in placed if item.tweet}
    copies = [_awaiting_consent(found.inert), _in_frames(found.frames)]
    if found.templates and root.tag not in ("body", "html"):
        copies.append(_in_templates(root))
    if not known and b"createTweet" in tree.raw_html:
        copies.append(_drawn_by_script(tree))
    if not known and b"twitter-tweet" in tree.raw_html:
        copies.append(_copies(tree))
    kept: dict[str | None, Found] = {}
    for copy in islice(chain.from_iterable(copies), _MOST_COPIES):
        body = LexborHTMLParser(copy).body
        inner = flatten(body, body) if body is not None else Markup()
        frames = [frame for element in inner.embeds[:1] if (frame := find_frame(inner, element)) and frame.status_id]
        for frame in frames:
            item = read_frame(inner, frame, None)
            # Where in the story it belongs isn't known: it comes behind all else.
            last = len(page.text)
            if frame.status_id not in known:
                kept.setdefault(frame.status_id, replace(item, start=last, end=last, tweet=replace(item.tweet, form="script")))
    return [Placed(item.start, (_embed(page, item), *item.citations), item.tweet) for item in kept.values()]


def _in_frames(frames: list[tuple[str, LexborNode]]) -> Iterator[str]:
    """Yield the markup of each tweet that a frame holds: as its text, in an Instant Article, or as a document of its own."""
    for tag, node in frames:
        if tag == "iframe":
            for document in (node.text(), node.attributes.get("srcdoc") or ""):
                yield from (document[frame.start() : frame.start() + _LONGEST_COPY] for frame in _FRAME_MARKUP.finditer(document))


def _drawn_by_script(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield a frame for each tweet that a script asks the widget to draw: twttr.widgets.createTweet("…", element)."""
    for node in tree.css("script"):
        for asked in _CREATED.finditer(node.text()):
            yield f'<blockquote data-tweet-id="{asked[1]}"></blockquote>'


def _in_templates(root: LexborNode) -> Iterator[str]:
    """Yield the markup of each tweet in a template that stands in the story: what is put in its place once the reader agrees."""
    for node in root.css("template"):
        copy = node.html or ""
        yield from (copy[frame.start() : frame.start() + _LONGEST_COPY] for frame in _FRAME_MARKUP.finditer(copy))


def _awaiting_consent(scripts: Iterable[LexborNode]) -> Iterator[str]:
    """Yield the markup of each frame that stands in a script of no language until the reader agrees, as it is or in Base64."""
    for node in scripts:
        script = node.text().strip()
        if len(script) <= 2 * _LONGEST_COPY and _BASE64.fullmatch(script):
            try:
                script = b64decode(script).decode("utf-8", "replace")
            except ValueError:
                continue
        yield from (script[frame.start() : frame.start() + _LONGEST_COPY] for frame in _FRAME_MARKUP.finditer(script))


def _copies(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield the markup of each frame that stands in a page as data, its escapes undone."""
    for node in tree.css("script"):
        script = node.text()
        if "twitter-tweet" in script:
            for frame in _FRAME_MARKUP.finditer(script):
                copy = script[frame.start() : frame.start() + _LONGEST_COPY]
                yield _unescaped(copy) if "\\" in copy else copy
    for node in tree.css("template"):
        copy = node.html or ""
        yield from (copy[frame.start() : frame.start() + _LONGEST_COPY] for frame in _FRAME_MARKUP.finditer(copy))
    html = tree.raw_html.decode("utf-8", "replace")
    for escaped in _ESCAPED_MARKUP.finditer(html):
        yield unescape(html[escaped.start() : escaped.start() + _LONGEST_COPY])


def _unescaped(copy: str) -> str:
    """Return markup out of a script's string: its escapes undone (RFC 8259 §7), however often the string was escaped."""
    copy = _BACKSLASHES.sub(r"\\", copy)
    copy = _CODE_POINT.sub(lambda escape: chr(int(escape[1], 16)), copy)
    copy = copy.replace("\\n", " ").replace("\\t", " ").replace("\\", "")
    return copy.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _embed(page: Markup, item: Found) -> Citation:
    tweet = item.tweet
    return cite(
        CitationKind.TWEET,
        href=tweet.url,
        url=urls.parse(tweet.url) if tweet.url else None,
        text=tweet.text,
        confidence=_CONFIDENCE.get(tweet.form, 1.0),
        context=context(page.text, item.start, item.end) if item.end > item.start else None,
    )


def _once(found: list[Found]) -> list[Found]:
    """Return each tweet once: where it stood first, with all that any of its copies says."""
    order: list[Found] = []
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


def _unframed(page: Markup, story: Story, framed: Spans) -> Iterator[Frame]:
    """Yield the tweets of the story whose frame got lost: their author's line stands in the text."""
    if all(framed.holds(handle.start()) for handle in HANDLE.finditer(page.text, story.start, story.end)):
        return
    spans = find_spans(page.text, story.start, story.end)
    starts = [anchor.start for anchor in page.anchors]
    for span in spans:
        tail = span.tail
        if framed.holds(tail.start) or framed.holds(span.start) or not story.has(tail.start):
            continue
        around = page.anchors[bisect_left(starts, span.start) : bisect_left(starts, tail.end + 1)]
        pages = [(anchor, match) for anchor in around if anchor.start >= tail.start and (match := status_in(anchor.get("href")))]
        if pages:
            dated, match = pages[-1]
            yield Frame(span.start, tail.end, "tail", match["id"], dated.get("href"), match["handle"], dated, around)
        elif tail.confidence >= 0.9:
            yield Frame(span.start, tail.end, "tail", None, None, None, None, around)


def _addresses(page: Markup, story: Story, framed: Spans) -> Iterator[Frame]:
    """Yield the tweets of which the story prints only the address, on a line of its own: embeds that were never rendered."""
    addresses = list(find_addresses(page.text, story.start, story.end))
    starts = [anchor.start for anchor in page.anchors] if addresses else []
    for found in addresses:
        if not framed.holds(found.start()) and story.has(found.start()):
            around = page.anchors[bisect_left(starts, found.start()) : bisect_left(starts, found.end())]
            yield Frame(found.start(), found.end(), "address", found["id"], found["url"], found["handle"], None, around)
