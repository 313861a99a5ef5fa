"""The frames that embedded tweets stand in, and how each names its tweet: markup, attributes, addresses. No page is read here."""

from __future__ import annotations

import re
from urllib.parse import unquote

from crawler.core import keys
from crawler.core.dates import PRINTED_DAY, read_day
from crawler.core.html.markup import Element, Markup
from crawler.core.html.naming import EMBED, LATER_SOURCES, is_card_of_a_link, is_named_for_tweets
from crawler.core.tails import find_tails

_TWEET_CLASS = re.compile(r"(?:^|\s)twitter-(?:tweet|video)(?:-rendered|-error|-lazy)?(?=\s|$)")
# WordPress, Drupal and their like name the provider on a wrapper, round whatever the provider's oEmbed gave, or the bare address.
_PROVIDER_CLASS = re.compile(
    r"(?:^|\s)(?:wp-block-embed-(?:twitter|x)|is-provider-(?:twitter|x)|embed-(?:twitter|tweet)|(?:twitter|tweet)-embed|embed--twitter)(?=\s|$)"
)
_CARD_CLASS = re.compile(r"(?:^|\s)(?:[\w-]+-)?tweet(?=\s|$)", re.IGNORECASE)
_NAMED_FOR_TWEETS = re.compile(r"(?<![a-z])(?:tweet|twitter)(?![a-z])", re.IGNORECASE)
_TWEET_FRAME = re.compile(r"(?:platform|syndication)\.(?:twitter|x)\.com/|//(?:www\.)?twitframe\.com/", re.IGNORECASE)
_STATUS_ID = re.compile(r"(?:[?&#](?:id|tweet_?id)=|/status(?:es)?/)(\d{5,20})(?!\d)", re.IGNORECASE)
_AT_HANDLE = re.compile(r"(?<![\w@])@\w{1,15}\b", re.ASCII)
_PROFILE_PAGE = re.compile(r"//(?:\w+\.)?(?:twitter|x)\.com/(?:#!/)?\w{1,15}/?$", re.IGNORECASE | re.ASCII)
_BARE_ID = re.compile(r"\d{8,20}", re.ASCII)
_ID_ATTRIBUTES = ("data-tweet-id", "data-tweetid", "data-tweet_id", "tweetid", "tweet-id")
_ADDRESSES = ("data-url", "data-tweet-url", "data-href", "data-embed-url", "data-oembed-url", "data-canonical-url", "cite", "url")
# Where a box says what it embeds, and by which number.
_SORT_ATTRIBUTES = ("class", "data-embed-type", "data-embed-provider", "data-provider", "data-network", "data-type")
_NUMBER_ATTRIBUTES = ("data-id", "data-embed-id", "data-status-id", "data-twitter-id", "data-post-id")
_SNOWFLAKE = re.compile(r"\d{15,20}", re.ASCII)  # no other number of a page's is as long
_MOST_INSIDE = 12  # frames within a wrapper; more are a page's, not a wrapper's
_MOST_LINKS = 60  # of a card: to what a tweet says, and what may be done with it
_LONGEST_FRAME = 6000  # characters; no tweet, with all that frames add, is longer


def frames_tweet(tag: str, attributes: dict[str, str | None]) -> bool:
    """Whether an element's own marks say that it frames a tweet."""
    if tag == "amp-twitter" or "data-tweet-id" in attributes or "data-tweetid" in attributes:
        return True
    if tag == "iframe":
        return any(_shows_tweets(value) for name, value in attributes.items() if "src" in name and value)
    marks = attributes.get("class") or ""
    return "twitter-" in marks and bool(_TWEET_CLASS.search(marks))


def _shows_tweets(address: str) -> bool:
    lowered = address.lower()  # most are long, and of advertisements
    return ("twit" in lowered or ".x.com/" in lowered) and bool(_TWEET_FRAME.search(lowered))


def form_of(page: Markup, element: Element) -> str | None:
    """Return the sort of frame that element is to a tweet, or None where it frames none."""
    tag, marks = element.tag, element.get("class")
    if tag == "amp-twitter":
        return "amp-twitter"
    if tag == "iframe":
        return "iframe" if own_id(element) else None
    if element.end - element.start > _LONGEST_FRAME:
        return None
    # A blockquote that waits for its script, or for consent, may carry the class under another name.
    if _TWEET_CLASS.search(marks) or any(
        "twitter-tweet" in element.get(name) for name in ("data-twitter", "data-class", "data-type")
    ):
        return "blockquote" if tag == "blockquote" else "widget"
    if own_id(element):
        return "blockquote" if tag == "blockquote" else "widget"
    if tag == "blockquote":
        return "blockquote" if _closes_as_tweets_do(page, element) else None
    return _form_by_class(page, element, marks)


def _form_by_class(page: Markup, element: Element, marks: str) -> str | None:
    is_wrapper = bool(_PROVIDER_CLASS.search(marks))
    if is_wrapper and element.get("data-attrs").startswith("{"):
        return "card"
    inner = page.within(page.embeds, element)
    if is_wrapper:
        return "oembed" if _frames_alone(page, inner) else None
    if is_card_of_a_link(element.attributes):
        anchors = page.within(page.anchors, element)
        is_tweet = len(anchors) <= _MOST_INSIDE and any(status_in(anchor.get("href")) for anchor in anchors)
        return "oembed" if is_tweet else None
    is_card = (_CARD_CLASS.search(marks) and _is_card(page, element)) or (
        _NAMED_FOR_TWEETS.search(marks) and _is_dated_card(page, element)
    )
    if is_card:
        return "card" if _hold_no_frame(page, inner[:_MOST_LINKS]) else None
    return "oembed" if status_in(address_of(element)) and _frames_alone(page, inner) else None


def _frames_alone(page: Markup, inner: list[Element]) -> bool:
    """Whether a wrapper round these elements is the frame itself: none of them is one, nor are they more than one tweet's."""
    return len(inner) <= _MOST_INSIDE and _hold_no_frame(page, inner)


def _hold_no_frame(page: Markup, inner: list[Element]) -> bool:
    return not any(form_of(page, other) for other in inner if other.tag in ("blockquote", "iframe") or own_id(other))


def own_id(element: Element) -> str | None:
    """Return the status id that element's own attributes name, or None."""
    return _written_id(element) or _addressed_id(element) or _id_of_own_element(element) or _id_beside_its_sort(element)


def _written_id(element: Element) -> str | None:
    if element.attributes.keys().isdisjoint(_ID_ATTRIBUTES):  # as most do; asking for each takes longer
        return None
    for name in _ID_ATTRIBUTES:
        value = element.get(name).strip()
        if not value:
            continue
        if value.isascii() and value.isdigit() and 2 <= len(value) <= 20:
            return value
        if found := _STATUS_ID.search(value):
            return found[1]
    return None


def _addressed_id(element: Element) -> str | None:
    """Return the id of the tweet that an element loads, now or later."""
    if element.tag not in ("iframe", "oembed", "a") and LATER_SOURCES.isdisjoint(element.attributes):
        return None
    shown = address_of(element)
    if _shows_tweets(shown) and (found := _STATUS_ID.search(shown)):
        return found[1]
    page = status_in(shown)
    return page["id"] if page else None


def _id_of_own_element(element: Element) -> str | None:
    """Return the id that a page's own element for tweets says in whichever attribute: <some-tweet status="…">."""
    if is_named_for_tweets(element.tag):
        for value in filter(None, element.attributes.values()):
            if found := _BARE_ID.fullmatch(value.strip()) or _STATUS_ID.search(value):
                return found[found.lastindex or 0]
    return None


def _id_beside_its_sort(element: Element) -> str | None:
    """Return the id that a box says in an attribute for ids of any sort, where another says that it is a tweet's."""
    if element.attributes.keys().isdisjoint(_NUMBER_ATTRIBUTES):
        return None
    for name in _NUMBER_ATTRIBUTES:
        value = element.get(name)
        if (
            value
            and _SNOWFLAKE.fullmatch(value)
            and any(_NAMED_FOR_TWEETS.search(element.get(sort)) for sort in _SORT_ATTRIBUTES)
        ):
            return value
    return None


def address_of(element: Element) -> str:
    """Return the address that a frame loads, now or, for a lazy one or one that awaits consent, later; a tweet's page first."""
    found = ""
    for name, value in element.attributes.items():
        if value and ("src" in name or name in _ADDRESSES or (name == "href" and element.sorts & EMBED)) and "script" not in name:
            address = unquote(value.strip())  # a frame's frame names the tweet in a parameter
            if status_in(address):
                return "https:" + address if address.startswith("//") else address
            if address.startswith(("http", "//", "/")):
                found = found or ("https:" + address if address.startswith("//") else address)
    return found


def status_in(href: str) -> re.Match[str] | None:
    """Return the match of a tweet's page within href: an archive's prefix may stand before it, and its scheme may be missing."""
    if "/status" not in href:
        return None
    return keys.TWEET_PAGE.search(href) or (keys.TWEET_PAGE.match("https:" + href) if href.startswith("//") else None)


def _closes_as_tweets_do(page: Markup, quote: Element) -> bool:
    """Whether a quotation without any mark ends with an author's line, or with a dated link to a tweet's page."""
    if quote.box == "blockquote":
        return False  # the outer one is asked
    tails = find_tails(page.text, quote.start, quote.end)
    if tails and tails[-1].end >= quote.end - 40:
        return True
    anchors = page.within(page.anchors, quote)
    if not anchors or not status_in(anchors[-1].get("href")):
        return False
    dated = page.said(anchors[-1])
    return bool(read_day(dated)) or (not dated and len(anchors) == 1)


def _is_card(page: Markup, element: Element) -> bool:
    """Whether a box called tweet is a publisher's or a newsletter's own rendering of one, not its list of tweets."""
    if element.get("data-attrs").startswith("{"):
        return True
    words = page.text[element.start : element.end]
    if not 20 < len(words) < 1500 or not _AT_HANDLE.search(words):
        return False
    addresses = [anchor.get("href") for anchor in page.within(page.anchors, element)]
    ids = {match["id"] for address in addresses if (match := status_in(address))}
    return len(ids) == 1 or (not ids and any(_PROFILE_PAGE.search(address) for address in addresses))


def _is_dated_card(page: Markup, element: Element) -> bool:
    """Whether a box that only has to do with Twitter renders one tweet: an @name, words, and one tweet's page behind a date."""
    words = page.text[element.start : element.end]
    if not 20 < len(words) < 1500 or not _AT_HANDLE.search(words):
        return False
    anchors = page.within(page.anchors, element)
    if len(anchors) > _MOST_LINKS:
        return False
    pages = [(anchor, match) for anchor in anchors if (match := status_in(anchor.get("href")))]
    return len({match["id"] for _, match in pages}) == 1 and any(PRINTED_DAY.search(page.said(anchor)) for anchor, _ in pages)
