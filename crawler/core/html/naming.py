"""What an element is by its own account, its tag, role and names: a link, an embed, a box around the story."""

from __future__ import annotations

import re
from functools import lru_cache

Attributes = dict[str, str | None]

# Words by which pages call what stands around a story. Whole words of a class or an id only: "has-comments-open" is a body's.
_COMMENTS = frozenset(("comment", "comments", "commentlist", "disqus", "respond"))
_FURNITURE_ROW = """
    footer sidebar breadcrumb breadcrumbs navigation navbar nav menu share sharing social sharedaddy addtoany newsletter
    subscribe subscription signup promo promoted sponsor advert advertisement taboola outbrain popular trending mostread
    latest tag tags taglist topics keywords author authors authorbox bio byline related relatedposts recommended
    recommendations recirc pagination pager cookie consent privacy gdpr dsgvo datenschutz popup modal copyright credit
    credits widget ticker toolbar login paywall meta
"""
_FURNITURE = _COMMENTS | frozenset(_FURNITURE_ROW.split())
_FURNITURE_IN_TWO_WORDS = re.compile(r"(?<![a-z0-9])(?:side-bar|most-read|most-viewed|more-stories)(?![a-z0-9])")
_WORD = re.compile(r"[a-z0-9]+")
_NEXT_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
_FURNITURE_ROLES = frozenset(("navigation", "contentinfo", "complementary", "banner", "search", "menu", "dialog", "toolbar"))
_EMBED = re.compile(r"twe|twitter|embed|Tweet|-media|fb-")
# The last ones hold a frame's address until the reader agrees, on whatever element stands in its place.
LATER_SOURCES = frozenset(
    ("uc-src", "data-src", "data-uc-src", "data-cmp-src", "data-embed-src", "data-iframe-src", "data-consent-src")
)
_EMBED_MARKS = LATER_SOURCES | frozenset(
    (
        "data-tweet-id",
        "data-tweetid",
        "data-telegram-post",
        "data-oembed-url",
        "data-embed-url",
        "data-embed-id",
        "data-iframely-url",
    )
)
# Words for those who hear a page, and what a style puts out of sight.
_HIDDEN = re.compile(
    r"(?<![a-z])(?:sr-only|(?:visually|a11y|accessibility|accessibly)-?hidden|hidden-visually|screen-?reader(?:-?(?:text|only))?|"
    r"offscreen|assistive-text|visuallyhidden)(?![a-z])"
)
_HIDING = re.compile(
    r"(?:left|text-indent)\s?:\s?-\d{3,}|clip\s?:\s?rect\(|clip-path\s?:\s?inset\(|display\s?:\s?none|visibility\s?:\s?hidden"
)

# Embedly and Iframely name what they will draw by a link, on which or round which they set their mark.
_CARD_OF_A_LINK = ("embedly-card", "iframely-embed")

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))

# The sorts of elements that a reader of a page asks for, as bits: an element may be of several.
ANCHOR, HEADING, EMBED, FURNITURE, COMMENTS = 1, 2, 4, 8, 16

_BY_TAG = (
    {"a": ANCHOR}
    | dict.fromkeys(HEADINGS, HEADING)
    | dict.fromkeys(("nav", "footer", "form", "button", "dialog", "menu"), FURNITURE)
    | dict.fromkeys(("iframe", "blockquote", "embed", "oembed"), EMBED)
    | dict.fromkeys(("amp-twitter", "amp-youtube", "amp-instagram", "amp-facebook", "amp-iframe"), EMBED)
)
# What the names of an element can make of it, where that is not everything.
_OPEN_TO = dict.fromkeys(("body", "html", "main", "article", "p", "span"), EMBED) | {"a": 0}


def sorts(tag: str, attributes: Attributes) -> int:
    """Return what an element is by its tag, its role and its names, 0 for nothing: EMBED is what may embed something."""
    found = _BY_TAG.get(tag, 0)
    if not attributes:
        return found
    named = 0
    if marks := attributes.get("class"):
        named = _named(marks)
    if marks := attributes.get("id"):
        named |= _named(marks) & (FURNITURE | COMMENTS)
    # Where classes are made by a machine ("css-1h6whtw"), the name stands in an attribute for scripts or tests.
    for name in ("data-component", "data-testid"):
        if marks := attributes.get(name):
            named |= _named(marks) & FURNITURE
    if not _EMBED_MARKS.isdisjoint(attributes) or ("-" in tag and is_named_for_tweets(tag)):
        named |= EMBED
    if tag in _OPEN_TO and not (named & EMBED and tag == "a" and is_card_of_a_link(attributes)):
        named &= _OPEN_TO[tag]
    if attributes.get("role") in _FURNITURE_ROLES:
        named |= FURNITURE
    return found | named


def is_card_of_a_link(attributes: Attributes) -> bool:
    """Whether an element is a link that an embedding service draws as a card, or stands round one."""
    marks = attributes.get("class")
    return "data-iframely-url" in attributes or bool(marks and any(card in marks for card in _CARD_OF_A_LINK))


def is_named_for_tweets(tag: str) -> bool:
    """Whether a tag is a page's own element for tweets: a custom element's name has a hyphen (HTML, 4.13.2)."""
    return "-" in tag and ("tweet" in tag or "twitter" in tag)


def is_hidden(attributes: Attributes) -> bool:
    """Whether a run of words is there for screen readers only, or not shown at all, by its class or its style."""
    marks, style = attributes.get("class"), attributes.get("style")
    return bool((marks and _names_hidden(marks)) or (style and _HIDING.search(style)))


@lru_cache(maxsize=16384)
def _names_hidden(marks: str) -> bool:
    return bool(_HIDDEN.search(_words(marks)))


@lru_cache(maxsize=16384)
def _named(marks: str) -> int:
    words = _words(marks)
    single = _WORD.findall(words)
    found = 0
    if not _FURNITURE.isdisjoint(single) or _FURNITURE_IN_TWO_WORDS.search(words):
        found = FURNITURE
    if not _COMMENTS.isdisjoint(single):
        found |= COMMENTS
    if _EMBED.search(marks):
        found |= EMBED
    return found


def _words(marks: str) -> str:
    words = marks.lower()
    if words != marks:
        words = _NEXT_WORD.sub("-", marks).lower()  # "relatedPosts" is two words, as "related-posts" is
    return words.replace("_", "-")
