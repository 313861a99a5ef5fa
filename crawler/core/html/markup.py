"""A part of a page laid flat: its visible text, one line a block, and the elements worth a look as spans of that text.

The tree is walked once; what reads it afterwards works on plain Python values, so that the same rules for running text hold for
pages and for flattened articles.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from operator import attrgetter

from selectolax.lexbor import LexborNode

from crawler.core import blanks
from crawler.core.html.naming import ANCHOR, EMBED, FURNITURE, HEADING, Attributes, is_hidden, sorts
from crawler.core.marks import marks_with

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
_UNHEARD = "-unheard"  # a run of words for screen readers only: "(opens in new tab)"
_CLOSED = frozenset(("iframe", "script", _UNHEARD))


@dataclass(slots=True, eq=False)
class Element:
    """An element, the text it spans, and the elements inside it: those whose index lies in (index, last]."""

    tag: str
    attributes: Attributes
    sorts: int
    box: str  # the tag of the innermost block that it stands in, "" for none
    index: int
    start: int
    end: int = 0
    last: int = 0

    def get(self, name: str) -> str:
        """Return an attribute's value, "" where it is missing or empty."""
        return self.attributes.get(name) or ""


_index = attrgetter("index")


@dataclass(slots=True)
class Markup:
    """A part of a page laid flat. The lists of elements are in document order; what is in none of them has no index."""

    text: str = ""
    anchors: list[Element] = field(default_factory=list)
    embeds: list[Element] = field(default_factory=list)  # what may be an embed of any sort
    headings: list[Element] = field(default_factory=list)
    furniture: list[Element] = field(default_factory=list)  # what its own names say stands around a story
    story: Element | None = None

    def add(self, element: Element) -> None:
        """Put the element that begins behind all others into its lists."""
        if element.sorts & ANCHOR:
            self.anchors.append(element)
        if element.sorts & EMBED:
            self.embeds.append(element)
        if element.sorts & HEADING:
            self.headings.append(element)
        if element.sorts & FURNITURE:
            self.furniture.append(element)

    def within(self, elements: list[Element], outer: Element) -> list[Element]:
        """Return those of elements that stand inside outer."""
        if outer.last == outer.index:
            return []
        first = bisect_left(elements, outer.index + 1, key=_index)
        return elements[first : bisect_left(elements, outer.last + 1, first, key=_index)]

    def said(self, element: Element) -> str:
        """Return the text of an element, its white space folded."""
        return blanks.folded(self.text[element.start : element.end])


def flatten(root: LexborNode, story: LexborNode) -> Markup:  # noqa: C901, PLR0912 - a call for each node would take too long
    """Return the tree under root laid flat; story, which stands in it, becomes the element of that name.

    The walk is a loop, so that depth costs nothing.
    """
    page, writer, story_id = Markup(), _Writer(), story.mem_id
    above: list[
        tuple[LexborNode, bool, Element | None]
    ] = []  # what is open: the node, whether it is a block, what was kept of it
    blocks = [""]  # the tags of the blocks among them
    count = 0  # of the elements kept
    node = root
    while True:
        tag = node.tag or ""
        if tag == "-text":
            if not node.is_empty_text_node:
                writer.write(node.text_content or "")
            elif not writer.ends_blank:
                writer.end_word()
        elif tag not in _UNSEEN or _draws_a_post(tag, node):
            is_block, element = tag in BLOCKS, None
            if is_block and not writer.begins_line:
                writer.end_line()
            if tag not in _PLAIN:
                attributes = node.attributes
                is_story = page.story is None and node.mem_id == story_id
                if (said := sorts(tag, attributes)) or is_story:
                    element = Element(tag, attributes, said, blocks[-1], count, writer.length)
                    page.add(element)
                    count += 1
                    if is_story:
                        page.story = element
                if tag == "span" and attributes and is_hidden(attributes) and _says_nothing(node):
                    attributes, tag = {}, _UNHEARD
            if tag not in _CLOSED and (child := node.first_child) is not None:
                above.append((node, is_block, element))
                if is_block:
                    blocks.append(tag)
                node = child
                continue
            if element is not None:
                element.end, element.last = writer.length, element.index
        following = node.next if above else None
        while above and following is None:
            node, is_block, element = above.pop()
            if is_block:
                blocks.pop()
                if not writer.begins_line:
                    writer.end_line()
            if element is not None:
                element.end, element.last = writer.length, count - 1
            following = node.next
        if not above or following is None:
            break
        node = following
    page.text = writer.text()
    return page


class _Writer:
    """The text while it is gathered: white space folded across elements, as it is shown."""

    __slots__ = ("_parts", "begins_line", "ends_blank", "length")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.ends_blank = True  # in white space of any sort
        self.begins_line = True
        self.length = 0

    def write(self, words: str) -> None:
        folded = blanks.folded(words)
        if not folded:
            if words and not self.ends_blank:
                self.end_word()
            return
        if not self.ends_blank and words[0] != folded[0]:
            folded = " " + folded
        self.ends_blank = words[-1] != folded[-1]
        if self.ends_blank:
            folded += " "
        self._parts.append(folded)
        self.length += len(folded)
        self.begins_line = False

    def end_word(self) -> None:
        self._parts.append(" ")
        self.length += 1
        self.ends_blank = True

    def end_line(self) -> None:
        self._parts.append("\n")
        self.length += 1
        self.ends_blank = self.begins_line = True

    def text(self) -> str:
        return "".join(self._parts)


def _says_nothing(node: LexborNode) -> bool:
    """Whether a hidden run of words is neither a mark of a reference nor round anything that embeds or links."""
    said = node.text()
    return marks_with(()).read(said, 0, len(said)) is None and node.css_first("a, iframe, blockquote, div, p") is None


def _draws_a_post(tag: str, node: LexborNode) -> bool:
    # Telegram's script stands where the post will.
    return tag == "script" and "data-telegram-post" in node.attributes
