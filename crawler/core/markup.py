"""A part of a page laid flat: its visible text, one line a block, and every element as a span of that text.

The tree is walked once; what reads it afterwards works on plain Python values, so that the same rules for running text hold for
pages and for flattened articles.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from functools import lru_cache

from selectolax.lexbor import LexborNode

from crawler.core import blanks

# What a reader never sees as text.
_UNSEEN = frozenset(
    (
        "script",
        "style",
        "template",
        "svg",
        "math",
        "select",
        "datalist",
        "textarea",
        "object",
        "canvas",
        "title",
        "audio",
        "video",
        "head",
        "-comment",
        "-doctype",
    )
)
# What ends a line; all other elements run on within one.
_BLOCK_TAGS = """
    address amp-twitter article aside blockquote body br button dd details dialog div dl dt fieldset figcaption figure
    footer form h1 h2 h3  h4 h5 h6 header hgroup hr html iframe li main menu nav noscript ol p pre section summary
    table tbody td tfoot th thead tr ul
"""
BLOCKS = frozenset(_BLOCK_TAGS.split())
# Marks of style: they carry no link and name no part of the page, so their text is their parent's.
_PLAIN = frozenset(
    (
        "b",
        "i",
        "em",
        "strong",
        "u",
        "s",
        "font",
        "small",
        "big",
        "sup",
        "sub",
        "mark",
        "cite",
        "q",
        "abbr",
        "img",
        "br",
        "wbr",
        "source",
    )
)
# A frame's content is for browsers that know no frames, a script's for none that read.
_CLOSED = frozenset(("iframe", "script"))
_EMBEDDING = frozenset(
    ("iframe", "blockquote", "embed", "amp-twitter", "amp-youtube", "amp-instagram", "amp-facebook", "amp-iframe")
)

_MARKING = frozenset(("data-tweet-id", "data-tweetid", "data-telegram-post"))


@dataclass(slots=True, eq=False)
class Element:
    """An element, the text it spans, and the elements inside it: those whose index lies in (index, last]."""

    tag: str
    attributes: dict[str, str | None]
    parent: Element | None
    index: int
    start: int
    end: int = 0
    last: int = 0

    def get(self, name: str) -> str:
        """Return an attribute's value, "" where it is missing or empty."""
        return self.attributes.get(name) or ""

    def holds(self, other: Element) -> bool:
        """Whether other stands inside this element."""
        return self.index < other.index <= self.last


@dataclass(slots=True)
class Markup:
    """A part of a page laid flat. The lists of elements are in document order."""

    text: str = ""
    elements: list[Element] = field(default_factory=list)
    anchors: list[Element] = field(default_factory=list)
    embeds: list[Element] = field(default_factory=list)  # what may be an embed of any sort
    story: Element | None = None

    def add(self, element: Element) -> None:
        """Add the element that begins behind all others."""
        self.elements.append(element)
        if element.tag == "a":
            self.anchors.append(element)
        elif may_embed(element.tag, element.attributes):
            self.embeds.append(element)

    def within(self, elements: list[Element], outer: Element) -> list[Element]:
        """Return those of elements that stand inside outer."""
        first = bisect_left(elements, outer.index + 1, key=_index)
        stop = bisect_left(elements, outer.last + 1, key=_index)
        return elements[first:stop]

    def said(self, element: Element) -> str:
        """Return the text of an element, its white space folded."""
        return blanks.folded(self.text[element.start : element.end])


def _index(element: Element) -> int:
    return element.index


def flatten(root: LexborNode, story: LexborNode) -> Markup:  # noqa: C901 - a call for each element would take as long as the rest
    """Return the tree under root laid flat; story, which stands in it, becomes the element of that name.

    The walk is a loop, so that depth costs nothing.
    """
    page, writer = Markup(), _Writer()
    story_id = story.mem_id
    current: Element | None = None  # the innermost that is open
    waiting: list[LexborNode | Element] = [root]  # what to see, and what to close once all in it was seen
    while waiting:
        node = waiting.pop()
        if isinstance(node, Element):
            if node.tag in BLOCKS:
                writer.end_line()
            node.end, node.last = writer.length, len(page.elements) - 1
            current = node.parent
            continue
        if node is not root and (following := node.next) is not None:
            waiting.append(following)
        tag = node.tag or ""
        if tag == "-text":
            writer.write(node.text_content or "")
            continue
        if tag in _UNSEEN and not _draws_a_post(tag, node):
            continue
        if tag in BLOCKS:
            writer.end_line()
        if tag not in _PLAIN:
            current = Element(tag, node.attributes, current, len(page.elements), writer.length)
            page.add(current)
            waiting.append(current)
            if node.mem_id == story_id:
                page.story = current
        if tag not in _CLOSED and (child := node.first_child) is not None:
            waiting.append(child)
    page.text = writer.text()
    return page


def _draws_a_post(tag: str, node: LexborNode) -> bool:
    # Telegram's script stands where the post will.
    return tag == "script" and "data-telegram-post" in node.attributes


class _Writer:
    """The text while it is gathered: white space folded across elements, as it is shown."""

    __slots__ = ("_blank", "_line", "_parts", "length")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._blank = True  # what stands last ends in white space
        self._line = True  # … in a line's end
        self.length = 0

    def write(self, words: str) -> None:
        if not words or words.isspace():
            if words and not self._blank:
                self._parts.append(" ")
                self.length += 1
                self._blank = True
            return
        folded = blanks.folded(words)
        if words[0] != folded[0] and not self._blank:
            folded = " " + folded
        self._blank = words[-1] != folded[-1]
        if self._blank:
            folded += " "
        self._line = False
        self._parts.append(folded)
        self.length += len(folded)

    def end_line(self) -> None:
        if not self._line:
            self._parts.append("\n")
            self.length += 1
            self._blank = self._line = True

    def text(self) -> str:
        return "".join(self._parts)


def may_embed(tag: str, attributes: dict[str, str | None]) -> bool:
    """Whether an element is worth a second look for being an embed."""
    if tag in _EMBEDDING or not attributes:
        return tag in _EMBEDDING
    marks = attributes.get("class")
    return (marks is not None and _marks_embed(marks)) or not _MARKING.isdisjoint(attributes)


@lru_cache(maxsize=16384)
def _marks_embed(marks: str) -> bool:
    return any(word in marks for word in ("twe", "twitter", "embed", "Tweet", "-media", "fb-"))
