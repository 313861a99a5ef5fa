"""A part of a page laid flat: its visible text, one line a block, and every element as a span of that text.

The tree is walked once; what reads it afterwards works on plain Python values, so that the same rules for running text hold for
pages and for flattened articles.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

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
    )
)
# What ends a line; all other elements run on within one.
_BLOCK_TAGS = """
    address amp-twitter article aside blockquote body button dd details dialog div dl dt fieldset figcaption figure
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
        "wbr",
        "source",
    )
)
_EMBEDDING = frozenset(
    ("iframe", "blockquote", "embed", "amp-twitter", "amp-youtube", "amp-instagram", "amp-facebook", "amp-iframe")
)


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

    def within(self, elements: list[Element], outer: Element) -> list[Element]:
        """Return those of elements that stand inside outer."""
        first = bisect_left(elements, outer.index + 1, key=_index)
        stop = bisect_left(elements, outer.last + 1, key=_index)
        return elements[first:stop]

    def said(self, element: Element) -> str:
        """Return the text of an element, its white space folded."""
        return " ".join(self.text[element.start : element.end].split())


def _index(element: Element) -> int:
    return element.index


def flatten(root: LexborNode, story: LexborNode) -> Markup:
    """Return the tree under root laid flat; story, which stands in it, becomes the element of that name.

    The walk is a loop, so that depth costs nothing.
    """
    walk = _Walk(story.mem_id)
    node: LexborNode | None = root
    while node is not None:
        tag = node.tag or ""
        child: LexborNode | None = None
        if tag == "-text":
            walk.writer.write(node.text_content or "")
        elif tag == "br":
            walk.writer.end_line()
        elif tag not in _UNSEEN and tag[:1] != "-":
            child = walk.enter(node, tag)
        elif tag == "script":
            walk.note_widget(node)
        node = child if child is not None else walk.leave(node)
    walk.page.text = walk.writer.text()
    return walk.page


class _Walk:
    """The way through a tree: the elements that are open, and what was met so far."""

    __slots__ = ("_current", "_opened", "_story_id", "page", "writer")

    def __init__(self, story_id: int) -> None:
        self.page = Markup()
        self.writer = _Writer()
        self._opened: list[tuple[LexborNode, Element | None]] = []
        self._current: Element | None = None
        self._story_id = story_id

    def enter(self, node: LexborNode, tag: str) -> LexborNode | None:
        """Note an element; return its first child, or None where there is none to see."""
        # A frame's content is for browsers that know no frames.
        child = node.first_child if tag != "iframe" else None
        element = None if tag in _PLAIN else self._note(node, tag)
        if child is not None:
            self._opened.append((node, element))
            self._current = element or self._current
        elif element is not None:
            element.end, element.last = self.writer.length, element.index
        return child

    def _note(self, node: LexborNode, tag: str) -> Element:
        if tag in BLOCKS:
            self.writer.end_line()
        page = self.page
        element = Element(tag, node.attributes, self._current, len(page.elements), self.writer.length)
        page.elements.append(element)
        if tag == "a":
            page.anchors.append(element)
        elif may_embed(tag, element.attributes):
            page.embeds.append(element)
        if node.mem_id == self._story_id:
            page.story = element
        return element

    def note_widget(self, node: LexborNode) -> None:
        """Note a script that stands where it will draw a post, as Telegram's does."""
        if "data-telegram-post" in (attributes := node.attributes):
            page = self.page
            last = len(page.elements)
            page.embeds.append(Element("script", attributes, self._current, last, self.writer.length, self.writer.length, last))
            page.elements.append(page.embeds[-1])

    def leave(self, node: LexborNode) -> LexborNode | None:
        """Close what node ends; return the node that follows it in the document, or None at the end."""
        following = node.next if self._opened else None
        while following is None and self._opened:
            node, closing = self._opened.pop()
            if closing is not None:
                if closing.tag in BLOCKS:
                    self.writer.end_line()
                closing.end, closing.last = self.writer.length, len(self.page.elements) - 1
                self._current = closing.parent
            following = node.next if self._opened else None
        return following


class _Writer:
    """The text while it is gathered: white space folded across elements, as it is shown."""

    __slots__ = ("_blank", "_line", "_parts", "length")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._blank = True  # what stands last ends in white space
        self._line = True  # … in a line's end
        self.length = 0

    def write(self, words: str) -> None:
        folded = " ".join(words.split())
        if not folded:
            if words and not self._blank:
                self._parts.append(" ")
                self.length += 1
                self._blank = True
            return
        if words[0].isspace() and not self._blank:
            folded = " " + folded
        self._blank = words[-1].isspace()
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
    if tag in _EMBEDDING or "data-tweet-id" in attributes or "data-tweetid" in attributes:
        return True
    marks = attributes.get("class") or ""
    return any(word in marks for word in ("twe", "twitter", "embed", "Tweet", "-media", "fb-")) if marks else False
